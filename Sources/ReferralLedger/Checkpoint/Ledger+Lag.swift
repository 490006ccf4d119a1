import LedgerDomain

extension Ledger {
    /// Seconds that the background work is behind the log: the hash tree, or a checkpoint that is due, whichever
    /// is further back. Near zero on an idle ledger; a benchmark's clock runs until it is small.
    ///
    /// Any thread. Cost: under a microsecond.
    public func backgroundLag() throws(LedgerError) -> Double { max(try treeLag(), keeper.checkpointLag()) }
}

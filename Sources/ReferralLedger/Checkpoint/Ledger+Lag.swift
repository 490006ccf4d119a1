import LedgerDomain

/// How far the hash tree has come.
public struct TreeProgress: Sendable, Equatable {
    /// Records that are on disk.
    public let durableRecords: UInt64
    /// Records that the tree has; may be ahead of `durableRecords` by what was committed in between.
    public let treeRecords: UInt64

    /// Records that the tree lacks.
    public var behind: UInt64 { durableRecords > treeRecords ? durableRecords - treeRecords : 0 }
}

extension Ledger {
    /// Seconds that the background work is behind the log: the hash tree, or a checkpoint that is due, whichever
    /// is further back. Near zero on an idle ledger; a benchmark's clock runs until it is small.
    ///
    /// Any thread. Cost: under a microsecond.
    public func backgroundLag() throws(LedgerError) -> Double { max(try treeLag(), keeper.checkpointLag()) }

    /// Where the hash tree stands beside the log. It is kept up by a thread of its own, off the commit path.
    ///
    /// Any thread; never waits for the disk or for the tree. Cost: under a microsecond.
    public func treeProgress() throws(LedgerError) -> TreeProgress {
        // The tree first: what is committed meanwhile counts as missing, never as there.
        let size = keeper.hashTree.size
        return TreeProgress(durableRecords: keeper.durableHead.records, treeRecords: size)
    }
}

import LedgerState

extension LedgerReader {
    /// What each table of state and views takes up in memory, as far as the views are folded.
    ///
    /// Safe from any thread. Cost: a byte for each block of 64 KiB, with the state's lock and then the views'
    /// held.
    public func tableMemory() throws(LedgerError) -> [TableMemory] {
        try checkOpen()
        let core = box.read { $0.tableMemory() }
        return core + viewBox.lock.locked { viewBox.views.tableMemory() }
    }
}

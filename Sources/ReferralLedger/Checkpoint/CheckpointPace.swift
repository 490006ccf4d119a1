import LedgerState

/// When the next checkpoint is due.
///
/// A checkpoint writes every block that has changed since the last one. Where payments come from all users, that is
/// nearly the whole state, however few payments there were: written every so many events, it would cost more than they do.
/// So it waits until the log has grown by as many bytes as the last checkpoint wrote, and checkpoints at most double
/// what is written. But it never waits for more than `patience` intervals, which bounds what is folded after a crash.
struct CheckpointPace {
    /// Intervals after which a checkpoint is due, whatever it writes.
    static let patience: UInt64 = 4

    /// Events between two checkpoints, at least. 0: none is ever due.
    let interval: UInt64
    /// Bytes of blocks that the last checkpoint wrote.
    private(set) var written: UInt64 = 0
    /// Bytes of the log when it was written.
    private(set) var logBytes: UInt64 = 0
    /// Where it stands.
    private(set) var position: UInt64 = 0

    /// - Parameter interval: see `LedgerOptions.checkpointEvents`.
    init(interval: UInt64) { self.interval = interval }

    /// A checkpoint was written, or found on opening.
    /// - Parameters:
    ///   - written: bytes of blocks that it wrote.
    ///   - logBytes: how large the log is; after opening as it is now, what it was then is not known any more.
    mutating func note(at position: UInt64, written: UInt64, logBytes: UInt64) {
        self.position = position
        self.written = written
        self.logBytes = logBytes
    }

    /// Whether one is due.
    /// - Parameter logBytes: how large the log is now; asked for only where that decides.
    func isDue(at position: UInt64, logBytes: () -> UInt64) -> Bool {
        guard interval > 0, position >= self.position else { return false }
        let events = position - self.position
        if events < interval { return false }
        if events / Self.patience >= interval { return true }
        let now = logBytes()
        return now < self.logBytes || now - self.logBytes >= written
    }
}

extension Manifest {
    /// Bytes of the blocks that were written for this checkpoint: the others are of earlier ones.
    var bytesWritten: UInt64 {
        let blocks = tables.reduce(0) { sum, table in sum + table.generations.count { $0 == generation } }
        return UInt64(blocks * BlockArena.blockBytes)
    }
}

import LedgerLog
import Platform

/// How a ledger is opened. The defaults are right for a service.
public struct LedgerOptions: Sendable {
    /// Address space reserved for the log, in bytes; the file grows only as it is used. Default 1 TiB.
    public var logMapBytes: Int = 1 << 40
    /// Address space reserved for checkpoints, in bytes. Default 256 GiB.
    public var viewsMapBytes: Int = 1 << 38
    /// Commands that may wait for the writer before `submit` says `busy`. Default 65,536.
    public var queueCapacity: Int = 65_536
    /// Commands decided for one fsync, at most. Default 8,190.
    public var groupCommands: Int = 8_190
    /// A checkpoint is written in the background after this many events at least: as soon as the log has grown by as many
    /// bytes as the last checkpoint wrote, and at four times as many events at the latest. About so many at most
    /// are folded when a ledger is opened after a crash. 0: only on `close` and `checkpoint()`. Default 4,000,000.
    public var checkpointEvents: UInt64 = 4_000_000
    /// Whether `close` writes a checkpoint, so that the next open is quick. Default true.
    public var checkpointOnClose = true
    /// Older checkpoints kept, so that the past is near. Default 8.
    public var keptCheckpoints: Int = 8
    /// Threads that fold the log when a ledger is opened without a checkpoint: 1, or 2 for the views beside
    /// the core. Default 2.
    public var foldThreads = 2
    /// Told the position now and then while the log is folded.
    public var foldProgress: @Sendable (UInt64) -> Void = { _ in }
    /// The wall clock, nanoseconds since 1970: `recordedAt` and the tolerance towards the future. For tests.
    public var clock: @Sendable () -> Int64 = { Clock.wallNanoseconds() }
    /// Draws codes; nil: from the operating system's generator. For tests.
    public var drawCode: (@Sendable (_ length: Int, _ alphabet: [UInt8]) throws(LogError) -> [UInt8])?
    /// As many full blocks of 64 KiB of histories in memory are worth writing, with a sync of their own. For tests.
    var historyBlocksAtOnce = 16

    /// With the defaults.
    public init() {}
}

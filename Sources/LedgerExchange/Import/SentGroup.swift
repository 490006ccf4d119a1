import Platform
import ReferralLedger

/// A group that the ledger has, until its outcomes are there.
final class SentGroup: @unchecked Sendable {
    // Proof of Sendable: `lines` never changes; `result` is only touched with `lock` held.
    let lines: ImportGroup
    private let lock = Lock()
    private let changed = Condition()
    private var result: Result<[Outcome], LedgerError>?

    init(_ lines: ImportGroup) { self.lines = lines }

    /// Called once, on a thread of the ledger's.
    func finish(_ value: Result<[Outcome], LedgerError>) {
        lock.locked { result = value }
        changed.signal()
    }

    /// Waits for the outcomes; blocks the thread.
    func wait() throws(LedgerError) -> [Outcome] {
        lock.lock()
        defer { lock.unlock() }
        while true {
            if let result { return try result.get() }
            changed.wait(lock)
        }
    }
}

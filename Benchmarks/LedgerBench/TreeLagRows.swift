import Glibc
import Platform
import ReferralLedger

/// `tree-lag`: how far the hash tree is behind the log while payments are written at full rate.
enum TreeLagRows {
    static let commands = [
        BenchCommand(
            name: "tree-lag", parameters: ["DIR", "PAYMENTS", "GROUP?"],
            summary: "how far the hash tree is behind, at full rate", run: treeLag)
    ]

    private static func treeLag(_ arguments: BenchArguments) throws(BenchFailure) -> Figures {
        let count = try arguments.count(1)
        let group = max(1, try arguments.count(2, or: Workload.group))
        var options = BenchOptions.service
        options.groupCommands = group
        let ledger = try measured { try Ledger.open(at: arguments.text(0), options: options) }
        defer { ledger.close() }
        try measured { while try ledger.backgroundLag() > 0.1 { usleep(10_000) } }
        let before = try measured { try ledger.current.status() }
        var stream = Workload.Payments(from: before.payments, users: before.users)
        let groups = stride(from: 0, to: count, by: group).map { stream.make(min(group, count - $0)) }
        settle(memory: 0)
        let sampler = LagSampler(ledger)
        let begin = Clock.monotonicNanoseconds()
        try Pump.run(ledger, count: count, group: group) { groups[$0.lowerBound / group] }
        let took = seconds(since: begin)
        var lags = try sampler.finish()
        let end = Clock.monotonicNanoseconds()
        try measured { while try ledger.treeProgress().behind > 0 { usleep(1_000) } }
        let after = try measured { try ledger.current.status() }
        guard after.payments == before.payments + count else { throw BenchFailure("payments are missing") }
        guard after.treeSize == after.records else { throw BenchFailure("the tree lacks records") }
        return Figures([
            ("payments", .count(count)), ("group", .count(group)), ("seconds", .number(took)),
            ("perSecond", .number(Double(count) / took)), ("recordsBefore", .count(Int(before.records))),
            ("recordsBehind", .list([lags.records.figures()])),
            ("nanosecondsBehind", .list([lags.nanoseconds.figures()])),
            ("secondsToCatchUp", .number(seconds(since: end))),
        ])
    }
}

/// Looks every two milliseconds how many records the tree lacks, and since when the oldest of them was on disk.
private final class LagSampler: @unchecked Sendable {
    // Proof of Sendable: `isOver` is only touched with `lock` held; the rest by the sampling thread alone, and by
    // `finish` after it has ended.
    private let ledger: Ledger
    private let lock = Lock()
    private var isOver = false
    private var records = Latencies(reserving: 1 << 16)
    private var nanoseconds = Latencies(reserving: 1 << 16)
    /// When so many records were seen to be on disk: those that the tree has not reached.
    private var seen: [(records: UInt64, at: UInt64)] = []
    private var failure: String?
    private var thread: WorkerThread?

    init(_ ledger: Ledger) {
        self.ledger = ledger
        thread = WorkerThread(name: "bench-lag") { [unowned self] in run() }
    }

    private func run() {
        while !lock.locked({ isOver }) {
            do {
                let progress = try ledger.treeProgress()
                note(progress, Clock.monotonicNanoseconds())
            } catch {
                failure = "\(error)"
                return
            }
            usleep(2_000)
        }
    }

    private func note(_ progress: TreeProgress, _ now: UInt64) {
        if seen.last.map({ $0.records < progress.durableRecords }) ?? true {
            seen.append((progress.durableRecords, now))
        }
        let kept = seen.firstIndex { $0.records > progress.treeRecords } ?? seen.count
        seen.removeFirst(kept)
        records.add(progress.behind)
        // The first record that the tree lacks was on disk when more than the tree has were first seen there.
        nanoseconds.add(progress.behind == 0 ? 0 : seen.first.map { now - $0.at } ?? 0)
    }

    func finish() throws(BenchFailure) -> (records: Latencies, nanoseconds: Latencies) {
        lock.locked { isOver = true }
        thread?.join()
        if let failure { throw BenchFailure(failure) }
        return (records, nanoseconds)
    }
}

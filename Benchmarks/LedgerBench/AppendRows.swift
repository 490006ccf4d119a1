import Glibc
import Platform
import ReferralLedger

/// `append-group`, `append-one`, `append-callers`, `log-bytes`: durable payments.
enum AppendRows {
    static let commands = [
        BenchCommand(
            name: "append-group", parameters: ["DIR", "PAYMENTS", "GROUP?"],
            summary: "durable payments in groups", run: appendGroup),
        BenchCommand(
            name: "append-callers", parameters: ["DIR", "ONE", "EACH", "CALLERS?"],
            summary: "one caller, then many concurrent async ones, one payment each", run: appendCallers),
    ]

    private static func appendGroup(_ arguments: BenchArguments) throws(BenchFailure) -> Figures {
        let count = try arguments.count(1)
        let group = max(1, try arguments.count(2, or: Workload.group))
        var options = BenchOptions.service
        // Groups that wait are else joined for one fsync: the yardstick's are not.
        options.groupCommands = group
        let ledger = try measured { try Ledger.open(at: arguments.text(0), options: options) }
        defer { ledger.close() }
        try awaitQuiet(ledger)
        let before = try measured { try ledger.current.status() }
        var stream = Workload.Payments(from: before.payments, users: before.users)
        // As the callers have them: made before the clock runs.
        let groups = stride(from: 0, to: count, by: group).map { stream.make(min(group, count - $0)) }
        // Groups of one, as many as a run has, need little memory.
        settle(memory: group > 1 ? Settling.mebibytes : 0)
        let begin = Clock.monotonicNanoseconds()
        try Pump.run(ledger, count: count, group: group) { groups[$0.lowerBound / group] }
        let durable = seconds(since: begin)
        try Pump.awaitBackground(ledger)
        let took = seconds(since: begin)
        let after = try measured { try ledger.current.status() }
        try check(ledger, before, after, count)
        return Figures([
            ("payments", .count(count)), ("group", .count(group)), ("seconds", .number(took)),
            ("secondsUntilDurable", .number(durable)), ("perSecond", .number(Double(count) / took)),
            ("recordsBefore", .count(Int(before.records))),
            (
                "eventsAPayment",
                .number(Double(after.position.rawValue - before.position.rawValue) / Double(count))
            ),
            ("fileBytesAPayment", .number(Double(after.logBytes - before.logBytes) / Double(count))),
            ("pending", .count(try Books.pending(ledger.current))), ("stateDigest", .text(after.stateDigest)),
        ])
    }

    /// The first checkpoint after opening is no part of a run.
    private static func awaitQuiet(_ ledger: Ledger) throws(BenchFailure) {
        usleep(300_000)
        try measured { while try ledger.backgroundLag() > 0.3 { usleep(10_000) } }
    }

    private static func check(
        _ ledger: Ledger, _ before: LedgerStatus, _ after: LedgerStatus, _ count: Int
    ) throws(BenchFailure) {
        try Books.check(ledger.current)
        guard after.payments == before.payments + count else { throw BenchFailure("payments are missing") }
    }

    private static func appendCallers(_ arguments: BenchArguments) throws(BenchFailure) -> Figures {
        let (one, each) = (try arguments.count(1), try arguments.count(2))
        let callers = max(1, try arguments.count(3, or: 64))
        let ledger = try measured {
            try Ledger.open(at: arguments.text(0), options: BenchOptions.withoutCheckpoints)
        }
        defer { ledger.close() }
        try awaitQuiet(ledger)
        let before = try measured { try ledger.current.status() }
        var stream = Workload.Payments(from: before.payments, users: before.users)
        let single = stream.make(one)
        let shares = (0..<callers).map { _ in stream.make(each) }
        settle(memory: 0)
        let lone = try submitAlone(ledger, single)
        let (rate, latencies) = try submitTogether(ledger, shares)
        let after = try measured { try ledger.current.status() }
        try check(ledger, before, after, one + callers * each)
        return Figures([
            ("payments", .count(one)), ("perSecond", .number(lone)),
            ("recordsBefore", .count(Int(before.records))), ("callers", .count(callers)),
            ("callersPerSecond", .number(rate)), ("latency", .list([latencies])),
            ("stateDigest", .text(after.stateDigest)),
        ])
    }

    /// One thread, one payment at a time. Payments a second.
    private static func submitAlone(_ ledger: Ledger, _ commands: [Command]) throws(BenchFailure) -> Double {
        let begin = Clock.monotonicNanoseconds()
        // Lent where they are: to go through an array copies what is in it.
        let commands = commands.span
        for i in commands.indices {
            guard case .accepted = try measured({ try ledger.submit(commands[i]) }) else {
                throw BenchFailure("a payment was not accepted")
            }
        }
        return Double(commands.count) / seconds(since: begin)
    }

    /// A task for each share, each awaiting one payment after the other. Payments a second, and how long each
    /// caller waited.
    private static func submitTogether(
        _ ledger: Ledger, _ shares: [[Command]]
    ) throws(BenchFailure) -> (perSecond: Double, latencies: Figures) {
        let results = Tally()
        let begin = Clock.monotonicNanoseconds()
        for share in shares {
            Task.detached {
                var waits: [UInt64] = []
                waits.reserveCapacity(share.count)
                var accepted = 0
                for command in share {
                    let asked = Clock.monotonicNanoseconds()
                    if case .accepted? = try? await ledger.submit(command) { accepted += 1 }
                    waits.append(Clock.monotonicNanoseconds() - asked)
                }
                results.add(accepted, waits)
            }
        }
        results.await(shares.count)
        let took = seconds(since: begin)
        let count = shares.reduce(0) { $0 + $1.count }
        var (accepted, latencies) = results.sum()
        guard accepted == count else { throw BenchFailure("a payment was not accepted") }
        return (Double(count) / took, latencies.figures())
    }
}

/// What concurrent callers saw.
private final class Tally: @unchecked Sendable {
    // Proof of Sendable: all fields are only touched with `lock` held.
    private let lock = Lock()
    private let changed = Condition()
    private var finished = 0
    private var accepted = 0
    private var waits: [UInt64] = []

    func add(_ accepted: Int, _ waits: [UInt64]) {
        lock.locked {
            finished += 1
            self.accepted += accepted
            self.waits += waits
        }
        changed.signal()
    }

    func await(_ count: Int) {
        lock.lock()
        while finished < count { changed.wait(lock) }
        lock.unlock()
    }

    func sum() -> (accepted: Int, latencies: Latencies) {
        lock.locked {
            var all = Latencies(reserving: waits.count)
            for wait in waits { all.add(wait) }
            return (accepted, all)
        }
    }
}

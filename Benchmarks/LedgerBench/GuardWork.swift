import Platform
import ReferralLedger

/// A small fixed piece of work whose counts do not depend on the machine's mood: `scripts/guard` counts its
/// allocations, instructions, bytes and pages.
enum GuardWork {
    static let commands = [
        BenchCommand(
            name: "guard", parameters: ["DIR", "USERS", "PAYMENTS"],
            summary: "a fresh ledger with users and payments, group after group", run: work)
    ]

    private static func work(_ arguments: BenchArguments) throws(BenchFailure) -> Figures {
        let (users, payments) = (try arguments.count(1), try arguments.count(2))
        var options = BenchOptions.withoutCheckpoints
        // Valgrind has less address space to give.
        options.logMapBytes = 1 << 30
        options.viewsMapBytes = 1 << 30
        // A clock of its own: the bytes of a log depend on its moments.
        let clock = StepClock()
        options.clock = { clock.next() }
        let ledger = try measured {
            try Ledger.create(at: arguments.text(0), programme: Workload.programme(), options: options)
        }
        defer { ledger.close() }
        var random = Random(state: 1)
        var stream = Workload.Payments(from: 0, users: users)
        // One group is finished before the next begins: the same transactions every time.
        func submit(_ count: Int, _ make: (Int) -> Command) throws(BenchFailure) {
            for start in stride(from: 0, to: count, by: Workload.group) {
                let commands = (start..<min(start + Workload.group, count)).map(make)
                for outcome in try measured({ try ledger.submit(commands) }) {
                    guard case .accepted = outcome else { throw BenchFailure("not accepted: \(outcome)") }
                }
            }
        }
        try submit(users) { Workload.signup($0, &random) }
        try submit(users - 1) { Workload.convert($0 + 1) }
        let before = try measured { try ledger.current.status() }
        try submit(payments) { _ in stream.make() }
        let after = try measured { try ledger.current.status() }
        try Books.check(ledger.current)
        return Figures([
            ("users", .count(users)), ("payments", .count(payments)),
            ("logBytes", .count(Int(after.logBytes) - Int(before.logBytes))),
            ("events", .count(Int(after.position.rawValue - before.position.rawValue))),
            ("stateDigest", .text(after.stateDigest)),
        ])
    }
}

/// A millisecond a reading, from well after the workload's facts.
private final class StepClock: @unchecked Sendable {
    // Proof of Sendable: `now` is only touched with `lock` held.
    private let lock = Lock()
    private var now = Workload.start.nanoseconds + 30 * 86_400_000_000_000

    func next() -> Int64 {
        lock.locked {
            now += 1_000_000
            return now
        }
    }
}

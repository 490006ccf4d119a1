import Platform
import ReferralLedger

/// `memory-user`, `memory-payment`: growth of anonymous resident memory, no checkpoint mapped.
enum MemoryRows {
    static let commands = [
        BenchCommand(
            name: "memory", parameters: ["DIR", "USERS", "PAYMENTS"],
            summary: "bytes a user with one code, and bytes a payment", run: memory)
    ]

    private static func memory(_ arguments: BenchArguments) throws(BenchFailure) -> Figures {
        let (users, payments) = (try arguments.count(1), try arguments.count(2))
        let ledger = try measured {
            try Ledger.create(
                at: arguments.text(0), programme: Workload.programme(),
                options: BenchOptions.withoutCheckpoints)
        }
        defer { ledger.close() }
        // What any ledger has, and what groups on their way need, is there before the first figure.
        let first = min(4 * Workload.group, users / 8)
        guard first > Workload.top, payments > 0 else { throw BenchFailure("too few users or payments") }
        var random = Random(state: 1)
        func signUp(_ range: Range<Int>) throws(BenchFailure) {
            try Pump.run(ledger, count: range.count) {
                $0.map { Workload.signup(range.lowerBound + $0, &random) }
            }
            try Pump.run(ledger, count: range.count) { $0.map { Workload.code(range.lowerBound + $0) } }
        }
        try signUp(0..<first)
        let empty = try settled(ledger)
        try signUp(first..<users)
        // A referral's end is its user's, not that of the payment that comes first.
        try PopulateRows.completeReferrals(ledger, users)
        let withUsers = try settled(ledger)
        var stream = Workload.Payments(from: 0, users: users)
        try Pump.run(ledger, count: payments) { stream.make($0.count) }
        let withPayments = try settled(ledger)
        try Books.check(ledger.current)
        return Figures([
            ("users", .count(users)), ("payments", .count(payments)),
            ("bytesAUser", .number(Double(withUsers - empty) / Double(users - first))),
            ("bytesAPayment", .number(Double(withPayments - withUsers) / Double(payments))),
            ("anonymousBytes", .count(withPayments)),
        ])
    }

    /// Anonymous memory once the views have seen everything and the background has come to rest.
    private static func settled(_ ledger: Ledger) throws(BenchFailure) -> Int {
        _ = try measured { try ledger.current.rank(of: Workload.userId(5), by: .earnings) }
        _ = try measured { try ledger.current.leaderboard(by: .conversions, limit: 10) }
        _ = try measured { try ledger.current.status() }
        return try ProcessMemory.anonymous()
    }
}

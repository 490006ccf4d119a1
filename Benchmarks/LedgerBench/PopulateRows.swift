import Platform
import ReferralLedger

/// Ledgers to measure on.
enum PopulateRows {
    static let commands = [
        BenchCommand(
            name: "populate", parameters: ["DIR", "USERS"],
            summary: "a fresh ledger: users on a random tree, all referrals completed", run: populate),
        BenchCommand(
            name: "fill", parameters: ["DIR", "USERS", "PAYMENTS"],
            summary: "the same without completed referrals, with payments and a checkpoint", run: fill),
    ]

    /// Signs users up, four seconds' worth of groups at a time in memory at most.
    static func signUp(_ ledger: Ledger, _ users: Int) throws(BenchFailure) {
        var random = Random(state: 1)
        try Pump.run(ledger, count: users) { $0.map { Workload.signup($0, &random) } }
    }

    /// Completes all referrals; user 0 has none.
    static func completeReferrals(_ ledger: Ledger, _ users: Int) throws(BenchFailure) {
        try Pump.run(ledger, count: users - 1) { $0.map { Workload.convert($0 + 1) } }
    }

    private static func populate(_ arguments: BenchArguments) throws(BenchFailure) -> Figures {
        let users = try arguments.count(1)
        let ledger = try measured {
            try Ledger.create(
                at: arguments.text(0), programme: Workload.programme(),
                options: BenchOptions.withoutCheckpoints)
        }
        defer { ledger.close() }
        let begin = Clock.monotonicNanoseconds()
        try signUp(ledger, users)
        let took = seconds(since: begin)
        try completeReferrals(ledger, users)
        return Figures([
            ("users", .count(users)), ("perSecond", .number(Double(users) / took)),
            ("seconds", .number(seconds(since: begin))),
            ("position", .count(Int(ledger.current.position.rawValue))),
        ])
    }

    private static func fill(_ arguments: BenchArguments) throws(BenchFailure) -> Figures {
        let (users, payments) = (try arguments.count(1), try arguments.count(2))
        var options = BenchOptions.service
        options.checkpointOnClose = true
        let ledger = try measured {
            try Ledger.create(at: arguments.text(0), programme: Workload.programme(), options: options)
        }
        let begin = Clock.monotonicNanoseconds()
        try signUp(ledger, users)
        var stream = Workload.Payments(from: 0, users: users)
        try Pump.run(ledger, count: payments) { stream.make($0.count) }
        let took = seconds(since: begin)
        try Books.check(ledger.current)
        let position = ledger.current.position.rawValue
        ledger.close()
        return Figures([
            ("users", .count(users)), ("payments", .count(payments)), ("seconds", .number(took)),
            ("position", .count(Int(position))), ("secondsWithClose", .number(seconds(since: begin))),
        ])
    }
}

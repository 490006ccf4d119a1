import Glibc
import Platform
import ReferralLedger

/// `memory-user`, `memory-payment`: growth of anonymous resident memory, no checkpoint mapped, by a user with a referrer and one
/// code, then by a payment; where it is.
///
/// The views are folded. Boards in order are made when somebody asks, and let go of a minute after the last
/// question: they are a figure of their own.
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
        let empty = try settled(ledger, first)
        let emptyTables = try measured { try ledger.current.tableMemory() }
        try signUp(first..<users)
        let withUsers = try settled(ledger, users)
        let userTables = try measured { try ledger.current.tableMemory() }
        // Payments complete no referrals: that is neither a user's nor a payment's.
        try PopulateRows.completeReferrals(ledger, users)
        let withReferrals = try settled(ledger, users)
        let referralTables = try measured { try ledger.current.tableMemory() }
        var stream = Workload.Payments(from: 0, users: users)
        // Groups of payments need more on their way than others do: memory that later ones use again. What tables grew by meanwhile is
        // the payments' all the same: the first ones make room for everybody's money.
        let warm = min(4 * Workload.group, payments / 8)
        try Pump.run(ledger, count: warm) { stream.make($0.count) }
        let warmed = try settled(ledger, users)
        let warmTables = try measured { try ledger.current.tableMemory() }
        try Pump.run(ledger, count: payments - warm) { stream.make($0.count) }
        let withPayments = try settled(ledger, users)
        let paymentTables = try measured { try ledger.current.tableMemory() }
        let grown = bytes(warmTables) - bytes(referralTables)
        guard grown >= 0 else { throw BenchFailure("tables became smaller as payments came") }
        let money = Double(paymentTables.first { $0.name == "money" }?.bytes ?? 0) / Double(users)
        _ = try measured { try ledger.current.rank(of: Workload.userId(5), by: .earnings) }
        let ranked = try ProcessMemory.anonymous()
        try Books.check(ledger.current)
        return Figures([
            ("users", .count(users)), ("payments", .count(payments)),
            ("bytesAUser", .number(Double(withUsers - empty) / Double(users - first))),
            ("bytesAPayment", .number(Double(withPayments - warmed + grown) / Double(payments))),
            ("bytesAUserWithMoney", .number(Double(withUsers - empty) / Double(users - first) + money)),
            ("bytesAReferralCompletedByHand", .number(Double(withReferrals - withUsers) / Double(users))),
            ("groupsOnTheirWay", .count(warmed - withReferrals - grown)),
            ("bytesARankedBoard", .count(ranked - withPayments)),
            ("anonymousBytes", .count(withPayments)),
            ("userTables", .list([growth(emptyTables, userTables, by: users - first)])),
            ("paymentTables", .list([growth(referralTables, paymentTables, by: payments)])),
        ])
    }

    private static func bytes(_ tables: [TableMemory]) -> Int { tables.reduce(0) { $0 + $1.bytes } }

    /// Bytes of each table's growth for one of `count`; tables that did not grow are left out.
    private static func growth(_ before: [TableMemory], _ after: [TableMemory], by count: Int) -> Figures {
        var figures = Figures([])
        for (old, new) in zip(before, after) where new.bytes > old.bytes {
            figures.add(new.name, Double(new.bytes - old.bytes) / Double(count))
        }
        return figures
    }

    /// Bytes of histories that may wait for more to be written with them.
    private static let most = 17 << 16

    private static func history(_ ledger: Ledger) throws(BenchFailure) -> Int {
        try measured { try ledger.current.tableMemory() }.first { $0.name == "history" }?.bytes ?? 0
    }

    /// Anonymous memory once the views have seen everything and the background has come to rest.
    private static func settled(_ ledger: Ledger, _ users: Int) throws(BenchFailure) -> Int {
        // The newest user's history is short; to give it, the views fold everything.
        _ = try measured { try ledger.current.events(of: Workload.userId(users - 1)) }
        _ = try measured { try ledger.current.status() }
        // Histories go to the disk in the background.
        for _ in 0..<500 where try history(ledger) > most { usleep(10_000) }
        guard try history(ledger) <= most else { throw BenchFailure("histories stay in memory") }
        return try ProcessMemory.anonymous()
    }
}

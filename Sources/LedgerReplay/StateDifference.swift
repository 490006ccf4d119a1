import LedgerDomain
import LedgerLog
import LedgerState

/// How two states differ: by tables of rows, by users, and in money.
public struct StateDifference: Sendable, Equatable {
    /// Rows of a table that differ.
    public struct Table: Sendable, Equatable {
        public let name: String
        /// Rows in both that differ.
        public let differing: Int
        /// Rows before and after.
        public let before: Int
        public let after: Int
    }
    /// What differs of a user.
    public struct Line: Sendable, Equatable {
        /// `programme/user`.
        public let key: String
        /// stage, tier, referrals, conversions, standing, or `available USD`.
        public let field: String
        public let before: String
        public let after: String
        /// Of the last record that concerns the user, in the state after.
        public let lastEvent: LogPosition?
    }
    /// Money of all users in an account.
    public struct Sum: Sendable, Equatable {
        public let programme: String
        public let account: String
        public let asset: String
        /// Minor units.
        public let before: Int64
        public let after: Int64
        /// How amounts are written.
        public let exponent: Int
    }

    public private(set) var tables: [Table] = []
    public private(set) var lines: [Line] = []
    public private(set) var sums: [Sum] = []

    /// Nothing differs.
    public var isEmpty: Bool { tables.isEmpty && lines.isEmpty && sums.isEmpty }

    /// Compares two states. Cost: reading all rows of both; memory: 8 bytes a row.
    /// - Parameter lastEvent: The base of the last record that concerns a user's number, after.
    public init(
        _ before: inout CoreState, _ after: inout CoreState, views: ([TableRows], [TableRows]),
        lastEvent: (Int) -> LogPosition?
    ) throws(LogError) {
        compareTables(before.rowHashes() + views.0, after.rowHashes() + views.1)
        if tables.isEmpty { return }
        try compareMembers(before, after, lastEvent)
        try compareTotals(before, after)
    }

    private mutating func compareTables(_ before: [TableRows], _ after: [TableRows]) {
        for (old, new) in zip(before, after) where old != new {
            var differing = 0
            for (a, b) in zip(old.hashes, new.hashes) where a != b { differing += 1 }
            tables.append(
                Table(name: new.name, differing: differing, before: old.hashes.count, after: new.hashes.count)
            )
        }
    }

    // MARK: Users

    private mutating func compareMembers(
        _ before: borrowing CoreState, _ after: borrowing CoreState, _ lastEvent: (Int) -> LogPosition?
    ) throws(LogError) {
        let (oldCodes, newCodes) = (try before.visibleAssetSymbols(), try after.visibleAssetSymbols())
        for number in 0..<max(before.members.count, after.members.count) {
            let old = try Self.fields(number, before, oldCodes)
            let new = try Self.fields(number, after, newCodes)
            if old.fields == new.fields, old.key == new.key { continue }
            let last = new.user.flatMap { lastEvent($0) }
            for name in Self.names(old.fields, new.fields) {
                let (a, b) = (Self.value(name, old.fields), Self.value(name, new.fields))
                if a == b { continue }
                lines.append(
                    Line(
                        key: new.key.isEmpty ? old.key : new.key, field: name, before: a ?? "–",
                        after: b ?? "–", lastEvent: last))
            }
        }
    }

    private typealias Fields = [(name: String, value: String)]
    private struct Member {
        var key = ""
        var user: Int?
        var fields: [Field] = []
        struct Field: Equatable {
            let name: String
            let value: String
        }
    }

    private static func names(_ old: [Member.Field], _ new: [Member.Field]) -> [String] {
        var names = new.map(\.name)
        for field in old where !names.contains(field.name) { names.append(field.name) }
        return names
    }

    private static func value(_ name: String, _ fields: [Member.Field]) -> String? {
        fields.first { $0.name == name }?.value
    }

    private static func fields(
        _ number: Int, _ state: borrowing CoreState, _ codes: [AssetNumber: String]
    ) throws(LogError) -> Member {
        guard number < state.members.count else { return Member() }
        let row = state.members[number]
        var member = Member()
        member.user = Int(row.user)
        // A damaged row may name what is not there: the number says which it is.
        guard Int(row.programme) < state.programmes.count, Int(row.user) < state.users.count else {
            member.key = "member \(number)"
            member.fields = [
                .init(name: "row", value: "names user \(row.user) of programme \(row.programme)")
            ]
            return member
        }
        let programme = try state.programmeId(Int(row.programme)).string
        member.key = "\(programme)/\(try state.userId(Int(row.user)).string)"
        func add(_ name: String, _ value: String) { member.fields.append(.init(name: name, value: value)) }
        add("stage", row.referralStage.name)
        add("referrals", "\(row.referrals)")
        add("conversions", "\(row.conversions)")
        let profile = state.profile(number)
        add("tier", "\(profile.tier)")
        add(
            "standing",
            profile.isSuspended ? "suspended" : profile.isClosed ? "closed" : row.isMerged ? "merged" : "open"
        )
        for (asset, balance) in state.visibleBalances(member: number) {
            let code = Asset(number: asset)?.code ?? codes[asset] ?? "ASSET-\(asset.rawValue)"
            for (name, minor) in [
                ("pending", balance.pending), ("available", balance.available), ("held", balance.held),
                ("receivable", balance.receivable), ("earned", balance.earned),
            ] {
                let exponent = Asset(number: asset)?.exponent ?? 0
                add("\(name) \(code)", DecimalText.format(minor: minor, exponent: exponent))
            }
        }
        return member
    }

    // MARK: Money

    private mutating func compareTotals(
        _ before: borrowing CoreState, _ after: borrowing CoreState
    ) throws(LogError) {
        let (old, new) = (try Self.totals(before), try Self.totals(after))
        for entry in new.order + old.order.filter({ new.sums[$0] == nil }) {
            let (a, b) = (old.sums[entry] ?? [], new.sums[entry] ?? [])
            for (index, account) in Self.accounts.enumerated() {
                let (x, y) = (a.isEmpty ? 0 : a[index], b.isEmpty ? 0 : b[index])
                if x == y { continue }
                let asset = AssetNumber(rawValue: entry.asset)
                sums.append(
                    Sum(
                        programme: entry.programme, account: account,
                        asset: Asset(number: asset)?.code ?? "ASSET-\(entry.asset)", before: x, after: y,
                        exponent: Asset(number: asset)?.exponent ?? 0))
            }
        }
    }

    private struct TotalKey: Hashable {
        let programme: String
        let asset: UInt16
    }

    private static let accounts = [
        "paid", "refunded", "rewardExpense", "pending", "available", "held", "receivable", "reserved", "cash",
        "tax", "fee", "breakage", "loss", "issued", "used",
    ]

    private static func totals(
        _ state: borrowing CoreState
    ) throws(LogError) -> (order: [TotalKey], sums: [TotalKey: [Int64]]) {
        var order: [TotalKey] = []
        var sums: [TotalKey: [Int64]] = [:]
        for index in 0..<state.totals.count {
            let row = state.totals[index]
            guard Int(row.programme) < state.programmes.count else { continue }
            let key = TotalKey(
                programme: try state.programmeId(Int(row.programme)).string, asset: row.asset)
            order.append(key)
            sums[key] = [
                row.paid, row.refunded, row.rewardExpense, row.pending, row.available, row.held,
                row.receivable, row.reserved, row.cash, row.tax, row.fee, row.breakage, row.loss, row.issued,
                row.used,
            ]
        }
        return (order, sums)
    }
}

import ReferralLedger

/// Everything that moves money, in the order of the books.
struct Books {
    /// One transaction.
    struct Entry {
        /// Days since 1970-01-01 in the programme's zone.
        let date: Int32
        let occurredAt: Timestamp
        let position: LogPosition
        let type: EventType
        /// Of a commission; 0: none.
        let level: UInt8
        let programme: UInt16
        /// Of `names`: the payment, reward or withdrawal that it is about.
        let name: UInt32?
        fileprivate let firstLeg: UInt32
        fileprivate let legCount: UInt8

        fileprivate func precedes(_ other: Entry) -> Bool {
            if date != other.date { return date < other.date }
            if occurredAt != other.occurredAt { return occurredAt < other.occurredAt }
            return position < other.position
        }
    }

    /// One posting: debits above zero, credits below.
    struct Leg {
        let account: UInt32
        let asset: UInt32
        var amount: Int64
    }

    /// An account of a programme.
    struct Account: Hashable {
        let programme: String
        let name: LedgerEvent.AccountName
    }

    /// An asset as texts need it.
    struct BookedAsset {
        let number: AssetNumber
        let code: String
        /// Fraction digits.
        let exponent: Int

        /// An exact decimal with all fraction digits.
        func decimal(_ minor: Int64) -> String { DecimalText.format(minor: minor, exponent: exponent) }
    }

    private static let chunk = 20_000
    /// Fields that say what an event is about, the first that it has.
    private static let subjects = ["paymentId", "rewardId", "withdrawalId"]

    /// The last position that is in them.
    let end: LogPosition
    private(set) var entries: [Entry] = []
    private(set) var accounts: [Account] = []
    private(set) var assets: [BookedAsset] = []
    private(set) var names: [String] = []
    private(set) var programmes: [String] = []

    private let codes: AssetCodes
    private var legs: [Leg] = []
    private var accountIndex: [Account: UInt32] = [:]
    private var assetIndex: [AssetNumber: UInt32] = [:]
    private var nameIndex: [String: UInt32] = [:]
    private var zones: [ZoneRules] = []

    /// Reads the log.
    init(
        _ reader: LedgerReader, through end: LogPosition, effective: Timestamp?, programme: String?,
        _ onProgress: (LogPosition) -> Void
    ) throws(BooksExport.Failure) {
        self.end = end
        codes = try Self.reading { () throws(LedgerError) in try reader.assetCodes() }
        var next = LogPosition(1)
        while next <= end {
            let from = next
            let events = try Self.reading { () throws(LedgerError) in
                try reader.events(from: from, limit: Self.chunk)
            }
            guard let last = events.last else { break }
            for event in events where event.position <= end && !event.postings.isEmpty {
                if let effective, event.occurredAt > effective { continue }
                if programme == nil || event.programme == programme { try add(event, reader) }
            }
            next = LogPosition(last.position.rawValue + 1)
            onProgress(last.position)
        }
        entries.sort { $0.precedes($1) }
        accountIndex = [:]
        nameIndex = [:]
    }

    /// The postings of an entry.
    func legs(of entry: Entry) -> ArraySlice<Leg> {
        legs[Int(entry.firstLeg)..<Int(entry.firstLeg) + Int(entry.legCount)]
    }

    /// Which assets each account is used with, by index of `accounts`; indices of `assets`, rising.
    func assetsByAccount() -> [[Int]] {
        var sets = Array(repeating: Set<Int>(), count: accounts.count)
        for leg in legs { sets[Int(leg.account)].insert(Int(leg.asset)) }
        return sets.map { $0.sorted() }
    }

    private static func reading<R>(
        _ body: () throws(LedgerError) -> R
    ) throws(BooksExport.Failure) -> R {
        do throws(LedgerError) { return try body() } catch { throw .ledger(error) }
    }

    private mutating func add(
        _ event: LedgerEvent, _ reader: LedgerReader
    ) throws(BooksExport.Failure) {
        let first = legs.count
        for posting in event.postings {
            try add(posting.debit, posting.amount, posting.asset, event, after: first)
            try add(posting.credit, -posting.amount, posting.asset, event, after: first)
        }
        // What goes in and out of an account in one event is nothing.
        if legs[first...].contains(where: { $0.amount == 0 }) {
            let kept = legs[first...].filter { $0.amount != 0 }
            legs.replaceSubrange(first..., with: kept)
        }
        if legs.count == first { return }
        let programme = try number(of: event.programme, reader)
        var level: UInt8 = 0
        if case .integer(let number) = event["level"] { level = UInt8(truncatingIfNeeded: number) }
        entries.append(
            Entry(
                date: Int32(zones[programme].date(of: event.occurredAt).daysSinceEpoch),
                occurredAt: event.occurredAt, position: event.position, type: event.type, level: level,
                programme: UInt16(programme), name: name(of: event), firstLeg: UInt32(first),
                legCount: UInt8(legs.count - first)))
    }

    private mutating func name(of event: LedgerEvent) -> UInt32? {
        for subject in Self.subjects {
            guard case .text(let text) = event[subject] else { continue }
            if let known = nameIndex[text] { return known }
            let number = UInt32(names.count)
            names.append(text)
            nameIndex[text] = number
            return number
        }
        return nil
    }

    /// Adds to the event's posting of the account, so that an account stands once in a transaction with each
    /// asset.
    private mutating func add(
        _ name: LedgerEvent.AccountName, _ amount: Int64, _ asset: AssetNumber, _ event: LedgerEvent,
        after first: Int
    ) throws(BooksExport.Failure) {
        let account = number(of: Account(programme: event.programme, name: name))
        let asset = number(of: asset)
        for index in first..<legs.count where legs[index].account == account && legs[index].asset == asset {
            let (sum, overflow) = legs[index].amount.addingReportingOverflow(amount)
            if overflow { throw .overflow(event.position) }
            legs[index].amount = sum
            return
        }
        legs.append(Leg(account: account, asset: asset, amount: amount))
    }

    private mutating func number(of account: Account) -> UInt32 {
        if let known = accountIndex[account] { return known }
        let number = UInt32(accounts.count)
        accounts.append(account)
        accountIndex[account] = number
        return number
    }

    private mutating func number(of asset: AssetNumber) -> UInt32 {
        if let known = assetIndex[asset] { return known }
        let number = UInt32(assets.count)
        assets.append(
            BookedAsset(
                number: asset, code: codes.code(asset), exponent: Asset(number: asset)?.exponent ?? 0))
        assetIndex[asset] = number
        return number
    }

    /// Programmes are few. Dates go by the rules of the latest policy: a version that changes the zone changes
    /// all dates alike.
    private mutating func number(
        of programme: String, _ reader: LedgerReader
    ) throws(BooksExport.Failure) -> Int {
        if let known = programmes.firstIndex(of: programme) { return known }
        zones.append(
            try Self.reading { () throws(LedgerError) in
                try reader.policy(programme: programme)?.zone ?? .utc
            })
        programmes.append(programme)
        return programmes.count - 1
    }
}

extension Books.Entry {
    /// The date as `2026-01-05`.
    var dateText: String { Self.text(day: Int(date)) }

    /// A day since 1970-01-01 as `2026-01-05`.
    static func text(day: Int) -> String {
        let date = CivilDate(daysSinceEpoch: day)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(date.year)-\(two(date.month))-\(two(date.day))"
    }
}

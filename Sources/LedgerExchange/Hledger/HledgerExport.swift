import ReferralLedger

/// The books as a journal that hledger and Ledger read alike: each event that moves money is a transaction,
/// and each of its postings asserts the balance after it, so that the other program checks the sums.
///
/// Transactions stand in the order of (date, business time, position), dates in the programme's time zone.
/// Names are mapped as Documentation/exports.md says. Memory: about 60 bytes a posting and 100 a payment. Cost: a pass over
/// the log, a sort, a pass over the postings. Isolation: a value, for one thread.
public struct HledgerExport {
    /// Why there is no journal.
    public enum Failure: Error, Sendable, Equatable {
        /// The ledger could not be read.
        case ledger(LedgerError)
        /// A running balance leaves 64 bits of minor units; the position of the event that does it.
        case overflow(LogPosition)
    }

    private static let chunk = 20_000

    private let reader: LedgerReader
    private let end: LogPosition
    private let programme: String?
    private var accounts = Accounts()
    private var assets: [AssetNumber] = []
    private var assetIndex: [AssetNumber: Int] = [:]
    private var zones: [String: ZoneRules] = [:]
    private var entries: [Entry] = []
    private var postings: [Leg] = []
    private var payments: [String] = []
    private var paymentIndex: [LogPosition: UInt32] = [:]

    /// The journal of a ledger as the reader sees it.
    /// - Parameters:
    ///   - reader: of the present or a past state.
    ///   - end: the last position that is written.
    ///   - programme: Only this one's books; nil: all.
    public init(_ reader: LedgerReader, through end: LogPosition, programme: String? = nil) {
        self.reader = reader
        self.end = end
        self.programme = programme
    }

    /// Writes the journal in pieces of about 64 KiB.
    /// - Parameters:
    ///   - onProgress: told the position that has been read.
    ///   - emit: takes UTF-8; `false` ends the export early.
    public mutating func write(
        onProgress: (LogPosition) -> Void = { _ in }, emit: @escaping ([UInt8]) -> Bool
    ) throws(Failure) {
        try gather(onProgress)
        entries.sort { $0.precedes($1) }
        var text = JournalText(emit: emit)
        writeHeader(&text)
        try writeEntries(&text)
        text.flush()
    }

    // MARK: Gathering

    /// One transaction to be.
    private struct Entry {
        var date: Int32
        var occurredAt: Timestamp
        var position: LogPosition
        var type: EventType
        var level: UInt8
        /// Of `payments`, or nil.
        var payment: UInt32?
        var firstLeg: UInt32
        var legCount: UInt8

        func precedes(_ other: Entry) -> Bool {
            if date != other.date { return date < other.date }
            if occurredAt != other.occurredAt { return occurredAt < other.occurredAt }
            return position < other.position
        }
    }

    /// One posting to be: debits above zero, credits below.
    private struct Leg {
        var account: UInt32
        var asset: UInt32
        var amount: Int64
    }

    /// Accounts, numbered in the order in which they come.
    private struct Accounts {
        private(set) var all: [String] = []
        private var index: [Key: UInt32] = [:]

        struct Key: Hashable {
            var programme: String
            var name: LedgerEvent.AccountName
        }

        mutating func number(_ name: LedgerEvent.AccountName, _ programme: String) -> UInt32 {
            let key = Key(programme: programme, name: name)
            if let known = index[key] { return known }
            let number = UInt32(all.count)
            all.append(HledgerNames.account(name, programme: programme))
            index[key] = number
            return number
        }
    }

    private mutating func gather(_ onProgress: (LogPosition) -> Void) throws(Failure) {
        var next = LogPosition(1)
        while next <= end {
            let events: [LedgerEvent]
            do throws(LedgerError) {
                events = try reader.events(from: next, limit: Self.chunk)
            } catch {
                throw .ledger(error)
            }
            guard let last = events.last else { return }
            for event in events where event.position <= end {
                if programme == nil || event.programme == programme { try add(event) }
            }
            next = LogPosition(last.position.rawValue + 1)
            onProgress(last.position)
        }
    }

    private mutating func add(_ event: LedgerEvent) throws(Failure) {
        if event.type == .paymentReceived, case .text(let id) = event["paymentId"] {
            paymentIndex[event.position] = UInt32(payments.count)
            payments.append(HledgerNames.part(id))
        }
        if event.postings.isEmpty { return }
        let first = postings.count
        for posting in event.postings {
            try add(posting.debit, posting.amount, posting.asset, event, after: first)
            try add(posting.credit, -posting.amount, posting.asset, event, after: first)
        }
        let day = try zone(event.programme).date(of: event.occurredAt).daysSinceEpoch
        var entry = Entry(
            date: Int32(day), occurredAt: event.occurredAt, position: event.position, type: event.type,
            level: 0, firstLeg: UInt32(first), legCount: UInt8(postings.count - first))
        if case .position(let payment) = event["payment"] { entry.payment = paymentIndex[payment] }
        if case .integer(let level) = event["level"] { entry.level = UInt8(truncatingIfNeeded: level) }
        entries.append(entry)
    }

    /// Adds to the event's posting of the account, so that an account stands once in a transaction.
    private mutating func add(
        _ name: LedgerEvent.AccountName, _ amount: Int64, _ asset: AssetNumber, _ event: LedgerEvent,
        after first: Int
    ) throws(Failure) {
        let account = accounts.number(name, event.programme)
        let asset = number(of: asset)
        for index in first..<postings.count
        where postings[index].account == account && postings[index].asset == asset {
            let (sum, overflow) = postings[index].amount.addingReportingOverflow(amount)
            if overflow { throw .overflow(event.position) }
            postings[index].amount = sum
            return
        }
        postings.append(Leg(account: account, asset: asset, amount: amount))
    }

    private mutating func number(of asset: AssetNumber) -> UInt32 {
        if let known = assetIndex[asset] { return UInt32(known) }
        assetIndex[asset] = assets.count
        assets.append(asset)
        return UInt32(assets.count - 1)
    }

    /// The rules of the programme's latest policy: a version that changes the zone changes all dates alike.
    private mutating func zone(_ programme: String) throws(Failure) -> ZoneRules {
        if let known = zones[programme] { return known }
        do throws(LedgerError) {
            let zone = try reader.policy(programme: programme)?.zone ?? .utc
            zones[programme] = zone
            return zone
        } catch {
            throw .ledger(error)
        }
    }

    // MARK: Writing

    private func writeHeader(_ text: inout JournalText) {
        text.line("; Books of a referral ledger through position \(end).")
        text.line("; Debits are above zero. The code of a transaction is the event's log position.")
        for asset in assets {
            let known = Asset(number: asset)
            text.line("commodity \(commodity(asset))")
            guard let known, known.exponent > 0 else { continue }
            let zero = DecimalText.format(minor: 0, exponent: known.exponent)
            text.line("    format 100\(zero) \(commodity(asset))")
        }
        for name in accounts.all.sorted() { text.line("account \(name)") }
    }

    private func commodity(_ asset: AssetNumber) -> String {
        HledgerNames.commodity(Asset(number: asset)?.code ?? "ASSET-\(asset.rawValue)")
    }

    private func writeEntries(_ text: inout JournalText) throws(Failure) {
        var balances: [UInt64: Int64] = [:]
        let commodities = assets.map { (commodity($0), Asset(number: $0)?.exponent ?? 0) }
        for entry in entries {
            text.line("")
            let date = CivilDate(daysSinceEpoch: Int(entry.date))
            text.line("\(Self.text(date)) (\(entry.position)) \(description(of: entry))")
            for index in Int(entry.firstLeg)..<Int(entry.firstLeg) + Int(entry.legCount) {
                let leg = postings[index]
                let key = UInt64(leg.account) << 32 | UInt64(leg.asset)
                let (after, overflow) = balances[key, default: 0].addingReportingOverflow(leg.amount)
                if overflow { throw .overflow(entry.position) }
                balances[key] = after
                let (code, exponent) = commodities[Int(leg.asset)]
                text.posting(
                    accounts.all[Int(leg.account)], DecimalText.format(minor: leg.amount, exponent: exponent),
                    DecimalText.format(minor: after, exponent: exponent), code)
            }
            if text.isOver { return }
        }
    }

    /// What a transaction is called: the event's type, the payment it is about, and the level.
    private func description(of entry: Entry) -> String {
        var text = entry.type.name
        if let payment = entry.payment { text += " \(payments[Int(payment)])" }
        if entry.level > 0 { text += " level \(entry.level)" }
        return text
    }

    private static func text(_ date: CivilDate) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(date.year)-\(two(date.month))-\(two(date.day))"
    }
}

/// Lines, handed on in pieces.
private struct JournalText {
    private static let pieceBytes = 65_536
    private let emit: ([UInt8]) -> Bool
    private var bytes: [UInt8] = []
    /// Whether nobody wants more.
    private(set) var isOver = false

    init(emit: @escaping ([UInt8]) -> Bool) {
        self.emit = emit
        bytes.reserveCapacity(Self.pieceBytes + 1_024)
    }

    mutating func line(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        bytes.append(0x0A)
        if bytes.count >= Self.pieceBytes { flush() }
    }

    mutating func posting(_ account: String, _ amount: String, _ after: String, _ commodity: String) {
        for text in ["    ", account, "  ", amount, " ", commodity, " = ", after, " ", commodity, "\n"] {
            bytes.append(contentsOf: text.utf8)
        }
        if bytes.count >= Self.pieceBytes { flush() }
    }

    mutating func flush() {
        if !isOver, !bytes.isEmpty { isOver = !emit(bytes) }
        bytes.removeAll(keepingCapacity: true)
    }
}

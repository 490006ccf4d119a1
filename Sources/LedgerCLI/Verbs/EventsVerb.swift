import Glibc
import ReferralLedger
import StrictJSON

/// `events`: the log itself.
enum EventsVerb {
    static let verb = Verb(
        "events", abstract: "Lists events of the log, one a line.",
        discussion: """
            --from and --to take positions, both included, or business times: --from is included, --to is not. \
            With --json each line is an object. --follow goes on with what another process records, until \
            Ctrl-C.
            """,
        section: "Read",
        examples: [
            .init("One user's history", "referral-ledger events --user u-13047"),
            .init(
                "A month's refunds",
                "referral-ledger events --type RefundReceived --from 2011-06-01T00:00:00Z"),
            .init("As they come", "referral-ledger events --follow --json"),
        ],
        options: [
            .init("from", "POSITION|TIME", "Begin here."),
            .init("to", "POSITION|TIME", "End here."),
            .init(
                "type", "NAME", "Only events of this type.", kind: .choice(EventType.allCases.map(\.name)),
                isRepeatable: true),
            .init("user", "ID", "Only events that concern this user."),
            .init("limit", "N", "Events at most.", kind: .integer(1...Int.max)),
            .init("programme", "ID", "Only events of this programme."),
            CommonOptions.at, CommonOptions.effective,
        ],
        flags: [.init("follow", "Wait for further events.")],
        exclusive: [["follow", "at"], ["follow", "to"]],
        action: { (invocation) throws(CLIError) in
            let filter = try EventFilter(invocation)
            return try invocation.withReader { reader throws(CLIError) in
                var listing = EventListing(reader, filter, invocation)
                try listing.run()
                return .done
            }
        })
}

/// Which events are wanted.
private struct EventFilter {
    let from: Moment?
    let to: Moment?
    let types: Set<String>
    let user: String?
    let programme: String?
    let limit: Int
    let effective: Timestamp?

    init(_ invocation: Invocation) throws(CLIError) {
        let parsed = invocation.parsed
        from = try parsed.string("from").map { text throws(CLIError) in try Moment(text, of: "--from") }
        to = try parsed.string("to").map { text throws(CLIError) in try Moment(text, of: "--to") }
        types = Set(parsed.values("type"))
        user = parsed.string("user")
        programme = parsed.string("programme")
        limit = parsed.int("limit") ?? .max
        effective = try parsed.string("effective").map { text throws(CLIError) in
            try Timestamp.option(text, of: "--effective")
        }
    }

    /// The first position that may be wanted.
    var firstPosition: LogPosition {
        if case .position(let position) = from { return max(position, LogPosition(1)) }
        return LogPosition(1)
    }

    /// The last position that may be wanted.
    var lastPosition: LogPosition {
        if case .position(let position) = to { return position }
        return LogPosition(.max)
    }

    func wants(_ event: LedgerEvent) -> Bool {
        if event.position < firstPosition || event.position > lastPosition { return false }
        if case .time(let time) = from, event.occurredAt < time { return false }
        if case .time(let time) = to, event.occurredAt >= time { return false }
        if let effective, event.occurredAt > effective { return false }
        if !types.isEmpty, !types.contains(event.type.name) { return false }
        if let programme, event.programme != programme { return false }
        guard let user else { return true }
        return event.fields.contains { $0.value == .user(user) }
            || event.postings.contains { $0.debit.userId == user || $0.credit.userId == user }
    }
}

/// Goes through the log and writes what is wanted.
struct EventListing {
    private static let chunk = 2_000

    private let reader: LedgerReader
    private let filter: EventFilter
    private let output: Output
    private let isJSON: Bool
    private var codes = AssetCodes()
    private let follows: Bool
    private var shown = 0

    fileprivate init(_ reader: LedgerReader, _ filter: EventFilter, _ invocation: Invocation) {
        self.reader = reader
        self.filter = filter
        output = invocation.output
        isJSON = invocation.isJSON
        follows = invocation.parsed.flag("follow")
        if follows { Signals.catchStopRequests() }
    }

    private var isOver: Bool {
        shown >= filter.limit || output.isReaderGone || output.failure != nil || Signals.isStopRequested
    }

    mutating func run() throws(CLIError) {
        if let user = filter.user, !follows {
            // The user's own index: no scan.
            let events = try calling { () throws(LedgerError) in try reader.events(of: user) }
            guard let events else { throw CLIError(.notFound, "no user '\(user)'") }
            codes = try reader.codes()
            for event in events where !isOver && filter.wants(event) { write(event) }
            return
        }
        var next = filter.firstPosition
        while !isOver, next <= filter.lastPosition {
            let events = try calling { () throws(LedgerError) in
                try reader.events(from: next, limit: Self.chunk)
            }
            // Asked each time: a badge may be new.
            if isJSON, !events.isEmpty { codes = try reader.codes() }
            for event in events where !isOver && filter.wants(event) { write(event) }
            if let last = events.last {
                next = LogPosition(last.position.rawValue + 1)
            } else if follows {
                output.flush()
                // Ends early when a signal comes.
                _ = poll(nil, 0, 100)
                try calling { () throws(LedgerError) in try reader.refresh() }
            } else {
                return
            }
        }
    }

    private mutating func write(_ event: LedgerEvent) {
        shown += 1
        if isJSON {
            var json = JSONWriter()
            json.event(event, codes)
            json.endLine()
            output.write(json.bytes)
        } else {
            output.line(Self.text(event, output.style))
        }
    }

    /// `      12  2010-12-01T08:26:00Z  PaymentReceived     payer=u-2 amount=139.12 …`
    static func text(_ event: LedgerEvent, _ style: Style) -> String {
        let position = DisplayText.padded("\(event.position)", to: 9, right: true)
        let time = DisplayText.padded("\(event.occurredAt)", to: 20)
        let type = DisplayText.padded(event.type.name, to: 20)
        let fields = event.fields.map { "\($0.name)=\(DisplayText.truncated(text($0.value), to: 64))" }
            .joined(separator: " ")
        return "\(style.dim(position))  \(time)  \(style.bold(type))  \(DisplayText.safe(fields))"
    }

    private static func text(_ value: LedgerEvent.Value) -> String {
        switch value {
        case .text(let text), .user(let text): text
        case .integer(let number): "\(number)"
        case .amount(let minor, let asset): asset.decimal(minor)
        case .rate(let ppm): "\(ppm)"
        case .time(let time): "\(time)"
        case .position(let position): "\(position)"
        case .bytes(let count): "(\(count) bytes)"
        }
    }
}

extension JSONWriter {
    /// An event as an object; see Documentation/cli-json.md.
    mutating func event(_ event: LedgerEvent, _ codes: AssetCodes) {
        beginObject()
        member("position", event.position)
        member("record", event.ordinal)
        member("type", event.type.name)
        member("occurredAt", event.occurredAt.description)
        member("recordedAt", event.recordedAt.description)
        if !event.programme.isEmpty { member("programme", event.programme) }
        if event.policyVersion > 0 { member("policyVersion", event.policyVersion) }
        member("actorRole", event.actorRole.name)
        if let id = event.actorId { member("actor", id) }
        if let id = event.correlationId { member("correlationId", id) }
        if let causation = event.causation { member("causation", causation) }
        if let key = event.key { member("key", key) }
        key("payload")
        beginObject()
        for field in event.fields { payload(field) }
        endObject()
        list("postings", event.postings) { json, posting in
            json.account("debit", posting.debit)
            json.account("credit", posting.credit)
            json.member("amount", posting.asset.decimal(posting.amount))
            json.member("asset", codes.code(posting.asset))
        }
        endObject()
    }

    private mutating func payload(_ field: LedgerEvent.Field) {
        switch field.value {
        case .text(let text), .user(let text): member(field.name, text)
        case .integer(let number): member(field.name, number)
        case .amount(let minor, let asset): member(field.name, asset.decimal(minor))
        case .rate(let ppm): member(field.name, ppm)
        case .time(let time): member(field.name, time.description)
        case .position(let position): member(field.name, position)
        case .bytes(let count): member("\(field.name)Bytes", count)
        }
    }

    private mutating func account(_ name: String, _ account: LedgerEvent.AccountName) {
        key(name)
        beginObject()
        member("account", account.account)
        if let user = account.userId { member("userId", user) }
        if let provider = account.provider { member("provider", provider) }
        endObject()
    }
}

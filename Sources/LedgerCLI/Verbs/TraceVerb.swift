import ReferralLedger
import StrictJSON

/// `trace`: what one request of the host's made.
enum TraceVerb {
    static let verb = Verb(
        "trace", abstract: "Shows what a request of the host's made: all events of a correlation id.",
        discussion: """
            A command may carry the host's own correlationId, and as causation what made the host send it. \
            Records that carry the id in either place are shown in the order of the log, each with its time of \
            record, its sender, and its events below it. An id that no record carries ends with 66.

            --html writes a page with the rule of each event, its policy version and the path of hashes to the root of \
            the hash tree; --proofs a C2SP tlog-proof for each record; --json has both.
            """,
        section: "Read",
        examples: [
            .init("A request", "referral-ledger trace req-7f3a"),
            .init("For a program", "referral-ledger trace req-7f3a --json"),
            .init("A page to send", "referral-ledger trace req-7f3a --html why.html"),
        ],
        arguments: [.init("CORRELATION", "The host's id.")],
        options: [
            CommonOptions.at, CommonOptions.effective,
            .init("programme", "ID", "The programme of page and proofs; needed when the ledger has several."),
            ExplainVerbs.html, ExplainVerbs.proofs,
        ],
        action: { (invocation) throws(CLIError) in
            try invocation.withReader { reader throws(CLIError) in
                let id = invocation.parsed.argument("CORRELATION") ?? ""
                let effective = try invocation.effective(reader)
                let events = try invocation.summing(reader) { progress throws(LedgerError) in
                    guard let effective else { return try reader.trace(id, progress: progress) }
                    return try effective.trace(id, progress: progress)
                }
                if events.isEmpty {
                    let when = effective.map { " and had happened by \($0.moment)" } ?? ""
                    throw CLIError(.notFound, "no record carries the correlation id '\(id)'\(when)")
                }
                let explained = try explained(id, reader, effective, invocation)
                if let explained { try ExplainVerbs.writeFiles(explained, invocation) }
                if invocation.isJSON {
                    let codes = try reader.codes()
                    try invocation.output.json { json throws(CLIError) in
                        json.member("position", reader.position)
                        json.member("effective", effective?.moment)
                        json.member("correlationId", id)
                        json.key("events")
                        json.beginArray()
                        for event in events { json.event(event, codes) }
                        json.endArray()
                        if let explained { ExplainVerbs.writeSteps(explained, to: &json) }
                    }
                } else {
                    show(events, id, invocation.output)
                }
                return .done
            }
        })

    /// With rules and proofs, where these are asked for; without a programme's name only where there is one.
    private static func explained(
        _ id: String, _ reader: LedgerReader, _ effective: EffectiveReader?, _ invocation: Invocation
    ) throws(CLIError) -> Explanation? {
        let isAsked = invocation.parsed.isGiven("html") || invocation.parsed.isGiven("proofs")
        let ids = try calling { () throws(LedgerError) in try reader.programmeIds() }
        guard isAsked || invocation.isJSON, isAsked || invocation.programme != nil || ids.count == 1 else {
            return nil
        }
        let programme = try reader.programmeId(invocation.programme)
        return try calling { () throws(LedgerError) in
            guard let effective else { return try reader.explain(.request(id), programme: programme) }
            return try effective.state().explain(.request(id), programme: programme)
        }
    }

    private static func show(_ events: [LedgerEvent], _ id: String, _ output: Output) {
        var record: UInt64?
        for event in events {
            if event.ordinal != record {
                record = event.ordinal
                output.line(output.style.bold(DisplayText.safe(title(event, id))))
            }
            output.line(EventListing.text(event, output.style))
        }
    }

    /// `record 12, recorded 2026-01-05T10:00:00Z by admin ann, key k-1, because of req-7f3a`.
    private static func title(_ event: LedgerEvent, _ id: String) -> String {
        var text = "record \(event.ordinal), recorded \(event.recordedAt) by \(event.actorRole.name)"
        if let actor = event.actorId { text += " \(actor)" }
        if let key = event.key { text += ", key \(key)" }
        if event.correlationId != id { text += ", because of \(id)" }
        return text
    }
}

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
            """,
        section: "Read",
        examples: [
            .init("A request", "referral-ledger trace req-7f3a"),
            .init("For a program", "referral-ledger trace req-7f3a --json"),
        ],
        arguments: [.init("CORRELATION", "The host's id.")],
        options: [CommonOptions.at, CommonOptions.effective],
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
                    }
                } else {
                    show(events, id, invocation.output)
                }
                return .done
            }
        })

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

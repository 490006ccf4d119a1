import LedgerDomain
import StrictJSON

// What provider statements showed: the types, and their lines read and written.
extension CommandLineDecoder {
    private static let runId = LineField(.runId, .text, isRequired: true, "What names the run.")
    private static let breakId = LineField(.breakId, .text, isRequired: true, "What names the break.")

    static let reconciliation = type(
        "reconciliation", "A provider's statement was compared with the ledger.",
        [
            runId, provider,
            LineField(.statement, .text, isRequired: true, "SHA-256 of the statement and its map."),
            LineField(.lines, .integer, isRequired: true, "Lines that are facts."),
            LineField(.matched, .integer, isRequired: true, "Lines that a fact here belongs to."),
            LineField(.breaks, .integer, isRequired: true, "Breaks that were found."), at,
        ],
        example: #"{"type":"reconciliation","runId":"7d0c41","provider":"stripe","statement":"5e88","#
            + #""lines":12,"matched":11,"breaks":1,"at":"2011-02-01T00:00:00Z"}"#)

    static let openBreak = type(
        "openBreak", "Something in a statement and the ledger do not agree.",
        [
            breakId, LineField(.runId, .text, isRequired: true, "The run that found it."),
            LineField(.rule, .text, isRequired: true, "Code of the check."),
            LineField(
                .kind, .choice(BreakKind.allCases.map(\.rawValue)), isRequired: true, "What it means."),
            LineField(.subject, .text, isRequired: true, "What it is about."),
            LineField(.since, .time, isRequired: true, "When the thing happened."),
            LineField(.expected, .amount, "By the ledger."), LineField(.found, .amount, "By the statement."),
            currency, at,
        ],
        example: #"{"type":"openBreak","breakId":"b-1","runId":"7d0c41","rule":"statement.amount","#
            + #""kind":"MISMATCH","subject":"payment ch_1","since":"2011-01-30T10:00:00Z","expected":"10.00","#
            + #""found":"9.00","currency":"GBP","at":"2011-02-01T00:00:00Z"}"#)

    static let resolveBreak = type(
        "resolveBreak", "A break is no more.",
        [
            breakId,
            LineField(.runId, .text, "The run that did not find it any more; else a person says so."),
            LineField(.reason, .text, isRequired: true, "Why: 1 to 255 bytes."), at,
        ],
        key: requiredKey,
        example: #"{"type":"resolveBreak","breakId":"b-1","reason":"paid out by hand","#
            + #""at":"2011-02-03T09:00:00Z","key":"rb-1","actor":"ann"}"#)

    /// The action of a line of one of these types; nil for others.
    mutating func reconciliationAction(_ type: String) throws(LineFault) -> Command.Action? {
        switch type {
        case "reconciliation":
            return .reconciliation(
                RecordReconciliation(
                    runId: try text(.runId), provider: try text(.provider), statement: try text(.statement),
                    lines: try integer(.lines), matched: try integer(.matched), breaks: try integer(.breaks),
                    at: try time(.at)))
        case "openBreak":
            let (expected, asset) = try optionalMoney(.expected)
            let (found, other) = try optionalMoney(.found)
            return .openBreak(
                OpenBreak(
                    breakId: try text(.breakId), runId: try text(.runId), rule: try text(.rule),
                    kind: try choice(.kind, BreakKind.allCases, \.rawValue), subject: try text(.subject),
                    since: try time(.since), asset: expected == nil && found == nil ? nil : asset ?? other,
                    expected: expected, found: found,
                    at: try time(.at)))
        case "resolveBreak":
            return .resolveBreak(
                ResolveBreak(
                    breakId: try text(.breakId), runId: try optionalText(.runId), reason: try text(.reason),
                    at: try time(.at)))
        default: return nil
        }
    }
}

extension CommandLineWriter {
    /// - Returns: whether the action is one of these.
    static func append(
        reconciliation action: Command.Action, to writer: inout JSONWriter, asset: (AssetNumber) -> Asset?
    ) throws(UnknownAsset) -> Bool {
        switch action {
        case .reconciliation(let c):
            writer.text(.runId, c.runId)
            writer.text(.provider, c.provider)
            writer.text(.statement, c.statement)
            writer.integer(.lines, c.lines)
            writer.integer(.matched, c.matched)
            writer.integer(.breaks, c.breaks)
            writer.time(.at, c.at)
        case .openBreak(let c):
            writer.text(.breakId, c.breakId)
            writer.text(.runId, c.runId)
            writer.text(.rule, c.rule)
            writer.text(.kind, c.kind.rawValue)
            writer.text(.subject, c.subject)
            writer.time(.since, c.since)
            if let number = c.asset {
                let known = try known(number, asset)
                writer.amount(.expected, c.expected, known)
                writer.amount(.found, c.found, known)
                writer.text(.currency, known.code)
            }
            writer.time(.at, c.at)
        case .resolveBreak(let c):
            writer.text(.breakId, c.breakId)
            writer.text(.runId, c.runId)
            writer.text(.reason, c.reason)
            writer.time(.at, c.at)
        default: return false
        }
        return true
    }
}

import ReferralLedger
import StrictJSON

extension PolicyVerbs {
    static let diff = Verb(
        "diff", abstract: "Shows in which fields two policies differ.",
        discussion: """
            A policy is a FILE (- is stdin), a published version of the ledger's programme as v1, v2 … or latest, \
            or a preset as preset:NAME; a file of such a name is written with its folder, as ./v1. Every field \
            is compared, also those that a file leaves to their defaults. Ends with 1 when there are differences.
            """,
        examples: [
            .init("What an edit changes", "referral-ledger policy diff latest rules.json"),
            .init("Two published versions", "referral-ledger policy diff v1 v2"),
            .init("Against a preset", "referral-ledger policy diff preset:two-level rules.json --json"),
        ],
        arguments: [
            .init("A", "The policy before.", kind: .file), .init("B", "The policy after.", kind: .file),
        ],
        options: [CommonOptions.programme],
        action: { (invocation) throws(CLIError) in
            let names = ["A", "B"].map { invocation.parsed.argument($0) ?? "" }
            if names == ["-", "-"] { throw .usage("only one of the two can come from stdin") }
            let before = try read(names[0], invocation)
            let after = try read(names[1], invocation)
            let found = before.differences(to: after)
            if invocation.isJSON {
                try invocation.output.json { json throws(CLIError) in
                    json.member("a", names[0])
                    json.member("b", names[1])
                    json.member("equal", found.isEmpty)
                    json.list("differences", found) { json, difference in
                        json.member("field", difference.field)
                        json.value("before", difference.before)
                        json.value("after", difference.after)
                    }
                }
            } else {
                show(found, names, invocation.output)
            }
            return found.isEmpty ? .done : .differences
        })

    private static func read(_ name: String, _ invocation: Invocation) throws(CLIError) -> Policy {
        if name.hasPrefix("preset:") {
            let preset = String(name.dropFirst("preset:".count))
            if let policy = Policy.preset(named: preset) { return policy }
            let hint = Suggestion.nearest(to: preset, among: Policy.presetNames)
                .map { "Did you mean 'preset:\($0)'?" }
            throw .usage(
                "no preset is called '\(preset)'",
                hint: hint ?? "There are: \(Policy.presetNames.joined(separator: ", ")).")
        }
        let digits = name.dropFirst()
        let isVersion =
            name.hasPrefix("v") && !digits.isEmpty && digits.utf8.allSatisfy { 0x30...0x39 ~= $0 }
        guard isVersion || name == "latest" else { return try PolicyFile.read(name) }
        return try invocation.withReaderOfNow { reader throws(CLIError) in
            let programme = try reader.programmeId(invocation.programme)
            let found = try calling { () throws(LedgerError) in
                guard isVersion else { return try reader.policy(programme: programme) }
                guard let version = UInt64(digits) else { return nil }
                return try reader.policy(programme: programme, version: version)
            }
            guard let found else {
                throw CLIError(
                    .notFound, "programme '\(programme)' has no policy version '\(name)'",
                    hint: "'policy show' writes the latest one. A file is named with its folder: './\(name)'."
                )
            }
            return found.policy
        }
    }

    private static func show(_ found: [PolicyDifference], _ names: [String], _ output: Output) {
        if found.isEmpty { return output.line(DisplayText.safe("\(names[0]) and \(names[1]) are equal.")) }
        var table = TextTable([.text("field"), .text(names[0]), .text(names[1])])
        for difference in found {
            func text(_ value: String?) -> String {
                guard let value else { return "–" }
                guard difference.field.hasSuffix("Ppm"), let rate = Int64(value) else { return value }
                // Parts per million have four digits more than per cent.
                return "\(value) (\(DecimalText.percent(ppm: rate)) %)"
            }
            table.add([difference.field, text(difference.before), text(difference.after)])
        }
        output.write(table.text(style: output.style))
        output.line("\(Plural.text(found.count, "difference")).")
    }
}

extension DecimalText {
    /// Parts per million as per cent without needless zeros: `20`, `12.5`.
    fileprivate static func percent(ppm: Int64) -> String {
        var text = Substring(format(minor: ppm, exponent: 4))
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return String(text)
    }
}

extension JSONWriter {
    /// A member that is JSON already; null when there is none.
    fileprivate mutating func value(_ name: String, _ json: String?) {
        key(name)
        if let json { raw(json.utf8) } else { null() }
    }
}

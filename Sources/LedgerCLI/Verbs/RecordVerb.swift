import LedgerExchange
import LedgerSocket
import ReferralLedger
import StrictJSON

/// `record`: one command.
enum RecordVerb {
    static let verb = Verb(
        "record", abstract: "Records one command, given field by field.",
        discussion: """
            The fields are those of an input line of that type; a field of an object is written with a dot, \
            one that takes several values is given several times. Sent again, a command changes nothing and says that it is repeated. A refusal ends with 1, a \
            field that is wrong with 65.

            The types: \(types).
            """,
        section: "Write",
        examples: [
            .init(
                "A signup",
                "referral-ledger record signup --userId u-2 --referrerId u-1 --at 2026-01-05T10:00:00Z"),
            .init(
                "A payment",
                "referral-ledger record payment --paymentId p-1 --provider shop --userId u-2 --amount 49.99 "
                    + "--currency USD --at 2026-01-06T09:30:00Z"),
        ],
        arguments: [
            .init(
                "TYPE", "What is recorded.",
                kind: .choice(CommandLineDecoder.lineTypes.map(\.name)))
        ],
        openFields: .init(
            usage: "--FIELD VALUE", "A field of the command.",
            names: CommandLineDecoder.lineTypes.map { ($0.name, fieldNames($0)) }),
        action: { (invocation) throws(CLIError) in
            try invocation.withWriter { writer throws(CLIError) in
                var decoder = try writer.decoder()
                let fields = invocation.parsed.fields.map { (name: $0.name, text: $0.value) }
                let command: Command
                do throws(LineProblem) {
                    command = try decoder.decode(
                        type: invocation.parsed.argument("TYPE") ?? "", fields: fields)
                } catch {
                    throw CLIError(
                        .badInput, "\(error.code.rawValue): \(error.message)", hint: hint(error, invocation))
                }
                return try submit(command, to: writer, invocation)
            }
        })

    /// The names that fields of a type have on the command line; those of any object are the user's own.
    private static func fieldNames(_ type: LineType) -> [String] {
        type.fields.flatMap { field in
            switch field.kind {
            case .texts(let members): members.map { "\(field.name).\($0)" }
            case .object, .policy: [] as [String]
            default: [field.name]
            }
        }
    }

    /// The field that may have been meant.
    private static func hint(_ problem: LineProblem, _ invocation: Invocation) -> String? {
        guard problem.code == .fieldUnknown, let name = problem.field,
            let type = CommandLineDecoder.lineTypes.first(where: {
                $0.name == invocation.parsed.argument("TYPE")
            })
        else { return nil }
        return Suggestion.nearest(to: name, among: fieldNames(type)).map { "Did you mean '--\($0)'?" }
    }

    private static var types: String {
        CommandLineDecoder.lineTypes.map(\.name).joined(separator: ", ")
    }

    /// Sends one command and says what came of it.
    static func submit(
        _ command: Command, to writer: LedgerWriter, _ invocation: Invocation
    ) throws(CLIError) -> ExitCode {
        let outcome = try writer.submit(command)
        let output = invocation.output
        if invocation.isJSON {
            try output.json { json throws(CLIError) in json.outcome(outcome) }
        } else {
            switch outcome {
            case .accepted(let receipt): output.line("Accepted: \(text(receipt)).")
            case .repeated(let receipt):
                output.line("Repeated: done before, at position \(receipt.position).")
            case .parked(let receipt):
                output.line("Parked at position \(receipt.position), until what it refers to arrives.")
            case .refused: break
            }
        }
        guard case .refused(let refusal) = outcome else { return .done }
        let field = refusal.field.map { " (\($0))" } ?? ""
        output.error("refused: \(DisplayText.safe("\(refusal.code.rawValue)\(field): \(refusal.message)"))\n")
        return .differences
    }

    private static func text(_ receipt: Receipt) -> String {
        "\(Plural.text(receipt.events, "event")) from position \(receipt.position)"
    }
}

extension CommandLineDecoder {
    /// A decoder that knows what lines without a currency mean in this ledger.
    init(_ reader: LedgerReader) throws(CLIError) {
        self = try calling { () throws(LedgerError) in try CommandLineDecoder(of: reader) }
    }
}

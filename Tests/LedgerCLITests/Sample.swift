import Glibc

@testable import LedgerCLI

/// A small command tree with every feature of the model, and what the tests need around it.
enum Sample {
    static let verb: Verb.Action = { (invocation) throws(CLIError) in
        invocation.output.line(invocation.parsed.path.joined(separator: " "))
        return .done
    }

    static let importVerb = Verb(
        "import", abstract: "Reads a stream of commands in durable groups.",
        discussion: """
            Resumes where it was stopped.
            Running it twice changes nothing.

              kept as it is
            """,
        section: "Write",
        examples: [
            .init("Payments from a spreadsheet", "referral-ledger import --format csv --map m.json p.csv")
        ],
        arguments: [.init("FILE", "What to read; - is stdin.", kind: .file, isRepeating: true)],
        options: [
            .init("format", "NAME", "The form.", kind: .choice(["jsonl", "csv"]), default: "jsonl"),
            .init("map", "FILE", "How columns become fields.", kind: .file, isRepeatable: true),
            .init("group", "N", "Lines in a durable group.", kind: .integer(1...8_190)),
        ],
        flags: [
            .init("atomic", "All lines or none."), .init("dry-run", letter: "n", "Records nothing."),
            .init("secret", "Not shown.", isHidden: true),
        ],
        exclusive: [["atomic", "dry-run"]],
        action: verb)

    static let tree = Verb(
        "referral-ledger", abstract: "An event-sourced ledger for referral programmes.",
        examples: [.init("A first look", "referral-ledger status")],
        subcommands: [
            importVerb,
            Verb(
                "record", abstract: "Records one command.", section: "Write",
                examples: [.init("A signup", "referral-ledger record signup --userId u-1 --at now")],
                arguments: [.init("TYPE", "The command.")],
                openFields: .init(usage: "--FIELD VALUE", "A field of the command."), action: verb),
            Verb(
                "status", abstract: "Where the ledger stands.", section: "Read",
                examples: [.init("Now", "referral-ledger status")],
                options: [.init("at", "POSITION|TIME", "A past state.")], action: verb),
            Verb(
                "user", abstract: "One user.", section: "Read",
                examples: [.init("One", "referral-ledger user u-1")],
                arguments: [
                    .init("ID", "The user."), .init("ASSET", "Only this asset.", isRequired: false),
                ], action: verb),
            Verb(
                "checkpoint", abstract: "Signed checkpoints.", section: "Audit",
                examples: [.init("Sign", "referral-ledger checkpoint sign --key k")],
                options: [.init("key", "FILE", "The key.", kind: .file)],
                subcommands: [
                    Verb(
                        "sign", abstract: "Signs the head.",
                        examples: [.init("Sign", "referral-ledger checkpoint sign --key k")],
                        options: [.init("origin", "NAME", "Whose log.", isRequired: true)], action: verb)
                ]),
            Verb(
                "hidden", abstract: "Not listed.", examples: [.init("It", "referral-ledger hidden")],
                isHidden: true, action: verb),
        ])

    static func parse(
        _ words: String..., environment: [String: String] = [:]
    ) throws(CLIError) -> ParsedVerb {
        let parser = CommandLineParser(root: tree, environment: Environment(environment))
        guard case .run(let parsed) = try parser.parse(words) else {
            throw CLIError(.internalError, "not a verb")
        }
        return parsed
    }

    /// The error of a command line that must not parse.
    static func error(_ words: String..., environment: [String: String] = [:]) -> CLIError? {
        do throws(CLIError) {
            _ = try CommandLineParser(root: tree, environment: Environment(environment)).parse(words)
            return nil
        } catch {
            return error
        }
    }
}

/// Two pipes in place of stdout and stderr.
final class CapturedOutput {
    let output: Output
    private let data: (read: Int32, write: Int32)
    private let errors: (read: Int32, write: Int32)
    private var isReaderOpen = true

    init() {
        // A test that writes to a closed pipe must get the error, not the signal.
        Signals.ignoreBrokenPipes()
        data = Self.makePipe()
        errors = Self.makePipe()
        output = Output(data: data.write, errors: errors.write, environment: Environment([:]))
    }

    deinit {
        for descriptor in [data.write, errors.read, errors.write] { close(descriptor) }
        if isReaderOpen { close(data.read) }
    }

    /// As `| head` does once it has seen enough.
    func closeReader() {
        close(data.read)
        isReaderOpen = false
    }

    /// What has arrived so far; less than a pipe holds.
    var text: String { Self.read(data.read) }
    var errorText: String { Self.read(errors.read) }

    private static func makePipe() -> (Int32, Int32) {
        var ends: [Int32] = [0, 0]
        precondition(pipe(&ends) == 0)
        // An empty pipe answers "nothing yet" instead of waiting for more.
        precondition(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0)
        return (ends[0], ends[1])
    }

    private static func read(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : ""
    }
}

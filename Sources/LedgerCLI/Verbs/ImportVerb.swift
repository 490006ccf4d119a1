import LedgerExchange

/// `import`: a stream of commands.
enum ImportVerb {
    static let verb = Verb(
        "import", abstract: "Reads a stream of commands in durable groups.",
        discussion: """
            What is reported is on disk. Stopped anywhere, even by the loss of power, the same call goes on \
            where it was; running it again changes nothing. A file is known by its content, so its name does \
            not matter; a CSV file by its content and its map.

            A line that is refused does not hinder those after it: the import goes on and ends with 1. Lines \
            that an earlier run has passed count as repeated, those refused then as refused; --retry-refused \
            decides all of them again. Ctrl-C finishes the groups on their way and ends with 75: the same call \
            goes on.

            --dry-run decides every line against the ledger as it is, on a private copy of the state, and \
            counts what the import would: nothing is recorded, nobody has to wait. It needs about half a \
            kilobyte of memory a line.

            --atomic records one file in one transaction, or nothing when any of its lines is refused or \
            cannot be decoded (65) or the run is stopped (75). It takes 1,000,000 lines at most, needs the \
            ledger for itself, and about half a kilobyte of memory a line.
            """,
        section: "Write",
        examples: [
            .init("JSON lines", "referral-ledger import facts.jsonl"),
            .init("A table", "referral-ledger import --format csv --map payments.map.json payments.csv"),
            .init("What it would do", "referral-ledger import --dry-run facts.jsonl"),
            .init("All or nothing", "referral-ledger import --atomic opening-balances.jsonl"),
            .init(
                "A made-up programme",
                "referral-ledger simulate --users 1000 --payments 5000 --seed 1 "
                    + "| referral-ledger import - --import-id demo-1"),
        ],
        arguments: [.init("FILE", "What to read; - is stdin.", kind: .file, isRepeating: true)],
        options: [
            .init(
                "format", "NAME", "The form of the files.", kind: .choice(["jsonl", "csv"]), default: "jsonl"),
            .init("map", "FILE", "For csv: which column becomes which field.", kind: .file),
            .init("import-id", "ID", "Names the import in place of the content's SHA-256; needed for stdin."),
            .init("rejects", "FILE", "Adds each refused line there, as JSON with the reason.", kind: .file),
        ],
        flags: [
            .init("atomic", "Records all lines of one file in one transaction, or nothing."),
            .init("dry-run", "Decides all lines, says what would come of them, and records nothing."),
            .init("retry-refused", "Decides lines again that an earlier run has passed."),
        ],
        action: { (invocation) throws(CLIError) in
            var run = try ImportRun(invocation)
            return try run.perform()
        })
}

/// What every verb takes, before the verb or after it.
enum GlobalOptions {
    /// The folder of the ledger; `--ledger`, else `REFERRAL_LEDGER_DIR`.
    static let ledger = Verb.Option(
        "ledger", "DIR", "Folder of the ledger.", kind: .directory, environment: "REFERRAL_LEDGER_DIR")

    /// Options with a value.
    static let options = [ledger]

    /// Options without.
    static let flags = [
        Verb.Flag("json", "Write the whole answer as JSON."),
        Verb.Flag("quiet", letter: "q", "No progress and no messages but errors."),
        Verb.Flag("help", letter: "h", "Show this help and end."),
        Verb.Flag("version", "Show the version and end."),
    ]
}

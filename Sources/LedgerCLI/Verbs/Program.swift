import Glibc

/// The program `referral-ledger`.
public enum Program {
    /// Of this program, by semantic versioning.
    public static let version = "0.2.0"

    /// As it names itself to other processes.
    static let nameAndVersion = "referral-ledger \(version)"

    /// Runs the process's own words and ends the process with the verb's exit code.
    public static func main() -> Never {
        Signals.ignoreBrokenPipes()
        Signals.reportDamage()
        // A limit on the size of files is an error of the write, like a full disk, and not the end.
        _ = signal(SIGXFSZ, SIG_IGN)
        unblockStopRequests()
        let output = Output()
        let code = CommandLineTool(root: root, version: version)
            .run(Array(CommandLine.arguments.dropFirst()), output: output)
        exit(code.rawValue)
    }

    /// Ctrl-C and `kill` reach the program also when who started it had them blocked, as programs with
    /// libdispatch's threads have.
    private static func unblockStopRequests() {
        var stops = sigset_t()
        unsafe sigemptyset(&stops)
        for number in [SIGINT, SIGTERM] { unsafe sigaddset(&stops, number) }
        unsafe pthread_sigmask(SIG_UNBLOCK, &stops, nil)
    }

    /// Every verb.
    static let root: Verb = Verb(
        "referral-ledger", abstract: "An event-sourced ledger for referral programmes.",
        discussion: """
            Every fact is an event in an append-only log; balances, trees and leaderboards are folds of it. \
            A ledger is a folder: name it with --ledger or REFERRAL_LEDGER_DIR.
            """,
        examples: [
            .init("A new ledger", "referral-ledger init --ledger ./acme --preset two-level --asset USD"),
            .init("Facts go in", "referral-ledger import --ledger ./acme facts.jsonl"),
            .init("Where it stands", "referral-ledger status --ledger ./acme"),
        ],
        subcommands: [
            InitVerb.verb, RecordVerb.verb, ImportVerb.verb, AdvanceVerb.verb, PolicyVerbs.group,
            WithdrawalVerbs.group, ReviewVerbs.group, DaemonVerb.verb,
            StatusVerb.verb, UserVerb.verb, TreeVerb.verb, BalanceVerb.verb, StatementVerb.verb,
            RewardsVerb.verb, LeaderboardVerb.verb, RankVerb.verb, EventsVerb.verb, TraceVerb.verb,
            TrialBalanceVerb.verb,
            ReceivablesVerb.verb, BudgetsVerb.verb, ParkedVerb.verb, BreaksVerb.verb, ExplainVerbs.group,
            VerifyVerb.verb, CheckpointVerbs.group, ProveVerbs.group, CheckProofVerb.verb,
            ReplayVerb.verb, ReDecideVerb.verb, CorrectVerb.verb,
            ReconcileVerb.verb, RebuildVerb.verb, DiffVerb.verb, SwapVerb.verb, BisectVerb.verb,
            QuarantineVerbs.quarantine, QuarantineVerbs.release, DoctorVerb.verb, ExportVerb.verb,
            ReportVerb.verb, BackupVerb.verb, RestoreVerb.verb, CompactVerb.verb,
            SimulateVerb.verb, ScenarioVerb.verb, CompletionsVerb.verb, ManVerb.verb,
        ])
}

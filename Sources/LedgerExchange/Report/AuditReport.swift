import LedgerDomain
import ReferralLedger

/// What an auditor signs: what was checked of a ledger, by what, and what it held. Gathered once, from the log;
/// ``html()`` writes it as one page.
public struct AuditReport: Sendable {
    /// What to put into a report.
    public struct Options: Sendable {
        /// The period of the charts and of the runs over statements; nil: from the first fact, to the last.
        public var from: Timestamp?
        public var through: Timestamp?
        /// A signed checkpoint of the log's tree, as a C2SP note; nil: there is none.
        public var checkpoint: String?
        /// When the report is made, and by what program.
        public var madeAt: Timestamp
        public var program: String
        /// Rows of a list at most; what is beyond is counted.
        public var limit = 200
        /// Memberwise.
        public init(madeAt: Timestamp, program: String) {
            self.madeAt = madeAt
            self.program = program
        }
    }

    /// The parts that are only known of a log that can be read.
    struct Content: Sendable {
        var status: LedgerStatus
        var codes: AssetCodes
        var trialBalance: [TrialBalanceLine]
        var activity: LedgerActivity
        var breaks: [BreakSummary]
        var runs: [RunSummary]
        var parked: [ParkedFact]
        var clearing: [ClearingBalance]
        var receivables: [Receivable]
        var hasMoreReceivables: Bool
    }

    let options: Options
    /// What `verify` found.
    public let verified: VerifyReport
    /// What `reconcile` found.
    public let reconciled: ReconcileReport
    let content: Content?

    /// Checks a ledger and gathers its report. A writer may go on beside it: the report is of the position that
    /// the checks have reached.
    ///
    /// Cost: as `verify` and `reconcile`, and two passes over the log.
    /// - Parameter progress: Told the position now and then.
    /// - Throws: as `Ledger.verify`; what is wrong inside is in the report.
    public static func make(
        at directory: String, options: Options, progress: (UInt64) -> Void = { _ in }
    ) throws(LedgerError) -> AuditReport {
        let verified = try Ledger.verify(at: directory, progress: progress)
        let reconciled = try Ledger.reconcile(at: directory, limit: options.limit, progress: progress)
        var content: Content?
        if verified.isClean, !reconciled.isLogBroken {
            let archive = try LedgerArchive.open(at: directory, progress: progress)
            defer { archive.close() }
            // The very position that was verified, whatever was written since.
            let reader = try archive.past(at: verified.position)
            content = try gather(reader, options)
        }
        return AuditReport(options: options, verified: verified, reconciled: reconciled, content: content)
    }

    private static func gather(_ reader: LedgerReader, _ options: Options) throws(LedgerError) -> Content {
        let whole = try reader.activity(from: options.from, through: options.through)
        let from = options.from ?? whole.first
        let through = options.through ?? whole.last
        var activity = whole
        if let from, let through,
            through.nanoseconds / 1_000_000_000 - from.nanoseconds / 1_000_000_000 <= 62 * 86_400
        {
            activity = try reader.activity(from: options.from, through: options.through, by: .day)
        }
        let page = try reader.receivables(limit: options.limit)
        return Content(
            status: try reader.status(), codes: try reader.assetCodes(),
            trialBalance: try reader.trialBalance().value, activity: activity,
            breaks: try reader.breaks(),
            runs: try reader.reconciliationRuns().filter { run in
                (options.from.map { run.at >= $0 } ?? true) && (options.through.map { run.at <= $0 } ?? true)
            },
            parked: try reader.parkedFacts(limit: 1_000_000), clearing: try reader.clearingBalances().value,
            receivables: page.receivables, hasMoreReceivables: page.next != nil)
    }

    /// Whether nothing is wrong: neither inside, nor a MISMATCH with a provider that is open.
    public var isClean: Bool {
        verified.isClean && reconciled.isClean && checkpointState != .another
            && !(content?.breaks.contains { $0.kind == .mismatch } ?? false)
    }

    // MARK: Checkpoint

    enum CheckpointState: Equatable { case none, same, earlier, another, unreadable }

    /// The checkpoint's tree against the one that was computed. A C2SP note's text: origin, size, root in base64.
    var checkpointState: CheckpointState {
        guard let note = options.checkpoint else { return .none }
        guard let (size, root) = Self.tree(of: note) else { return .unreadable }
        if size < verified.treeSize { return .earlier }
        return size == verified.treeSize && root == verified.logRoot ? .same : .another
    }

    static func tree(of note: String) -> (size: UInt64, root: String)? {
        let lines = note.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 3, let size = UInt64(lines[1]), let root = base64(lines[2]), root.count == 32
        else {
            return nil
        }
        let digits = Array("0123456789abcdef".utf8)
        let hex = root.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return (size, String(decoding: hex, as: UTF8.self))
    }

    private static func base64(_ text: Substring) -> [UInt8]? {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var (bits, count, out) = (UInt32(0), 0, [UInt8]())
        for byte in text.utf8 where byte != UInt8(ascii: "=") {
            guard let value = alphabet.firstIndex(of: byte) else { return nil }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                out.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
                bits &= (1 << UInt32(count)) - 1
            }
        }
        return out
    }
}

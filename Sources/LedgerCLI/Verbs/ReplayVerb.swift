import ReferralLedger
import StrictJSON

/// `replay`: the log, folded anew.
enum ReplayVerb {
    static let verb = Verb(
        "replay", abstract: "Folds the log anew and prints a receipt that anyone can reproduce.",
        discussion: """
            Nothing but memory is used: no checkpoint is read, no command is decided, nothing is delivered, no \
            file is written, and a writer may go on. The receipt names the log by its root (RFC 6962) and \
            length, the rules by the versions of folds and policies, and the state by its digest: the same log \
            gives the same receipt on every machine.
            """,
        section: "Audit",
        examples: [
            .init("The whole log", "referral-ledger replay"),
            .init("To a past position", "referral-ledger replay --to 125000 --json"),
            .init("With digests on the way", "referral-ledger replay --digest-every 100000"),
        ],
        options: [
            .init(
                "to", "POS", "Where to stop, at the last whole record at or before it; else at the end.",
                kind: .integer(0...Int.max)),
            .init(
                "digest-every", "N", "A digest after every N events, too.", kind: .integer(1...Int.max)),
        ],
        action: { (invocation) throws(CLIError) in
            let directory = try invocation.directory()
            let to = invocation.parsed.int("to").map { LogPosition(UInt64($0)) }
            let progress = ProgressCell("replay", total: to.map { Int($0.rawValue) }, invocation.output)
            let receipt: ReplayReceipt
            do throws(LedgerError) {
                receipt = try Ledger.replay(
                    at: directory, to: to,
                    digestEvery: invocation.parsed.int("digest-every").map { UInt64($0) },
                    progress: { progress.update($0) })
            } catch {
                progress.finish()
                throw CLIError(error)
            }
            progress.finish()
            if let to, to > receipt.position, receipt.position == .start, to > .start {
                throw .usage("--to is \(to), before the end of the first record")
            }
            if invocation.isJSON {
                try invocation.output.json { json throws(CLIError) in write(receipt, to: &json) }
            } else {
                show(receipt, invocation.output)
            }
            return .done
        })

    private static func show(_ receipt: ReplayReceipt, _ output: Output) {
        for mark in receipt.marks { output.line("\(mark.stateDigest) at \(mark.position)") }
        output.facts(
            [
                ("ledger", receipt.ledgerId), ("position", "\(receipt.position)"),
                ("records", NumberText.grouped(Int(receipt.records))), ("log root", receipt.logRoot),
                ("fold version", receipt.foldVersion),
            ]
                + receipt.policies.map {
                    ("policy", "\($0.programme) \($0.version): \($0.name), \($0.hash)")
                } + [("state digest", receipt.stateDigest)])
    }

    private static func write(_ receipt: ReplayReceipt, to json: inout JSONWriter) {
        json.member("ledgerId", receipt.ledgerId)
        json.member("position", receipt.position)
        json.member("records", receipt.records)
        json.member("treeSize", receipt.records)
        json.member("logRoot", receipt.logRoot)
        json.member("foldVersion", receipt.foldVersion)
        json.list("policies", receipt.policies) { json, policy in
            json.member("programme", policy.programme)
            json.member("version", policy.version)
            json.member("name", policy.name)
            json.member("hash", policy.hash)
        }
        json.member("stateDigest", receipt.stateDigest)
        json.list("digests", receipt.marks) { json, mark in
            json.member("position", mark.position)
            json.member("stateDigest", mark.stateDigest)
        }
        json.member("milliseconds", Int(receipt.seconds * 1_000))
    }
}

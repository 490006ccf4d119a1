import ReferralLedger
import StrictJSON

/// `status`: the ledger at a glance.
enum StatusVerb {
    static let verb = Verb(
        "status", abstract: "Shows where the ledger stands.",
        discussion: """
            The state digest is the same for every ledger that was made of the same commands; the log root \
            stands for every byte of this log.
            """,
        section: "Read",
        examples: [
            .init("Now", "referral-ledger status"),
            .init("The digest, for a script", "referral-ledger status --json"),
        ],
        options: [CommonOptions.at, CommonOptions.effective],
        action: { (invocation) throws(CLIError) in
            try invocation.withState { reader throws(CLIError) in
                let status = try calling { () throws(LedgerError) in try reader.status() }
                if invocation.isJSON {
                    try invocation.output.json { json throws(CLIError) in
                        write(status, effective: reader.effectiveMoment, to: &json)
                    }
                } else {
                    show(status, invocation.output)
                }
                return .done
            }
        })

    private static func show(_ status: LedgerStatus, _ output: Output) {
        func count(_ number: Int) -> String { NumberText.grouped(number) }
        output.facts([
            ("ledger", status.ledgerId),
            ("position", "\(status.position)"),
            ("records", count(Int(status.records))),
            ("last recorded", status.lastRecordedAt?.description ?? "–"),
            ("users", count(status.users)),
            ("codes", count(status.codes)),
            ("payments", count(status.payments)),
            ("refunds", count(status.refunds)),
            ("parked", count(status.parked)),
            ("log bytes", count(Int(status.logBytes))),
            ("state digest", status.stateDigest),
            ("log root", "\(status.logRoot) (\(Plural.text(Int(status.treeSize), "leaf", "leaves")))"),
            ("fold version", status.foldVersion),
        ])
        output.line()
        var table = TextTable([
            .text("programme"), .text("asset"), .number("members"), .text("policy"), .text("business clock"),
        ])
        for programme in status.programmes {
            table.add([
                programme.id, programme.asset.code, count(programme.members),
                "\(programme.policyName) v\(programme.policyVersion)",
                programme.businessClock?.description ?? "not yet advanced",
            ])
        }
        output.write(table.text(style: output.style))
    }

    private static func write(
        _ status: LedgerStatus, effective: Timestamp?, to json: inout JSONWriter
    ) {
        json.member("ledgerId", status.ledgerId)
        json.member("position", status.position)
        json.member("effective", effective)
        json.member("records", status.records)
        json.member("lastRecordedAt", status.lastRecordedAt)
        json.member("users", status.users)
        json.member("members", status.members)
        json.member("codes", status.codes)
        json.member("payments", status.payments)
        json.member("refunds", status.refunds)
        json.member("parked", status.parked)
        json.member("logBytes", status.logBytes)
        json.member("stateDigest", status.stateDigest)
        json.member("foldVersion", status.foldVersion)
        json.member("treeSize", status.treeSize)
        json.member("logRoot", status.logRoot)
        json.list("programmes", status.programmes) { json, programme in
            json.member("programme", programme.id)
            json.member("asset", programme.asset.code)
            json.member("members", programme.members)
            json.member("policy", programme.policyName)
            json.member("policyVersion", programme.policyVersion)
            json.member("businessClock", programme.businessClock)
        }
    }
}

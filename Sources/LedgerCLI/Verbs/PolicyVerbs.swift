import Glibc
import ReferralLedger
import StrictJSON

/// `policy`: rules, checked, shown and published.
enum PolicyVerbs {
    static let group = Verb(
        "policy", abstract: "Checks, shows, compares and publishes the rules of a programme.",
        section: "Write",
        examples: [.init("Is this file a policy?", "referral-ledger policy check rules.json")],
        subcommands: [check, show, diff, publish])

    private static let check = Verb(
        "check", abstract: "Says what is wrong with a policy file.",
        discussion:
            "Needs no ledger. Every problem is told with its line and column; the exit code is then 65.",
        examples: [.init("Before it is published", "referral-ledger policy check rules.json")],
        arguments: [.init("FILE", "The policy; - is stdin.", kind: .file)],
        action: { (invocation) throws(CLIError) in
            let name = invocation.parsed.argument("FILE") ?? "-"
            let policy = try PolicyFile.read(name)
            try PolicyFile.checkZone(policy)
            if invocation.isJSON {
                try invocation.output.json { json throws(CLIError) in
                    json.member("file", name)
                    json.member("name", policy.name)
                    json.member("valid", true)
                }
            } else {
                invocation.output.line("\(name): policy \(policy.name) is sound.")
            }
            return .done
        })

    private static let show = Verb(
        "show", abstract: "Writes the policy that rules a moment, as JSON.",
        discussion: "What it writes can be edited and published.",
        examples: [.init("The rules of today", "referral-ledger policy show > rules.json")],
        options: [
            CommonOptions.at, CommonOptions.programme,
            .init("effective", "TIME", "The version that rules this business time; else the latest."),
            .init("preset", "NAME", "A preset, without a ledger.", kind: .choice(Policy.presetNames)),
        ],
        action: { (invocation) throws(CLIError) in
            if let name = invocation.parsed.string("preset"), let policy = Policy.preset(named: name) {
                try write(policy, nil, nil, invocation)
                return .done
            }
            let effective = try invocation.parsed.string("effective").map { text throws(CLIError) in
                try Timestamp.option(text, of: "--effective")
            }
            return try invocation.withReader { reader throws(CLIError) in
                let programme = try reader.programmeId(invocation.programme)
                let found = try calling { () throws(LedgerError) in
                    try reader.policy(programme: programme, at: effective)
                }
                guard let found else { throw CLIError(.notFound, "the programme has no policy") }
                try write(found.policy, programme, found.version, invocation)
                return .done
            }
        })

    /// A policy for a file, or as an answer with where it stands.
    private static func write(
        _ policy: Policy, _ programme: String?, _ version: UInt64?, _ invocation: Invocation
    ) throws(CLIError) {
        guard invocation.isJSON else { return invocation.output.write(policy.prettyJSON()) }
        try invocation.output.json { json throws(CLIError) in
            json.member("programme", programme)
            json.member("version", version)
            json.key("policy")
            policy.write(to: &json)
        }
    }

    private static let publish = Verb(
        "publish", abstract: "Publishes a new policy version.",
        discussion: """
            A version is immutable. It rules the facts whose business time is at or after its begin, also \
            those that are recorded late; what was recorded before is not decided anew.
            """,
        examples: [
            .init(
                "From New Year on",
                "referral-ledger policy publish rules.json --effective 2027-01-01T00:00:00Z")
        ],
        arguments: [.init("FILE", "The policy; - is stdin.", kind: .file)],
        options: [
            CommonOptions.programme,
            .init("effective", "TIME", "From when it rules, by business time; else from now."),
            .init("key", "KEY", "Idempotency key: publishing again with it changes nothing."),
        ],
        action: { (invocation) throws(CLIError) in
            let policy = try PolicyFile.read(invocation.parsed.argument("FILE") ?? "-")
            let zone = try PolicyFile.checkZone(policy)
            let effective =
                try invocation.parsed.string("effective").map { text throws(CLIError) in
                    try Timestamp.option(text, of: "--effective")
                } ?? .now()
            return try invocation.withWriter { writer throws(CLIError) in
                let programme = try writer.programmeId(invocation.programme)
                let command = Command(
                    .publishPolicy(PublishPolicy(policy: policy, effectiveFrom: effective, zoneRules: zone)),
                    programme: programme, key: invocation.parsed.string("key"))
                return try RecordVerb.submit(command, to: writer, invocation)
            }
        })
}

extension Timestamp {
    /// The wall clock, in whole seconds.
    static func now() -> Timestamp {
        Timestamp(nanoseconds: Int64(time(nil)) * 1_000_000_000)
    }
}

import ReferralLedger
import StrictJSON

/// `withdrawals`: the payout desk.
enum WithdrawalVerbs {
    static let group = Verb(
        "withdrawals", abstract: "The payout desk: lists withdrawals, decides them, reports payouts.",
        section: "Write",
        examples: [
            .init("What waits", "referral-ledger withdrawals list --state requested"),
            .init("Yes", "referral-ledger withdrawals approve w-1 --actor ann"),
            .init("On its way", "referral-ledger withdrawals sent w-1 --provider razorpay --ref pout_1"),
        ],
        options: [CommonOptions.programme],
        subcommands: [list]
            + WithdrawalDecision.allCases.map(decide) + PayoutStatus.allCases.map(report))

    // MARK: List

    private static let list = Verb(
        "list", abstract: "Lists withdrawals, oldest first.",
        discussion: """
            Where the money goes is personal data: it is shown with --method only, and opened with the user's \
            key from the ledger's keys/.
            """,
        examples: [
            .init("What waits for a decision", "referral-ledger withdrawals list --state requested"),
            .init(
                "What the payout provider is to send",
                "referral-ledger withdrawals list --state approved --method"
            ),
            .init("One user's", "referral-ledger withdrawals list --user u-17850"),
        ],
        options: [
            .init(
                "state", "STATE", "Only withdrawals of this state.",
                kind: .choice(WithdrawalState.allCases.map(\.name)), isRepeatable: true),
            .init("user", "ID", "Only this user's."),
            .init("limit", "N", "Withdrawals at most.", kind: .integer(1...1_000_000), default: "1000"),
            .init(
                "after", "POSITION", "Only those after this position: the last one of the page before.",
                kind: .integer(0...Int.max)),
            CommonOptions.at, CommonOptions.effective,
        ],
        flags: [.init("method", "Shows where the money goes.")],
        exclusive: [["method", "at"], ["method", "effective"]],
        action: { (invocation) throws(CLIError) in
            if invocation.parsed.flag("method") {
                return try invocation.withArchive { archive throws(CLIError) in
                    try list(invocation, archive.current, methods: archive)
                }
            }
            return try invocation.withState { reader throws(CLIError) in
                try list(invocation, reader, methods: nil)
            }
        })

    private static func list(
        _ invocation: Invocation, _ reader: LedgerReader, methods: LedgerArchive?
    ) throws(CLIError) -> ExitCode {
        let programme = try reader.programmeId(invocation.programme)
        let names = Set(invocation.parsed.values("state"))
        let states = Set(WithdrawalState.allCases.filter { names.contains($0.name) })
        let user = invocation.parsed.string("user")
        let found = try calling { () throws(LedgerError) in
            try reader.withdrawals(
                of: user, states: states, programme: programme,
                after: LogPosition(UInt64(invocation.parsed.int("after") ?? 0)),
                limit: invocation.parsed.int("limit") ?? 1_000)
        }
        guard let found else { throw .unknownUser(user ?? "", programme, by: reader.effectiveMoment) }
        var texts: [String: SealedText]?
        if let methods {
            var opened: [String: SealedText] = [:]
            for item in found where item.hasMethod {
                opened[item.id] = try calling { () throws(LedgerError) in
                    try methods.withdrawalMethod(item.id, programme: programme)
                }
            }
            texts = opened
        }
        if invocation.isJSON {
            try invocation.output.json { json throws(CLIError) in
                json.member("position", reader.position)
                json.member("effective", reader.effectiveMoment)
                json.member("programme", programme)
                json.list("withdrawals", found) { json, item in
                    write(item, method: texts.map { $0[item.id] ?? .absent }, to: &json)
                }
            }
        } else {
            show(found, texts, invocation.output)
        }
        return .done
    }

    private static func show(
        _ items: [WithdrawalSummary], _ methods: [String: SealedText]?, _ output: Output
    ) {
        if items.isEmpty { return output.line("No withdrawals.") }
        var columns: [TextTable.Column] = [
            .text("withdrawal"), .text("user"), .text("requested"), .text("asset"), .number("amount"),
            .number("fee"), .number("tax"), .number("net"), .text("state"), .text("by"),
        ]
        if methods != nil { columns.append(.text("to")) }
        var table = TextTable(columns)
        for item in items {
            let asset = item.asset
            func part(_ minor: Int64) -> String { minor == 0 ? "" : asset.decimal(minor) }
            let by =
                item.provider ?? item.approvers.map { $0.isEmpty ? "policy" : $0 }.joined(separator: ", ")
            let amount = item.amount == 0 ? item.requested : item.amount
            var cells = [
                item.id, item.userId, "\(item.requestedAt)", asset.code, asset.decimal(amount),
                part(item.fee), part(item.tax), item.net.map(asset.decimal) ?? "", item.state.name, by,
            ]
            if let methods { cells.append(text(methods[item.id] ?? .absent) ?? "") }
            table.add(cells)
        }
        output.write(table.text(style: output.style))
    }

    private static func text(_ method: SealedText) -> String? {
        switch method {
        case .absent: nil
        case .erased: "(erased)"
        case .text(let text): text
        }
    }

    private static func write(
        _ item: WithdrawalSummary, method: SealedText?, to json: inout JSONWriter
    ) {
        let asset = item.asset
        json.member("withdrawalId", item.id)
        json.member("userId", item.userId)
        json.member("asset", asset.code)
        json.member("requested", asset.decimal(item.requested))
        json.member("amount", asset.decimal(item.amount))
        json.member("fee", asset.decimal(item.fee))
        json.member("tax", asset.decimal(item.tax))
        json.member("net", item.net.map(asset.decimal))
        json.member("state", item.state.name)
        json.key("approvers")
        json.beginArray()
        for approver in item.approvers { json.string(approver) }
        json.endArray()
        json.member("provider", item.provider)
        json.member("providerRef", item.providerRef)
        json.member("payoutAt", item.payoutAt)
        json.member("hasMethod", item.hasMethod)
        if let method {
            json.member("method", method == .erased ? nil : text(method))
            json.member("methodErased", method == .erased)
        }
        json.member("requestedAt", item.requestedAt.description)
        json.member("expiresAt", item.expiresAt)
        json.member("position", item.position)
    }

    // MARK: Decide

    private static func decide(_ decision: WithdrawalDecision) -> Verb {
        let isCancel = decision == .cancel
        let needsAmount = decision == .reduce
        let amount = Verb.Option(
            "amount", "AMOUNT", "What stays, in the withdrawal's currency.", isRequired: true)
        let abstract =
            switch decision {
            case .approve: "Approves a withdrawal: it may be sent."
            case .reject: "Rejects a withdrawal: the money is available again."
            case .cancel: "Cancels a withdrawal for its user: the money is available again."
            case .reduce: "Reduces a withdrawal: what is taken off is available again."
            }
        let extra = needsAmount ? " --amount 20.00" : ""
        return Verb(
            decision.name, abstract: abstract,
            discussion: isCancel
                ? ""
                : "Who decides is not the user. Above the policy's limit a second person has to approve.",
            examples: [
                .init(
                    "By a person", "referral-ledger withdrawals \(decision.name) w-1\(extra) --actor ann")
            ],
            arguments: [.init("ID", "The withdrawal.")],
            options: [
                .init("actor", "NAME", "Who decides.", isRequired: !isCancel),
                .init("reason", "TEXT", "Why."),
                DeskOptions.at,
            ] + (needsAmount ? [amount] : []),
            action: { (invocation) throws(CLIError) in
                let id = invocation.parsed.argument("ID") ?? ""
                var stays: (minor: Int64, asset: AssetNumber)?
                if needsAmount { stays = try invocation.amount("amount", ofWithdrawal: id) }
                let action = Command.Action.decideWithdrawal(
                    DecideWithdrawal(
                        withdrawalId: id, decision: decision, amount: stays?.minor, asset: stays?.asset,
                        reason: invocation.parsed.string("reason"), at: try invocation.deskTime()))
                return try invocation.sendFromDesk(action)
            })
    }

    // MARK: Payouts

    private static func report(_ status: PayoutStatus) -> Verb {
        let mayKeep = status == .failed || status == .returned
        let abstract =
            switch status {
            case .sent: "Reports that a provider carries the payout: fee and tax are charged."
            case .settled: "Reports that the money has arrived."
            case .failed: "Reports that the payout failed: the money is available again."
            case .returned: "Reports that the money came back later: it is available again."
            }
        let keptOption = Verb.Option(
            "kept", "AMOUNT", "What the bank keeps of it, in the withdrawal's currency.")
        return Verb(
            status.name, abstract: abstract,
            examples: [
                .init(
                    "As the provider says",
                    "referral-ledger withdrawals \(status.name) w-1 --provider razorpay --ref pout_1")
            ],
            arguments: [.init("ID", "The withdrawal.")],
            options: [
                .init("provider", "NAME", "Who carries the payout.", isRequired: true),
                .init("ref", "TEXT", "The provider's own reference.", isRequired: true),
                .init("actor", "NAME", "Who reports it, when a person does."),
                DeskOptions.at,
            ] + (mayKeep ? [keptOption] : []),
            action: { (invocation) throws(CLIError) in
                let id = invocation.parsed.argument("ID") ?? ""
                var kept: (minor: Int64, asset: AssetNumber)?
                if mayKeep, invocation.parsed.string("kept") != nil {
                    kept = try invocation.amount("kept", ofWithdrawal: id)
                }
                let action = Command.Action.payout(
                    Payout(
                        withdrawalId: id, status: status,
                        provider: try invocation.parsed.required("provider"),
                        providerRef: try invocation.parsed.required("ref"), kept: kept?.minor,
                        asset: kept?.asset, at: try invocation.deskTime()))
                return try invocation.sendFromDesk(action)
            })
    }
}

/// Options of verbs by which people decide.
enum DeskOptions {
    /// The business moment.
    static let at = Verb.Option(
        "at", "TIME", "The business moment; else now. The same call with the same time changes nothing.")
}

extension Invocation {
    /// The business moment that `--at` names, or now.
    func deskTime() throws(CLIError) -> Timestamp {
        guard let text = parsed.string("at") else { return .now() }
        return try Timestamp.option(text, of: "--at")
    }

    /// Sends what a person decides, and says what came of it.
    func sendFromDesk(_ action: Command.Action) throws(CLIError) -> ExitCode {
        let actor = parsed.string("actor").map { Command.Actor(role: .admin, id: $0) } ?? .system
        return try withWriter { writer throws(CLIError) in
            let command = Command(action, programme: try writer.programmeId(programme), actor: actor)
            return try RecordVerb.submit(command, to: writer, self)
        }
    }

    /// An amount in the currency of a withdrawal, in minor units.
    fileprivate func amount(
        _ option: String, ofWithdrawal id: String
    ) throws(CLIError) -> (minor: Int64, asset: AssetNumber) {
        let text = try parsed.required(option)
        let asset = try withReaderOfNow { reader throws(CLIError) in
            let programme = try reader.programmeId(programme)
            let found = try calling { () throws(LedgerError) in
                try reader.withdrawal(id, programme: programme)
            }
            guard let found else {
                throw CLIError(.notFound, "no withdrawal '\(id)' in programme '\(programme)'")
            }
            return found.asset
        }
        do throws(DecimalProblem) {
            return (try DecimalText.parse(text, exponent: Asset(number: asset)?.exponent ?? 0), asset)
        } catch {
            throw .usage("--\(option) is '\(text)', no amount of \(asset.code): \(error.message)")
        }
    }
}

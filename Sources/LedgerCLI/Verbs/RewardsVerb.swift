import ReferralLedger
import StrictJSON

/// `rewards`: what a user was granted.
enum RewardsVerb {
    static let verb = Verb(
        "rewards", abstract: "Lists what a user was granted for stages and tiers.",
        discussion: """
            Each reward has a name, such as r17, by which it is claimed, delivered or flagged. Left is what can \
            still come of it. Commissions are named by their payment: see statement.
            """,
        section: "Read",
        examples: [
            .init("All of a user's", "referral-ledger rewards u-17850"),
            .init("What can be claimed", "referral-ledger rewards u-17850 --state claimable"),
        ],
        arguments: [.init("ID", "The user.")],
        options: [
            .init(
                "state", "STATE", "Only rewards of this state.",
                kind: .choice(RewardSummary.State.allCases.map(\.rawValue)), isRepeatable: true),
            CommonOptions.at, CommonOptions.effective, CommonOptions.programme,
        ],
        action: { (invocation) throws(CLIError) in
            try invocation.withState { reader throws(CLIError) in
                let programme = try reader.programmeId(invocation.programme)
                let id = invocation.parsed.argument("ID") ?? ""
                let all = try calling { () throws(LedgerError) in
                    try reader.rewards(of: id, programme: programme)
                }
                guard let all else { throw .unknownUser(id, programme, by: reader.effectiveMoment) }
                let states = Set(invocation.parsed.values("state"))
                let rewards = all.filter { states.isEmpty || states.contains($0.state.rawValue) }
                let codes = try reader.codes()
                if invocation.isJSON {
                    try invocation.output.json { json throws(CLIError) in
                        json.member("position", reader.position)
                        json.member("effective", reader.effectiveMoment)
                        json.member("programme", programme)
                        json.member("userId", id)
                        json.list("rewards", rewards) { json, reward in write(reward, codes, to: &json) }
                    }
                } else {
                    show(rewards, codes, invocation.output)
                }
                return .done
            }
        })

    /// What it is for, in words.
    private static func reason(_ reward: RewardSummary) -> String {
        guard let stage = reward.stage else {
            return "bonus of tier \(reward.tierName ?? "\(reward.tier ?? 0)")"
        }
        return reward.side == .referee
            ? "own referral \(stage.name)" : "referral of \(reward.refereeId ?? "–") \(stage.name)"
    }

    private static func show(_ rewards: [RewardSummary], _ codes: AssetCodes, _ output: Output) {
        if rewards.isEmpty { return output.line("No rewards.") }
        let isAnyHeld = rewards.contains { $0.held > 0 }
        var columns: [TextTable.Column] = [
            .text("reward"), .text("granted"), .text("for", maxColumns: 48), .text("asset"),
            .number("amount"), .number("left"),
        ]
        if isAnyHeld { columns.append(.number("held")) }
        columns += [.text("state"), .text("until")]
        var table = TextTable(columns)
        for reward in rewards {
            let asset = reward.asset
            var cells = [
                reward.id, "\(reward.grantedAt)", reason(reward), codes.code(asset),
                asset.decimal(reward.amount), asset.decimal(reward.left),
            ]
            if isAnyHeld { cells.append(reward.held == 0 ? "" : asset.decimal(reward.held)) }
            cells.append(reward.state.rawValue)
            cells.append(until(reward))
            table.add(cells)
        }
        output.write(table.text(style: output.style))
    }

    /// The next date that matters.
    private static func until(_ reward: RewardSummary) -> String {
        switch reward.state {
        case .pending: reward.maturesAt.map { "matures \($0)" } ?? ""
        case .available, .partlyUsed, .claimable: reward.expiresAt.map { "expires \($0)" } ?? ""
        default: ""
        }
    }

    private static func write(_ reward: RewardSummary, _ codes: AssetCodes, to json: inout JSONWriter) {
        let asset = reward.asset
        json.member("rewardId", reward.id)
        json.member("userId", reward.userId)
        json.member("cause", reward.cause.name)
        json.member("side", reward.side.rawValue)
        json.member("stage", reward.stage?.name)
        json.member("tier", reward.tier)
        json.member("tierName", reward.tierName)
        json.member("refereeId", reward.refereeId)
        json.member("asset", codes.code(asset))
        json.member("amount", asset.decimal(reward.amount))
        json.member("uncappedAmount", reward.uncappedAmount.map(asset.decimal))
        json.member("state", reward.state.rawValue)
        json.member("left", asset.decimal(reward.left))
        json.member("held", asset.decimal(reward.held))
        json.member("revoked", asset.decimal(reward.revoked))
        json.member("expired", asset.decimal(reward.expired))
        json.member("repaid", asset.decimal(reward.repaid))
        json.member("grantedAt", reward.grantedAt.description)
        json.member("maturesAt", reward.maturesAt)
        json.member("expiresAt", reward.expiresAt)
        json.member("position", reward.position)
    }
}

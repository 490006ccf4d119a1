import LedgerDomain
import LedgerLog
import LedgerProof
import LedgerState

extension LedgerReader {
    /// How an answer came to be, down to the events, rules and policy versions; nil when there is no such user,
    /// reward or fact. Cost: reading every record that concerns the user.
    ///
    /// ```swift
    /// let why = try ledger.current.explain(.balance(userId: "u-1", asset: .usd))
    /// for step in why?.steps ?? [] { print(step.position, step.text, step.rule) }
    /// ```
    public func explain(
        _ what: Explained, programme: String? = nil
    ) throws(LedgerError) -> Explanation? {
        let known = try reading { core throws(LogError) -> String? in
            try self.programme(programme, core).map { number throws(LogError) in
                try core.programmeId(Int(number.rawValue)).string
            }
        }
        guard let id = known else { return nil }
        let builder = ExplanationBuilder(reader: self, programme: id)
        switch what {
        case .balance(let user, let asset): return try builder.balance(user, asset)
        case .tier(let user): return try builder.tier(user)
        case .rank(let user, let metric, let asset): return try builder.rank(user, metric, asset)
        case .reward(let key): return try builder.reward(key)
        case .parked(let key): return try builder.parked(key)
        case .request(let id): return try builder.request(id)
        }
    }

    /// Where the payment of a provider stands; nil when none of that name is recorded. Cost: a look-up.
    func paymentPosition(
        provider: String, paymentId: String, programme: String
    ) throws(LedgerError) -> LogPosition? {
        try reading { core throws(LogError) in
            guard let number = try core.programmeNumber(programme) else { return nil }
            let symbol = try withText(provider) { text throws(LogError) in
                try core.findSymbol(SymbolDefined.provider, text)
            }
            guard let symbol else { return nil }
            return try withText(paymentId) { text throws(LogError) in
                try core.findPayment(ProgrammeNumber(UInt16(number)), symbol, text)?.position
            }
        }
    }

    /// Every event of the records that concern a user, with its words for that user, oldest first.
    func told(_ userId: String, _ programme: String) throws(LedgerError) -> [(LedgerEvent, String)]? {
        let found = try reading { core throws(LogError) -> (Int, ProgrammeNumber)? in
            guard let member = try member(userId, programme, core), let row = core.visibleRow(member: member)
            else { return nil }
            return (Int(row.user), ProgrammeNumber(row.programme))
        }
        guard let (user, number) = found else { return nil }
        var out: [(LedgerEvent, String)] = []
        // Told with the names of the whole ledger: by business time what a name is of may be left out.
        let teller = business?.source ?? self
        for base in try teller.historyPositions(of: user) {
            try visit(base) { stored, envelope, header throws(LogError) in
                guard envelope.programme == number, business?.counts(stored) ?? true,
                    stored.position <= fixed ?? stored.position
                else { return }
                out.append(
                    (
                        try teller.describe(stored, envelope, header),
                        try teller.explain(stored, envelope, for: UserNumber(UInt32(user)))
                    ))
            }
        }
        return out
    }
}

/// Puts explanations together.
struct ExplanationBuilder {
    let reader: LedgerReader
    let programme: String

    // MARK: Questions

    func balance(_ asked: String, _ asset: AssetNumber?) throws(LedgerError) -> Explanation? {
        guard let user = try reader.user(asked, programme: programme),
            let told = try reader.told(user.userId, programme),
            let balances = try reader.balances(of: user.userId, programme: programme)
        else { return nil }
        let codes = try reader.assetCodes()
        // What a merged user has is another's by now.
        let userId = user.userId
        var facts: [Explanation.Fact] =
            userId == asked ? [] : [.init(name: "merged into", value: userId)]
        for balance in balances where asset == nil || balance.asset == asset {
            for (name, minor) in [
                ("pending", balance.pending), ("available", balance.available), ("held", balance.held),
                ("reserved", balance.reserved), ("owed", balance.receivable), ("earned", balance.earned),
            ] where minor != 0 || name == "available" {
                facts.append(.init(name: name, value: Self.money(minor, balance.asset, codes)))
            }
        }
        let steps = told.filter { event, _ in
            event.postings.contains { posting in
                (asset == nil || posting.asset == asset)
                    && (posting.debit.userId == userId || posting.credit.userId == userId)
            }
        }
        return try explanation("balance", userId, facts, steps, of: userId, codes)
    }

    func tier(_ userId: String) throws(LedgerError) -> Explanation? {
        guard let told = try reader.told(userId, programme),
            let user = try reader.user(userId, programme: programme)
        else { return nil }
        var facts = [Explanation.Fact(name: "conversions", value: "\(user.conversions)")]
        if let tier = user.tier {
            facts.insert(.init(name: "tier", value: "\(tier.name) (\(tier.index))"), at: 0)
            if let next = tier.nextThreshold {
                facts.append(.init(name: "next tier at", value: "\(next) conversions"))
            }
        }
        let mine = LedgerEvent.Value.user(user.userId)
        let steps = told.filter { event, _ in
            switch event.type {
            case .referralConverted, .referralReverted: event["referrer"] == mine
            case .tierChanged: event["user"] == mine
            case .usersMerged: true
            case .rewardGranted:
                event["beneficiary"] == mine && event["cause"] == .text(RewardCause.tierBonus.name)
            default: false
            }
        }
        return try explanation("tier", userId, facts, steps, of: user.userId, try reader.assetCodes())
    }

    func rank(
        _ userId: String, _ metric: LeaderboardMetric, _ asset: AssetNumber?
    ) throws(LedgerError) -> Explanation? {
        guard let user = try reader.user(userId, programme: programme),
            let told = try reader.told(user.userId, programme)
        else { return nil }
        let userId = user.userId
        let place = try reader.rank(of: userId, by: metric, asset: asset, programme: programme)
        // The neighbours: those above, and as a rule the one below is among the next.
        let near = (place?.rank ?? 0) + 64
        guard
            var board = try reader.leaderboard(
                by: metric, asset: asset, limit: near, programme: programme)
        else { return nil }
        if let place, board.size > near, !board.entries.contains(where: { $0.score < place.score }),
            let whole = try reader.leaderboard(by: metric, asset: asset, limit: .max, programme: programme)
        {
            board = whole
        }
        let codes = try reader.assetCodes()
        func score(_ value: Int64) -> String {
            board.asset.map { Self.money(value, $0, codes) } ?? "\(value)"
        }
        var facts: [Explanation.Fact] = []
        if let place {
            facts.append(.init(name: "rank", value: "\(place.rank) of \(board.size), by \(metric)"))
            facts.append(.init(name: "score", value: score(place.score)))
            if let above = board.entries.last(where: { $0.score > place.score }) {
                facts.append(.init(name: "next above", value: "\(above.userId), \(score(above.score))"))
            }
            if let below = board.entries.first(where: { $0.score < place.score }) {
                facts.append(.init(name: "next below", value: "\(below.userId), \(score(below.score))"))
            }
        } else {
            facts.append(.init(name: "rank", value: "none: the score is not above zero"))
        }
        let mine = LedgerEvent.Value.user(userId)
        let code = board.asset.map { codes.code($0) }
        let steps = told.filter { event, _ in
            switch (metric, event.type) {
            case (.referrals, .referralAttributed), (.conversions, .referralConverted),
                (.conversions, .referralReverted):
                event["referrer"] == mine
            case (.earnings, .commissionEarned), (.earnings, .commissionReversed),
                (.earnings, .commissionRestored), (.earnings, .rewardGranted), (.earnings, .rewardRevoked),
                (.earnings, .correctionApplied):
                event["beneficiary"] == mine && (code == nil || event["asset"] == code.map { .text($0) })
            case (_, .usersMerged): true
            default: false
            }
        }
        return try explanation("rank", userId, facts, steps, of: userId, codes)
    }

    func reward(_ key: String) throws(LedgerError) -> Explanation? {
        if let grant = try reader.reward(key) { return try self.grant(grant) }
        return try commission(key)
    }

    private func grant(_ grant: RewardSummary) throws(LedgerError) -> Explanation? {
        guard let told = try reader.told(grant.userId, programme) else { return nil }
        let codes = try reader.assetCodes()
        var facts: [Explanation.Fact] = [
            .init(name: "user", value: grant.userId),
            .init(name: "state", value: grant.state.rawValue),
            .init(name: "granted", value: Self.money(grant.amount, grant.asset, codes)),
            .init(name: "left", value: Self.money(grant.left, grant.asset, codes)),
        ]
        if grant.revoked > 0 {
            facts.append(.init(name: "taken back", value: Self.money(grant.revoked, grant.asset, codes)))
        }
        let at = LedgerEvent.Value.position(grant.position)
        var base: UInt64?
        for (event, _) in told where event.position == grant.position { base = event.ordinal }
        let steps = told.filter { event, _ in
            if event.position == grant.position { return true }
            if event.ordinal == base, event.postings.isEmpty { return Self.isCause(event.type) }
            // A maturity names what matured as its payment; level 0 says that it is a grant.
            let names = event["reward"] == at || event["payment"] == at
            return names && event["level"] ?? .integer(0) == .integer(0)
        }
        return try explanation("reward", grant.id, facts, steps, of: grant.userId, codes)
    }

    private static func isCause(_ type: EventType) -> Bool {
        switch type {
        case .paymentReceived, .referralConverted, .referralAdvanced, .tierChanged, .correctionApplied,
            .referralAttributed:
            true
        default: false
        }
    }

    /// `provider/payment/level`.
    private func commission(_ key: String) throws(LedgerError) -> Explanation? {
        guard let last = key.lastIndex(of: "/"), let level = UInt8(key[key.index(after: last)...]),
            (1...8).contains(level)
        else { return nil }
        // Slashes are allowed in both names: the first split that names a payment.
        for slash in key[..<last].indices where key[slash] == "/" {
            let (provider, id) = (String(key[..<slash]), String(key[key.index(after: slash)..<last]))
            if let found = try commission(key, provider, id, level) { return found }
        }
        return nil
    }

    private func commission(
        _ key: String, _ provider: String, _ id: String, _ level: UInt8
    ) throws(LedgerError) -> Explanation? {
        let found = try reader.reading {
            core throws(LogError) -> (String, String, LogPosition, CommissionTotals, AssetNumber)? in
            guard let number = try core.programmeNumber(programme),
                let symbol = try withText(
                    provider,
                    { text throws(LogError) in
                        try core.findSymbol(SymbolDefined.provider, text)
                    }),
                let payment = try withText(
                    id,
                    { text throws(LogError) in
                        try core.findPayment(ProgrammeNumber(UInt16(number)), symbol, text)
                    })
            else { return nil }
            let (place, asset, payer, index) = (
                payment.position, payment.payment.asset, payment.payment.payer, payment.number
            )
            guard let totals = try core.commissionTotals(of: index).first(where: { $0.level == level }) else {
                return nil
            }
            let payerId = try core.userId(Int(payer.rawValue)).string
            let holder = try core.userId(Int(core.members[totals.member].user)).string
            return (payerId, holder, place, totals, asset)
        }
        guard let (payer, holder, position, totals, asset) = found,
            let told = try reader.told(holder, programme), let paid = try reader.told(payer, programme)
        else { return nil }
        let codes = try reader.assetCodes()
        var facts: [Explanation.Fact] = [
            .init(name: "user", value: holder), .init(name: "level", value: "\(level)"),
            .init(name: "granted", value: Self.money(totals.granted, asset, codes)),
            .init(name: "stands", value: Self.money(totals.standing, asset, codes)),
            .init(name: "matures", value: totals.maturesAt.description),
        ]
        if totals.reversed + totals.revoked > 0 {
            let taken = Self.money(totals.reversed + totals.revoked, asset, codes)
            facts.append(.init(name: "taken back", value: taken))
        }
        let at = LedgerEvent.Value.position(position)
        var steps = told.filter { event, _ in
            if event.position == position { return true }
            switch event.type {
            case .refundReceived, .refundFailed, .disputeOpened, .disputeWon, .disputeLost:
                return event["payment"] == at
            default:
                return (event["payment"] == at || event["reward"] == at)
                    && event["level"] == .integer(UInt64(level))
            }
        }
        // Who brought whom, from the payer up: why it is this user's.
        steps += try edges(from: payer, to: holder, in: paid)
        steps.sort { $0.0.position < $1.0.position }
        return try explanation("reward", key, facts, steps, of: holder, codes)
    }

    private func edges(
        from payer: String, to holder: String, in paid: [(LedgerEvent, String)]
    ) throws(LedgerError) -> [(LedgerEvent, String)] {
        var steps: [(LedgerEvent, String)] = []
        var (user, told) = (payer, paid)
        for _ in 0..<LedgerBounds.commissionLevels where user != holder {
            let mine = LedgerEvent.Value.user(user)
            guard
                let edge = told.last(where: { $0.0.type == .referralAttributed && $0.0["referee"] == mine }),
                case .user(let referrer)? = edge.0["referrer"]
            else { break }
            steps.append((edge.0, "\(referrer) brought \(user)"))
            user = referrer
            if user != holder { told = try reader.told(user, programme) ?? [] }
        }
        return steps
    }

    func parked(_ key: String) throws(LedgerError) -> Explanation? {
        let events = try reader.events(from: LogPosition(1), limit: .max) { stored in
            switch stored.event {
            case .eventParked, .eventUnparked: true
            default: false
            }
        }
        let mine = events.filter { $0.programme == programme }
        guard
            let fact = mine.last(where: { event in
                event.type == .eventParked
                    && ("\(event.position)" == key || event["factId"] == .text(key)
                        || event["predecessor"] == .text(key))
            })
        else { return nil }
        let at = LedgerEvent.Value.position(fact.position)
        let applied = mine.first { $0.type == .eventUnparked && $0["parked"] == at }
        var facts: [Explanation.Fact] = []
        for name in ["kind", "factId", "provider", "predecessor", "reason"] {
            if case .text(let text)? = fact[name], !text.isEmpty {
                facts.append(.init(name: name == "reason" ? "waits for" : name, value: text))
            }
        }
        facts.append(
            .init(name: "state", value: applied.map { "applied at \($0.position)" } ?? "waiting"))
        let steps = ([fact] + (applied.map { [$0] } ?? [])).map { event in
            (event, event.type == .eventParked ? "parked until its predecessor comes" : "applied")
        }
        return try explanation("parked", key, facts, steps, of: "", try reader.assetCodes())
    }

    /// What carries a correlation id, or names it as its cause.
    func request(_ id: String) throws(LedgerError) -> Explanation? {
        let events = try reader.trace(id).filter { $0.programme == programme }
        guard let first = events.first else { return nil }
        let records = Set(events.map(\.ordinal)).count
        let sender = [first.actorRole.name, first.actorId].compactMap { $0 }.joined(separator: " ")
        var facts: [Explanation.Fact] = [
            .init(name: "records", value: "\(records)"), .init(name: "events", value: "\(events.count)"),
            .init(name: "sent by", value: sender),
            .init(name: "recorded", value: first.recordedAt.description),
        ]
        if let cause = first.causation { facts.append(.init(name: "because of", value: cause)) }
        return try explanation(
            "request", id, facts, events.map { ($0, $0.type.name) }, of: nil, try reader.assetCodes())
    }

    // MARK: Putting together

    private static func money(_ minor: Int64, _ asset: AssetNumber, _ codes: AssetCodes) -> String {
        let exponent = Asset(number: asset)?.exponent ?? 0
        return "\(DecimalText.format(minor: minor, exponent: exponent)) \(codes.code(asset))"
    }

    private func explanation(
        _ kind: String, _ key: String, _ facts: [Explanation.Fact], _ told: [(LedgerEvent, String)],
        of userId: String?, _ codes: AssetCodes
    ) throws(LedgerError) -> Explanation {
        var cited: [UInt64: (policy: Policy, from: Timestamp)] = [:]
        for version in Set(told.map(\.0.policyVersion)).sorted() where version > 0 {
            cited[version] = try policy(version)
        }
        let steps = told.map { event, text in
            Explanation.Step(
                position: event.position, leaf: event.ordinal, occurredAt: event.occurredAt, type: event.type,
                text: text == event.type.name ? Self.words(event, codes) : text,
                changes: Self.changes(event, userId, codes), policyVersion: event.policyVersion,
                rule: ExplainedRules.text(event, cited[event.policyVersion]?.policy))
        }
        let policies = cited.keys.sorted().compactMap { version in
            cited[version].map { known in
                Explanation.PolicyCited(
                    version: version, name: known.policy.name,
                    effectiveFrom: known.from.nanoseconds == .min ? nil : known.from,
                    hash: SHA256Hasher().hash(known.policy.canonicalJSON()).hex)
            }
        }
        let end = reader.box.read { $0.visibleHead }
        let (root, proofs) = try proofs(of: told.map(\.0), size: end.records, through: end.position)
        return Explanation(
            kind: kind, key: key, programme: programme, facts: facts, steps: steps, policies: policies,
            position: end.position, effective: reader.effectiveMoment, treeSize: end.records,
            logRoot: root.hex, proofs: proofs)
    }

    /// The root of the tree as of a position, and the paths to it from the records of events.
    private func proofs(
        of events: [LedgerEvent], size: UInt64, through end: LogPosition
    ) throws(LedgerError) -> (Digest32, [Explanation.Proof]) {
        do throws(LogError) {
            try reader.tree.catchUp(through: end)
            let root = try reader.tree.withTree { tree throws(LogError) in try tree.root(at: size) }
            var proofs: [Explanation.Proof] = []
            for (leaf, position) in Dictionary(
                events.map { ($0.ordinal, $0.position) }, uniquingKeysWith: min
            )
            .sorted(by: { $0.key < $1.key }) {
                guard let base = try reader.store.baseOfRecord(holding: position),
                    let record = try reader.store.record(at: base)
                else { continue }
                let path = try reader.tree.withTree { tree throws(LogError) in
                    try tree.inclusion(of: leaf, in: size)
                }
                proofs.append(.init(leaf: leaf, leafHash: TreeProof.leafHash(record), path: path))
            }
            return (root, proofs)
        } catch {
            throw LedgerError(error)
        }
    }

    /// What happened, of events that a statement does not list.
    private static func words(_ event: LedgerEvent, _ codes: AssetCodes) -> String {
        func name(_ field: String) -> String {
            switch event[field] {
            case .text(let text)?, .user(let text)?: text
            case .integer(let number)?: "\(number)"
            case .amount(let minor, let asset)?: money(minor, asset, codes)
            default: ""
            }
        }
        return switch event.type {
        case .paymentReceived: "payment \(name("paymentId")) of \(name("payer")): \(name("amount"))"
        case .refundReceived: "refund \(name("refundId")): \(name("moved"))"
        case .refundFailed: "the refund failed"
        case .disputeOpened: "dispute \(name("disputeId")) opened: \(name("amount"))"
        case .disputeWon: "the dispute was won"
        case .disputeLost: "the dispute was lost"
        case .referralAttributed: "\(name("referrer")) brought \(name("referee"))"
        case .referralConverted: "the referral of \(name("referee")) converted"
        case .referralReverted: "the referral of \(name("referee")) was reverted"
        case .referralAdvanced: "the referral of \(name("referee")) went to \(name("to"))"
        case .symbolDefined: "\(name("name")) is known from here on"
        case .userSignedUp: "\(name("userId")) signed up"
        case .commissionEarned:
            "level \(name("level")) of payment \(name("paymentId")): \(name("amount")) for \(name("beneficiary"))"
        case .commissionReversed:
            "level \(name("level")) of payment \(name("paymentId")) taken back of \(name("beneficiary"))"
        case .rewardMatured: "a reward of \(name("beneficiary")) matured"
        case .rewardGranted: "\(name("amount")) granted to \(name("beneficiary"))"
        case .tierChanged: "tier \(name("from")) → \(name("to"))"
        case .usersMerged: "\(name("from")) merged into \(name("into"))"
        default: event.type.name
        }
    }

    private func policy(_ version: UInt64) throws(LedgerError) -> (policy: Policy, from: Timestamp)? {
        try reader.reading { core throws(LogError) in
            guard let number = try core.programmeNumber(programme) else { return nil }
            for index in 0..<core.visiblePolicies {
                guard let row = core.visibleRow(policy: index), Int(row.programme) == number,
                    row.version == version
                else { continue }
                return (try core.readPolicy(index).policy, Timestamp(nanoseconds: row.effectiveFrom))
            }
            return nil
        }
    }

    /// What an event changed for a user: `pending +2.55 USD`; for nil, for every user: `u-1 pending +2.55 USD`.
    private static func changes(_ event: LedgerEvent, _ userId: String?, _ codes: AssetCodes) -> [String] {
        var sums: [(account: String, asset: AssetNumber, amount: Int64)] = []
        func add(_ name: LedgerEvent.AccountName, _ amount: Int64, _ asset: AssetNumber) {
            guard let whose = name.userId, userId == nil || whose == userId else { return }
            let account = userId == nil ? "\(whose) \(name.account)" : name.account
            let change = name.account == "receivable" ? 0 &- amount : amount
            if let index = sums.firstIndex(where: { $0.account == account && $0.asset == asset }) {
                sums[index].amount &+= change
            } else {
                sums.append((account, asset, change))
            }
        }
        for posting in event.postings {
            add(posting.debit, 0 &- posting.amount, posting.asset)
            add(posting.credit, posting.amount, posting.asset)
        }
        return sums.filter { $0.amount != 0 }.map {
            "\($0.account) \($0.amount > 0 ? "+" : "")\(money($0.amount, $0.asset, codes))"
        }
    }
}

import LedgerDomain
import LedgerLog
import LedgerState

extension CommandHistory {
    /// What a record was recorded for.
    mutating func action(of record: Record, _ ground: Ground) throws(LogError) -> Command.Action {
        switch record.lead.event {
        case .userSignedUp(let e): return .signup(try signup(e, record, ground))
        case .paymentReceived(let e): return .payment(try payment(e, record))
        case .withdrawalRequested(let e): return .withdraw(try withdrawal(e, record))
        case .kycSubmitted(let e):
            return .kyc(
                Kyc(
                    userId: try userId(e.user), level: Int(e.level), decision: .submitted,
                    documentHash: try openedText(e.sealed, of: e.user), at: record.at))
        case .kycDecided(let e):
            return .kyc(
                Kyc(
                    userId: try userId(e.user), level: Int(e.level),
                    decision: e.flags & KycDecided.approved != 0 ? .approved : .rejected,
                    documentHash: try openedText(e.sealed, of: e.user),
                    expiresInDays: e.flags & KycDecided.expires != 0
                        ? Self.days(from: record.at, to: e.expiresAt) : nil,
                    at: record.at))
        case .correctionApplied(let e): return try correction(e, record)
        default: break
        }
        if let action = try programmeAction(of: record, ground) { return action }
        if let action = try referralAction(of: record) { return action }
        if let action = try moneyAction(of: record) { return action }
        if let action = try payoutAction(of: record) { return action }
        if let action = try peopleAction(of: record) { return action }
        if let action = try booksAction(of: record) { return action }
        if let action = try repairAction(of: record) { return action }
        if let action = try reconciliationAction(of: record) { return action }
        throw LogError(
            .broken, "no command can have made this record", position: record.lead.position)
    }

    private mutating func signup(
        _ e: UserSignedUp, _ record: Record, _ ground: Ground
    ) throws(LogError) -> Signup {
        var signup = Signup(userId: e.userId.string, at: record.at)
        if e.flags & UserSignedUp.hasCountry != 0 {
            let letters = [UInt8(truncatingIfNeeded: e.country >> 8), UInt8(truncatingIfNeeded: e.country)]
            signup.country = String(decoding: letters, as: UTF8.self)
        }
        if e.flags & UserSignedUp.namedReferrer != 0 {
            signup.referrerId = Self.unknownReferrer(e.named, record) ?? e.named.string
        }
        if e.flags & UserSignedUp.namedCode != 0 { signup.referralCode = e.named.string }
        if let plain = try opened(e.sealed, of: e.user) { signup.personal = PersonalCodec.decode(plain) }
        signup.signalHashes = Self.hashes(e).filter { hash in
            switch hash.kind {
            case .email, .phone: ground.givesAllHashes
            case .ip, .device, .paymentMethod: true
            }
        }
        return signup
    }

    /// A referrer that was unknown for being longer than any id, of which the log has but the beginning: it
    /// must not become known by that.
    private static func unknownReferrer(_ named: BorrowedText, _ record: Record) -> String? {
        guard named.count == LedgerBounds.identifierBytes else { return nil }
        for stored in record.events {
            if case .attributionRejected(let e) = stored.event,
                e.reason == AttributionRejection.unknownReferrer.rawValue
            {
                return named.string + "…"
            }
        }
        return nil
    }

    private func payment(_ e: PaymentReceived, _ record: Record) throws(LogError) -> Payment {
        Payment(
            paymentId: e.paymentId.string, provider: try provider(e.provider), userId: try userId(e.payer),
            amount: e.amount, asset: e.asset, at: record.at,
            commissionableBase: e.flags & PaymentReceived.hasBase != 0 ? e.commissionableBase : nil)
    }

    private mutating func withdrawal(
        _ e: WithdrawalRequested, _ record: Record
    ) throws(LogError) -> Withdraw {
        Withdraw(
            withdrawalId: e.withdrawalId.string, userId: try userId(e.user), amount: e.amount,
            asset: e.asset, method: try openedText(e.sealed, of: e.user), at: record.at)
    }

    private mutating func openedText(
        _ sealed: BorrowedText, of user: UserNumber
    ) throws(LogError) -> String? {
        try opened(sealed, of: user).map { String(decoding: $0, as: UTF8.self) }
    }

    // MARK: Programmes, policies, codes, referrals

    private func programmeAction(
        of record: Record, _ ground: Ground
    ) throws(LogError) -> Command.Action? {
        switch record.lead.event {
        case .programmeCreated(let e):
            for stored in record.events {
                guard case .policyPublished(let published) = stored.event else { continue }
                let (policy, zone) = try Self.policy(published, at: stored.position)
                return .createProgramme(
                    CreateProgramme(
                        programmeId: e.programmeId.string, asset: e.asset, at: record.at, policy: policy,
                        zoneRules: zone))
            }
            return nil
        case .policyPublished(let e):
            let (policy, zone) = try Self.policy(e, at: record.lead.position)
            return .publishPolicy(
                PublishPolicy(policy: policy, effectiveFrom: e.effectiveFrom, zoneRules: zone))
        default: return nil
        }
    }

    private static func policy(
        _ e: PolicyPublished, at position: LogPosition
    ) throws(LogError) -> (Policy, ZoneRules) {
        let rules = unsafe Array(e.rules.utf8)
        let zone = e.zoneRules.isEmpty ? .utc : unsafe ZoneRules(bytes: Array(e.zoneRules.utf8))
        guard let policy = try? Policy.parse(rules), let zone else {
            throw LogError(.broken, "a policy in the log cannot be read", position: position)
        }
        return (policy, zone)
    }

    private func referralAction(of record: Record) throws(LogError) -> Command.Action? {
        switch record.lead.event {
        case .codeIssued(let e):
            return .issueCode(
                IssueCode(
                    userId: try userId(e.owner), at: record.at, code: e.code.string,
                    expiresInDays: e.flags & CodeIssued.expires != 0
                        ? Self.days(from: record.at, to: e.expiresAt) : nil))
        case .codeDisabled(let e):
            return .disableCode(
                DisableCode(userId: try userId(e.owner), code: try code(e.issued), at: record.at))
        case .codeReactivated(let e):
            return .reactivateCode(
                ReactivateCode(
                    userId: try userId(e.owner), code: try code(e.issued),
                    expiresInDays: e.flags & CodeReactivated.expires != 0
                        ? Self.days(from: record.at, to: e.expiresAt) : nil,
                    at: record.at))
        case .referralAttributed(let e):
            return .applyCode(
                ApplyCode(userId: try userId(e.referee), code: e.given.string, at: record.at))
        case .referralAdvanced(let e): return try step(of: e.referee, record)
        case .referralConverted(let e): return try step(of: e.referee, record)
        default: return nil
        }
    }

    /// A referral that somebody moved: up to the end by `convert`, unless the key says otherwise.
    private func step(of referee: UserNumber, _ record: Record) throws(LogError) -> Command.Action {
        let userId = try userId(referee)
        var stage: ReferralStage?
        var isConverted = false
        for stored in record.events {
            switch stored.event {
            case .referralAdvanced(let e) where e.referee == referee: stage = e.to
            case .referralConverted: isConverted = true
            default: break
            }
        }
        let isStep = record.envelope.keyType == Command.Action.advanceReferralNumber
        if let stage, isStep || !isConverted {
            return .advanceReferral(AdvanceReferral(userId: userId, to: stage, at: record.at))
        }
        return .convert(Convert(userId: userId, at: record.at))
    }

    private func code(_ issued: LogPosition) throws(LogError) -> String {
        try named(at: issued) { event, _ in
            if case .codeIssued(let e) = event { e.code.string } else { nil }
        }
    }

    // MARK: Names

    /// A user's id.
    func userId(_ user: UserNumber) throws(LogError) -> String {
        try reader.trusted { core throws(LogError) in
            guard Int(user.rawValue) < core.users.count else {
                throw LogError(.broken, "the log refers to a user that is not there")
            }
            return try core.userId(Int(user.rawValue)).string
        }
    }

    /// A provider's name.
    func provider(_ symbol: SymbolNumber) throws(LogError) -> String {
        try reader.trusted { core throws(LogError) in
            guard Int(symbol.rawValue) < core.symbols.count else {
                throw LogError(.broken, "the log refers to a provider that is not there")
            }
            return try core.symbolName(Int(symbol.rawValue)).string
        }
    }

    /// Something of the event at a position.
    /// - Throws: `broken` where the body finds nothing.
    func named<Value>(
        at position: LogPosition, _ body: (Event, Timestamp) -> Value?
    ) throws(LogError) -> Value {
        try reader.trusted { core throws(LogError) in
            let found = try core.event(at: position)
            if let value = body(found.event, found.occurredAt) { return value }
            throw LogError(.broken, "the log refers to another event there", position: position)
        }
    }

    /// Whole days of 24 hours between two moments.
    static func days(from start: Timestamp, to end: Timestamp) -> Int {
        Int((end.nanoseconds - start.nanoseconds) / 86_400_000_000_000)
    }
}

extension Command.Action {
    fileprivate static let advanceReferralNumber = Command.Action.advanceReferral(
        AdvanceReferral(userId: "", to: .active, at: .min)
    ).typeNumber
}

import LedgerDomain
import LedgerLog

extension Decider {
    /// The first text of a command that is not what its field may hold.
    func invalidTexts(_ command: Command) -> Refusal? {
        if let bad = invalidEnvelope(command) { return bad }
        switch command.action {
        case .signup(let c): return invalid(c)
        case .issueCode(let c):
            if command.key == nil {
                return Refusal(.keyRequired, field: "key", "issueCode has no natural id: give a key")
            }
            return badId(c.userId, "userId") ?? badCode(c.code, "code") ?? badDays(c.expiresInDays)
        case .applyCode(let c): return badId(c.userId, "userId") ?? badCode(c.code, "code")
        case .advanceReferral(let c): return badId(c.userId, "userId")
        case .convert(let c): return badId(c.userId, "userId")
        case .payment(let c): return invalid(c)
        case .refund(let c):
            return badId(c.refundId, "refundId") ?? badId(c.provider, "provider") ?? badId(
                c.paymentId, "paymentId")
                ?? badAmounts(c)
        case .createProgramme(let c): return badId(c.programmeId, "programme")
        case .advance, .publishPolicy: return nil
        default: return invalidMainLine(command)
        }
    }

    /// What every command may carry.
    func invalidEnvelope(_ command: Command) -> Refusal? {
        badId(command.programme, "programme") ?? badId(command.key, "key")
            ?? badId(command.actor.id, "actor") ?? badId(command.correlationId, "correlationId")
            ?? badId(command.causation, "causation")
    }

    func invalid(_ c: Payment) -> Refusal? {
        badId(c.paymentId, "paymentId") ?? badId(c.provider, "provider") ?? badId(c.userId, "userId")
            ?? Self.badAmounts(c)
    }

    /// The forms of commands about rewards, disputes, withdrawals, books, standing.
    private func invalidMainLine(_ command: Command) -> Refusal? {
        switch command.action {
        case .reconciliation(let c):
            return badId(c.runId, "runId") ?? badId(c.provider, "provider") ?? badId(c.statement, "statement")
                ?? badRange(c.lines, 0...1_000_000_000, "lines") ?? badRange(
                    c.matched, 0...c.lines, "matched")
                ?? badRange(c.breaks, 0...1_000_000_000, "breaks")
        case .openBreak(let c): return invalid(c)
        case .refundFailed(let c): return badId(c.refundId, "refundId") ?? badId(c.provider, "provider")
        case .dispute(let c): return invalid(c)
        case .claim(let c): return badId(c.userId, "userId")
        case .fulfil: return nil
        case .withdraw(let c):
            return badId(c.withdrawalId, "withdrawalId") ?? badId(c.userId, "userId") ?? badMethod(c.method)
                ?? badMoney(c.amount, c.asset)
        case .decideWithdrawal(let c):
            return badId(c.withdrawalId, "withdrawalId") ?? badId(c.reason, "reason")
        case .payout(let c):
            if c.kept ?? 0 < 0 { return Refusal(.amountNegative, field: "kept", "kept is not negative") }
            if c.kept ?? 0 > 0, c.asset == nil {
                return Refusal(.assetUnknown, field: "currency", "kept is in no currency")
            }
            return badSize(c.kept, "kept") ?? badId(c.withdrawalId, "withdrawalId")
                ?? badId(c.provider, "provider") ?? badId(c.providerRef, "providerRef")
        case .review: return nil
        case .quarantine(let c):
            return invalid(c.fact) ?? badId(c.reason, "reason") ?? badId(c.approver, "approvers")
        case .release(let c):
            return invalid(c.fact) ?? badId(c.reason, "reason") ?? badId(c.approver, "approvers")
        default:
            // What follows has no natural id.
            if command.key == nil {
                return Refusal(
                    .keyRequired, field: "key", "\(command.action.typeName) has no natural id: give a key")
            }
            return invalidKeyed(command.action)
        }
    }

    private func invalidKeyed(_ action: Command.Action) -> Refusal? {
        switch action {
        case .resolveBreak(let c):
            return badId(c.breakId, "breakId") ?? badId(c.runId, "runId") ?? badId(c.reason, "reason")
        case .adjust(let c):
            if c.amount == 0 || c.amount == .min {
                return Refusal(.amountNotPositive, field: "amount", "an adjustment is not zero")
            }
            return badId(c.userId, "userId") ?? badMoney(abs(c.amount), c.asset) ?? badId(c.reason, "reason")
                ?? badApprovers(c.approvers)
        case .writeOff(let c):
            return badId(c.userId, "userId") ?? badMoney(c.amount, c.asset) ?? badId(c.reason, "reason")
                ?? badApprovers(c.approvers)
        case .openingBalance(let c): return badId(c.userId, "userId") ?? badMoney(c.amount, c.asset)
        case .fxRate(let c):
            if c.base == c.quote { return Refusal(.fxSame, field: "quote", "a rate is between two assets") }
            return badAsset(c.base, "base") ?? badAsset(c.quote, "quote") ?? badId(c.source, "source")
        case .fxConvert(let c):
            if c.asset == c.to { return Refusal(.fxSame, field: "to", "a conversion is between two assets") }
            return badId(c.userId, "userId") ?? badMoney(c.amount, c.asset) ?? badAsset(c.to, "to")
        case .fund(let c): return badMoney(c.amount, c.asset) ?? badId(c.reference, "reference")
        case .remitTax(let c): return badMoney(c.amount, c.asset) ?? badId(c.reference, "reference")
        case .recordCost(let c):
            return badId(c.kind, "kind") ?? badMoney(c.amount, c.asset) ?? badId(c.reference, "reference")
        case .setBudget(let c):
            if Asset(number: c.asset) == nil {
                return Refusal(.assetUnknown, field: "currency", "unknown asset")
            }
            return c.amount < 0 ? Refusal(.amountNegative, field: "amount", "a budget is not negative") : nil
        case .kyc(let c):
            return badId(c.userId, "userId") ?? badRange(c.level, 1...9, "level") ?? badDays(c.expiresInDays)
                ?? badMethod(c.documentHash, "documentHash")
        case .suspend(let c): return badId(c.userId, "userId") ?? badId(c.reason, "reason")
        case .reinstate(let c): return badId(c.userId, "userId")
        case .closeUser(let c): return badId(c.userId, "userId") ?? badId(c.reason, "reason")
        case .mergeUsers(let c):
            return badId(c.userId, "userId") ?? badId(c.intoUserId, "intoUserId") ?? badApprovers(c.approvers)
        case .flag(let c): return invalid(c)
        case .correctAttribution(let c):
            return badId(c.userId, "userId") ?? badId(c.referrerId, "referrerId") ?? badId(c.reason, "reason")
                ?? badApprovers(c.approvers)
        case .riskScore(let c):
            return badId(c.userId, "userId") ?? badId(c.source, "source")
                ?? badRange(c.score, 0...1_000, "score")
        case .disableCode(let c): return badId(c.userId, "userId") ?? badCode(c.code, "code")
        case .reactivateCode(let c):
            return badId(c.userId, "userId") ?? badCode(c.code, "code") ?? badDays(c.expiresInDays)
        case .correct(let c): return invalid(c)
        default: return nil
        }
    }

    private func invalid(_ c: OpenBreak) -> Refusal? {
        if let bad = badId(c.breakId, "breakId") ?? badId(c.runId, "runId") ?? badId(c.rule, "rule")
            ?? badId(c.subject, "subject")
        {
            return bad
        }
        if c.expected == nil, c.found == nil { return nil }
        guard let asset = c.asset else {
            return Refusal(.assetUnknown, field: "currency", "the amounts are in no currency")
        }
        return badAsset(asset, "currency")
    }

    private func invalid(_ c: Correction) -> Refusal? {
        func bad(_ message: String) -> Refusal {
            Refusal(.correctionInvalid, field: "correction", message)
        }
        let isHash =
            c.proposal.utf8.count == 64
            && c.proposal.utf8.allSatisfy { 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 }
        guard isHash else { return bad("a proposal is named by its SHA-256, in small hexadecimal digits") }
        guard c.part >= 1, c.part <= c.parts, c.parts <= 1_000_000 else { return bad("part is 1 to parts") }
        guard !c.entries.isEmpty, c.entries.count <= Correction.maximumEntries else {
            return bad("a correction has 1 to \(Correction.maximumEntries) entries")
        }
        if let refusal = badId(c.approvedBy, "approvedBy") { return refusal }
        for entry in c.entries {
            if let refusal = badId(entry.userId, "userId") ?? badEntry(entry) { return refusal }
        }
        return nil
    }

    private func badEntry(_ entry: CorrectionEntry) -> Refusal? {
        let amount = Refusal(
            .correctionAmount, field: "correction", "what is taken back is zero to what was granted")
        switch entry {
        case .commission(let c):
            guard c.granted >= 0, c.reversed >= 0, c.revoked >= 0, c.reversed <= c.granted,
                c.revoked <= c.granted - c.reversed
            else { return amount }
            return badId(c.provider, "provider") ?? badId(c.paymentId, "paymentId")
                ?? badRange(c.level, 1...LedgerBounds.commissionLevels, "level") ?? badAsset(c.asset, "asset")
        case .grants(let g):
            if Asset(number: g.asset) == nil {
                return Refusal(.assetUnknown, field: "asset", "unknown asset")
            }
            return g.entitled < 0 ? amount : badId(g.refereeId, "refereeId")
        case .tier(let t): return badRange(t.tier, 0...15, "tier")
        case .badge(let b): return badId(b.badge, "badge")
        }
    }

    private func invalid(_ c: Dispute) -> Refusal? {
        if let bad = badId(c.disputeId, "disputeId") ?? badId(c.provider, "provider")
            ?? badId(c.paymentId, "paymentId")
        {
            return bad
        }
        if let asset = c.asset, Asset(number: asset) == nil {
            return Refusal(.assetUnknown, field: "currency", "unknown asset")
        }
        if let amount = c.amount, amount <= 0 {
            return Refusal(.amountNotPositive, field: "amount", "a dispute is about more than nothing")
        }
        guard c.status == .opened else { return nil }
        if c.amount == nil || c.asset == nil {
            return Refusal(.amountNotPositive, field: "amount", "an opened dispute says its amount")
        }
        if let bad = badSize(c.amount, "amount") { return bad }
        return c.paymentId == nil
            ? Refusal(.identifierInvalid, field: "paymentId", "an opened dispute names its payment") : nil
    }

    private func invalid(_ c: FlagUser) -> Refusal? {
        if let bad = badId(c.userId, "userId") ?? badId(c.rule, "rule") ?? badId(c.provider, "provider")
            ?? badId(c.paymentId, "paymentId")
        {
            return bad
        }
        if (c.provider == nil) != (c.paymentId == nil) || c.rewardId != nil && c.paymentId != nil {
            return Refusal(
                .identifierInvalid, field: "paymentId", "rewardId, or provider and paymentId, or neither")
        }
        return nil
    }

    private func invalid(_ c: FactReference) -> Refusal? {
        switch c {
        case .position, .reward: nil
        case .payment(let provider, let id): badId(provider, "provider") ?? badId(id, "paymentId")
        case .keyed(_, let key): badId(key, "reference")
        }
    }

    private func badAsset(_ asset: AssetNumber, _ field: String) -> Refusal? { Self.badAsset(asset, field) }

    private static func badAsset(_ asset: AssetNumber, _ field: String) -> Refusal? {
        if !asset.isFixed { return Refusal(.assetUnknown, field: field, "unknown asset") }
        return asset.isMoney ? nil : Refusal(.assetNotMoney, field: field, "a unit is no money")
    }

    private func badMoney(_ amount: Int64, _ asset: AssetNumber) -> Refusal? {
        if let bad = badAsset(asset, "currency") { return bad }
        if amount <= 0 { return Refusal(.amountNotPositive, field: "amount", "the amount is above zero") }
        return badSize(amount, "amount")
    }

    /// No single amount brings the sums of a programme near their end.
    private func badSize(_ amount: Int64?, _ field: String) -> Refusal? { Self.badSize(amount, field) }

    private static func badSize(_ amount: Int64?, _ field: String) -> Refusal? {
        guard let amount, amount > LedgerBounds.amount else { return nil }
        return Refusal(
            .amountLimit, field: field,
            "\(field): one amount is at most \(LedgerBounds.amount) minor units, not \(amount)")
    }

    private func badRange(_ value: Int, _ range: ClosedRange<Int>, _ field: String) -> Refusal? {
        range.contains(value)
            ? nil
            : Refusal(
                .numberOutOfRange, field: field,
                "\(field) is \(range.lowerBound) to \(range.upperBound), not \(value)")
    }

    private func badMethod(_ text: String?, _ field: String = "method") -> Refusal? {
        guard let text, text.isEmpty || text.utf8.count > 1_024 else { return nil }
        return Refusal(.personalTooLong, field: field, "\(field) has 1 to 1,024 bytes")
    }

    private func badApprovers(_ names: [String]) -> Refusal? {
        guard names.count == 1 || names.count == 2, Set(names.map { Array($0.utf8) }).count == names.count
        else {
            return Refusal(.adjustApprovers, field: "approvers", "one approver, or two that differ")
        }
        for name in names {
            if let bad = badId(name, "approvers") { return bad }
        }
        return nil
    }

    private func badId(_ text: String?, _ field: String) -> Refusal? {
        guard let text, let reason = IdentifierRules.reason(against: text) else { return nil }
        return Refusal(.identifierInvalid, field: field, "\(field) \(reason)")
    }

    private func badCode(_ text: String?, _ field: String) -> Refusal? {
        guard let text, let reason = CodeSkeleton.reason(against: text) else { return nil }
        return Refusal(.codeInvalid, field: field, "\(field) \(reason)")
    }

    private func badDays(_ days: Int?) -> Refusal? {
        guard let days, days < 1 || days > 36_500 else { return nil }
        return Refusal(.timeOutOfRange, field: "expiresInDays", "expiresInDays is 1 to 36,500, not \(days)")
    }

    /// What is wrong with a payment's amounts. Cost where nothing is: two looks at the asset.
    /// - Parameter knownAsset: one that is known to be money, and need not be looked for.
    static func badAmounts(_ c: Payment, knownAsset: AssetNumber? = nil) -> Refusal? {
        if c.asset != knownAsset, let bad = badAsset(c.asset, "currency") { return bad }
        if c.amount < 0 { return Refusal(.amountNegative, field: "amount", "a payment is not negative") }
        if let base = c.commissionableBase, base < 0 || base > c.amount {
            return Refusal(.amountBase, field: "commissionableBase", "the base is 0 to the amount")
        }
        return badSize(c.amount, "amount")
    }

    private func badAmounts(_ c: Refund) -> Refusal? {
        if Asset(number: c.asset) == nil { return Refusal(.assetUnknown, field: "currency", "unknown asset") }
        if c.amount <= 0 { return Refusal(.amountNotPositive, field: "amount", "a refund is above zero") }
        if let total = c.refundedTotal, total < 0 {
            return Refusal(.amountNegative, field: "refundedTotal", "refundedTotal is not negative")
        }
        return badSize(c.amount, "amount") ?? badSize(c.refundedTotal, "refundedTotal")
    }

    private func invalid(_ c: Signup) -> Refusal? {
        // An invalid referrer or code does not hinder the signup: the attribution is rejected.
        if let bad = badId(c.userId, "userId") { return bad }
        if let country = c.country, !CountryCode.isValid(country) {
            return Refusal(
                .countryInvalid, field: "country", "country is two letters A–Z (ISO 3166), not “\(country)”")
        }
        if c.referrerId != nil && c.referralCode != nil {
            return Refusal(.signupTwoReferrers, field: "referralCode", "referrerId or referralCode, not both")
        }
        let size =
            (c.personal.email?.utf8.count ?? 0) + (c.personal.phone?.utf8.count ?? 0)
            + (c.personal.name?.utf8.count ?? 0) + (c.personal.metadata?.utf8.count ?? 0)
        if size > LedgerBounds.sealedBytes - 256 {
            return Refusal(
                .personalTooLong, field: "metadata", "personal data of \(size) bytes; 16,128 are allowed")
        }
        return nil
    }
}

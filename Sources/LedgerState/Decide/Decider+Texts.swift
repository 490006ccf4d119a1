import LedgerDomain
import LedgerLog

extension Decider {
    /// The first text of a command that is not what its field may hold.
    func invalidTexts(_ command: Command) -> Refusal? {
        if let bad = badId(command.programme, "programme") ?? badId(command.key, "key")
            ?? badId(command.actor.id, "actor") ?? badId(command.correlationId, "correlationId")
            ?? badId(command.causation, "causation")
        {
            return bad
        }
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
        case .payment(let c):
            return badId(c.paymentId, "paymentId") ?? badId(c.provider, "provider") ?? badId(
                c.userId, "userId")
                ?? badAmounts(c)
        case .refund(let c):
            return badId(c.refundId, "refundId") ?? badId(c.provider, "provider") ?? badId(
                c.paymentId, "paymentId")
                ?? badAmounts(c)
        case .createProgramme(let c): return badId(c.programmeId, "programme")
        case .advance, .publishPolicy: return nil
        default: return nil // TEMP
        }
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

    private func badAmounts(_ c: Payment) -> Refusal? {
        if Asset(number: c.asset) == nil { return Refusal(.assetUnknown, field: "currency", "unknown asset") }
        if c.amount < 0 { return Refusal(.amountNegative, field: "amount", "a payment is not negative") }
        if let base = c.commissionableBase, base < 0 || base > c.amount {
            return Refusal(.amountBase, field: "commissionableBase", "the base is 0 to the amount")
        }
        return nil
    }

    private func badAmounts(_ c: Refund) -> Refusal? {
        if Asset(number: c.asset) == nil { return Refusal(.assetUnknown, field: "currency", "unknown asset") }
        if c.amount <= 0 { return Refusal(.amountNotPositive, field: "amount", "a refund is above zero") }
        if let total = c.refundedTotal, total < 0 {
            return Refusal(.amountNegative, field: "refundedTotal", "refundedTotal is not negative")
        }
        return nil
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

/// Signups, codes and the stages of a referral.
extension NaiveLedger {
    func signup(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("userId at country referrerId referralCode email phone name signals metadata")
        let id = try fields.id("userId")
        let at = try fields.moment("at")
        let referrer = try fields.optionalID("referrerId")
        let code = try fields.text("referralCode")
        if referrer != nil && code != nil { throw Refusal("signup.two_referrers") }
        let email = try fields.text("email")
        let phone = try fields.text("phone")
        _ = try (fields.text("country"), fields.text("name"))
        let signals = try fields.texts("signals")
        fields.anything("metadata")
        let identity = try identity("signup", fields, natural: [id], conflict: "signup.conflict")
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)

        let user = User(
            id: id, number: users.count, signedUpAt: at, signals: signals, email: email, phone: phone)
        users.append(user)
        userNumbers[Exact(id)] = user.number
        remember(identity)
        position += 1
        if referrer != nil || code != nil { attributeAtSignup(user, referrer: referrer, code: code) }
        unpark(Exact("user", id)) { parked in
            guard case .conversion(let at) = parked.fact else { return false }
            return (try? convert(living(user.number), at: at)) != nil
        }
        return .accepted
    }

    private func attributeAtSignup(_ user: User, referrer: String?, code: String?) {
        var owner: User?
        if let referrer {
            owner = self.user(referrer)
            if owner == nil { user.rejection = "unknownReferrer" }
        } else if let code {
            if let known = codes[skeleton(code)] {
                owner = users[known.owner]
                if known.isDisabled { user.rejection = "disabledCode" }
                if known.isExpired(at: user.signedUpAt) { user.rejection = "expiredCode" }
            } else {
                user.rejection = "unknownCode"
            }
        }
        if let owner, user.rejection == nil {
            if isSelfReferral(user, owner) { user.rejection = "selfReferral" }
            if user.rejection == nil && isBelow(owner, user) { user.rejection = "cycle" }
        }
        position += 1
        if let owner, user.rejection == nil { attribute(user, to: owner, at: user.signedUpAt) }
    }

    func attribute(_ user: User, to referrer: User, at: Int64) {
        user.parent = referrer.number
        user.attributedAt = at
        user.stage = .registered
        referrer.children.append(user.number)
        referrer.referrals += 1
        position += 1
        score(.referrals, referrer.number, 1, at: at)
        // The review comes before what the stage gives, so that it holds it.
        watchVelocity(of: referrer, at: at)
        grantForStages(user, [.registered], at: at)
    }

    /// The same user, or a signal in common.
    private func isSelfReferral(_ user: User, _ referrer: User) -> Bool {
        if user.number == referrer.number { return true }
        if policy.countsSharedEmail {
            let email = user.email.map { Exact($0.lowercased()) }
            if email != nil && email == referrer.email.map({ Exact($0.lowercased()) }) { return true }
            let phone = user.phone.map { Exact($0) }
            if phone != nil && phone == referrer.phone.map({ Exact($0) }) { return true }
        }
        return policy.countsSharedSignals
            && user.signals.contains { referrer.signals[$0.key].map { Exact($0) } == Exact($0.value) }
    }

    /// Whether `user` is `other` or somewhere below it.
    func isBelow(_ user: User, _ other: User) -> Bool {
        var next: Int? = user.number
        while let number = next {
            if number == other.number { return true }
            next = users[number].parent
        }
        return false
    }

    // MARK: - Codes

    func issueCode(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("userId at code expiresInDays")
        let id = try fields.id("userId")
        let at = try fields.moment("at")
        let code = try fields.text("code")
        if let code, !(1...50).contains(code.unicodeScalars.count) || hasControlCharacter(code) {
            throw Refusal("code.text")
        }
        let days = try fields.number("expiresInDays")
        if let days, days < 1 { throw Refusal("field.range") }
        if !fields.has("key") { throw Refusal("key.missing") }
        let identity = try identity("issueCode", fields)
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)
        guard let user = user(id) else { throw Refusal("user.unknown") }
        // A drawn code is nobody's guess: no line can name it.
        let name = code.map { skeleton($0) } ?? Exact("drawn", String(codes.count))
        if codes[name] != nil { throw Refusal("code.taken") }
        if policy.hasOneActiveCode {
            let hasActive = user.codes.contains { codes[$0]?.isActive(at: at) ?? false }
            if hasActive { throw Refusal("code.one_active") }
        }
        var expiresAt: Int64?
        if let days = days ?? policy.codeDays { expiresAt = try moment(at, plusDays: days) }
        let issued = Code(owner: user.number, expiresAt: expiresAt)
        codes[name] = issued
        if expiresAt != nil { expiringCodes.append(issued) }
        user.codes.append(name)
        remember(identity)
        position += 1
        return .accepted
    }

    func applyCode(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("userId code at")
        let id = try fields.id("userId")
        let at = try fields.moment("at")
        guard let code = try fields.text("code") else { throw Refusal("field.missing") }
        let identity = try identity("applyCode", fields, natural: [id], conflict: "attribution.conflict")
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)
        guard let user = user(id) else { throw Refusal("user.unknown") }
        if user.parent != nil { throw Refusal("attribution.already") }
        if user.hasPayment { throw Refusal("attribution.too_late") }
        if let days = policy.applyWindowDays, at > (try moment(user.signedUpAt, plusDays: days)) {
            throw Refusal("attribution.too_late")
        }
        guard let known = codes[skeleton(code)] else { throw Refusal("code.unknown") }
        if known.isExpired(at: at) { throw Refusal("code.expired") }
        if known.isDisabled { throw Refusal("code.disabled") }
        if known.owner == user.number { throw Refusal("code.own") }
        let owner = users[known.owner]
        if isBelow(owner, user) { throw Refusal("attribution.cycle") }
        if isSelfReferral(user, owner) { throw Refusal("attribution.self_referral") }
        attribute(user, to: owner, at: at)
        remember(identity)
        return .accepted
    }

    func disableCode(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("code userId at")
        let (identity, at) = try codeOrder("disableCode", &fields)
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)
        let (code, _) = try ownCode(fields)
        // The rules do not say what a second disabling is.
        if code.isDisabled { throw Refusal("code.disabled") }
        remember(identity)
        event("codeDisabled", at: at)
        code.isDisabled = true
        return .accepted
    }

    func reactivateCode(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("code userId at expiresInDays")
        let days = try fields.days("expiresInDays")
        let (identity, at) = try codeOrder("reactivateCode", &fields)
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)
        let (code, owner) = try ownCode(fields)
        if code.isActive(at: at) { throw Refusal("code.active") }
        // The rules are silent; here the one active code of an issue, and its length of life, hold as well.
        if policy.hasOneActiveCode && owner.codes.contains(where: { codes[$0]?.isActive(at: at) ?? false }) {
            throw Refusal("code.one_active")
        }
        var expiresAt: Int64?
        if let days = days ?? policy.codeDays { expiresAt = try moment(at, plusDays: days) }
        remember(identity)
        event("codeReactivated", at: at)
        code.isDisabled = false
        code.expiresAt = expiresAt
        code.isExpiryRecorded = false
        if expiresAt != nil && !expiringCodes.contains(where: { $0 === code }) { expiringCodes.append(code) }
        return .accepted
    }

    private func codeOrder(
        _ type: String, _ fields: inout Fields
    ) throws(Refusal) -> (identity: Identity, at: Int64) {
        _ = try fields.words("code")
        _ = try fields.id("userId")
        let at = try fields.moment("at")
        return (try keyed(type, fields), at)
    }

    private func ownCode(_ fields: Fields) throws(Refusal) -> (code: Code, owner: User) {
        let owner = try knownUser(try fields.plain("userId") ?? "")
        guard let code = codes[skeleton(try fields.plain("code") ?? "")], code.owner == owner.number else {
            throw Refusal("code.unknown")
        }
        return (code, owner)
    }

    // MARK: - Stages

    func advanceReferral(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("userId to at")
        let id = try fields.id("userId")
        let at = try fields.moment("at")
        guard let to = try fields.text("to") else { throw Refusal("field.missing") }
        let targets: [String: ReferralStage] = [
            "active": .active, "qualified": .qualified, "completed": .completed,
        ]
        guard let target = targets[to] else { throw Refusal("referral.stage") }
        let identity = try identity("advanceReferral", fields)
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)
        guard let user = user(id) else { throw Refusal("user.unknown") }
        // What the named user itself had reached when it was merged away.
        if let own = userNumbers[Exact(id)].map({ users[$0] }), own.number != user.number,
            own.parent != user.parent || own.attributedAt != user.attributedAt,
            let stage = own.stage, stage != .expired
        {
            let reached = stage == .reverted ? .active : stage
            if reached.rawValue >= target.rawValue { return .repeated }
        }
        if user.stage == nil { throw Refusal("referral.none") }
        if isExpired(user, at: at) { throw Refusal("referral.expired") }
        let passed = move(user, to: target, at: at, byPayment: false)
        if passed.isEmpty { return .repeated }
        grantForStages(user, passed, at: at)
        remember(identity)
        return .accepted
    }

    func convert(_ fields: inout Fields, _ now: Int64?) throws(Refusal) -> Outcome {
        try fields.allow("userId at")
        let id = try fields.id("userId")
        let at = try fields.moment("at")
        let identity = try identity(
            "convert", fields, natural: [id, String(at)], conflict: "convert.conflict")
        if try isRepeat(identity) { return .repeated }
        try checkNotAhead(at, now)
        guard let user = user(id) else {
            try park(Parked(.conversion(at: at), id: id, waitingFor: "user:\(id)"), for: Exact("user", id))
            remember(identity)
            position += 1
            return .parked
        }
        try convert(user, at: at)
        remember(identity)
        return .accepted
    }

    private func convert(_ user: User, at: Int64) throws(Refusal) {
        if user.stage == nil { throw Refusal("referral.none") }
        if user.stage == .completed { throw Refusal("referral.already_converted") }
        if isExpired(user, at: at) { throw Refusal("referral.expired") }
        grantForStages(user, move(user, to: .completed, at: at, byPayment: false), at: at)
    }

    /// Recorded as expired, or still on its way when the fact comes at or after the deadline.
    func isExpired(_ user: User, at: Int64) -> Bool {
        guard let stage = user.stage else { return false }
        if stage == .expired { return true }
        guard let deadline = deadline(of: user) else { return false }
        return deadline <= at
    }

    /// When a referral that is still on its way expires.
    func deadline(of user: User) -> Int64? {
        guard let days = policy.expiryDays, let stage = user.stage,
            stage.rawValue < ReferralStage.completed.rawValue
        else { return nil }
        return try? moment(user.attributedAt, plusDays: days)
    }

    /// Moves a referral forward; the stages it reached, none when it already is there or further.
    func move(_ user: User, to target: ReferralStage, at: Int64, byPayment: Bool) -> [ReferralStage] {
        guard let stage = user.stage, let parent = user.parent else { return [] }
        let from = stage == .reverted ? .active : stage
        let steps: [ReferralStage] = [.pending, .registered, .active, .qualified, .completed]
        let passed = steps.filter { $0.rawValue > from.rawValue && $0.rawValue <= target.rawValue }
        if passed.isEmpty { return [] }
        position += passed.count
        user.stage = target
        if target == .completed {
            user.isCompletedByPayment = byPayment
            user.completedAt = at
            users[parent].conversions += 1
            position += 1
            score(.conversions, parent, 1, at: at)
        }
        return passed
    }

    /// Takes a conversion back.
    func revert(_ user: User, at: Int64) {
        guard let parent = user.parent else { return }
        user.stage = .reverted
        users[parent].conversions -= 1
        event("referralReverted", at: at)
        score(.conversions, parent, -1, at: user.completedAt)
        revokeAfterReversion(of: user, at: at)
    }
}

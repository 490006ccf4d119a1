import LedgerDomain

extension CommandLineDecoder {
    /// Every type of input line, in the order of `Command.Action.typeNumber`. Source: the specification's
    /// "Input lines" and Documentation/rules.md.
    public static let lineTypes: [LineType] = [
        signup, issueCode, applyCode, advanceReferral, convert, payment, refund, advance, publishPolicy,
        createProgramme, refundFailed, dispute, adjust, writeOff, openingBalance, fxRate, fxConvert, fund,
        remitTax, recordCost, setBudget, claim, fulfil, withdraw, decideWithdrawal, payout, kyc, suspend,
        reinstate, closeUser, mergeUsers, flag, review, riskScore, disableCode, reactivateCode,
        quarantine, release, correctAttribution,
        reconciliation, openBreak, resolveBreak, correct,
    ]

    /// A type with the envelope's fields behind its own.
    /// - Parameter envelope: instead of the usual ones of those names.
    static func type(
        _ name: String, _ summary: String, _ fields: [LineField], key: LineField = key,
        envelope own: [LineField] = [], example: String
    ) -> LineType {
        let envelope = envelope.map { field in own.first { $0.id == field.id } ?? field }
        return LineType(name: name, summary: summary, fields: fields + [key] + envelope, example: example)
    }

    static let key = LineField(.key, .text, "Idempotency key; never replaces the natural one.")

    /// Of commands that have no id of their own.
    static let requiredKey = LineField(
        .key, .text, isRequired: true, "Idempotency key: there is no natural one.")

    private static let envelope = [
        LineField(.programme, .text, "The programme; needed where the ledger has several."),
        LineField(.actor, .text, "The id of who sends it."),
        LineField(
            .actorRole, .choice(ActorRole.allCases.map(\.name)), "The role of who sends it; else `system`."),
        LineField(.correlationId, .text, "The host's request id."),
        LineField(.causation, .text, "What made the host send it."),
    ]

    static let userId = LineField(.userId, .text, isRequired: true, "The user.")
    static let at = LineField(.at, .time, isRequired: true, "The business moment.")
    static let currency = LineField(
        .currency, .currency, "Needed unless the programme's own asset is meant.")

    private static let signup = type(
        "signup", "A user signs up, or joins a further programme.",
        [
            userId, at,
            LineField(.country, .text, "ISO 3166 alpha-2, two capitals."),
            LineField(.referrerId, .text, "Who brought the user; not together with `referralCode`."),
            LineField(.referralCode, .text, "The code the user came with."),
            LineField(.email, .text, "Sealed under the user's key."),
            LineField(.phone, .text, "Sealed under the user's key."),
            LineField(.name, .text, "Sealed under the user's key."),
            LineField(.metadata, .object, "The host's own; sealed under the user's key."),
            LineField(
                .signals, .texts(["ip", "device", "paymentMethod"]), "Kept as keyed hashes only."),
            LineField(
                .signalHashes, .texts(SignalKind.allCases.map(\.name)),
                "From the export of another ledger: hashes that stand in place of those of the signals."),
        ],
        example: #"{"type":"signup","userId":"u-2","at":"2010-12-01T08:26:00Z","referrerId":"u-1"}"#)

    private static let issueCode = type(
        "issueCode", "A user gets a referral code.",
        [
            userId, at,
            LineField(.code, .text, "1 to 50 characters; drawn by the ledger when absent."),
            LineField(.expiresInDays, .integer, "1 to 36,500; else as the policy says."),
        ],
        key: requiredKey,
        example: #"{"type":"issueCode","userId":"u-1","at":"2010-12-01T08:26:00Z","code":"AB23","key":"c-1"}"#
    )

    private static let applyCode = type(
        "applyCode", "A user gives a referral code after signup.",
        [userId, LineField(.code, .text, isRequired: true, "The code."), at],
        example: #"{"type":"applyCode","userId":"u-3","code":"AB23","at":"2010-12-02T09:00:00Z"}"#)

    private static let advanceReferral = type(
        "advanceReferral", "Moves a user's referral forward to a stage.",
        [
            userId,
            LineField(
                .to, .choice(ReferralStage.allCases.map(\.name)), isRequired: true,
                "The stage: `active`, `qualified` or `completed`; others are refused."),
            at,
        ],
        example: #"{"type":"advanceReferral","userId":"u-2","to":"active","at":"2010-12-02T09:00:00Z"}"#)

    private static let convert = type(
        "convert", "Converts a user's referral by hand.", [userId, at],
        example: #"{"type":"convert","userId":"u-2","at":"2010-12-02T09:00:00Z"}"#)

    private static let payment = type(
        "payment", "A payment, as its provider reports it.",
        [
            LineField(.paymentId, .text, isRequired: true, "The provider's id of the payment."),
            LineField(.provider, .text, isRequired: true, "The provider's name."),
            userId,
            LineField(.amount, .amount, isRequired: true, "Zero or more."),
            currency, at,
            LineField(.commissionableBase, .amount, "What rates apply to; else the amount."),
        ],
        example: #"{"type":"payment","paymentId":"536365","provider":"shop","userId":"u-2","#
            + #""amount":"139.12","currency":"GBP","at":"2010-12-01T08:26:00Z"}"#)

    private static let refund = type(
        "refund", "A refund, as its provider reports it.",
        [
            LineField(.refundId, .text, isRequired: true, "The provider's id of the refund."),
            LineField(.provider, .text, isRequired: true, "The provider's name."),
            LineField(.paymentId, .text, "The refunded payment; without it the refund is parked."),
            LineField(.amount, .amount, isRequired: true, "Above zero."),
            currency, at,
            LineField(
                .refundedTotal, .amount, "Refunded so far, this one included: marks a cumulative provider."),
        ],
        example: #"{"type":"refund","refundId":"C536379-1","provider":"shop","paymentId":"536365","#
            + #""amount":"27.50","currency":"GBP","at":"2010-12-01T09:41:00Z"}"#)

    private static let advance = type(
        "advance", "Moves the business clock and does what is due.",
        [LineField(.to, .time, isRequired: true, "Where the clock goes; never back.")],
        example: #"{"type":"advance","to":"2011-09-01T00:00:00Z"}"#)

    private static let policyFields = [
        LineField(.policy, .policy, "The rules; either this or `preset`."),
        LineField(.preset, .choice(Policy.presetNames), "A preset that is compiled in."),
    ]

    private static let publishPolicy = type(
        "publishPolicy", "A new policy version for a programme.",
        policyFields + [
            LineField(.effectiveFrom, .time, isRequired: true, "From when, by business time, it rules.")
        ],
        example: #"{"type":"publishPolicy","preset":"two-level","effectiveFrom":"2011-01-01T00:00:00Z"}"#)

    private static let createProgramme = LineType(
        name: "createProgramme", summary: "A programme with its first policy version.",
        fields: [
            LineField(.programme, .text, "The new programme's id; else the policy's name."),
            LineField(.asset, .currency, isRequired: true, "The currency or unit of the programme."),
            at,
        ] + policyFields + [key] + envelope.filter { $0.id != .programme },
        example: #"{"type":"createProgramme","programme":"shop","asset":"GBP","at":"2010-12-01T00:00:00Z","#
            + #""preset":"two-level"}"#)
}

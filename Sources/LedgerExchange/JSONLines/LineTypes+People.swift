import LedgerDomain

// Users: identity, standing, fraud, codes out of use.
extension CommandLineDecoder {
    private static let reason = LineField(.reason, .text, isRequired: true, "Why: 1 to 255 bytes.")
    private static let code = LineField(.code, .text, isRequired: true, "The user's own code.")

    static let kyc = type(
        "kyc", "A check of a user's identity.",
        [
            userId, LineField(.level, .integer, isRequired: true, "1 to 9."),
            LineField(.decision, .choice(KycDecision.allCases.map(\.name)), "Else `submitted`."),
            LineField(.documentHash, .text, "Sealed under the user's key."),
            LineField(.expiresInDays, .integer, "1 to 36,500: how long an approval lasts; else for ever."),
            at,
        ],
        key: requiredKey,
        example: #"{"type":"kyc","userId":"u-1","level":1,"decision":"approved","#
            + #""at":"2010-12-20T09:00:00Z","key":"kyc-1"}"#)

    static let suspend = type(
        "suspend", "A user is stopped: what they earn is held.", [userId, reason, at], key: requiredKey,
        example: #"{"type":"suspend","userId":"u-1","reason":"chargebacks","#
            + #""at":"2010-12-20T09:00:00Z","key":"s-1"}"#)

    static let reinstate = type(
        "reinstate", "A suspended user goes on.", [userId, at], key: requiredKey,
        example: #"{"type":"reinstate","userId":"u-1","at":"2010-12-21T09:00:00Z","key":"s-2"}"#)

    static let closeUser = type(
        "closeUser", "A user leaves; the policy says what becomes of the money.",
        [userId, LineField(.reason, .text, "Why: 1 to 255 bytes."), at], key: requiredKey,
        example: #"{"type":"closeUser","userId":"u-1","at":"2010-12-22T09:00:00Z","key":"c-1"}"#)

    static let mergeUsers = type(
        "mergeUsers", "Two users turn out to be one.",
        [
            LineField(.userId, .text, isRequired: true, "Who goes."),
            LineField(.intoUserId, .text, isRequired: true, "Who stays."), approvers, at,
        ],
        key: requiredKey,
        example: #"{"type":"mergeUsers","userId":"u-2","intoUserId":"u-1","approvers":["ann"],"#
            + #""at":"2010-12-23T09:00:00Z","key":"m-1"}"#)

    static let flag = type(
        "flag", "A suspicion opens a review.",
        [
            userId, LineField(.rule, .text, isRequired: true, "The rule that speaks: 1 to 255 bytes."),
            LineField(
                .severity, .choice(FraudSeverity.allCases.map(\.name)), isRequired: true, "How bad."),
            LineField(.evidence, .text, "Kept as a hash only."),
            LineField(.evidenceHash, .text, "From the export of another ledger: the hash itself."),
            LineField(.rewardId, .text, "A grant to hold at once: `r17`."),
            LineField(.provider, .text, "With `paymentId`: whose commissions to hold at once."),
            LineField(.paymentId, .text, "With `provider`."), at,
        ],
        key: requiredKey,
        example: #"{"type":"flag","userId":"u-1","rule":"velocity","severity":"high","#
            + #""at":"2010-12-24T09:00:00Z","key":"fl-1"}"#)

    static let review = type(
        "review", "A person decides a review.",
        [
            LineField(.reviewId, .text, isRequired: true, "`f3` is the ledger's third review."),
            LineField(
                .decision, .choice(ReviewDecision.allCases.map(\.rawValue)), isRequired: true,
                "Not fraud, or fraud."),
            at,
        ],
        envelope: decider,
        example: #"{"type":"review","reviewId":"f1","decision":"clear","at":"2010-12-27T09:00:00Z","#
            + #""actor":"ann"}"#)

    static let riskScore = type(
        "riskScore", "A score from outside: recorded, shown, nothing else.",
        [
            userId, LineField(.source, .text, isRequired: true, "Whose: 1 to 255 bytes."),
            LineField(.score, .integer, isRequired: true, "0 to 1,000."), at,
        ],
        key: requiredKey,
        example: #"{"type":"riskScore","userId":"u-1","source":"sift","score":220,"#
            + #""at":"2010-12-24T09:00:00Z","key":"rs-1"}"#)

    static let disableCode = type(
        "disableCode", "A code is taken out of use.", [userId, code, at], key: requiredKey,
        example: #"{"type":"disableCode","userId":"u-1","code":"AB23","at":"2010-12-24T09:00:00Z","#
            + #""key":"dc-1"}"#)

    static let reactivateCode = type(
        "reactivateCode", "An expired or disabled code lives again.",
        [userId, code, LineField(.expiresInDays, .integer, "1 to 36,500; else as the policy says."), at],
        key: requiredKey,
        example: #"{"type":"reactivateCode","userId":"u-1","code":"AB23","at":"2010-12-25T09:00:00Z","#
            + #""key":"rc-1"}"#)
}

import LedgerDomain

// Disputes, corrections of balances, currencies, the programme's own money.
extension CommandLineDecoder {
    static let approvers = LineField(
        .approvers, .list, isRequired: true, "Who approved: one, or two where the policy asks for it.")
    private static let reason = LineField(.reason, .text, isRequired: true, "Why: 1 to 255 bytes.")
    private static let reference = LineField(.reference, .text, "The host's own.")
    private static let aboveZero = LineField(.amount, .amount, isRequired: true, "Above zero.")
    static let provider = LineField(.provider, .text, isRequired: true, "The provider's name.")

    static let refundFailed = type(
        "refundFailed", "A refund never went out.",
        [LineField(.refundId, .text, isRequired: true, "The provider's id of the refund."), provider, at],
        example: #"{"type":"refundFailed","refundId":"C536379-1","provider":"shop","#
            + #""at":"2010-12-03T10:00:00Z"}"#)

    static let dispute = type(
        "dispute", "A payment is contested, or the contest is over.",
        [
            LineField(.disputeId, .text, isRequired: true, "The provider's id of the dispute."), provider,
            LineField(.paymentId, .text, "The contested payment; needed of `opened`."),
            LineField(
                .status, .choice(DisputeStatus.allCases.map(\.name)), isRequired: true,
                "What the provider says."),
            LineField(.amount, .amount, "Above zero; needed of `opened`, later the same or left out."),
            currency, at,
        ],
        example: #"{"type":"dispute","disputeId":"d-1","provider":"shop","paymentId":"536365","#
            + #""status":"opened","amount":"139.12","currency":"GBP","at":"2010-12-05T11:00:00Z"}"#)

    static let adjust = type(
        "adjust", "People correct a user's balance.",
        [
            userId, LineField(.amount, .amount, isRequired: true, "Signed, not zero."), currency, reason,
            approvers, at,
        ],
        key: requiredKey,
        example: #"{"type":"adjust","userId":"u-1","amount":"-5.00","currency":"GBP","reason":"goodwill","#
            + #""approvers":["ann"],"at":"2010-12-06T09:00:00Z","key":"a-1"}"#)

    static let writeOff = type(
        "writeOff", "A user's debt is given up.", [userId, aboveZero, currency, reason, approvers, at],
        key: requiredKey,
        example: #"{"type":"writeOff","userId":"u-1","amount":"2.00","currency":"GBP","reason":"small","#
            + #""approvers":["ann"],"at":"2010-12-06T09:00:00Z","key":"wo-1"}"#)

    static let openingBalance = type(
        "openingBalance", "What a user had before there was this ledger.",
        [userId, aboveZero, currency, at], key: requiredKey,
        example: #"{"type":"openingBalance","userId":"u-1","amount":"12.00","currency":"GBP","#
            + #""at":"2010-12-01T00:00:00Z","key":"o-1"}"#)

    static let fxRate = type(
        "fxRate", "A rate between two currencies.",
        [
            LineField(.base, .currency, isRequired: true, "One whole unit of it …"),
            LineField(.quote, .currency, isRequired: true, "… is `rate` whole units of this."),
            LineField(.rate, .rate, isRequired: true, "At most 18 digits, 12 of them behind the point."),
            LineField(.source, .text, isRequired: true, "Whose rate: 1 to 255 bytes."), at,
        ],
        key: requiredKey,
        example: #"{"type":"fxRate","base":"GBP","quote":"EUR","rate":"1.1835","source":"ecb","#
            + #""at":"2010-12-01T00:00:00Z","key":"fx-1"}"#)

    static let fxConvert = type(
        "fxConvert", "A user's available money goes into another currency.",
        [
            userId, aboveZero, currency,
            LineField(.to, .currency, isRequired: true, "What it becomes."), at,
        ],
        key: requiredKey,
        example: #"{"type":"fxConvert","userId":"u-1","amount":"10.00","currency":"GBP","to":"EUR","#
            + #""at":"2010-12-07T00:00:00Z","key":"cv-1"}"#)

    static let fund = type(
        "fund", "Money comes into the programme's cash.", [aboveZero, currency, reference, at],
        key: requiredKey,
        example: #"{"type":"fund","amount":"1000.00","currency":"GBP","at":"2010-12-01T00:00:00Z","#
            + #""key":"f-1"}"#)

    static let remitTax = type(
        "remitTax", "Withheld tax is paid to the tax office.", [aboveZero, currency, reference, at],
        key: requiredKey,
        example: #"{"type":"remitTax","amount":"10.00","currency":"GBP","at":"2011-01-31T00:00:00Z","#
            + #""key":"t-1"}"#)

    static let recordCost = type(
        "recordCost", "What the programme cost elsewhere: a memo.",
        [
            LineField(.kind, .text, isRequired: true, "What for: 1 to 255 bytes."), aboveZero, currency,
            reference, at,
        ],
        key: requiredKey,
        example: #"{"type":"recordCost","kind":"ads","amount":"99.00","currency":"GBP","#
            + #""at":"2010-12-31T00:00:00Z","key":"k-1"}"#)

    static let setBudget = type(
        "setBudget", "Limits what the whole programme grants in a period.",
        [
            LineField(.amount, .amount, isRequired: true, "Zero or more."), currency,
            LineField(
                .period, .choice(BudgetPeriod.allCases.map(\.name)), isRequired: true, "Over what time."), at,
        ],
        key: requiredKey,
        example: #"{"type":"setBudget","amount":"500.00","currency":"GBP","period":"month","#
            + #""at":"2010-12-01T00:00:00Z","key":"b-1"}"#)

    static let correct = type(
        "correct",
        "An approved part of a proposal of `re-decide`: rewards become what they should have been.",
        [
            LineField(
                .correction, .object, isRequired: true,
                "`proposal`, `part`, `parts`, `approvedBy`, `entries`: see Documentation/repair.md."),
            at,
        ],
        key: requiredKey,
        example:
            #"{"type":"correct","correction":{"proposal":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934c"#
            + #"a495991b7852b855","part":1,"parts":1,"approvedBy":"ann","entries":[{"kind":"commission","#
            + #""provider":"shop","paymentId":"536365","level":2,"userId":"u-1","asset":"GBP","#
            + #""granted":"13.91","reversed":"0.00","revoked":"0.00"}]},"at":"2011-01-10T09:00:00Z","#
            + #""key":"e3b0c442#1"}"#)
}

import LedgerDomain

// Facts in quarantine, attributions put right.
extension CommandLineDecoder {
    /// How a line names a fact: one of these ways.
    private static let fact = [
        LineField(.provider, .text, "With `paymentId`: a payment."),
        LineField(.paymentId, .text, "With `provider`."),
        LineField(.rewardId, .text, "A grant: `r17`."),
        LineField(
            .kind, .choice(FactReference.keyedTypes),
            "With `reference`: what a line of this type recorded."),
        LineField(.reference, .text, "With `kind`: that line's `key`."),
        LineField(.position, .integer, "The event's position; holds in this ledger alone."),
    ]

    private static let approver = LineField(
        .approvers, .list, isRequired: true, "One name: who approved, and nobody whose money it moves.")

    static let quarantine = type(
        "quarantine", "A fact is set aside: what it posted is reversed, what depends on it waits.",
        fact + [LineField(.reason, .text, isRequired: true, "Why: 1 to 255 bytes."), approver, at],
        example: #"{"type":"quarantine","provider":"shop","paymentId":"536365","#
            + #""reason":"posted twice","approvers":["ann"],"at":"2010-12-28T09:00:00Z"}"#)

    static let release = type(
        "release", "A fact that is in quarantine counts again.",
        fact + [LineField(.reason, .text, "Why: 1 to 255 bytes."), approver, at],
        example: #"{"type":"release","provider":"shop","paymentId":"536365","approvers":["ann"],"#
            + #""at":"2010-12-29T09:00:00Z"}"#)

    static let correctAttribution = type(
        "correctAttribution", "A user's referrer was wrong: later payments go by the right one.",
        [
            LineField(.userId, .text, isRequired: true, "The referred user."),
            LineField(.referrerId, .text, "Who really referred them; without it nobody did."),
            LineField(.reason, .text, isRequired: true, "Why: 1 to 255 bytes."),
            approvers, at,
        ],
        key: requiredKey,
        example:
            #"{"type":"correctAttribution","userId":"u-2","referrerId":"u-3","reason":"support case 17","#
            + #""approvers":["ann"],"at":"2010-12-28T09:00:00Z","key":"ca-1"}"#)
}

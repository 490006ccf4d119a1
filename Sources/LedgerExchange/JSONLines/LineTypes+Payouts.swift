import LedgerDomain

// Claims and withdrawals.
extension CommandLineDecoder {
    private static let rewardId = LineField(
        .rewardId, .text, isRequired: true, "The grant: `r17` is the ledger's 17th.")
    private static let withdrawalId = LineField(
        .withdrawalId, .text, isRequired: true, "The host's id of the withdrawal.")
    /// Of decisions: an actor is a person there.
    static let decider = [
        LineField(.actor, .text, "The id of who decides; not the user, and needed but to cancel."),
        LineField(
            .actorRole, .choice(ActorRole.allCases.map(\.name)),
            "The role of who decides; else `admin` with an `actor`, `system` without."),
    ]

    static let claim = type(
        "claim", "A user claims a reward in units.", [rewardId, userId, at],
        example: #"{"type":"claim","rewardId":"r17","userId":"u-1","at":"2010-12-02T09:00:00Z"}"#)

    static let fulfil = type(
        "fulfil", "A claimed reward was delivered, or could not be.",
        [
            rewardId,
            LineField(
                .status, .choice(Fulfilment.allCases.map(\.rawValue)), isRequired: true, "Which of the two."),
            at,
        ],
        example: #"{"type":"fulfil","rewardId":"r17","status":"fulfilled","at":"2010-12-03T09:00:00Z"}"#)

    static let withdraw = type(
        "withdraw", "A user asks for money.",
        [
            withdrawalId, userId, LineField(.amount, .amount, isRequired: true, "Above zero."), currency,
            LineField(.method, .text, "Where to; sealed under the user's key."), at,
        ],
        example: #"{"type":"withdraw","withdrawalId":"w-1","userId":"u-1","amount":"25.00","#
            + #""currency":"GBP","method":"upi:x","at":"2011-01-10T09:00:00Z"}"#)

    static let decideWithdrawal = type(
        "decideWithdrawal", "A person decides about a withdrawal.",
        [
            withdrawalId,
            LineField(
                .decision, .choice(WithdrawalDecision.allCases.map(\.name)), isRequired: true,
                "What is decided."),
            LineField(.amount, .amount, "Of `reduce`, and needed there: what it is reduced to."),
            LineField(.currency, .currency, "Of `amount`; else the programme's own asset."),
            LineField(.reason, .text, "Why: 1 to 255 bytes."), at,
        ],
        envelope: decider,
        example: #"{"type":"decideWithdrawal","withdrawalId":"w-1","decision":"approve","#
            + #""at":"2011-01-11T09:00:00Z","actor":"ann"}"#)

    static let payout = type(
        "payout", "What became of a withdrawal's money, as its provider reports it.",
        [
            withdrawalId,
            LineField(
                .status, .choice(PayoutStatus.allCases.map(\.name)), isRequired: true, "What has happened."),
            provider, LineField(.providerRef, .text, isRequired: true, "The provider's own reference."),
            LineField(.kept, .amount, "What the bank keeps of money that comes back."),
            LineField(.currency, .currency, "Of `kept`; else the programme's own asset."), at,
        ],
        example: #"{"type":"payout","withdrawalId":"w-1","status":"sent","provider":"razorpay","#
            + #""providerRef":"pout_1","at":"2011-01-12T09:00:00Z"}"#)
}

import LedgerDomain

/// Refusals by the state that `MainLineRefusalTests.history` leaves.
extension MainLineRefusalTests {
    static let table: [Row] =
        rewardRows + withdrawalRows + bookRows + peopleRows + repairRows + breakRows
        + correctionRows

    private static let breakRows: [Row] = [
        Row(.breakConflict, "provider", Say.run("run-1", provider: "other")),
        Row(.breakConflict, "lines", Say.run("run-1", lines: 4)),
        Row(.breakConflict, "at", Say.run("run-1", day(4))),
        Row(.timeInFuture, "at", Say.run("run-2", day(160))),
        Row(.breakConflict, "subject", Say.open("b-1", subject: "payment p-2")),
        Row(.breakConflict, "kind", Say.open("b-1", kind: .incomplete)),
        Row(.breakConflict, "found", Say.open("b-1", found: 1)),
        Row(.breakConflict, "expected", Say.open("b-1", expected: 1)),
        Row(.timeInFuture, "at", Say.open("b-3", day(160))),
        Row(.runUnknown, "runId", Say.open("b-3", run: "run-9")),
        Row(.breakState, "breakId", Say.open("b-1", run: "run-b")),
        Row(.keyConflict, "reason", Say.resolve("b-2", key: "rb-1", reason: "other")),
        Row(.keyConflict, "breakId", Say.resolve("b-1", key: "rb-1")),
        Row(.timeInFuture, "at", Say.resolve("b-1", key: "k", day(160))),
        Row(.breakUnknown, "breakId", Say.resolve("b-9", key: "k")),
        Row(.runUnknown, "runId", Say.resolve("b-1", key: "k", run: "run-9")),
        Row(.breakState, "breakId", Say.resolve("b-2", key: "k")),
    ]

    private static let rewardRows: [Row] = [
        Row(.timeInFuture, "at", Say.refundFailed("r-1", day(160))),
        Row(.refundConflict, "at", Say.refundFailed("r-9", day(4))),
        Row(.refundConflict, "at", Say.refundFailed("r-2", day(4))),
        Row(.disputeConflict, "amount", Say.dispute("d-1", "p-1", .opened, 19_99)),
        Row(.disputeConflict, "currency", Say.dispute("d-1", "p-1", .opened, 20_00, asset: .eur)),
        Row(.disputeConflict, "at", Say.dispute("d-1", "p-1", .opened, 20_00, day(4))),
        Row(.disputeConflict, "paymentId", Say.dispute("d-1", "p-2", .opened, 20_00)),
        Row(.disputeConflict, "amount", Say.dispute("d-9", "never", .opened, 11_00)),
        Row(.disputeConflict, "at", Say.dispute("d-9", "never", .opened, 10_00, day(4))),
        Row(.disputeConflict, "currency", Say.dispute("d-9", "never", .opened, 10_00, asset: .eur)),
        Row(.disputeConflict, "paymentId", Say.dispute("d-9", "other", .opened, 10_00)),
        Row(.timeInFuture, "at", Say.dispute("d-3", "p-1", .opened, 1, day(160))),
        Row(.disputeCurrency, "currency", Say.dispute("d-3", "p-1", .opened, 1, asset: .eur)),
        Row(.disputeZeroPayment, "paymentId", Say.dispute("d-3", "p-0", .opened, 1)),
        Row(.disputeAmount, "amount", Say.dispute("d-3", "p-1", .opened, 100_01)),
        Row(.disputeDecided, "status", Say.dispute("d-2", nil, .lost)),
        Row(.disputeAmount, "amount", Say.dispute("d-1", nil, .won, 19_99)),
        Row(.disputeCurrency, "currency", Say.dispute("d-1", nil, .lost, 20_00, asset: .eur)),
        Row(.rewardClaimed, "rewardId", Say.claim("r1", "b", day(5))),
        Row(.timeInFuture, "at", Say.claim("r2", "a", day(160))),
        Row(.rewardUnknown, "rewardId", Say.claim("r2", "ghost")),
        Row(.rewardUnknown, "rewardId", Say.claim("r99", "a")),
        Row(.rewardUnknown, "rewardId", Say.claim("r0", "a")),
        Row(.rewardUnknown, "rewardId", Say.claim("r02", "a")),
        Row(.rewardUnknown, "rewardId", Say.claim("2", "a")),
        Row(.rewardUnknown, "rewardId", Say.claim("", "a")),
        Row(.rewardUnknown, "rewardId", Say.claim("r2", "b")),
        Row(.rewardNotClaimable, "rewardId", Say.claim("r3", "b")),
        Row(.rewardRevoked, "rewardId", Say.claim("r6", "a")),
        Row(.rewardExpired, "at", Say.claim("r4", "c", day(6))),
        Row(.rewardUnknown, "rewardId", Say.fulfil("r99", true)),
        Row(.rewardNotClaimed, "rewardId", Say.fulfil("r2", true)),
        Row(.rewardNotClaimed, "rewardId", Say.fulfil("r2", false)),
        Row(.rewardFulfilled, "status", Say.fulfil("r1", false)),
    ]

    private static let withdrawalRows: [Row] = [
        Row(.withdrawalConflict, "userId", Say.withdraw("w-1", "low", 20_00)),
        Row(.withdrawalConflict, "amount", Say.withdraw("w-1", "rich", 20_01)),
        Row(.withdrawalConflict, "currency", Say.withdraw("w-1", "rich", 20_00, asset: .eur)),
        Row(.withdrawalConflict, "at", Say.withdraw("w-1", "rich", 20_00, day(21))),
        Row(.withdrawalConflict, "method", Say.withdraw("w-1", "rich", 20_00, method: "iban")),
        Row(.timeInFuture, "at", Say.withdraw("w", "rich", 20_00, day(160))),
        Row(.userUnknown, "userId", Say.withdraw("w", "ghost", 20_00)),
        Row(.withdrawalConflict, "reason", Say.decide("w-5", .cancel, reason: "other")),
        Row(.withdrawalConflict, "reason", Say.decide("w-5", .cancel)),
        Row(.userBlocked, "userId", Say.withdraw("w", "sus", 20_00)),
        Row(.userBlocked, "userId", Say.withdraw("w", "gone", 20_00)),
        Row(.userBlocked, "userId", Say.withdraw("w", "rev", 20_00)),
        Row(.withdrawalDebt, "userId", Say.withdraw("w", "poor", 20_00)),
        Row(.withdrawalMinimum, "amount", Say.withdraw("w", "rich", 9_99)),
        Row(.withdrawalKyc, "userId", Say.withdraw("w", "low", 20_00)),
        // 120.00 is in four withdrawals.
        Row(.withdrawalFunds, "amount", Say.withdraw("w", "rich", 880_01)),
        // Tax 0.10 and fee 1.00.
        Row(.withdrawalMinimum, "amount", Say.withdraw("w", "rich", 1_10, asset: .eur)),
        Row(.withdrawalUnknown, "withdrawalId", Say.decide("w-9", .approve)),
        Row(.withdrawalState, "withdrawalId", Say.decide("w-3", .approve, day(22))),
        Row(.withdrawalState, "withdrawalId", Say.decide("w-3", .reject)),
        Row(.withdrawalState, "withdrawalId", Say.decide("w-3", .cancel)),
        Row(.withdrawalState, "withdrawalId", Say.decide("w-3", .reduce, to: 1)),
        Row(.withdrawalState, "withdrawalId", Say.decide("w-4", .approve, day(22))),
        Row(.withdrawalExpired, "at", Say.decide("w-1", .approve, day(30))),
        Row(.withdrawalExpired, "at", Say.decide("w-1", .cancel, day(30))),
        Row(.actorRequired, "actor", Say.decide("w-1", .approve, by: anybody)),
        Row(.actorRequired, "actor", Say.decide("w-1", .reduce, to: 1, by: anybody)),
        Row(.withdrawalReviewer, "actor", Say.decide("w-1", .approve, by: .init(role: .admin, id: "rich"))),
        Row(.withdrawalReviewer, "actor", Say.decide("w-1", .reject, by: .init(role: .admin, id: "rich"))),
        Row(.withdrawalReviewer, "actor", Say.decide("w-1", .approve, by: .init(role: .user, id: "a"))),
        Row(.withdrawalReviewer, "actor", Say.decide("w-1", .approve, by: .init(role: .auditor, id: "x"))),
        // The second approval is another person's.
        Row(.withdrawalReviewer, "actor", Say.decide("w-2", .approve, day(22))),
        Row(.withdrawalAmount, "amount", Say.decide("w-1", .reduce, to: 20_00)),
        Row(.withdrawalAmount, "amount", Say.decide("w-1", .reduce, to: 0)),
        Row(.withdrawalAmount, "amount", Say.decide("w-1", .reduce)),
        Row(.payoutConflict, "provider", Say.payout("w-3", .sent, provider: "other")),
        Row(.payoutConflict, "providerRef", Say.payout("w-3", .sent, ref: "other")),
        Row(.payoutConflict, "at", Say.payout("w-3", .sent, day(23))),
        Row(.payoutConflict, "providerRef", Say.payout("w-3", .settled, day(23), ref: "other")),
        Row(.withdrawalState, "withdrawalId", Say.payout("w-1", .sent)),
        Row(.withdrawalState, "withdrawalId", Say.payout("w-2", .sent)),
        Row(.withdrawalState, "withdrawalId", Say.payout("w-3", .failed)),
        Row(.withdrawalExpired, "at", Say.payout("w-4", .sent, day(30))),
        Row(.payoutProvider, "provider", Say.payout("w-3", .returned, provider: "other")),
        // 20.00 less 2.00 and 1.00 was sent.
        Row(.payoutKept, "kept", Say.payout("w-3", .returned, kept: 17_01)),
    ]

    /// An entry about level 1 of p-1, of 20.00 and a tenth refunded.
    private static func correct(
        _ change: (inout Correction) -> Void = { _ in }, _ at: Timestamp = day(5), payment: String = "p-1",
        granted: Int64 = 30_00, user: String = "a"
    ) -> Command {
        var correction = Correction(
            proposal: String(repeating: "ab", count: 32), approvedBy: "boss",
            entries: [
                .commission(
                    CorrectedCommission(
                        provider: "shop", paymentId: payment, level: 1, userId: user, asset: .usd,
                        granted: granted, reversed: 3_00))
            ], at: at)
        change(&correction)
        return Command(.correct(correction), key: "k")
    }

    private static let correctionRows: [Row] = [
        Row(.correctionInvalid, "correction", correct({ $0.proposal = "abc" })),
        Row(.correctionInvalid, "correction", correct({ $0.part = 0 })),
        Row(.correctionInvalid, "correction", correct({ $0.entries = [] })),
        Row(.correctionAmount, "correction", correct(granted: 2_99)),
        Row(.timeInFuture, "at", correct({ _ in }, day(160))),
        Row(.correctionHead, "expectHead", correct({ $0.expectedHead = LogPosition(3) })),
        Row(.correctionApprover, "approvedBy", correct({ $0.approvedBy = "a" })),
        Row(.correctionSubject, "entries", correct(user: "ghost")),
        Row(.correctionSubject, "entries", correct(payment: "ghost")),
        Row(.correctionAmount, "entries", correct(granted: 100_01)),
    ]

    private static let bookRows: [Row] = [
        Row(.keyConflict, "amount", Say.adjust("poor", -5_01, key: "a-1")),
        Row(.timeInFuture, "at", Say.adjust("a", 1, key: "k", day(160))),
        Row(.userUnknown, "userId", Say.adjust("ghost", 1, key: "k")),
        Row(.adjustApprovers, "approvers", Say.adjust("a", 1, key: "k", by: ["a"])),
        Row(.adjustApprovers, "approvers", Say.adjust("a", 1, key: "k", by: ["x", "a"])),
        Row(.adjustApprovers, "approvers", Say.adjust("a", 100_01, key: "k")),
        Row(.adjustApprovers, "approvers", Say.adjust("a", -100_01, key: "k")),
        Row(.amountOverflow, "amount", Say.exchange("rich", 5_00, .usd, to: chf, key: "k")),
        Row(.userUnknown, "userId", Say.writeOff("ghost", 1, key: "k")),
        Row(.writeOffDebt, "amount", Say.writeOff("poor", 5_01, key: "k")),
        Row(.writeOffDebt, "amount", Say.writeOff("rich", 1, key: "k")),
        Row(.userUnknown, "userId", Say.opening("ghost", 1, key: "k")),
        Row(.userUnknown, "userId", Say.exchange("ghost", 1, .usd, to: .eur, key: "k")),
        Row(.userBlocked, "userId", Say.exchange("sus", 1, .usd, to: .eur, key: "k")),
        Row(.withdrawalDebt, "userId", Say.exchange("poor", 1, .usd, to: .eur, key: "k")),
        Row(.withdrawalFunds, "amount", Say.exchange("rich", 880_01, .usd, to: .eur, key: "k")),
        Row(.fxNoRate, "to", Say.exchange("rich", 1_00, .usd, to: .gbp, key: "k")),
        // A rate goes one way.
        Row(.fxNoRate, "to", Say.exchange("rich", 1_00, .eur, to: .usd, key: "k")),
        Row(.fxNoRate, "to", Say.exchange("rich", 1_00, .usd, to: .eur, key: "k", day(-1))),
        // 0.50 dollars at 0.01 are half a hundredth of a yen.
        Row(
            .fxTooSmall, "amount",
            Say.exchange("rich", 50, .usd, to: AssetNumber(rawValue: 392), key: "k")),
        Row(.taxBalance, "amount", Say.remitTax(2_01, key: "k")),
        Row(.taxBalance, "amount", Say.remitTax(1, key: "k", asset: .eur)),
    ]

    private static let peopleRows: [Row] = [
        Row(.keyConflict, "level", Say.kyc("rich", 2, .approved, key: "k-1")),
        Row(.userUnknown, "userId", Say.kyc("ghost", 1, .submitted, key: "k")),
        Row(.userUnknown, "userId", Say.suspend("ghost", key: "k")),
        Row(.userState, "userId", Say.suspend("sus", key: "k")),
        Row(.userUnknown, "userId", Say.reinstate("ghost", key: "k")),
        Row(.userState, "userId", Say.reinstate("a", key: "k")),
        Row(.userUnknown, "userId", Say.close("ghost", key: "k")),
        Row(.userState, "userId", Say.close("gone", key: "k")),
        Row(.userUnknown, "userId", Say.merge("ghost", into: "rich", key: "k")),
        Row(.userUnknown, "intoUserId", Say.merge("rich", into: "ghost", key: "k")),
        Row(.mergeSame, "intoUserId", Say.merge("a", into: "a", key: "k")),
        Row(.adjustApprovers, "approvers", Say.merge("a", into: "rich", key: "k", by: ["rich"])),
        Row(.mergeCycle, "intoUserId", Say.merge("b", into: "a", key: "k")),
        Row(.mergeCycle, "intoUserId", Say.merge("a", into: "b", key: "k")),
        Row(.userBlocked, "userId", Say.merge("sus", into: "rich", key: "k")),
        Row(.userBlocked, "userId", Say.merge("rich", into: "gone", key: "k")),
        Row(.userBlocked, "userId", Say.merge("rev", into: "rich", key: "k")),
        Row(.userUnknown, "userId", Say.flag("ghost", key: "k")),
        Row(.rewardUnknown, "rewardId", Say.flag("a", key: "k", reward: "r99")),
        Row(.rewardUnknown, "rewardId", Say.flag("a", key: "k", reward: "r3")),
        Row(.rewardUnknown, "paymentId", Say.flag("a", key: "k", provider: "shop", payment: "never")),
        Row(.reviewUnknown, "reviewId", Say.review("f9", confirm: true)),
        Row(.reviewUnknown, "reviewId", Say.review("f0", confirm: true)),
        Row(.reviewUnknown, "reviewId", Say.review("1", confirm: true)),
        Row(.reviewDecided, "decision", Say.review("f2", confirm: true)),
        Row(.reviewDecided, "at", Say.review("f2", confirm: false, day(5))),
        Row(.actorRequired, "actor", Say.review("f1", confirm: true, by: anybody)),
        Row(.reviewReviewer, "actor", Say.review("f1", confirm: true, by: .init(role: .admin, id: "rev"))),
        Row(.reviewReviewer, "actor", Say.review("f1", confirm: true, by: .init(role: .user, id: "a"))),
        Row(.userUnknown, "userId", Say.risk("ghost", 1, key: "k")),
        Row(.userUnknown, "userId", Say.disable("ghost", "AAAA", key: "k")),
        Row(.codeUnknown, "code", Say.disable("b", "AAAA", key: "k")),
        Row(.codeUnknown, "code", Say.disable("a", "NONE", key: "k")),
        Row(.codeDisabled, "code", Say.disable("a", "DEAD", key: "k")),
        Row(.codeDisabled, "code", Say.apply("rich", "DEAD")),
        Row(.codeUnknown, "code", Say.reactivate("b", "DEAD", key: "k")),
        Row(.codeActive, "code", Say.reactivate("a", "AAAA", key: "k")),
    ]

    private static let chf = AssetNumber(rawValue: 756)
    private static let setAside = FactReference.payment(provider: "shop", paymentId: "p-q")

    private static let repairRows: [Row] = [
        Row(.quarantineFact, "position", Say.quarantine(.position(LogPosition(9_999)))),
        Row(.quarantineFact, "paymentId", Say.quarantine(.payment(provider: "shop", paymentId: "never"))),
        Row(.quarantineFact, "paymentId", Say.release(.payment(provider: "none", paymentId: "p-1"))),
        Row(.quarantineFact, "rewardId", Say.quarantine(.reward("r99"))),
        Row(.quarantineFact, "reference", Say.quarantine(.keyed(type: "adjust", key: "none"))),
        Row(.quarantineFact, "reference", Say.quarantine(.keyed(type: "signup", key: "a-1"))),
        Row(.quarantineKind, "position", Say.quarantine(.position(LogPosition(4)))),
        Row(.quarantineAlready, nil, Say.quarantine(setAside, day(7))),
        Row(.quarantineConflict, "reason", Say.quarantine(setAside, reason: "other")),
        Row(.quarantineConflict, "approvers", Say.quarantine(setAside, by: "other")),
        Row(.quarantineNone, nil, Say.release(.payment(provider: "shop", paymentId: "p-1"))),
        Row(.quarantineUsed, nil, Say.quarantine(.reward("r1"))),
        Row(.rewardRevoked, nil, Say.quarantine(.reward("r6"))),
        Row(
            .adjustApprovers, "approvers",
            Say.quarantine(.payment(provider: "shop", paymentId: "p-1"), by: "a")),
        Row(
            .adjustApprovers, "approvers",
            Say.quarantine(.payment(provider: "shop", paymentId: "p-1"), by: "b")),
        Row(.adjustApprovers, "approvers", Say.release(setAside, by: "a")),
        Row(.timeInFuture, "at", Say.quarantine(setAside, day(160))),
        Row(.keyConflict, "referrerId", Say.correct("c", to: "low", key: "co-1")),
        Row(.userUnknown, "userId", Say.correct("ghost", to: "a", key: "k")),
        Row(.userUnknown, "referrerId", Say.correct("b", to: "ghost", key: "k")),
        Row(.attributionUnchanged, "referrerId", Say.correct("b", to: "a", key: "k")),
        Row(.attributionUnchanged, "referrerId", Say.correct("low", to: nil, key: "k")),
        Row(.attributionCycle, "referrerId", Say.correct("a", to: "b", key: "k")),
        Row(.attributionCycle, "referrerId", Say.correct("a", to: "a", key: "k")),
        Row(.adjustApprovers, "approvers", Say.correct("b", to: "rich", key: "k", by: ["rich"])),
        Row(.adjustApprovers, "approvers", Say.correct("b", to: "rich", key: "k", by: ["x", "a"])),
    ]

    /// Two things wrong at once: which is said.
    static let twoThingsWrong: [Row] = [
        Row(.keyRequired, "key", Say.adjust("", 0, key: nil)),
        Row(.fxSame, "to", Say.exchange("ghost", 0, .usd, to: .usd, key: "k")),
        Row(.disputeConflict, "at", Say.dispute("d-1", "p-1", .opened, 20_00, day(160))),
        Row(.disputeCurrency, "currency", Say.dispute("d-3", "p-0", .opened, 1, asset: .eur)),
        Row(.disputeZeroPayment, "paymentId", Say.dispute("d-3", "p-0", .opened, 200_00)),
        Row(.disputeAmount, "amount", Say.dispute("d-2", nil, .lost, 1)),
        Row(.rewardClaimed, "rewardId", Say.claim("r1", "b", day(6))),
        Row(.rewardNotClaimable, "rewardId", Say.claim("r3", "b", day(100))),
        Row(.withdrawalConflict, "amount", Say.withdraw("w-1", "rich", 20_01, day(160))),
        Row(.withdrawalDebt, "userId", Say.withdraw("w", "poor", 1)),
        Row(.withdrawalMinimum, "amount", Say.withdraw("w", "low", 1)),
        Row(.withdrawalKyc, "userId", Say.withdraw("w", "low", 500_00)),
        Row(.withdrawalState, "withdrawalId", Say.decide("w-3", .approve, day(30), by: anybody)),
        Row(.withdrawalExpired, "at", Say.decide("w-1", .approve, day(30), by: anybody)),
        Row(.actorRequired, "actor", Say.decide("w-1", .reduce, to: 0, by: anybody)),
        Row(.withdrawalState, "withdrawalId", Say.payout("w-1", .sent, day(30))),
        Row(.payoutProvider, "provider", Say.payout("w-3", .returned, provider: "other", kept: 17_01)),
        Row(.adjustApprovers, "approvers", Say.adjust("a", LedgerBounds.amount, key: "k")),
        Row(.quarantineKind, "position", Say.quarantine(.position(LogPosition(4)), by: "a")),
        Row(.quarantineAlready, nil, Say.quarantine(setAside, day(7), by: "b")),
        Row(.attributionUnchanged, "referrerId", Say.correct("b", to: "a", key: "k", by: ["b"])),
        Row(.fxNoRate, "to", Say.exchange("sus", 500_00, .usd, to: .gbp, key: "k")),
        Row(.timeInFuture, "at", Say.suspend("ghost", key: "k", day(160))),
        Row(.keyConflict, "at", Say.suspend("sus", key: "s-1", day(160))),
    ]
}

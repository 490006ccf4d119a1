/// One thing that is checked: its stable code and what it says.
public struct ReconcileCheck: Sendable, Equatable {
    /// What a break of a check means.
    public enum Kind: String, Sendable, CaseIterable {
        /// Two things that must be equal are not: something is wrong.
        case mismatch = "MISMATCH"
        /// Something is on its way: nothing is wrong.
        case incomplete = "INCOMPLETE"
    }
    /// Stable code, such as `books.balance`.
    public let code: String
    /// What a break of it means.
    public let kind: Kind
    /// What holds when the check holds; for INCOMPLETE what is listed. One sentence.
    public let sentence: String

    init(_ code: String, _ kind: Kind = .mismatch, _ sentence: String) {
        self.code = code
        self.kind = kind
        self.sentence = sentence
    }
}

extension ReconcileCheck {
    static let log = ReconcileCheck(
        "log.broken", "Every record of the log can be read and folded; otherwise nothing else is compared.")
    static let tree = ReconcileCheck(
        "log.tree", "The stored rows of the hash tree, and its root, are those that the log's records give.")
    static let recordSum = ReconcileCheck(
        "books.record-sum", "The postings of each record sum to zero in every asset.")
    static let negative = ReconcileCheck(
        "books.negative", "No account of a user is below zero after any record.")
    static let both = ReconcileCheck(
        "books.available-and-debt", "No user has something available and owes in the same asset.")
    static let balance = ReconcileCheck(
        "books.balance", "Each user's accounts, summed from postings alone, are what the state's rows say.")
    static let unexplained = ReconcileCheck(
        "books.unexplained", "No row holds a balance that no posting explains.")
    static let reserved = ReconcileCheck(
        "books.reserved", "What postings reserved of a user is the sum of the user's unsent withdrawals.")
    static let trial = ReconcileCheck(
        "books.trial-balance", "The trial balance, summed from postings alone, is what the state's rows say.")
    static let clearing = ReconcileCheck(
        "books.clearing", "What is with each provider, summed from postings, is what the state's rows say.")
    static let whole = ReconcileCheck(
        "books.whole", "All accounts of a programme sum to zero in every asset.")
    static let userLots = ReconcileCheck(
        "lots.user", "The lots of a user sum to what is available, in every asset that is money.")
    static let withdrawalLots = ReconcileCheck(
        "lots.withdrawal", "The lots of a withdrawal sum to its amount until its money comes back.")

    static let rows = ReconcileCheck(
        "views.rows", "Every row of the live state is that of a fresh fold of the log, and the other way.")
    static let scores = ReconcileCheck(
        "views.scores", "Leaderboards and histories are those of a fresh fold, and the other way.")

    static let referralStep = ReconcileCheck(
        "referrals.step", "A referral moves one allowed step at a time, and converts and reverts in turn.")
    static let referralState = ReconcileCheck(
        "referrals.state", "Each referral's referrer, stage and conversion are what its events say.")
    static let forestEdges = ReconcileCheck(
        "forest.edges", "Each edge stands at the referee and, once, in the referrer's list.")
    static let forestCycle = ReconcileCheck(
        "forest.cycle", "Nobody stands above themselves, merges included.")
    static let forestCounts = ReconcileCheck(
        "forest.counts", "Each user's referrals and conversions are those that the events count.")

    static let withdrawalStep = ReconcileCheck(
        "withdrawals.step", "A withdrawal goes only the way from request to its one end.")
    static let withdrawalAmount = ReconcileCheck(
        "withdrawals.amount", "Net, tax and fee are the amount; what settles or comes back is what was sent.")
    static let withdrawalState = ReconcileCheck(
        "withdrawals.state", "Each withdrawal's row is what its events say.")
    static let clearingPayouts = ReconcileCheck(
        "clearing.payouts", "What is with a provider is unanswered payouts.")
    static let clearingOpen = ReconcileCheck(
        "clearing.open", .incomplete, "What is with a provider unsettled, and the age of its oldest payout.")

    static let rewardStep = ReconcileCheck(
        "rewards.step", "A reward is earned, matured, claimed, delivered, expired and revoked in order.")
    static let rewardOver = ReconcileCheck(
        "rewards.over-taken", "Never more of a reward is taken back than was granted.")
    static let rewardState = ReconcileCheck(
        "rewards.state", "Each reward's row is what its events say.")
    static let rewardRule = ReconcileCheck(
        "rewards.rule", "Each reward is what the rules of its policy version give, within caps.")
    static let debt = ReconcileCheck(
        "receivables.clawback", "What a user owes is what was taken back, less what repaid it.")
    static let earned = ReconcileCheck(
        "rewards.earned", "What a user has earned is granted less taken back.")
    static let paymentStep = ReconcileCheck(
        "payments.step", "A refund fails once, with what it moved.")
    static let paymentOver = ReconcileCheck(
        "payments.over-taken", "Refunds and lost disputes never take more of a payment than was paid.")
    static let paymentState = ReconcileCheck(
        "payments.state", "What was refunded, lost and disputed of a payment is what the events say.")
    static let paymentTotals = ReconcileCheck(
        "payments.totals", "Payments and refunds, counted and summed from events, are the totals.")
    static let caseStep = ReconcileCheck(
        "cases.step", "A dispute, review, suspension or quarantine begins once and ends at most once.")
    static let caseState = ReconcileCheck(
        "cases.state", "Each dispute, review, suspension, closure and quarantine lasts while its events say.")

    static let breakStep = ReconcileCheck(
        "breaks.step", "A break of a statement is opened by a run, and resolved at most once.")
    static let breakState = ReconcileCheck(
        "breaks.state", "Each run's and break's row is what its events say.")

    static let keyTwice = ReconcileCheck(
        "keys.twice", "No natural id and no explicit key stands for two things.")
    static let keyLost = ReconcileCheck(
        "keys.lost", "Everything with an id or key is found again by it.")
    static let keyCount = ReconcileCheck(
        "keys.count", "The id tables hold one entry for each thing, and the state as many as the events.")
    static let vault = ReconcileCheck(
        "keys.vault", "Whoever has sealed data in the log has a key in keys/.")
    static let noVault = ReconcileCheck(
        "keys.not-here", .incomplete, "Without keys/: whether sealed data can be read is not checked.")

    static let parkedState = ReconcileCheck(
        "parked.state", "What the state says is parked is what the events parked and did not unpark.")
    static let parkedWaiting = ReconcileCheck(
        "parked.waiting", .incomplete, "Facts that wait for another, by age on the business clock.")

    private init(_ code: String, _ sentence: String) { self.init(code, .mismatch, sentence) }

    /// Code of the check that every sealed record's key is there.
    public static var vaultCode: String { vault.code }

    /// Every check, in the order in which breaks are listed.
    public static let all: [ReconcileCheck] = [
        .log, .tree, .recordSum, .negative, .both, .balance, .unexplained, .reserved, .trial, .clearing,
        .whole,
        .userLots, .withdrawalLots, .rows, .scores, .referralStep, .referralState, .forestEdges,
        .forestCycle, .forestCounts, .withdrawalStep, .withdrawalAmount, .withdrawalState,
        .clearingPayouts, .rewardStep, .rewardOver, .rewardState, .rewardRule, .debt, .earned, .paymentStep,
        .paymentOver,
        .paymentState, .paymentTotals, .caseStep, .caseState, .breakStep, .breakState, .keyTwice, .keyLost,
        .keyCount, .vault,
        .parkedState, .clearingOpen, .noVault, .parkedWaiting,
    ]
}

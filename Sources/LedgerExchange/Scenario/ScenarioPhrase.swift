/// How a command is said in a scenario: `payment p-1 by u-ben of 100.00 GBP via shop`. First the verb, then
/// words in a fixed order, then keywords with their values in any order. The fields are those of the input
/// line of that type, and its decoder judges them.
struct ScenarioPhrase: Sendable {
    /// The first word.
    let verb: String
    /// Type of the input line.
    let type: String
    /// Fields of the words that follow the verb.
    let positional: [String]
    /// Keywords and what follows them.
    let options: [Option]
    /// Fields that the verb itself says.
    let fixed: [(name: String, text: String)]
    /// A whole line, without its time.
    let example: String

    /// A keyword of a phrase.
    struct Option: Sendable {
        let keyword: String
        let field: String
        let form: Form

        enum Form: Sendable {
            /// One word.
            case text
            /// One word, and the keyword may come again.
            case list
            /// An amount and the code of its asset.
            case money
        }
    }

    init(
        _ verb: String, _ type: String, _ positional: [String], _ options: [Option],
        fixed: [(name: String, text: String)] = [], example: String
    ) {
        self.verb = verb
        self.type = type
        self.positional = positional
        self.options = options + Self.common
        self.fixed = fixed
        self.example = example
    }

    /// What any phrase may say.
    private static let common = [
        text("key", "key"), text("programme", "programme"), text("role", "actorRole"),
        text("correlation", "correlationId"),
    ]

    private static func text(_ keyword: String, _ field: String) -> Option {
        Option(keyword: keyword, field: field, form: .text)
    }
    private static func list(_ keyword: String, _ field: String) -> Option {
        Option(keyword: keyword, field: field, form: .list)
    }
    private static func money(_ keyword: String, _ field: String) -> Option {
        Option(keyword: keyword, field: field, form: .money)
    }

    private static let approvers = list("approved-by", "approvers")
    private static let reason = text("reason", "reason")
    private static let amount = money("of", "amount")
    private static let by = text("by", "userId")
    private static let via = text("via", "provider")
    private static let actor = text("by", "actor")

    /// Every phrase, in the order of the documentation.
    static let all: [ScenarioPhrase] = people + payments + rewards + payouts + cases + books + repairs

    private static let people = [
        ScenarioPhrase(
            "signup", "signup", ["userId"],
            [
                text("referrer", "referrerId"), text("code", "referralCode"), text("country", "country"),
                text("email", "email"), text("phone", "phone"), text("name", "name"),
                text("ip", "signals.ip"), text("device", "signals.device"),
                text("card", "signals.paymentMethod"),
            ], example: "signup u-ben referrer u-anna"),
        ScenarioPhrase(
            "issue-code", "issueCode", ["code"], [text("to", "userId"), text("days", "expiresInDays")],
            example: "issue-code ANNA-1 to u-anna days 30"),
        ScenarioPhrase(
            "apply-code", "applyCode", ["code"], [by], example: "apply-code ANNA-1 by u-ben"),
        ScenarioPhrase(
            "disable-code", "disableCode", ["code"], [text("of", "userId")],
            example: "disable-code ANNA-1 of u-anna"),
        ScenarioPhrase(
            "reactivate-code", "reactivateCode", ["code"],
            [text("of", "userId"), text("days", "expiresInDays")],
            example: "reactivate-code ANNA-1 of u-anna days 30"),
        ScenarioPhrase(
            "move", "advanceReferral", ["userId"], [text("to", "to")], example: "move u-ben to active"),
        ScenarioPhrase("convert", "convert", ["userId"], [], example: "convert u-ben"),
        ScenarioPhrase(
            "merge", "mergeUsers", ["userId"], [text("into", "intoUserId"), approvers],
            example: "merge u-anna2 into u-anna approved-by olga"),
    ]

    private static let payments = [
        ScenarioPhrase(
            "payment", "payment", ["paymentId"], [by, amount, via, money("base", "commissionableBase")],
            example: "payment p-1 by u-ben of 100.00 GBP via shop"),
        ScenarioPhrase(
            "refund", "refund", ["refundId"],
            [amount, text("on", "paymentId"), via, money("total", "refundedTotal")],
            example: "refund r-1 of 20.00 GBP on p-1 via shop"),
        ScenarioPhrase(
            "refund-failed", "refundFailed", ["refundId"], [via], example: "refund-failed r-1 via shop"),
        ScenarioPhrase(
            "dispute", "dispute", ["disputeId", "status"], [amount, text("on", "paymentId"), via],
            example: "dispute d-1 opened of 100.00 GBP on p-1 via shop"),
        ScenarioPhrase("advance", "advance", [], [], example: "advance"),
    ]

    private static let rewards = [
        ScenarioPhrase("claim", "claim", ["rewardId"], [by], example: "claim r1 by u-anna"),
        ScenarioPhrase(
            "fulfil", "fulfil", ["rewardId", "status"], [], example: "fulfil r1 fulfilled"),
        ScenarioPhrase(
            "budget", "setBudget", [], [amount, text("per", "period")],
            example: "budget of 500.00 GBP per month"),
    ]

    private static func decision(_ verb: String, _ options: [Option], _ example: String) -> ScenarioPhrase {
        ScenarioPhrase(
            verb, "decideWithdrawal", ["withdrawalId"], options + [actor, reason],
            fixed: [("decision", verb)], example: example)
    }

    private static let payouts = [
        ScenarioPhrase(
            "withdraw", "withdraw", ["withdrawalId"], [by, amount, text("method", "method")],
            example: "withdraw w-1 by u-anna of 20.00 GBP"),
        decision("approve", [], "approve w-1 by olga"),
        decision("reject", [], "reject w-1 by olga reason \"name does not match\""),
        decision("cancel", [], "cancel w-1"),
        decision("reduce", [money("to", "amount")], "reduce w-1 to 5.00 GBP by olga"),
        ScenarioPhrase(
            "payout", "payout", ["withdrawalId", "status"],
            [via, text("ref", "providerRef"), money("kept", "kept")],
            example: "payout w-1 sent via bank ref po-1"),
        ScenarioPhrase(
            "kyc", "kyc", ["userId", "decision"],
            [text("level", "level"), text("days", "expiresInDays"), text("document", "documentHash")],
            example: "kyc u-anna approved level 1"),
    ]

    private static let cases = [
        ScenarioPhrase(
            "suspend", "suspend", ["userId"], [reason], example: "suspend u-anna reason chargebacks"),
        ScenarioPhrase("reinstate", "reinstate", ["userId"], [], example: "reinstate u-anna"),
        ScenarioPhrase("close", "closeUser", ["userId"], [reason], example: "close u-anna"),
        ScenarioPhrase(
            "flag", "flag", ["userId"],
            [
                text("rule", "rule"), text("severity", "severity"), text("evidence", "evidence"),
                text("reward", "rewardId"), text("payment", "paymentId"), via,
            ], example: "flag u-anna rule velocity severity high"),
        ScenarioPhrase(
            "review", "review", ["reviewId", "decision"], [actor], example: "review f1 clear by olga"),
        ScenarioPhrase(
            "risk-score", "riskScore", ["userId", "score"], [text("source", "source")],
            example: "risk-score u-anna 220 source sift"),
    ]

    private static let books = [
        ScenarioPhrase(
            "adjust", "adjust", ["userId"], [money("by", "amount"), reason, approvers],
            example: "adjust u-anna by -5.00 GBP reason goodwill approved-by olga"),
        ScenarioPhrase(
            "write-off", "writeOff", ["userId"], [amount, reason, approvers],
            example: "write-off u-anna of 2.00 GBP reason small approved-by olga"),
        ScenarioPhrase(
            "opening-balance", "openingBalance", ["userId"], [amount],
            example: "opening-balance u-anna of 12.00 GBP"),
        ScenarioPhrase(
            "rate", "fxRate", ["base", "quote", "rate"], [text("source", "source")],
            example: "rate GBP USD 1.25 source ecb"),
        ScenarioPhrase(
            "exchange", "fxConvert", ["userId"], [amount, text("to", "to")],
            example: "exchange u-anna of 10.00 GBP to USD"),
        ScenarioPhrase(
            "fund", "fund", [], [amount, text("reference", "reference")], example: "fund of 1000.00 GBP"),
        ScenarioPhrase(
            "remit-tax", "remitTax", [], [amount, text("reference", "reference")],
            example: "remit-tax of 2.00 GBP"),
        ScenarioPhrase(
            "cost", "recordCost", ["kind"], [amount, text("reference", "reference")],
            example: "cost postage of 3.00 GBP"),
        ScenarioPhrase(
            "policy", "publishPolicy", ["preset"], [], example: "policy two-level"),
    ]

    /// How a fact is named, in one of these ways.
    private static let fact = [
        text("payment", "paymentId"), via, text("reward", "rewardId"), text("kind", "kind"),
        text("reference", "reference"), text("position", "position"),
    ]

    private static let repairs = [
        ScenarioPhrase(
            "quarantine", "quarantine", [], fact + [reason, approvers],
            example: "quarantine payment p-1 via shop reason twice approved-by olga"),
        ScenarioPhrase(
            "release", "release", [], fact + [reason, approvers],
            example: "release payment p-1 via shop approved-by olga"),
        ScenarioPhrase(
            "correct", "correctAttribution", ["userId"], [text("referrer", "referrerId"), reason, approvers],
            example: "correct u-ben referrer u-cleo reason \"wrong link\" approved-by olga"),
    ]

    /// The field that takes the phrase's time.
    var timeField: String {
        switch type {
        case "advance": "to"
        case "publishPolicy": "effectiveFrom"
        default: "at"
        }
    }
}

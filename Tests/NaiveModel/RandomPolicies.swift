/// A policy for random programmes: the text that is published, and the asset of its programme.
public struct RandomPolicy: Sendable, CustomStringConvertible {
    /// What it is about.
    public let name: String
    /// A policy file, for the ledger's own reader.
    public let json: String
    /// The programme's default asset.
    public let asset: String

    /// The same for the model.
    public var naive: NaiveLedger.Policy { NaiveLedger.Policy(json: json, asset: asset) }

    /// Its name.
    public var description: String { name }

    /// All of them: each rule of the main line is switched on in at least one, in each of its ways.
    public static let all = [plain, tiered, stages, capped, refusing, strict, forfeiting]

    private init(_ name: String, asset: String = "GBP", _ rest: String) {
        self.name = name
        self.asset = asset
        json = "{\"name\":\"\(name)\"," + rest + "}"
    }

    /// Commissions, withdrawals with approval, nothing else.
    public static let plain = RandomPolicy(
        "plain",
        """
        "attribution":{"rejectSharedSignals":false},
        "codes":{"oneActive":false},
        "commission":{"levels":[{"ratePpm":200000},{"ratePpm":100000}],"holdingDays":3,"months":null},
        "workflow":{"expiryDays":null},
        "withdrawal":{"approvalRequired":true,"onClawback":"owe"},
        "closure":"hold"
        """)

    /// Money for completed referrals by tier, bonuses, badges, downgrades.
    public static let tiered = RandomPolicy(
        "tiered", asset: "INR",
        """
        "codes":{"oneActive":true,"ttlDays":60},
        "commission":{"levels":[{"ratePpm":33333}],"holdingDays":2,"months":2},
        "workflow":{"expiryDays":40},
        "rewards":{"rules":[
        {"stage":"completed","side":"referrer","asset":"INR","tierAmounts":["50.00","100.00","150.01"],
        "holdingDays":1,"expiryDays":null},
        {"stage":"completed","side":"referee","asset":"POINT","amount":"7","holdingDays":0,"expiryDays":20}],
        "revokeOnRevert":true,"usedUnits":"owe"},
        "tiers":{"levels":[{"name":"STARTER","threshold":0,"bonuses":{}},
        {"name":"PRO","threshold":2,"bonuses":{"INR":"250.00","PREMIUM_LIFETIME":"1"}},
        {"name":"ELITE","threshold":4,"bonuses":{"INR":"500.00"}}],"downgrade":"below","bonusClawback":true},
        "badges":[{"name":"first","threshold":1,"revocable":true},{"name":"third","threshold":3,
        "revocable":false}],
        "withdrawal":{"approvalRequired":true,"approvalAbove":{"INR":"60.00"},"minimum":{"INR":"1.00"},
        "fee":{"ratePpm":12345,"fixed":{"INR":"0.07"}},"taxPpm":50000,"onClawback":"reduce"},
        "closure":"hold"
        """)

    /// Units and money at several stages, with expiry.
    public static let stages = RandomPolicy(
        "stages",
        """
        "codes":{"oneActive":false,"ttlDays":30},
        "commission":{"levels":[{"ratePpm":125000},{"ratePpm":50000},{"ratePpm":25000}],"holdingDays":1,
        "months":null},
        "workflow":{"paymentAdvancesTo":"completed","zeroPaymentAdvancesTo":"qualified","expiryDays":60},
        "rewards":{"rules":[
        {"stage":"registered","side":"referee","asset":"PREMIUM_DAY","amount":"30","holdingDays":0,
        "expiryDays":10},
        {"stage":"active","side":"referrer","asset":"POINT","amount":"5","holdingDays":0,"expiryDays":null},
        {"stage":"qualified","side":"referrer","asset":"GBP","amount":"1.25","holdingDays":4,"expiryDays":9},
        {"stage":"completed","side":"referrer","asset":"PREMIUM_DAY","amount":"10","holdingDays":0,
        "expiryDays":5},
        {"stage":"completed","side":"referee","asset":"JPY","amount":"33","holdingDays":0,"expiryDays":6}],
        "revokeOnRevert":true,"usedUnits":"keep"},
        "tiers":{"levels":[{"name":"A","threshold":0,"bonuses":{}},{"name":"B","threshold":2,
        "bonuses":{"POINT":"9"}}],
        "downgrade":"never","bonusClawback":false},
        "badges":[{"name":"pair","threshold":2,"revocable":true}],
        "withdrawal":{"approvalRequired":false,"minimum":{},"fee":{"ratePpm":0,"fixed":{"JPY":"1"}},
        "expiryDays":4,"onClawback":"cancel"},
        "closure":"pay"
        """)

    /// Caps that cut.
    public static let capped = RandomPolicy(
        "capped",
        """
        "codes":{"oneActive":false},
        "commission":{"levels":[{"ratePpm":200000},{"ratePpm":100000}],"holdingDays":1,"months":null},
        "workflow":{"expiryDays":null},
        "rewards":{"rules":[
        {"stage":"completed","side":"referrer","asset":"GBP","amount":"2.00","holdingDays":0,
        "expiryDays":null},
        {"stage":"completed","side":"referrer","asset":"POINT","amount":"10","holdingDays":0,
        "expiryDays":null}],
        "revokeOnRevert":true,"usedUnits":"owe"},
        "caps":{"limits":[{"scope":"user","asset":"GBP","amount":"15.00","period":"week"},
        {"scope":"programme","asset":"GBP","amount":"40.00","period":"day"},
        {"scope":"user","asset":"POINT","amount":"25","period":"ever"},
        {"scope":"programme","asset":"JPY","amount":"900","period":"month"}],
        "excess":"clamp","reversalsFree":true},
        "withdrawal":{"approvalRequired":true,"onClawback":"reduce","kycLevel":1},
        "closure":"hold"
        """)

    /// Caps that refuse.
    public static let refusing = RandomPolicy(
        "refusing",
        """
        "codes":{"oneActive":false},
        "commission":{"levels":[{"ratePpm":200000},{"ratePpm":100000}],"rounding":"halfUp","holdingDays":5,
        "months":null},
        "workflow":{"expiryDays":null},
        "rewards":{"rules":[
        {"stage":"completed","side":"referrer","asset":"GBP","amount":"3.00","holdingDays":2,
        "expiryDays":15}],
        "revokeOnRevert":false,"usedUnits":"keep"},
        "caps":{"limits":[{"scope":"user","asset":"GBP","amount":"12.00","period":"month"},
        {"scope":"programme","asset":"INR","amount":"70.00","period":"week"}],
        "excess":"refuse","reversalsFree":false},
        "withdrawal":{"approvalRequired":true,"onClawback":"cancel","expiryDays":6},
        "closure":"hold"
        """)

    /// Two approvers, KYC, velocity, minimums.
    public static let strict = RandomPolicy(
        "strict",
        """
        "codes":{"oneActive":true,"ttlDays":20},
        "commission":{"levels":[{"ratePpm":200000},{"ratePpm":100000}],"rounding":"down","holdingDays":2,
        "months":1},
        "workflow":{"expiryDays":20},
        "withdrawal":{"approvalRequired":true,"approvalAbove":{"JPY":"20"},
        "secondApproverAbove":{"GBP":"5.00","INR":"4.00"},"minimum":{"GBP":"1.00","JPY":"3"},
        "fee":{"ratePpm":30000,"fixed":{"GBP":"0.30"}},"taxPpm":200000,"kycLevel":2,"expiryDays":12,
        "onClawback":"reduce"},
        "adjustment":{"secondApproverAbove":{"GBP":"3.00"}},
        "fraud":{"attributionsPerDay":2},
        "closure":"hold"
        """)

    /// Closed users give up what they have.
    public static let forfeiting = RandomPolicy(
        "forfeiting", asset: "JPY",
        """
        "codes":{"oneActive":false},
        "commission":{"levels":[{"ratePpm":200000},{"ratePpm":100000}],"rounding":"up","holdingDays":1,
        "months":null},
        "workflow":{"paymentAdvancesTo":"qualified","zeroPaymentAdvancesTo":null,"expiryDays":30},
        "rewards":{"rules":[
        {"stage":"qualified","side":"referrer","asset":"JPY","amount":"50","holdingDays":1,"expiryDays":7},
        {"stage":"completed","side":"referee","asset":"POINT","amount":"3","holdingDays":0,
        "expiryDays":null}],
        "revokeOnRevert":true,"usedUnits":"owe"},
        "withdrawal":{"approvalRequired":false,"expiryDays":3,"onClawback":"owe","taxPpm":100000},
        "fraud":{"attributionsPerDay":4},
        "closure":"forfeit"
        """)
}

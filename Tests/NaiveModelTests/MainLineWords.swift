import NaiveModel

/// Short words for the lines of the main line.
extension Ledger {
    /// A ledger in pounds with the rest of a policy file; 20 % and 10 %, mature after `holdingDays`.
    init(_ rest: String, holdingDays: Int = 14, asset: String = "GBP") {
        let json = """
            {"name":"t","commission":{"levels":[{"ratePpm":200000},{"ratePpm":100000}],
            "holdingDays":\(holdingDays)},"workflow":{"expiryDays":null}\(rest.isEmpty ? "" : ",")\(rest)}
            """
        self.init(NaiveLedger(policy: NaiveLedger.Policy(json: json, asset: asset)))
    }

    /// Withdrawals that nobody need approve; `rest` has further rules for them.
    static func paying(_ rest: String = "", holdingDays: Int = 14) -> Ledger {
        let tail = rest.isEmpty ? "" : "," + rest
        return Ledger("\"withdrawal\":{\"approvalRequired\":false\(tail)}", holdingDays: holdingDays)
    }

    @discardableResult
    func line(_ text: String) -> Outcome { naive.submit(line: "{\(text)}") }

    @discardableResult
    func withdraw(_ id: String, _ user: String, _ amount: String, _ currency: String = "GBP", at: String)
        -> Outcome
    {
        say(
            "withdraw",
            ["withdrawalId": id, "userId": user, "amount": amount, "currency": currency, "at": at])
    }

    @discardableResult
    func decide(
        _ id: String, _ decision: String, by actor: String? = "admin-1", to amount: String? = nil, at: String
    ) -> Outcome {
        let who = actor.map { ",\"actor\":\"\($0)\",\"actorRole\":\"admin\"" } ?? ""
        let what = amount.map { ",\"amount\":\"\($0)\"" } ?? ""
        return line(
            """
            "type":"decideWithdrawal","withdrawalId":"\(id)","decision":"\(decision)",\
            "at":"\(at)"\(who)\(what)
            """)
    }

    @discardableResult
    func payout(
        _ id: String, _ status: String, provider: String = "bank", kept: String? = nil, at: String
    ) -> Outcome {
        let what = kept.map { ",\"kept\":\"\($0)\"" } ?? ""
        return line(
            """
            "type":"payout","withdrawalId":"\(id)","status":"\(status)","provider":"\(provider)",\
            "providerRef":"ref","at":"\(at)"\(what)
            """)
    }

    @discardableResult
    func dispute(
        _ id: String, of payment: String, _ status: String, _ amount: String? = nil, at: String
    ) -> Outcome {
        let what = amount.map { ",\"amount\":\"\($0)\",\"currency\":\"GBP\"" } ?? ""
        return line(
            """
            "type":"dispute","disputeId":"\(id)","provider":"shop","paymentId":"\(payment)",\
            "status":"\(status)","at":"\(at)"\(what)
            """)
    }

    @discardableResult
    func refundFailed(_ id: String, at: String) -> Outcome {
        say("refundFailed", ["refundId": id, "provider": "shop", "at": at])
    }

    @discardableResult
    func claim(_ reward: String, _ user: String, at: String) -> Outcome {
        say("claim", ["rewardId": reward, "userId": user, "at": at])
    }

    @discardableResult
    func fulfil(_ reward: String, _ status: String, at: String) -> Outcome {
        say("fulfil", ["rewardId": reward, "status": status, "at": at])
    }

    @discardableResult
    func adjust(
        _ key: String, _ user: String, _ amount: String, _ currency: String = "GBP",
        approvers: String = "[\"admin-1\"]", at: String
    ) -> Outcome {
        line(
            """
            "type":"adjust","key":"\(key)","userId":"\(user)","amount":"\(amount)","currency":"\(currency)",\
            "reason":"r","approvers":\(approvers),"at":"\(at)"
            """)
    }

    @discardableResult
    func merge(_ user: String, into other: String, key: String = "m", at: String) -> Outcome {
        line(
            """
            "type":"mergeUsers","key":"\(key)","userId":"\(user)","intoUserId":"\(other)",\
            "approvers":["admin-1"],"at":"\(at)"
            """)
    }

    func pounds(_ user: String) -> NaiveBalance { balance(user, "GBP") }

    func lots(_ user: String, _ asset: String = "GBP") -> [Int64] { naive.lots(user, asset).map(\.amount) }

    /// The trial balance of one asset.
    func trial(_ asset: String = "GBP") -> [String: Int128] {
        naive.trialBalance.compactMapValues { $0[asset] }
    }
}

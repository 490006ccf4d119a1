import NaiveModel
import Testing

/// A ledger with short words for lines, so that a case reads like the rule it pins.
struct Ledger {
    let naive: NaiveLedger

    init(_ naive: NaiveLedger = NaiveLedger()) { self.naive = naive }

    init(_ change: (inout NaiveLedger.Policy) -> Void) {
        var policy = NaiveLedger.Policy()
        change(&policy)
        naive = NaiveLedger(policy: policy)
    }

    @discardableResult
    func say(_ type: String, _ fields: KeyValuePairs<String, String>) -> Outcome {
        let texts = fields.map { "\"\($0.key)\":\"\($0.value)\"" }
        return naive.submit(line: "{\"type\":\"\(type)\"," + texts.joined(separator: ",") + "}")
    }

    @discardableResult
    func signup(_ id: String, by referrer: String? = nil, code: String? = nil, at: String = day(1)) -> Outcome
    {
        if let referrer { return say("signup", ["userId": id, "at": at, "referrerId": referrer]) }
        if let code { return say("signup", ["userId": id, "at": at, "referralCode": code]) }
        return say("signup", ["userId": id, "at": at])
    }

    @discardableResult
    func pay(
        _ id: String, _ user: String, _ amount: String, _ currency: String = "USD", at: String = day(2)
    ) -> Outcome {
        say(
            "payment",
            [
                "paymentId": id, "provider": "shop", "userId": user, "amount": amount, "currency": currency,
                "at": at,
            ])
    }

    @discardableResult
    func refund(
        _ id: String, of payment: String, _ amount: String, _ currency: String = "USD", total: String? = nil,
        at: String = day(3)
    ) -> Outcome {
        let rest = total.map { ",\"refundedTotal\":\"\($0)\"" } ?? ""
        return naive.submit(
            line: """
                {"type":"refund","refundId":"\(id)","provider":"shop","paymentId":"\(payment)",\
                "amount":"\(amount)","currency":"\(currency)","at":"\(at)"\(rest)}
                """)
    }

    @discardableResult
    func issue(
        _ code: String, to user: String, key: String, days: Int? = nil, at: String = day(1)
    ) -> Outcome {
        let rest = days.map { ",\"expiresInDays\":\($0)" } ?? ""
        return naive.submit(
            line: """
                {"type":"issueCode","key":"\(key)","userId":"\(user)","code":"\(code)","at":"\(at)"\(rest)}
                """)
    }

    @discardableResult
    func apply(_ code: String, to user: String, at: String = day(2)) -> Outcome {
        say("applyCode", ["userId": user, "code": code, "at": at])
    }

    @discardableResult
    func convert(_ user: String, at: String = day(2)) -> Outcome {
        say("convert", ["userId": user, "at": at])
    }

    @discardableResult
    func step(_ user: String, to stage: String, at: String = day(2)) -> Outcome {
        say("advanceReferral", ["userId": user, "to": stage, "at": at])
    }

    @discardableResult
    func advance(to moment: String) -> Outcome { say("advance", ["to": moment]) }

    /// a ← b ← c: c is referred by b, b by a.
    func chain() -> Ledger {
        signup("a")
        signup("b", by: "a")
        signup("c", by: "b")
        return self
    }

    func balance(_ user: String, _ currency: String = "USD") -> NaiveBalance {
        naive.balances(user)[currency] ?? NaiveBalance()
    }
}

/// Midnight of a day of January 2024, or later when there are more than 31. The first was a Monday.
func day(_ number: Int) -> String {
    let lengths = [("01", 31), ("02", 29), ("03", 31), ("04", 30), ("05", 31), ("06", 30)]
    var rest = number
    for (month, length) in lengths {
        if rest <= length { return "2024-\(month)-\(rest < 10 ? "0" : "")\(rest)T00:00:00Z" }
        rest -= length
    }
    preconditionFailure("the calendar of the tests ends in June")
}

/// The same as nanoseconds.
func nanoseconds(_ number: Int) -> Int64 {
    1_704_067_200_000_000_000 + Int64(number - 1) * 86_400_000_000_000
}

func refused(_ code: String) -> Outcome { .refused(code: code) }

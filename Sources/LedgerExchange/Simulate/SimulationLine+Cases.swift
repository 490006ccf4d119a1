import LedgerDomain

// Lines of what takes its time.
extension SimulationLine {
    private mutating func finish(at second: Int, into output: inout [UInt8]) {
        time(",\"at\":\"", second, &output)
        output.append(contentsOf: end)
    }

    /// With a key, which stands behind the time.
    private mutating func finish(
        at second: Int, key: StaticString, _ number: Int, into output: inout [UInt8]
    ) {
        time(",\"at\":\"", second, &output)
        Self.append(#","key":""#, &output)
        Self.append(key, &output)
        Self.append(number, &output)
        Self.append("\"", &output)
        output.append(contentsOf: end)
    }

    mutating func dispute(
        _ dispute: Agenda.Dispute, status: StaticString, at second: Int, into output: inout [UInt8]
    ) {
        Self.append(#"{"type":"dispute","disputeId":"d-"#, &output)
        Self.append(dispute.number, &output)
        provider(dispute.payment, &output)
        Self.append(#","paymentId":"p-"#, &output)
        Self.append(dispute.payment.number + 1, &output)
        Self.append(#"","status":""#, &output)
        Self.append(status, &output)
        amount("\",\"amount\":\"", dispute.amount, &output)
        output.append(contentsOf: currency)
        finish(at: second, into: &output)
    }

    mutating func withdraw(
        _ withdrawal: Agenda.Withdrawal, in asset: Asset, at second: Int, into output: inout [UInt8]
    ) {
        Self.append(#"{"type":"withdraw","withdrawalId":"w-"#, &output)
        Self.append(withdrawal.number, &output)
        Self.append(#"","userId":"u-"#, &output)
        Self.append(withdrawal.user + 1, &output)
        money(#"","amount":""#, withdrawal.amount, asset, &output)
        Self.append(#","method":"bank:u-"#, &output)
        Self.append(withdrawal.user + 1, &output)
        Self.append("\"", &output)
        finish(at: second, into: &output)
    }

    mutating func decide(
        _ number: Int, _ decision: StaticString, to amount: Int64? = nil, in asset: Asset? = nil,
        at second: Int, into output: inout [UInt8]
    ) {
        Self.append(#"{"type":"decideWithdrawal","withdrawalId":"w-"#, &output)
        Self.append(number, &output)
        Self.append(#"","decision":""#, &output)
        Self.append(decision, &output)
        if let amount, let asset {
            money(#"","amount":""#, amount, asset, &output)
        } else {
            Self.append("\"", &output)
        }
        time(",\"at\":\"", second, &output)
        output.append(contentsOf: programme)
        Self.append(#","actor":"desk-"#, &output)
        Self.append(number % 3 + 1, &output)
        Self.append("\"}\n", &output)
    }

    mutating func payout(
        _ number: Int, _ status: StaticString, kept: Int64? = nil, in asset: Asset? = nil, at second: Int,
        into output: inout [UInt8]
    ) {
        Self.append(#"{"type":"payout","withdrawalId":"w-"#, &output)
        Self.append(number, &output)
        Self.append(#"","status":""#, &output)
        Self.append(status, &output)
        Self.append(#"","provider":"bank","providerRef":"b-"#, &output)
        Self.append(number, &output)
        if let kept, let asset {
            money(#"","kept":""#, kept, asset, &output)
        } else {
            Self.append("\"", &output)
        }
        finish(at: second, into: &output)
    }

    mutating func kyc(
        _ user: Int, decision: StaticString, at second: Int, into output: inout [UInt8]
    ) {
        Self.append(#"{"type":"kyc","userId":"u-"#, &output)
        Self.append(user + 1, &output)
        Self.append(#"","level":1,"decision":""#, &output)
        Self.append(decision, &output)
        Self.append("\"", &output)
        time(",\"at\":\"", second, &output)
        Self.append(#","key":"kyc-"#, &output)
        Self.append(decision, &output)
        Self.append("-", &output)
        Self.append(user + 1, &output)
        Self.append("\"", &output)
        output.append(contentsOf: end)
    }

    mutating func suspend(_ user: Int, number: Int, at second: Int, into output: inout [UInt8]) {
        Self.append(#"{"type":"suspend","userId":"u-"#, &output)
        Self.append(user + 1, &output)
        Self.append(#"","reason":"looked into""#, &output)
        finish(at: second, key: "suspend-", number, into: &output)
    }

    mutating func reinstate(_ user: Int, number: Int, at second: Int, into output: inout [UInt8]) {
        Self.append(#"{"type":"reinstate","userId":"u-"#, &output)
        Self.append(user + 1, &output)
        Self.append("\"", &output)
        finish(at: second, key: "reinstate-", number, into: &output)
    }

    mutating func adjust(
        _ number: Int, _ user: Int, by amount: Int64, in asset: Asset, at second: Int,
        into output: inout [UInt8]
    ) {
        Self.append(#"{"type":"adjust","userId":"u-"#, &output)
        Self.append(user + 1, &output)
        money(#"","amount":""#, amount, asset, &output)
        Self.append(amount > 0 ? #","reason":"goodwill""# : #","reason":"put right""#, &output)
        Self.append(#","approvers":["desk-1"]"#, &output)
        finish(at: second, key: "adjust-", number, into: &output)
    }

    mutating func claim(_ grant: Int, of user: Int, at second: Int, into output: inout [UInt8]) {
        Self.append(#"{"type":"claim","rewardId":"r"#, &output)
        Self.append(grant, &output)
        Self.append(#"","userId":"u-"#, &output)
        Self.append(user + 1, &output)
        Self.append("\"", &output)
        finish(at: second, into: &output)
    }

    mutating func fulfil(
        _ grant: Int, _ status: StaticString, at second: Int, into output: inout [UInt8]
    ) {
        Self.append(#"{"type":"fulfil","rewardId":"r"#, &output)
        Self.append(grant, &output)
        Self.append(#"","status":""#, &output)
        Self.append(status, &output)
        Self.append("\"", &output)
        finish(at: second, into: &output)
    }
}

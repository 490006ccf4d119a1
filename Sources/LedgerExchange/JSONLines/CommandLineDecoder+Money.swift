import LedgerDomain
import StrictJSON

// Disputes, corrections of balances, currencies, the programme's own money.
extension CommandLineDecoder {
    /// The action of a line of one of these types; nil for others.
    mutating func moneyAction(_ type: String) throws(LineFault) -> Command.Action? {
        switch type {
        case "refundFailed":
            return .refundFailed(
                RefundFailure(
                    refundId: try text(.refundId), provider: try text(.provider), at: try time(.at)))
        case "dispute": return .dispute(try dispute())
        case "adjust":
            let (amount, asset) = try money()
            return .adjust(
                Adjust(
                    userId: try text(.userId), amount: amount, asset: asset, reason: try text(.reason),
                    approvers: try texts(.approvers), at: try time(.at)))
        case "writeOff":
            let (amount, asset) = try money()
            return .writeOff(
                WriteOff(
                    userId: try text(.userId), amount: amount, asset: asset, reason: try text(.reason),
                    approvers: try texts(.approvers), at: try time(.at)))
        case "openingBalance":
            let (amount, asset) = try money()
            return .openingBalance(
                OpenBalance(userId: try text(.userId), amount: amount, asset: asset, at: try time(.at)))
        case "fxRate": return .fxRate(try fxRate())
        case "fxConvert":
            let (amount, asset) = try money()
            let to = try self.asset(.to).number
            return .fxConvert(
                ConvertBalance(
                    userId: try text(.userId), amount: amount, asset: asset, to: to, at: try time(.at)))
        case "correct": return .correct(try correction())
        case "fund", "remitTax", "recordCost", "setBudget": return try programmeAction(type)
        default: return nil
        }
    }

    /// What concerns no user.
    private mutating func programmeAction(_ type: String) throws(LineFault) -> Command.Action? {
        let (amount, asset) = try money()
        let at = try time(.at)
        switch type {
        case "fund":
            return .fund(
                FundCash(amount: amount, asset: asset, reference: try optionalText(.reference), at: at))
        case "remitTax":
            return .remitTax(
                RemitTax(amount: amount, asset: asset, reference: try optionalText(.reference), at: at))
        case "recordCost":
            return .recordCost(
                RecordCost(
                    kind: try text(.kind), amount: amount, asset: asset,
                    reference: try optionalText(.reference), at: at))
        default:
            let period = try choice(.period, BudgetPeriod.allCases, \.name)
            return .setBudget(SetBudget(amount: amount, asset: asset, period: period, at: at))
        }
    }

    /// A required amount and what it is in.
    mutating func money() throws(LineFault) -> (amount: Int64, asset: AssetNumber) {
        let (asset, exponent) = try currency()
        return (try amount(.amount, exponent: exponent), asset)
    }

    /// An amount that the line may leave out. Without it the asset is the line's `currency`, or nil.
    mutating func optionalMoney(
        _ field: FieldID
    ) throws(LineFault) -> (amount: Int64?, asset: AssetNumber?) {
        guard has(field) else { return (nil, has(.currency) ? try asset(.currency).number : nil) }
        let (asset, exponent) = try currency()
        return (try amount(field, exponent: exponent), asset)
    }

    private mutating func dispute() throws(LineFault) -> Dispute {
        let status = try choice(.status, DisputeStatus.allCases, \.name)
        if status == .opened {
            for field in [FieldID.paymentId, .amount] where !has(field) { throw missing(field.name) }
        }
        let (amount, asset) = try optionalMoney(.amount)
        return Dispute(
            disputeId: try text(.disputeId), provider: try text(.provider),
            paymentId: try optionalText(.paymentId), status: status, amount: amount, asset: asset,
            at: try time(.at))
    }

    private func correction() throws(LineFault) -> Correction {
        guard node(.correction).kind == .object else { throw wrongKind(.correction, "an object") }
        var writer = JSONWriter()
        scanner.write(index(of: .correction), to: &writer)
        let at = try time(.at)
        guard let value = try? JSONValue.parse(writer.bytes) else {
            throw wrongKind(.correction, "an object")
        }
        do throws(CorrectionProblem) {
            return try Correction(value, at: at)
        } catch {
            throw LineFault(
                .fieldType, field: FieldID.correction.name, at: Int(node(.correction).offset),
                "correction: \(error.message)")
        }
    }

    private mutating func fxRate() throws(LineFault) -> RecordRate {
        let base = try asset(.base).number
        let quote = try asset(.quote).number
        guard let rate = ExchangeRate(text: try text(.rate)) else {
            throw LineFault(
                .amountNotDecimal, field: FieldID.rate.name, at: Int(node(.rate).offset),
                "rate: a decimal above zero is due, of at most 18 digits, 12 of them behind the point")
        }
        return RecordRate(
            base: base, quote: quote, rate: rate, source: try text(.source), at: try time(.at))
    }
}

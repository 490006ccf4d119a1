import LedgerDomain
import StrictJSON

// Disputes, corrections of balances, currencies, the programme's own money.
extension CommandLineWriter {
    /// - Precondition: the action is one of these.
    static func append(
        money action: Command.Action, to writer: inout JSONWriter, asset: (AssetNumber) -> Asset?
    ) throws(UnknownAsset) {
        switch action {
        case .refundFailed(let failure):
            writer.text(.refundId, failure.refundId)
            writer.text(.provider, failure.provider)
            writer.time(.at, failure.at)
        case .dispute(let dispute): try append(dispute, to: &writer, asset: asset)
        case .adjust(let c):
            writer.text(.userId, c.userId)
            try money(c.amount, c.asset, to: &writer, asset)
            writer.text(.reason, c.reason)
            writer.texts(.approvers, c.approvers)
            writer.time(.at, c.at)
        case .writeOff(let c):
            writer.text(.userId, c.userId)
            try money(c.amount, c.asset, to: &writer, asset)
            writer.text(.reason, c.reason)
            writer.texts(.approvers, c.approvers)
            writer.time(.at, c.at)
        case .openingBalance(let c):
            writer.text(.userId, c.userId)
            try money(c.amount, c.asset, to: &writer, asset)
            writer.time(.at, c.at)
        case .fxRate(let c):
            writer.text(.base, try known(c.base, asset).code)
            writer.text(.quote, try known(c.quote, asset).code)
            writer.text(.rate, c.rate.description)
            writer.text(.source, c.source)
            writer.time(.at, c.at)
        case .fxConvert(let c):
            writer.text(.userId, c.userId)
            try money(c.amount, c.asset, to: &writer, asset)
            writer.text(.to, try known(c.to, asset).code)
            writer.time(.at, c.at)
        default: try append(programme: action, to: &writer, asset: asset)
        }
    }

    private static func append(
        programme action: Command.Action, to writer: inout JSONWriter, asset: (AssetNumber) -> Asset?
    ) throws(UnknownAsset) {
        switch action {
        case .correct(let c):
            writer.key(FieldID.correction.name)
            c.write(to: &writer)
            writer.time(.at, c.at)
        case .fund(let c):
            try money(c.amount, c.asset, to: &writer, asset)
            writer.text(.reference, c.reference)
            writer.time(.at, c.at)
        case .remitTax(let c):
            try money(c.amount, c.asset, to: &writer, asset)
            writer.text(.reference, c.reference)
            writer.time(.at, c.at)
        case .recordCost(let c):
            writer.text(.kind, c.kind)
            try money(c.amount, c.asset, to: &writer, asset)
            writer.text(.reference, c.reference)
            writer.time(.at, c.at)
        case .setBudget(let c):
            try money(c.amount, c.asset, to: &writer, asset)
            writer.text(.period, c.period.name)
            writer.time(.at, c.at)
        default: preconditionFailure("an action without a line: \(action.typeName)")
        }
    }

    private static func append(
        _ dispute: Dispute, to writer: inout JSONWriter, asset: (AssetNumber) -> Asset?
    ) throws(UnknownAsset) {
        writer.text(.disputeId, dispute.disputeId)
        writer.text(.provider, dispute.provider)
        writer.text(.paymentId, dispute.paymentId)
        writer.text(.status, dispute.status.name)
        try optionalMoney(.amount, dispute.amount, dispute.asset, to: &writer, asset)
        writer.time(.at, dispute.at)
    }

    /// A required amount and its currency.
    static func money(
        _ amount: Int64, _ number: AssetNumber, to writer: inout JSONWriter, _ asset: (AssetNumber) -> Asset?
    ) throws(UnknownAsset) {
        try optionalMoney(.amount, amount, number, to: &writer, asset)
    }

    /// An amount that may not be there, and its currency, which may be there alone.
    static func optionalMoney(
        _ field: FieldID, _ amount: Int64?, _ number: AssetNumber?, to writer: inout JSONWriter,
        _ asset: (AssetNumber) -> Asset?
    ) throws(UnknownAsset) {
        guard let number else {
            if amount != nil { throw UnknownAsset(number: AssetNumber(rawValue: 0)) }
            return
        }
        let asset = try known(number, asset)
        writer.amount(field, amount, asset)
        writer.text(.currency, asset.code)
    }
}

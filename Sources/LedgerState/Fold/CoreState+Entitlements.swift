import LedgerDomain
import LedgerLog

/// What has become of one level of a payment's commission.
public struct CommissionTotals: Sendable, Equatable {
    /// 1 for the direct referrer.
    public let level: UInt8
    /// Member who gets it, through merges.
    public let member: Int
    /// Minor units.
    public let granted: Int64
    /// By refunds and lost disputes; minor units.
    public let reversed: Int64
    /// By reviews; minor units.
    public let revoked: Int64
    /// When it matures, or matured.
    public let maturesAt: Timestamp
    /// What was not taken back; minor units.
    public var standing: Int64 { granted &- reversed &- revoked }
}

/// For comparing one state with another.
extension CoreState {
    /// The commissions of a payment, by level. Cost: reading the payment's record.
    public mutating func commissionTotals(of payment: Int) throws(LogError) -> [CommissionTotals] {
        let legs = try legs(of: payment)
        if legs.isEmpty { return [] }
        let stored = try storedPayment(payment)
        let (paid, envelope) = (stored.payment.amount, stored.envelope)
        let counted = counted(payment)
        let rounding = counted == 0 ? Rounding.halfEven : try rounding(of: envelope)
        var out: [CommissionTotals] = []
        for leg in legs {
            let row = legNumber(payment, leg.level).map { self.legs[$0] }
            let share =
                counted == 0 ? 0 : rounding.share(leg.amount, numerator: counted, denominator: paid) ?? 0
            out.append(
                CommissionTotals(
                    level: leg.level, member: holder(of: leg.beneficiary, envelope.programme),
                    granted: leg.amount, reversed: row?.reversed ?? share, revoked: row?.revoked ?? 0,
                    maturesAt: leg.maturesAt))
        }
        return out
    }

    /// The number of a programme; nil for an unknown id.
    public func programmeNumber(_ id: String) throws(LogError) -> Int? {
        for number in 0..<programmes.count where try programmeId(number).string == id { return number }
        return nil
    }

    /// The badges that a member holds, by name.
    public func badges(of member: Int, _ symbols: [AssetNumber: String]) -> Set<String> {
        var held: Set<String> = []
        for (asset, code) in symbols
        where code.hasPrefix("BADGE:") && balance(member: member, asset: asset).settled > 0 {
            held.insert(String(code.dropFirst(6)))
        }
        return held
    }
}

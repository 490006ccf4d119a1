import LedgerDomain
import LedgerLog

/// Folding is bound by cache misses: a payment touches an id slot, a payer and three ancestors, all far apart. So a
/// stretch of records is read over first, which only starts loading what folding them will touch.
extension CoreState {
    /// Records of a stretch: enough to overlap the misses, few enough to stay in the cache until they are folded.
    public static let warmStretch = 32

    /// Starts loading what a checked record will touch. Changes nothing; what it does not know costs only speed.
    @inline(__always)
    public func warm(record: UnsafeRawBufferPointer, header: RecordHeader) {
        let region = unsafe UnsafeRawBufferPointer(rebasing: record[RecordHeader.size...])
        var decoder = unsafe EventDecoder(
            region: region,
            context: RecordContext(basePosition: header.basePosition, occurredAt: Timestamp(nanoseconds: 0)))
        let envelope = decoder.prelude()
        for _ in 0..<min(header.eventCount, 1 + LedgerBounds.commissionLevels) {
            switch decoder.nextType(recordOccurredAt: envelope.occurredAt) {
            case .paymentReceived:
                let payment = decoder.paymentReceived()
                members.prefetch(Int(payment.payer.rawValue))
                paymentIds.prefetch(
                    hash(payment.paymentId, space: IdSpace.payment(envelope.programme, payment.provider)))
            case .commissionEarned: members.prefetch(Int(decoder.commissionEarned().beneficiary.rawValue))
            case .rewardMatured: members.prefetch(Int(decoder.rewardMatured().beneficiary.rawValue))
            case .userSignedUp: userIds.prefetch(hash(decoder.userSignedUp().userId, space: IdSpace.user))
            case .referralAttributed: members.prefetch(Int(decoder.referralAttributed().referrer.rawValue))
            default: return
            }
            if decoder.fault != nil { return }
            decoder.step()
        }
    }
}

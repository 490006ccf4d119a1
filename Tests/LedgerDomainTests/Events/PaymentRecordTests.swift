import Testing

@testable import LedgerDomain

/// Records of payments written in one piece, against the encoder that writes them event by event.
@Suite struct PaymentRecordTests {
    @Test("the same bytes, whatever the numbers", arguments: UInt64(1)...8)
    func sameBytes(_ seed: UInt64) {
        let keeper = TextKeeper()
        var draw = RandomEvents(seed: seed, keeper: keeper)
        for _ in 0..<500 {
            let programme = ProgrammeNumber(UInt16(truncatingIfNeeded: draw.word()))
            let version = draw.word()
            let base = LogPosition(1 + draw.word() >> 8)
            let at = Timestamp(nanoseconds: draw.signed())
            let maturesAt = Bool.random(using: &draw.random) ? at : Timestamp(nanoseconds: draw.signed())
            var payment = PaymentReceived()
            payment.payer = UserNumber(UInt32(truncatingIfNeeded: draw.word()))
            payment.provider = SymbolNumber(rawValue: UInt16(truncatingIfNeeded: draw.word()))
            let length = [1, 7, 15, 16, 20, 32, 33, 255].randomElement(using: &draw.random)!
            payment.paymentId = keeper.text(
                (0..<length).map { _ in UInt8.random(in: 97...122, using: &draw.random) })
            payment.asset = AssetNumber(rawValue: UInt16(truncatingIfNeeded: draw.word()))
            payment.amount = draw.signed()
            payment.commissionableBase = Bool.random(using: &draw.random) ? payment.amount : draw.signed()
            let shares = (0..<Int.random(in: 0...8, using: &draw.random)).map { level in
                CommissionShare(
                    amount: draw.signed(), beneficiary: UserNumber(UInt32(truncatingIfNeeded: draw.word())),
                    ratePpm: UInt32(truncatingIfNeeded: draw.word()), level: UInt8(level + 1))
            }
            let writer = PaymentRecordWriter(programme: programme, policyVersion: version)
            let inOnePiece = written { region in
                shares.withUnsafeBufferPointer {
                    writer.write(
                        payment, $0, at: base, occurredAt: at, maturesAt: maturesAt, into: region)
                }
            }
            let oneByOne = written { region in
                var envelope = RecordEnvelope()
                (envelope.programme, envelope.policyVersion, envelope.occurredAt) = (programme, version, at)
                var encoder = EventEncoder(
                    region: region, context: RecordContext(basePosition: base, occurredAt: at))
                encoder.prelude(envelope)
                var received = payment
                received.flags = received.commissionableBase == received.amount ? 0 : PaymentReceived.hasBase
                var event = Event.paymentReceived(received)
                encoder.event(&event, occurredAt: at, recordOccurredAt: at)
                for share in shares {
                    var commission = CommissionEarned()
                    commission.level = share.level
                    commission.payment = base
                    commission.beneficiary = share.beneficiary
                    commission.asset = payment.asset
                    commission.base = payment.commissionableBase
                    commission.ratePpm = share.ratePpm
                    commission.amount = share.amount
                    commission.maturesAt = maturesAt
                    var event = Event.commissionEarned(commission)
                    encoder.event(&event, occurredAt: at, recordOccurredAt: at)
                }
                return UnsafeMutableRawPointer(encoder.cursor) - region.baseAddress!
            }
            #expect(inOnePiece == oneByOne, "seed \(seed)")
        }
    }

    private func written(_ write: (UnsafeMutableRawBufferPointer) -> Int) -> [UInt8] {
        var memory = [UInt8](repeating: 0xAA, count: PaymentRecordWriter.bytes)
        let count = memory.withUnsafeMutableBytes { write($0) }
        #expect(memory[min(memory.count, count + 16)...].allSatisfy { $0 == 0xAA })
        return Array(memory[..<count])
    }
}

import Foundation

@testable import LedgerDomain
@testable import LedgerLog
@testable import LedgerState

/// Writes an event's fields as JSON values. Numbers that may pass 2⁵³ are strings.
struct VectorCoder: EventCoder {
    var context: RecordContext
    var fields: [String: Any] = [:]

    private mutating func add(_ name: StaticString, _ value: Any) { fields["\(name)"] = value }
    mutating func flags(_ value: inout UInt8, known: UInt8) { fields["flags"] = Int(value) }
    mutating func inFlags(_ name: StaticString, _ value: UInt8) {}
    mutating func require(_ condition: Bool, _ name: StaticString) {}
    mutating func byte(_ name: StaticString, _ value: inout UInt8) { add(name, Int(value)) }
    mutating func count(_ name: StaticString, _ value: inout UInt64) { add(name, String(value)) }
    mutating func user(_ name: StaticString, _ value: inout UserNumber) { add(name, Int(value.rawValue)) }
    mutating func symbol(_ name: StaticString, _ value: inout SymbolNumber) { add(name, Int(value.rawValue)) }
    mutating func asset(_ name: StaticString, _ value: inout AssetNumber) { add(name, Int(value.rawValue)) }
    mutating func money(_ name: StaticString, _ value: inout Int64) { add(name, String(value)) }
    mutating func rate(_ name: StaticString, _ value: inout UInt32) { add(name, Int(value)) }
    mutating func time(_ name: StaticString, _ value: inout Timestamp) {
        add(name, String(value.nanoseconds))
    }
    mutating func position(_ name: StaticString, _ value: inout LogPosition) {
        add(name, String(value.rawValue))
    }
    mutating func stage(_ name: StaticString, _ value: inout ReferralStage) { add(name, Int(value.rawValue)) }
    mutating func text(_ name: StaticString, _ value: inout BorrowedText) { add(name, value.string) }
    mutating func blob(_ name: StaticString, _ value: inout BorrowedText) { add(name, Hex.text(value.utf8)) }
    mutating func hash(_ name: StaticString, _ value: inout Bytes16) { add(name, value.hex) }
}

/// What the fixtures say of a log.
enum Vectors {
    /// A record as bytes, and as what the bytes say.
    static func describe(_ record: [UInt8]) throws -> [String: Any] {
        try record.withUnsafeBytes { raw in
            let header = try RecordHeader.read(raw)
            var decoder = EventDecoder(
                region: UnsafeRawBufferPointer(rebasing: raw[RecordHeader.size...]),
                context: RecordContext(
                    basePosition: header.basePosition, occurredAt: Timestamp(nanoseconds: 0)))
            let envelope = decoder.prelude()
            var context = RecordContext(basePosition: header.basePosition, occurredAt: envelope.occurredAt)
            var events: [[String: Any]] = []
            while events.count < header.eventCount,
                let event = decoder.event(recordOccurredAt: envelope.occurredAt)
            {
                context.occurredAt = decoder.context.occurredAt
                events.append(describe(event, &context))
                decoder.step()
            }
            decoder.finish()
            if let fault = decoder.fault { throw fault }
            return [
                "key": String(header.basePosition.rawValue), "bytes": Hex.text(raw),
                "header": describe(header, raw),
                "envelope": describe(envelope, flags: raw[RecordHeader.size]), "events": events,
            ]
        }
    }

    private static func describe(_ header: RecordHeader, _ raw: UnsafeRawBufferPointer) -> [String: Any] {
        [
            "version": Int(raw[0]), "flags": Int(raw[1]), "eventCount": header.eventCount,
            "length": header.length,
            "ordinal": String(header.ordinal), "basePosition": String(header.basePosition.rawValue),
            "recordedAt": String(header.recordedAt.nanoseconds),
            "checksum": String(raw.loadUnaligned(fromByteOffset: 32, as: UInt64.self)),
        ]
    }

    private static func describe(_ envelope: RecordEnvelope, flags: UInt8) -> [String: Any] {
        var out: [String: Any] = [
            "flags": Int(flags), "programme": Int(envelope.programme.rawValue),
            "policyVersion": String(envelope.policyVersion),
            "occurredAt": String(envelope.occurredAt.nanoseconds),
        ]
        if flags & RecordEnvelope.hasActor != 0 {
            out["actorRole"] = Int(envelope.actorRole.rawValue)
            out["actorId"] = envelope.actorId.string
        }
        if flags & RecordEnvelope.hasCorrelation != 0 { out["correlationId"] = envelope.correlationId.string }
        if flags & RecordEnvelope.hasCausation != 0 { out["causation"] = envelope.causation.string }
        if flags & RecordEnvelope.hasKey != 0 {
            out["keyType"] = Int(envelope.keyType)
            out["key"] = envelope.key.string
        }
        return out
    }

    /// `fields` are those stored; `inherited` what the event means without saying it.
    private static func describe(_ event: Event, _ context: inout RecordContext) -> [String: Any] {
        var coder = VectorCoder(context: context)
        var event = event
        event.code(&coder)
        var out: [String: Any] = [
            "position": String(context.position.rawValue), "type": Int(event.type.rawValue),
            "name": event.type.name,
            "occurredAt": String(context.occurredAt.nanoseconds), "fields": coder.fields,
        ]
        let inherited = effective(event).filter { coder.fields[$0.key] == nil }
        if !inherited.isEmpty { out["inherited"] = inherited }
        let postings = event.postings.map { posting -> [String: Any] in
            [
                "debit": describe(posting.debit), "credit": describe(posting.credit),
                "amount": String(posting.amount), "asset": Int(posting.asset.rawValue),
            ]
        }
        if !postings.isEmpty { out["postings"] = postings }
        context = coder.context
        context.position = LogPosition(context.position.rawValue + 1)
        return out
    }

    private static func describe(_ account: LedgerAccount) -> String {
        account.user.map { "\(account.name) \($0.rawValue)" } ?? account.name
    }

    /// Fields that an event may leave to its record or its flags.
    private static func effective(_ event: Event) -> [String: Any] {
        switch event {
        case .paymentReceived(let e): ["commissionableBase": String(e.commissionableBase)]
        case .refundReceived(let e): ["amount": String(e.amount)]
        case .commissionEarned(let e):
            [
                "payment": String(e.payment.rawValue), "asset": Int(e.asset.rawValue), "base": String(e.base),
                "maturesAt": String(e.maturesAt.nanoseconds),
            ]
        case .rewardMatured(let e): ["toReceivable": String(e.toReceivable)]
        case .policyPublished(let e): ["effectiveFrom": String(e.effectiveFrom.nanoseconds)]
        default: [:]
        }
    }

    /// RFC 6962 root over stored records.
    static func root(_ records: [[UInt8]]) -> Digest32 {
        let hasher = SHA256Hasher()
        var range = MerkleRange()
        for record in records {
            range.append(record.withUnsafeBytes { MerkleRange.leaf($0, hasher) }, hasher)
        }
        return range.root(hasher)
    }

    /// The whole fixture.
    static func describe(ledgerId: Bytes16, _ records: [[UInt8]]) throws -> [String: Any] {
        [
            "format": "referral-ledger log 1\n", "ledgerId": ledgerId.hex, "root": root(records).hex,
            "records": try records.map(describe),
        ]
    }

    /// Decodes a record and encodes what was decoded.
    static func recode(_ record: [UInt8]) throws -> [UInt8] {
        var out = [UInt8](repeating: 0, count: LedgerBounds.recordBytes)
        let length = try record.withUnsafeBytes { raw in
            try out.withUnsafeMutableBytes { target in
                let header = try RecordHeader.read(raw)
                var encoder: EventEncoder?
                let region = UnsafeMutableRawBufferPointer(rebasing: target[RecordHeader.size...])
                let fault = StoredRecord.walk(raw) { stored, envelope in
                    if encoder == nil {
                        let context = RecordContext(
                            basePosition: header.basePosition, occurredAt: envelope.occurredAt)
                        encoder = EventEncoder(region: region, context: context)
                        encoder!.prelude(envelope)
                    }
                    var event = stored.event
                    encoder!.event(
                        &event, occurredAt: stored.occurredAt, recordOccurredAt: envelope.occurredAt)
                    return true
                }
                if let fault { throw fault }
                let length = UnsafeMutableRawPointer(encoder!.cursor) - target.baseAddress!
                let body = UnsafeMutableRawBufferPointer(rebasing: target[..<length])
                var again = header
                again.length = length
                RecordHeader.write(again, into: body)
                return length
            }
        }
        return Array(out[..<length])
    }
}

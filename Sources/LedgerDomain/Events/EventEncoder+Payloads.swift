// The events that make up nearly all of a log, written without the detour over `Event`: an enum of some seventy payloads
// is as large as the largest of them, and is copied whole.

extension EventEncoder {
    /// Writes the event's number and moment, its fields, and steps to the next position.
    @inline(__always)
    mutating func write<Payload: EventPayload>(
        _ payload: inout Payload, _ type: EventType, _ occurredAt: Timestamp, _ recordOccurredAt: Timestamp
    ) {
        begin(type, occurredAt: occurredAt, recordOccurredAt: recordOccurredAt)
        payload.code(&self)
        context.position = LogPosition(context.position.rawValue + 1)
    }

    /// Writes a payment; the same bytes as `event(_:occurredAt:recordOccurredAt:)`.
    public mutating func event(
        _ event: inout PaymentReceived, occurredAt: Timestamp, recordOccurredAt: Timestamp
    ) {
        write(&event, .paymentReceived, occurredAt, recordOccurredAt)
    }

    /// Writes a commission; the same bytes as `event(_:occurredAt:recordOccurredAt:)`.
    public mutating func event(
        _ event: inout CommissionEarned, occurredAt: Timestamp, recordOccurredAt: Timestamp
    ) {
        write(&event, .commissionEarned, occurredAt, recordOccurredAt)
    }

    /// Writes a step of a referral; the same bytes as `event(_:occurredAt:recordOccurredAt:)`.
    public mutating func event(
        _ event: inout ReferralAdvanced, occurredAt: Timestamp, recordOccurredAt: Timestamp
    ) {
        write(&event, .referralAdvanced, occurredAt, recordOccurredAt)
    }
}

extension EventDecoder {
    /// Reads a payload whose type was read by `nextType(recordOccurredAt:)`.
    @inline(__always)
    mutating func read<Payload: EventPayload>(_ type: Payload.Type) -> Payload {
        var payload = Payload()
        payload.code(&self)
        return payload
    }

    /// Reads a payment's fields; after a fault they mean nothing.
    public mutating func paymentReceived() -> PaymentReceived { read(PaymentReceived.self) }
    /// Reads a commission's fields; after a fault they mean nothing.
    public mutating func commissionEarned() -> CommissionEarned { read(CommissionEarned.self) }
    /// Reads a maturity's fields; after a fault they mean nothing.
    public mutating func rewardMatured() -> RewardMatured { read(RewardMatured.self) }
    /// Reads a step's fields; after a fault they mean nothing.
    public mutating func referralAdvanced() -> ReferralAdvanced { read(ReferralAdvanced.self) }
    /// Reads a conversion's fields; after a fault they mean nothing.
    public mutating func referralConverted() -> ReferralConverted { read(ReferralConverted.self) }
    /// Reads a signup's fields; after a fault they mean nothing.
    public mutating func userSignedUp() -> UserSignedUp { read(UserSignedUp.self) }
    /// Reads an attribution's fields; after a fault they mean nothing.
    public mutating func referralAttributed() -> ReferralAttributed { read(ReferralAttributed.self) }
}

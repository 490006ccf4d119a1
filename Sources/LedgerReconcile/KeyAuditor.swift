import LedgerDomain
import LedgerLog
import LedgerState

/// Natural ids, explicit keys, and the keys of personal data. Cost: for each thing with an id two look-ups in
/// the log. Memory: a number a user with sealed data.
struct KeyAuditor: Auditor {
    /// Where the keys of personal data are; nil where they are not.
    var vault: KeyVault?
    private var counts: [String: Int] = [:]
    private var sealed: Set<UserNumber> = []

    mutating func see(
        _ stored: StoredEvent, _ envelope: RecordEnvelope, _ base: LogPosition, _ out: inout Breaks
    ) {
        switch stored.event {
        case .userSignedUp(let e):
            counts["members", default: 0] += 1
            if !e.sealed.isEmpty { sealed.insert(e.user) }
        case .kycSubmitted(let e): if !e.sealed.isEmpty { sealed.insert(e.user) }
        case .kycDecided(let e): if !e.sealed.isEmpty { sealed.insert(e.user) }
        case .withdrawalRequested(let e):
            counts["withdrawals", default: 0] += 1
            if !e.sealed.isEmpty { sealed.insert(e.user) }
        case .codeIssued: counts["codes", default: 0] += 1
        case .paymentReceived: counts["payments", default: 0] += 1
        case .refundReceived(let e):
            if e.flags & RefundReceived.unparked == 0 { counts["refund ids", default: 0] += 1 }
        case .eventParked(let e):
            if e.kind == ParkedKind.refund.rawValue { counts["refund ids", default: 0] += 1 }
        case .disputeOpened: counts["disputes", default: 0] += 1
        default: break
        }
    }

    mutating func endRecord(_ envelope: RecordEnvelope, _ base: LogPosition, _ out: inout Breaks) {
        if !envelope.key.isEmpty { counts["explicit keys", default: 0] += 1 }
    }

    mutating func compare(_ state: borrowing CoreState, _ out: inout Breaks) throws(LogError) {
        compareCounts(state, &out)
        try compareUsers(state, &out)
        try compareMoney(state, &out)
        try compareCodes(state, &out)
        try compareCases(state, &out)
        try compareKeys(state, &out)
        try compareVault(state, &out)
    }

    private func compareCounts(_ state: borrowing CoreState, _ out: inout Breaks) {
        let disputes = (0..<state.cases.count).reduce(0) {
            $0 + (state.cases[$1].kind == CaseKind.dispute.rawValue ? 1 : 0)
        }
        for (name, rows) in [
            ("members", state.members.count), ("codes", state.codes.count),
            ("payments", state.payments.count), ("refund ids", state.refunds.count),
            ("disputes", disputes), ("withdrawals", state.withdrawals.count),
            ("explicit keys", state.keyPositions.count),
        ] where rows != counts[name, default: 0] {
            out.add(.keyCount, "the state has \(rows) \(name), the log \(counts[name, default: 0])")
        }
        for table in state.idTableSizes where table.entries != table.entities {
            out.add(
                .keyCount, "\(table.name) has \(table.entries) entries for \(table.entities) things")
        }
    }

    /// Something with a name of its own was looked for by it.
    private func judge(
        _ what: String, _ number: Int, found: Int?, at position: UInt64, programme: ProgrammeNumber? = nil,
        user: UserNumber? = nil, _ out: inout Breaks
    ) {
        if found == number { return }
        out.add(
            found == nil ? .keyLost : .keyTwice,
            found == nil ? "\(what) is not found by its own name" : "\(what) has the name of another",
            position: LogPosition(position), programme: programme, user: user)
    }

    private func compareUsers(_ state: borrowing CoreState, _ out: inout Breaks) throws(LogError) {
        for number in 0..<state.users.count {
            let found = try state.findUser(try state.userId(number))
            let user = UserNumber(UInt32(number))
            judge("a user", number, found: found, at: state.userPositions[number], user: user, &out)
        }
        for number in 0..<state.members.count {
            let key = MemberKey(state.members[number])
            guard Int(key.user.rawValue) < state.users.count else {
                out.add(.keyLost, "a member names no user", programme: key.programme)
                continue
            }
            let found = state.member(of: Int(key.user.rawValue), in: key.programme)
            judge(
                "a member", number, found: found, at: state.userPositions[Int(key.user.rawValue)],
                programme: key.programme, user: key.user, &out)
        }
    }

    private func compareMoney(_ state: borrowing CoreState, _ out: inout Breaks) throws(LogError) {
        for number in 0..<state.payments.count {
            let stored = try state.storedPayment(number)
            let payer = stored.payment.payer
            let found = try state.findPayment(
                stored.envelope.programme, stored.payment.provider, stored.payment.paymentId)
            judge(
                "a payment", number, found: found?.number, at: stored.position.rawValue,
                programme: stored.envelope.programme, user: payer, &out)
        }
        for number in 0..<state.refunds.count {
            let base = state.refundPositions[number]
            var names: [(SymbolNumber, BorrowedText, ProgrammeNumber)] = []
            try state.visitRecord(at: LogPosition(base)) { stored, envelope in
                switch stored.event {
                case .refundReceived(let e) where e.flags & RefundReceived.unparked == 0:
                    names.append((e.provider, e.refundId, envelope.programme))
                case .eventParked(let e) where e.kind == ParkedKind.refund.rawValue:
                    names.append((e.provider, e.factId, envelope.programme))
                default: break
                }
                return true
            }
            var found: Int?
            for (provider, id, programme) in names {
                let one = try state.refundNumber(id, of: provider, in: programme)
                if found != number { found = one ?? found }
            }
            judge("a refund", number, found: found, at: base, programme: names.first?.2, &out)
        }
    }

    private func compareCodes(_ state: borrowing CoreState, _ out: inout Breaks) throws(LogError) {
        for number in 0..<state.codes.count {
            let owner = Int(state.codes[number].owner)
            guard owner < state.members.count else {
                out.add(
                    .keyLost, "a code has no owner", position: LogPosition(state.codePositions[number]))
                continue
            }
            let key = MemberKey(state.members[owner])
            let code = try state.storedCode(number).event.code
            judge(
                "a code", number, found: try state.codeNumber(code, in: key.programme),
                at: state.codePositions[number], programme: key.programme, user: key.user, &out)
        }
    }

    private func compareCases(_ state: borrowing CoreState, _ out: inout Breaks) throws(LogError) {
        for number in 0..<state.cases.count where state.cases[number].kind == CaseKind.dispute.rawValue {
            let stored = try state.storedDispute(number)
            let found = try state.disputeNumber(
                stored.event.disputeId, of: stored.event.provider, in: stored.programme)
            judge(
                "a dispute", number, found: found, at: state.casePositions[number],
                programme: stored.programme, &out)
        }
        for number in 0..<state.withdrawals.count {
            let stored = try state.storedWithdrawal(number)
            let found = try state.withdrawalNumber(stored.event.withdrawalId, in: stored.programme)
            judge(
                "a withdrawal", number, found: found, at: state.withdrawalPositions[number],
                programme: stored.programme, user: stored.event.user, &out)
        }
    }

    private func compareKeys(_ state: borrowing CoreState, _ out: inout Breaks) throws(LogError) {
        for number in 0..<state.keyPositions.count {
            let base = state.keyPositions[number]
            var envelope: RecordEnvelope?
            try state.visitRecord(at: LogPosition(base)) { _, its in
                envelope = its
                return false
            }
            guard let envelope, !envelope.key.isEmpty else {
                out.add(.keyLost, "a record that is to have a key has none", position: LogPosition(base))
                continue
            }
            let found = try state.keyPosition(
                envelope.key, envelope.keyType, in: envelope.programme)
            judge(
                "an explicit key", Int(base), found: found.map { Int($0.rawValue) }, at: base,
                programme: envelope.programme, &out)
        }
    }

    private func compareVault(_ state: borrowing CoreState, _ out: inout Breaks) throws(LogError) {
        if sealed.isEmpty { return }
        guard let vault else {
            out.add(.noVault, "\(sealed.count) users have sealed data")
            return
        }
        for user in sealed.sorted(by: { $0.rawValue < $1.rawValue })
        where try vault.key(of: user, create: false) == nil {
            let known = Int(user.rawValue) < state.users.count
            out.add(
                .vault, "sealed data of a user whose key is not in keys/",
                position: known ? LogPosition(state.userPositions[Int(user.rawValue)]) : nil, user: user)
        }
    }
}

/// Facts that wait. Memory: an entry a fact that waits; at most 100 000 do.
struct ParkingAuditor: Auditor {
    struct Trace {
        let programme: ProgrammeNumber
        let kind: ParkedKind?
        let reason: ParkedReason
        let id: String
        let predecessor: String
        let provider: SymbolNumber
        let asset: AssetNumber?
        let amount: Int64
        let at: Timestamp
    }
    private var waiting: [LogPosition: Trace] = [:]
    private var clocks = ClockTrace()

    mutating func see(
        _ stored: StoredEvent, _ envelope: RecordEnvelope, _ base: LogPosition, _ out: inout Breaks
    ) {
        switch stored.event {
        case .eventParked(let e):
            let kind = ParkedKind(rawValue: e.kind)
            let hasAmount = e.flags & EventParked.noAmount == 0 && kind != .conversion
            waiting[stored.position] = Trace(
                programme: envelope.programme, kind: kind,
                reason: ParkedReason(rawValue: e.reason) ?? .nothing, id: e.factId.string,
                predecessor: e.flags & EventParked.hasPredecessor != 0 ? e.predecessor.string : "",
                provider: e.provider, asset: hasAmount ? e.asset : nil, amount: e.amount,
                at: stored.occurredAt)
        case .eventUnparked(let e):
            if waiting.removeValue(forKey: e.parked) == nil {
                out.add(
                    .parkedState, "something takes effect that does not wait", position: stored.position,
                    programme: envelope.programme)
            }
        case .clockAdvanced(let e): clocks.see(e, envelope.programme)
        default: break
        }
    }

    mutating func compare(_ state: borrowing CoreState, _ out: inout Breaks) throws(LogError) {
        var rows = 0
        for number in 0..<state.parked.count where !state.parked[number].isApplied {
            let position = LogPosition(state.parkedPositions[number])
            rows += 1
            if waiting[position] == nil {
                out.add(.parkedState, "a row waits that the events do not park", position: position)
            }
        }
        if rows != waiting.count || state.visibleWaiting != waiting.count {
            out.add(
                .parkedState,
                "\(rows) rows wait and \(state.visibleWaiting) are counted, by the events \(waiting.count)")
        }
        for (position, trace) in waiting.sorted(by: { $0.key < $1.key }) {
            let reason = try Self.reason(trace, state)
            let kind = trace.kind.map { "\($0)" } ?? "fact"
            let name = trace.id.isEmpty ? kind : "\(kind) \(trace.id)"
            let what = trace.predecessor.isEmpty ? reason.code : "\(reason.code) \(trace.predecessor)"
            out.add(
                .parkedWaiting, "\(name) waits for \(what)", position: position,
                programme: trace.programme, asset: trace.asset,
                found: trace.asset == nil ? nil : Int128(trace.amount),
                age: clocks.age(of: trace.at, trace.programme))
        }
    }

    /// A refund that was parked for its payment, and did not fit when it came or came out of quarantine, waits for headroom.
    private static func reason(
        _ trace: Trace, _ state: borrowing CoreState
    ) throws(LogError) -> ParkedReason {
        guard trace.reason == .payment, trace.kind == .refund, !trace.predecessor.isEmpty else {
            return trace.reason
        }
        var isThere = false
        var failure: LogError?
        var text = trace.predecessor
        text.withUTF8 { bytes in
            do throws(LogError) {
                let id = unsafe BorrowedText(bytes.baseAddress, count: bytes.count)
                let payment = try state.findPayment(trace.programme, trace.provider, id)?.number
                isThere = payment.map { !state.isQuarantined(payment: $0) } ?? false
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return isThere ? .headroom : .payment
    }
}

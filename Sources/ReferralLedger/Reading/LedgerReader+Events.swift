import LedgerDomain
import LedgerLog
import LedgerState

extension LedgerReader {
    /// Events from a position on, in order.
    ///
    /// - Parameters:
    ///   - from: The first position wanted (1 is the first event).
    ///   - limit: Events at most; a record is never cut in its middle, so a few more may come.
    public func events(from: LogPosition = LogPosition(1), limit: Int = 1_000) throws(LedgerError)
        -> [LedgerEvent]
    {
        try events(from: from, limit: limit) { _ in true }
    }

    /// Events that pass a filter on their stored form.
    func events(
        from: LogPosition, limit: Int, where wanted: (StoredEvent) -> Bool
    ) throws(LedgerError) -> [LedgerEvent] {
        try checkOpen()
        // Named by the whole ledger: what a name is of may be left out here.
        if let business {
            return try business.source.events(from: from, limit: limit, through: fixed) {
                business.counts($0) && wanted($0)
            }
        }
        return try events(from: from, limit: limit, through: fixed, where: wanted)
    }

    private func events(
        from: LogPosition, limit: Int, through last: LogPosition?, where wanted: (StoredEvent) -> Bool
    ) throws(LedgerError) -> [LedgerEvent] {
        let end = last ?? position
        var out: [LedgerEvent] = []
        guard from <= end else { return [] }
        do throws(LogError) {
            let start = try recordBase(holding: from)
            unsafe try store.scan(after: LogPosition(start.rawValue - 1), through: end) {
                record, header throws(LogError) in
                var found: [(StoredEvent, RecordEnvelope)] = []
                unsafe StoredRecord.walk(record) { stored, envelope in
                    if stored.position >= from, wanted(stored) { found.append((stored, envelope)) }
                    return true
                }
                for (stored, envelope) in found { out.append(try describe(stored, envelope, header)) }
                return out.count < limit
            }
        } catch {
            throw LedgerError(error)
        }
        return out
    }

    /// The events of all records that carry a host's correlation id, or name it as their causation, in log
    /// order. Cost: a pass over the log.
    ///
    /// ```swift
    /// let story = try ledger.current.trace("req-7f3a")     // what one request of the host's made
    /// ```
    /// - Parameter progress: Told the position now and then.
    public func trace(
        _ correlationId: String, progress: (UInt64) -> Void = { _ in }
    ) throws(LedgerError) -> [LedgerEvent] {
        try checkOpen()
        if let business {
            let end = fixed ?? position
            return try business.money.trace(correlationId, progress: progress).filter { $0.position <= end }
        }
        let end = fixed ?? position
        var out: [LedgerEvent] = []
        var records = 0
        do throws(LogError) {
            _ = try withText(correlationId) { id throws(LogError) in
                unsafe try store.scan(after: .start, through: end) { record, header throws(LogError) in
                    var found: [(StoredEvent, RecordEnvelope)] = []
                    unsafe StoredRecord.walk(record) { stored, envelope in
                        guard envelope.correlationId.equals(id) || envelope.causation.equals(id) else {
                            return false
                        }
                        found.append((stored, envelope))
                        return true
                    }
                    for (stored, envelope) in found { out.append(try describe(stored, envelope, header)) }
                    records += 1
                    if records & 0xFFF == 0 { progress(header.basePosition.rawValue) }
                    return true
                }
            }
        } catch {
            throw LedgerError(error)
        }
        return out
    }

    /// The base of the record that holds a position.
    func recordBase(holding position: LogPosition) throws(LogError) -> LogPosition {
        if position.rawValue <= 1 { return LogPosition(1) }
        return try store.baseOfRecord(holding: position) ?? position
    }

    /// An event with names in place of numbers.
    func describe(
        _ stored: StoredEvent, _ envelope: RecordEnvelope, _ header: RecordHeader
    ) throws(LogError) -> LedgerEvent {
        let plain = stored.event.fields(
            position: stored.position, base: header.basePosition, occurredAt: stored.occurredAt)
        let postings = stored.event.postings
        return try trusted { core throws(LogError) in
            var fields: [LedgerEvent.Field] = []
            for field in plain {
                guard let name = field.name(in: stored.event) else { continue }
                fields.append(
                    LedgerEvent.Field(name: name, value: try value(field, stored.event, core)))
                if case .position(let position) = field.value,
                    let named = try reference(field.name, position, stored.event, core)
                {
                    fields.append(named)
                }
            }
            fields += try flags(stored, core)
            var named: [LedgerEvent.NamedPosting] = []
            for posting in postings {
                named.append(
                    LedgerEvent.NamedPosting(
                        debit: try name(posting.debit, core), credit: try name(posting.credit, core),
                        amount: posting.amount, asset: posting.asset))
            }
            func text(_ borrowed: BorrowedText) -> String? { borrowed.isEmpty ? nil : borrowed.string }
            let known = Int(envelope.programme.rawValue) < core.programmes.count
            return LedgerEvent(
                position: stored.position, ordinal: header.ordinal, recordedAt: header.recordedAt,
                occurredAt: stored.occurredAt, type: stored.event.type,
                programme: known ? try core.programmeId(Int(envelope.programme.rawValue)).string : "",
                policyVersion: envelope.policyVersion, actorRole: envelope.actorRole,
                actorId: text(envelope.actorId),
                correlationId: text(envelope.correlationId), causation: text(envelope.causation),
                key: text(envelope.key), fields: fields, postings: named)
        }
    }

    /// Reads names; blocks of zeros in a damaged checkpoint name nobody.
    func trusted<R>(_ body: (inout CoreState) throws(LogError) -> R) throws(LogError) -> R {
        try box.read { core throws(LogError) in
            let answer: Result<R, LogError>
            do throws(LogError) { answer = .success(try body(&core)) } catch { answer = .failure(error) }
            if let table = core.damagedTable { throw .damaged(table) }
            return try answer.get()
        }
    }

    private func name(_ account: LedgerAccount, _ core: borrowing CoreState) throws(LogError)
        -> LedgerEvent.AccountName
    {
        var provider: String?
        if case .clearing(let symbol) = account { provider = try symbolName(symbol, core) }
        return LedgerEvent.AccountName(
            account: account.name,
            userId: try account.user.map { user throws(LogError) in try userName(user, core) },
            provider: provider)
    }

    private func userName(_ user: UserNumber, _ core: borrowing CoreState) throws(LogError) -> String {
        Int(user.rawValue) < core.users.count
            ? try core.userId(Int(user.rawValue)).string : "#\(user.rawValue)"
    }

    private func symbolName(
        _ symbol: SymbolNumber, _ core: borrowing CoreState
    ) throws(LogError) -> String {
        Int(symbol.rawValue) < core.symbols.count
            ? try core.symbolName(Int(symbol.rawValue)).string : ""
    }

    private func value(
        _ field: EventField, _ event: Event, _ core: borrowing CoreState
    ) throws(LogError) -> LedgerEvent.Value {
        switch field.value {
        case .count(let number): return .integer(number).named(field.name, event)
        case .user(let user): return .user(try userName(user, core))
        case .symbol(let symbol):
            if case .symbolDefined = event { return .integer(UInt64(symbol.rawValue)) }
            return .text(try symbolName(symbol, core))
        case .asset(let asset):
            if let fixed = Asset(number: asset) { return .text(fixed.code) }
            return .text(AssetCodes(own: try core.visibleAssetSymbols()).code(asset))
        case .money(let digits, let asset):
            guard case .fxRateRecorded(let e) = event else { return .amount(digits, asset) }
            return .text(DecimalText.format(minor: digits, exponent: Int(e.scale)))
        case .rate(let rate): return .rate(rate)
        case .time(let time): return .time(time)
        case .position(let position): return .position(position)
        case .stage(let stage): return .text(stage.name)
        case .text(let text): return .text(text)
        case .blob(let count): return .bytes(count)
        case .hash(let hash): return .text(hash.hex)
        }
    }
}

import LedgerDomain
import LedgerLog
import LedgerState

/// A command that was recorded, as its record tells it.
public struct RecordedCommand: Sendable, Equatable {
    /// Of the first event that came of it.
    public let position: LogPosition
    /// Sent to a ledger of the same beginnings, after those before it, it leads to the same state.
    public var command: Command
}

/// The commands that made a log, read back from its records in their order.
///
/// A ledger whose first programme was created in the same way, and which is sent all of them in this order,
/// has the same state digest. What consequences are (maturities, what was parked and took effect, grants) is
/// not listed: they follow again. The command that created the first programme is not listed either.
///
/// Records of one `advance`, and of several that follow each other, become one command. Signals are given as
/// the hashes that are stored; e-mail addresses and phone numbers are opened with the users' keys, as other
/// sealed data is, and left out where the keys are gone.
///
/// Isolation: a value, for one thread. Cost: a pass over the log, before it one over the signups; memory: 16
/// bytes for each withdrawal that was reduced.
public struct CommandHistory {
    /// What is needed of the whole log before its first command.
    struct Ground {
        var programmes: [String] = []
        /// Whether signups give the hashes of all signals, those of open data too: some such data cannot be
        /// opened, or its hash was another ledger's, and others may have been compared with it.
        var givesAllHashes = false
    }

    let reader: LedgerReader
    let keys: HeldKeys?
    let end: LogPosition
    private var ground: Ground?
    private var last = LogPosition.start
    /// An advance whose next records may still come.
    private var advance: RecordedCommand?
    /// What was taken off withdrawals that were reduced, by the position of their request.
    private var reductions: [UInt64: Int64] = [:]
    /// Pieces of sealed data so far that could not be opened: erased, or the keys are not there.
    public private(set) var unopened = 0

    /// - Parameter after: The end of a record: those after it are read.
    init(reader: LedgerReader, keys: HeldKeys?, after: LogPosition = .start) {
        self.reader = reader
        self.keys = keys
        last = after
        end = reader.fixed ?? reader.position
    }

    /// The last event whose record is looked at.
    public var position: LogPosition { end }

    /// The next commands, about so many; none at the end.
    public mutating func next(limit: Int = 1_000) throws(LedgerError) -> [RecordedCommand] {
        try reader.checkOpen()
        do throws(LogError) {
            let ground: Ground
            if let known = self.ground { ground = known } else { ground = try prepare() }
            self.ground = ground
            var out: [RecordedCommand] = []
            let (store, start) = (reader.store, last)
            last = try unsafe store.scan(after: start, through: end) { record, header throws(LogError) in
                try unsafe take(record, header, ground, &out)
                return out.count < limit
            }
            if out.count < limit { flush(&out) }
            return out
        } catch {
            throw LedgerError(error)
        }
    }

    private mutating func flush(_ out: inout [RecordedCommand]) {
        if let advance { out.append(advance) }
        advance = nil
    }

    private mutating func take(
        _ record: UnsafeRawBufferPointer, _ header: RecordHeader, _ ground: Ground,
        _ out: inout [RecordedCommand]
    ) throws(LogError) {
        var events: [StoredEvent] = []
        var envelope = RecordEnvelope()
        unsafe StoredRecord.walk(record) { stored, shared in
            envelope = shared
            events.append(stored)
            return true
        }
        for stored in events {
            if case .withdrawalReduced(let e) = stored.event {
                reductions[e.withdrawal.rawValue, default: 0] += e.amount
            }
        }
        if let lead = events.first(where: { $0.event.isOfCommand }) {
            // The first programme comes from the ledger's beginning.
            if header.basePosition.rawValue == 1 { return }
            flush(&out)
            let record = Record(envelope: envelope, lead: lead, events: events)
            let action = try action(of: record, ground)
            out.append(
                RecordedCommand(
                    position: header.basePosition, command: command(action, envelope, ground)))
        } else if let moment = Self.advanced(events) {
            let command = command(.advance(Advance(to: moment)), envelope, ground)
            if let known = advance, known.command.hasSameSender(as: command),
                case .advance(let before) = known.command.action
            {
                advance?.command.action = .advance(Advance(to: max(before.to, moment)))
            } else {
                flush(&out)
                advance = RecordedCommand(position: header.basePosition, command: command)
            }
        }
    }

    /// A record with what it is about.
    struct Record {
        let envelope: RecordEnvelope
        /// The event that the command was for.
        let lead: StoredEvent
        let events: [StoredEvent]
        var at: Timestamp { lead.occurredAt }
    }

    private func command(
        _ action: Command.Action, _ envelope: RecordEnvelope, _ ground: Ground
    ) -> Command {
        let id = Int(envelope.programme.rawValue)
        var command = Command(action)
        if ground.programmes.count > 1, id < ground.programmes.count {
            command.programme = ground.programmes[id]
        }
        if case .createProgramme = action { command.programme = nil }
        command.key = envelope.key.text
        command.actor = Command.Actor(role: envelope.actorRole, id: envelope.actorId.text)
        command.correlationId = envelope.correlationId.text
        command.causation = envelope.causation.text
        return command
    }

    /// Where an advance went that left a record, as far as it must go again: to the clock's new time, or to
    /// the last thing that was due. Going on with ended cases needs no time at all. Nil: no advance made it.
    private static func advanced(_ events: [StoredEvent]) -> Timestamp? {
        var found: Timestamp?
        for stored in events {
            switch stored.event {
            case .importProgressed: return nil
            case .clockAdvanced(let e): found = max(found ?? .min, e.to)
            case .rewardMatured, .referralExpired, .codeExpired, .periodClosed, .rewardExpired,
                .withdrawalExpired, .kycExpired:
                found = max(found ?? .min, stored.occurredAt)
            default: found = found ?? .min
            }
        }
        return found
    }

    // MARK: Ground

    private func prepare() throws(LogError) -> Ground {
        var ground = Ground()
        ground.programmes = try reader.trusted { core throws(LogError) in
            var ids: [String] = []
            for number in 0..<core.visibleProgrammes { ids.append(try core.programmeId(number).string) }
            return ids
        }
        try unsafe reader.store.scan(after: .start, through: end) { record, _ throws(LogError) in
            var signup: UserSignedUp?
            unsafe StoredRecord.walk(record) { stored, _ in
                if case .userSignedUp(let found) = stored.event { signup = found }
                // A signup is the first event of its record.
                return false
            }
            if let signup, try !makesItsHashes(signup) { ground.givesAllHashes = true }
            return !ground.givesAllHashes
        }
        return ground
    }

    /// Whether this ledger's secret makes a signup's hashes of e-mail and phone from what is sealed.
    private func makesItsHashes(_ signup: UserSignedUp) throws(LogError) -> Bool {
        let hashes = Self.hashes(signup).filter { $0.kind == .email || $0.kind == .phone }
        if hashes.isEmpty { return true }
        guard let keys, let plain = try keys.open(signup.sealed, of: signup.user, reader.store.ledgerId)
        else { return false }
        let personal = PersonalCodec.decode(plain)
        for hash in hashes {
            let text = hash.kind == .email ? personal.email?.lowercased() : personal.phone
            guard let text, keys.vault.hash(hash.kind, text) == hash.hash else { return false }
        }
        return true
    }

    /// The hashes that a signup stored.
    static func hashes(_ signup: UserSignedUp) -> [SignalHash] {
        let bytes = unsafe Array(signup.signals.utf8)
        var out: [SignalHash] = []
        for start in stride(from: 0, to: bytes.count - 16, by: 17) {
            guard let kind = SignalKind(rawValue: bytes[start]) else { continue }
            out.append(SignalHash(kind: kind, hash: Bytes16(bytes[(start + 1)..<(start + 17)])))
        }
        return out
    }

    // MARK: For the actions

    /// Sealed text in clear; nil where there is none, and where it cannot be opened, which is counted.
    mutating func opened(_ sealed: BorrowedText, of user: UserNumber) throws(LogError) -> [UInt8]? {
        if sealed.isEmpty { return nil }
        let plain = try keys?.open(sealed, of: user, reader.store.ledgerId)
        if plain == nil { unopened += 1 }
        return plain
    }

    /// What a withdrawal was brought down by so far, the record at hand included.
    func reduction(of withdrawal: LogPosition) -> Int64 { reductions[withdrawal.rawValue] ?? 0 }
}

/// The keys of a ledger, open while somebody holds them.
final class HeldKeys: Sendable {
    let vault: KeyVault
    /// Whether they were opened for this alone.
    private let isOwn: Bool

    init(_ vault: KeyVault, isOwn: Bool) {
        self.vault = vault
        self.isOwn = isOwn
    }

    deinit { if isOwn { vault.close() } }

    func open(
        _ sealed: BorrowedText, of user: UserNumber, _ ledgerId: Bytes16
    ) throws(LogError) -> [UInt8]? {
        guard let key = try vault.key(of: user, create: false) else { return nil }
        return unsafe Crypto.open(
            Array(sealed.utf8), key: key, bound: PersonalCodec.binding(ledgerId, user))
    }
}

extension BorrowedText {
    /// A string of its own; nil of no bytes.
    var text: String? { isEmpty ? nil : string }
}

extension Command {
    /// Whether programme, actor and the host's ids are the same.
    fileprivate func hasSameSender(as other: Command) -> Bool {
        programme == other.programme && actor == other.actor && correlationId == other.correlationId
            && causation == other.causation
    }
}

extension Ledger {
    /// The commands that led to the present state, or to a past one of this ledger.
    public func commandHistory(of reader: LedgerReader? = nil) throws(LedgerError) -> CommandHistory {
        try current.checkOpen()
        return CommandHistory(reader: reader ?? current, keys: HeldKeys(vault, isOwn: false))
    }
}

extension LedgerArchive {
    /// The commands that led to the present state, or to a past one of this archive. Sealed data is opened
    /// with the keys in the ledger's folder, where they are.
    public func commandHistory(of reader: LedgerReader? = nil) throws(LedgerError) -> CommandHistory {
        try current.checkOpen()
        let folders = LedgerFolders(root: directory)
        guard folders.holdsKeys else { return CommandHistory(reader: reader ?? current, keys: nil) }
        do throws(LogError) {
            let vault = try KeyVault(
                directory: folders.keys, readOnly: true, ledgerId: store.ledgerId, mayCreate: false)
            return CommandHistory(reader: reader ?? current, keys: HeldKeys(vault, isOwn: true))
        } catch {
            throw LedgerError(error)
        }
    }
}

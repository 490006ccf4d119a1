import Testing

@testable import LMDB
@testable import LedgerDomain
@testable import LedgerLog
@testable import LedgerState

/// The writer's loop without its threads: decides each command as a group of its own, appends it, retires it.
final class Engine {
    let store: LogStore
    let vault: KeyVault
    var state: CoreState
    var decider: Decider
    private let group = RecordGroup()
    private var parity: UInt32 = 0
    private var now: Int64
    private var draws = 0

    /// - Parameters:
    ///   - secret: what signals are hashed under; fixed, so that the log comes out the same.
    ///   - sideBySide: whether plain payments are decided side by side.
    ///   - advanceBounds: how an advance is cut.
    init(
        folder: String, ledgerId: Bytes16, now: Timestamp, secret: [UInt8], sideBySide: Bool = true,
        advanceBounds: Decider.AdvanceBounds = .init()
    ) throws {
        decider = Decider(sideBySide: sideBySide, advanceBounds: advanceBounds)
        let keys = folder + "/keys"
        let environment = try Environment(directory: keys, options: .init(mapSizeBytes: 1 << 30))
        let database = try environment.openDatabase("ledger", integerKeys: false, create: true)
        let write = try environment.beginWrite()
        try write.put(
            database, named: "secret", KeyVault.withSum(secret, of: KeyVault.secretNumber))
        try write.commit()
        _ = environment.close()
        vault = try KeyVault(directory: keys, readOnly: false, ledgerId: ledgerId, mayCreate: true)
        store = try LogStore.create(directory: folder + "/log", ledgerId: ledgerId, mapSizeBytes: 1 << 30)
        state = CoreState(records: RecordSource(store), hashSeed: 0x5EED)
        self.now = now.nanoseconds
    }

    deinit {
        state.records.release()
        store.close()
        vault.close()
    }

    private func inputs() -> DecisionInputs {
        let inputs = DecisionInputs(now: Timestamp(nanoseconds: now), vault: vault, ledgerId: store.ledgerId)
        inputs.drawCode = { [self] length, alphabet in
            draws += 1
            return (0..<length).map { alphabet[($0 * 7 + draws * 5) % alphabet.count] }
        }
        return inputs
    }

    private func inGroup<R>(_ body: () throws -> R) throws -> R {
        group.removeAll()
        let head = state.head
        state.beginGroup(parity: parity)
        state.records.add(group)
        let result = try body()
        try vault.flush()
        try store.append(group, expecting: head)
        state.records.remove(group)
        state.retireGroup(parity: parity)
        parity = 1 - parity
        now += 1_000_000_000
        return result
    }

    /// Decides a command; it must be recorded.
    func record(_ command: Command) throws {
        let outcome = try inGroup { try decider.decide(command, &state, group, inputs()) }
        switch outcome {
        case .accepted, .parked: break
        default: Issue.record("\(command.action.typeName): \(outcome)")
        }
    }

    /// Decides commands as one group, as the writer does, and takes it back if it is not to be kept.
    func decide(_ commands: [Command], keeps: Bool = true) throws -> [Outcome] {
        let batch = CommandBatch(commands)
        func all() throws -> [Outcome] {
            let inputs = inputs()
            var outcomes: [Outcome] = []
            var next = 0
            while next < batch.count {
                next = try decider.decide(batch, from: next, &state, group, inputs, into: &outcomes)
            }
            return outcomes
        }
        if keeps { return try inGroup(all) }
        group.removeAll()
        state.beginGroup(parity: parity)
        state.records.add(group)
        let outcomes = try all()
        state.records.remove(group)
        state.rollBackGroup(parity: parity)
        return outcomes
    }

    /// Every row of every table but those of ids, and but for those named.
    func rows(besides others: Set<String> = []) -> [String: [UInt8]] {
        var all: [String: [UInt8]] = [:]
        for table in state.rowTables() where !others.contains(table.name) {
            all[table.name] = state.rowBytes(table: table.table, from: 0, count: table.count)
        }
        return all
    }

    /// The ids of all users, by number.
    func userTexts() throws -> [String] {
        try (0..<state.users.count).map { try state.userText($0) }
    }

    /// Moves a programme's clock.
    /// - Parameter between: done after each group but the last.
    func advance(_ programme: String, to moment: Timestamp, between: () throws -> Void = {}) throws {
        while case .more = try advanceOnce(programme, to: moment) { try between() }
    }

    /// One group of it.
    func advanceOnce(_ programme: String, to moment: Timestamp) throws -> AdvanceProgress {
        let action = Advance(to: moment)
        let progress = try inGroup {
            try decider.advance(
                action, Command(.advance(action), programme: programme), &state, group, inputs())
        }
        if case .refused(let refusal) = progress { Issue.record("\(refusal)") }
        return progress
    }

    /// One group of an advance, and takes it back.
    func tryAdvance(_ programme: String, to moment: Timestamp) throws -> AdvanceProgress {
        group.removeAll()
        state.beginGroup(parity: parity)
        state.records.add(group)
        let action = Advance(to: moment)
        let progress = try decider.advance(
            action, Command(.advance(action), programme: programme), &state, group, inputs())
        state.records.remove(group)
        state.rollBackGroup(parity: parity)
        return progress
    }

    func progress(_ progress: ImportProgress) throws {
        try inGroup { try decider.progress(progress, &state, group, inputs()) }
    }

    /// Every stored record, in order.
    func records() throws -> [[UInt8]] {
        var all: [[UInt8]] = []
        try store.scan(after: .start) { bytes, _ in
            all.append(Array(bytes))
            return true
        }
        return all
    }
}

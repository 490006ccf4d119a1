import LedgerDomain
import LedgerLog

/// A run over a provider's statement, or a break that one opened. 32 bytes. Takes no part in the state digest.
@frozen
public struct BreakRow: StateRow {
    static let run: UInt8 = 1
    static let opened: UInt8 = 2
    /// Undo tag; no content of the row.
    public var undo: UInt32 = 0
    /// The programme.
    public var programme: UInt16 = 0
    /// 1: a run. 2: a break.
    public var kind: UInt8 = 0
    /// Of a break: 1 while it is open.
    public var state: UInt8 = 0
    /// Position of the `ReconciliationRun` or `BreakOpened`.
    public var opened: UInt64 = 0
    /// Position of the `BreakResolved`; 0 before.
    public var resolved: UInt64 = 0
    /// Zero.
    public var spare: UInt64 = 0
    /// With the defaults.
    public init() {}

    /// Whether it is a break that nothing has resolved.
    public var isOpen: Bool { kind == Self.opened && state == 1 }
    /// Whether it is a run.
    public var isRun: Bool { kind == Self.run }
}

extension CoreState {
    /// A run by its id.
    func findRun(_ programme: ProgrammeNumber, _ id: BorrowedText) throws(LogError) -> Int? {
        var probe = further.breakIds.probe(hash(id, space: IdSpace.run(programme)))
        while let candidate = further.breakIds.next(&probe) {
            guard candidate < breaks.count, breaks[candidate].isRun else { continue }
            let isSame = try visit(breaks[candidate].opened) { stored, envelope in
                guard case .reconciliationRun(let e) = stored.event else { return false }
                return envelope.programme == programme && e.runId.equals(id)
            }
            if isSame == true { return candidate }
        }
        return nil
    }

    /// Every time that a break was opened, in order.
    func findOpenings(_ programme: ProgrammeNumber, _ id: BorrowedText) throws(LogError) -> [Int] {
        var found: [Int] = []
        var probe = further.breakIds.probe(hash(id, space: IdSpace.opening(programme)))
        while let candidate = further.breakIds.next(&probe) {
            guard candidate < breaks.count, !breaks[candidate].isRun else { continue }
            let isSame = try visit(breaks[candidate].opened) { stored, envelope in
                guard case .breakOpened(let e) = stored.event else { return false }
                return envelope.programme == programme && e.breakId.equals(id)
            }
            if isSame == true { found.append(candidate) }
        }
        return found.sorted()
    }

    /// A break as the log has it; nil of a run. Texts are valid until the next read or change.
    func storedBreak(_ number: Int) throws(LogError) -> BreakOpened? {
        let found = try visit(breaks[number].opened) { stored, _ -> BreakOpened? in
            guard case .breakOpened(let e) = stored.event else { return nil }
            return e
        }
        return found.flatMap { $0 }
    }

    /// Whether a run or break is found by its id in the id table; for checks.
    public func foundBreak(_ number: Int) throws(LogError) -> Bool {
        let row = breaks[number]
        let programme = ProgrammeNumber(row.programme)
        let text = try visit(row.opened) { stored, _ -> BorrowedText? in
            switch stored.event {
            case .reconciliationRun(let e): e.runId
            case .breakOpened(let e): e.breakId
            default: nil
            }
        }
        guard let id = text.flatMap({ $0 }) else { return false }
        // The text lives until the next read.
        var copy = id.string
        var answer = false
        var failure: LogError?
        copy.withUTF8 { bytes in
            guard let start = bytes.baseAddress else { return }
            let borrowed = unsafe BorrowedText(start, count: bytes.count)
            do throws(LogError) {
                answer =
                    row.isRun
                    ? try findRun(programme, borrowed) == number
                    : try findOpenings(programme, borrowed).contains(number)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return answer
    }

    // MARK: Fold

    mutating func applyRun(_ e: ReconciliationRun, _ place: EventPlace) {
        do throws(LogError) {
            if try findRun(place.programme, e.runId) != nil {
                return fail("breaks.run", "a run of this id was recorded before", place)
            }
        } catch {
            return fail("breaks.run", error.message, place)
        }
        var row = BreakRow()
        (row.programme, row.kind) = (place.programme.rawValue, BreakRow.run)
        row.opened = place.position.rawValue
        let number = further.breaks.append(row)
        further.breakIds.insert(hash(e.runId, space: IdSpace.run(place.programme)), number, &undo)
    }

    mutating func applyBreakOpened(_ e: BreakOpened, _ place: EventPlace) {
        do throws(LogError) {
            guard isRun(e.run) else { return fail("breaks.run", "no run stands at \(e.run)", place) }
            for number in try findOpenings(place.programme, e.breakId) where breaks[number].isOpen {
                return fail("breaks.state", "the break is open already", place)
            }
        } catch {
            return fail("breaks.state", error.message, place)
        }
        var row = BreakRow()
        (row.programme, row.kind, row.state) = (place.programme.rawValue, BreakRow.opened, 1)
        row.opened = place.position.rawValue
        let number = further.breaks.append(row)
        further.breakIds.insert(hash(e.breakId, space: IdSpace.opening(place.programme)), number, &undo)
    }

    mutating func applyBreakResolved(_ e: BreakResolved, _ place: EventPlace) {
        if e.flags & BreakResolved.byRun != 0, !isRun(e.run) {
            return fail("breaks.run", "no run stands at \(e.run)", place)
        }
        guard let number = breakNumber(at: e.opened), breaks[number].isOpen,
            breaks[number].programme == place.programme.rawValue
        else { return fail("breaks.state", "no break is open at \(e.opened)", place) }
        let row = unsafe further.breaks.edit(number, &undo)
        unsafe row.pointee.state = 0
        unsafe row.pointee.resolved = place.position.rawValue
    }

    /// The row of what was opened at a position. Rows stand in the order of their positions.
    private func breakNumber(at position: LogPosition) -> Int? {
        var (low, high) = (0, breaks.count)
        while low < high {
            let middle = (low + high) / 2
            if breaks[middle].opened < position.rawValue { low = middle + 1 } else { high = middle }
        }
        return low < breaks.count && breaks[low].opened == position.rawValue ? low : nil
    }

    private func isRun(_ position: LogPosition) -> Bool {
        breakNumber(at: position).map { breaks[$0].isRun } ?? false
    }

    // MARK: For readers

    /// Runs and breaks that readers may see.
    public var visibleBreaks: Int { breaks.visibleCount(flight) }
    /// A run or a break, in the order in which they were recorded.
    public func visibleRow(break number: Int) -> BreakRow? { breaks.visible(number, undo, flight) }

    /// The event at a position that a row of breaks names. Texts are valid until the next read or change.
    public func readBreakEvent(_ position: UInt64) throws(LogError) -> (StoredEvent, RecordEnvelope) {
        guard let found = try visit(position, { ($0, $1) }) else {
            throw LogError(.broken, "nothing stands there", position: LogPosition(position))
        }
        return found
    }
}

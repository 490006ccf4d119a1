import Testing

@testable import LedgerDomain
@testable import LedgerLog
@testable import LedgerState

/// What falls due on which day, against a dictionary.
@Suite struct DueQueueTests {
    struct Slot: Hashable {
        let day: Int
        let programme: UInt16
        let kind: UInt32
    }

    @Test("days of moments")
    func days() throws {
        #expect(CoreState.dueDay(Timestamp(nanoseconds: 0)) == 106_752)
        #expect(CoreState.dueDay(Timestamp(nanoseconds: -1)) == 106_751)
        #expect(CoreState.dueDay(Timestamp(nanoseconds: CoreState.nanosecondsPerDay - 1)) == 106_752)
        #expect(CoreState.dueDay(Timestamp(nanoseconds: CoreState.nanosecondsPerDay)) == 106_753)
        #expect(CoreState.dueDay(.min) == 0)
        #expect(CoreState.dueDay(.max) == 213_503)
    }

    @Test("all that was scheduled is due on its day, what was undone is not", arguments: UInt64(1)...4)
    func scheduling(_ seed: UInt64) throws {
        let folder = try TemporaryFolder()
        let store = try LogStore.create(
            directory: folder.path + "/log", ledgerId: .zero, mapSizeBytes: 1 << 30)
        var state = CoreState(records: RecordSource(store), hashSeed: 1)
        var random = SplitMix(seed: seed)
        for _ in 0..<3 { state.programmes.append(ProgrammeRow()) }
        var model: [Slot: Set<Int>] = [:]
        var parity: UInt32 = 0
        var number = 0
        for _ in 0..<60 {
            let before = model
            let floor = (0..<3).map { state.programmes[$0].dueFrom }
            state.beginGroup(parity: parity)
            for _ in 0..<Int.random(in: 1...60, using: &random) {
                number += Int.random(in: 0...2, using: &random)
                let kind = DueKind(rawValue: UInt32.random(in: 0..<3, using: &random))!
                let programme = UInt16.random(in: 0..<3, using: &random)
                let day = Int64.random(in: 0..<6, using: &random)
                let moment = Timestamp(
                    nanoseconds: day * CoreState.nanosecondsPerDay
                        + Int64.random(in: 0..<1_000, using: &random))
                let slot = Slot(day: CoreState.dueDay(moment), programme: programme, kind: kind.rawValue)
                if number % 5 == 0 {
                    // Neighbours together.
                    let last = number + Int.random(in: 1...3, using: &random)
                    state.schedule(kind, number + 1..<last + 1, on: slot.day, ProgrammeNumber(programme))
                    model[slot, default: []].formUnion(number + 1...last)
                    number = last
                } else {
                    state.schedule(kind, number, at: moment, ProgrammeNumber(programme))
                    model[slot, default: []].insert(number)
                }
            }
            if Bool.random(using: &random) {
                state.retireGroup(parity: parity)
            } else {
                state.rollBackGroup(parity: parity)
                model = before
                for i in 0..<3 { #expect(state.programmes[i].dueFrom == floor[i]) }
            }
            parity = 1 - parity
        }
        var found: [Slot: Set<Int>] = [:]
        for programme in UInt16(0)..<3 {
            for day in 0..<state.dueDays.count {
                try state.due(on: day, ProgrammeNumber(programme)) { kind, number in
                    found[Slot(day: day, programme: programme, kind: kind.rawValue), default: []].insert(
                        number)
                }
            }
            let first = model.keys.filter { $0.programme == programme }.map(\.day).min()
            #expect(Int(state.programmes[Int(programme)].dueFrom) == first ?? Int(UInt32.max))
        }
        #expect(found == model, "seed \(seed)")
        state.records.release()
        store.close()
    }

    @Test("neighbours share a run")
    func runs() throws {
        let folder = try TemporaryFolder()
        let store = try LogStore.create(
            directory: folder.path + "/log", ledgerId: .zero, mapSizeBytes: 1 << 30)
        var state = CoreState(records: RecordSource(store), hashSeed: 1)
        state.programmes.append(ProgrammeRow())
        for number in 0..<1_000 {
            for _ in 0..<3 {
                state.schedule(.payment, number, at: Timestamp(nanoseconds: 5), ProgrammeNumber(0))
            }
        }
        #expect(state.dueRuns.count == 1)
        state.schedule(.payment, 2_000, at: Timestamp(nanoseconds: 5), ProgrammeNumber(0))
        #expect(state.dueRuns.count == 2)
        state.records.release()
        store.close()
    }
}

import Foundation
import LedgerDomain
import LedgerLog
import Platform
import Synchronization
import Testing

@testable import ReferralLedger

/// Custom views and the sequence of events.
@Suite struct FollowingTests {
    struct Counts: LedgerView {
        static let name = "counts"
        static let version = 1
        var events = 0
        var payments = 0
        var last = LogPosition(0)
        mutating func apply(_ event: LedgerEvent) throws {
            #expect(event.position.rawValue == last.rawValue + 1)
            last = event.position
            events += 1
            if event.type == .paymentReceived { payments += 1 }
        }
    }

    struct Fragile: LedgerView {
        struct Trouble: Error {}
        static let name = "fragile"
        static let version = 1
        var seen = 0
        mutating func apply(_ event: LedgerEvent) throws {
            if event.type == .paymentReceived { throw Trouble() }
            seen += 1
        }
    }

    @Test func viewsKeepUp() throws {
        let bench = try Bench()
        try bench.run([Say.signup("a"), Say.signup("b", by: "a")])
        let view = bench.ledger.attach(Counts.self)
        for i in 0..<300 { try bench.ledger.submit(Say.pay("p\(i)", "b", 1_00)) }
        let end = bench.ledger.current.position
        #expect(view.wait(for: end))
        view.read { counts, position in
            #expect(position == end && counts.payments == 300 && counts.events == Int(end.rawValue))
        }
        #expect(!view.wait(for: LogPosition(end.rawValue + 1), timeoutMilliseconds: 20))
        view.stop()
        // One that nobody keeps goes away by itself.
        for _ in 0..<20 { _ = bench.ledger.attach(Counts.self) }
    }

    /// A view that throws stops, with what it had; nothing else does.
    @Test func aThrowingViewStopsAlone() throws {
        let bench = try Bench()
        let fragile = bench.ledger.attach(Fragile.self)
        let sound = bench.ledger.attach(Counts.self)
        try bench.run([Say.signup("a"), Say.pay("p", "a", 1), Say.signup("b")])
        let end = bench.ledger.current.position
        #expect(sound.wait(for: end))
        #expect(!fragile.wait(for: end))
        #expect(fragile.failure is Fragile.Trouble)
        #expect(fragile.read { view, position in view.seen == Int(position.rawValue) && position < end })
        #expect(try bench.ledger.submit(Say.signup("c")).name == "accepted")
        #expect(sound.wait(for: bench.ledger.current.position))
        bench.ledger.close()
        #expect(sound.read { view, _ in view.payments } == 1)
    }

    /// Who lets the log grow looks whether anybody waits, and who waits looks whether it has grown: one of the two sees the other, each
    /// time.
    @Test func noGrowthIsMissed() {
        final class Counts: Sendable {
            let seen = Atomic<UInt64>(0)
            let missed = Atomic<Int>(0)
        }
        let (signal, counts, rounds) = (FollowSignal(.start), Counts(), UInt64(20_000))
        let follower = WorkerThread(name: "follower") {
            for round in 1...rounds {
                let began = Clock.monotonicNanoseconds()
                let grown = signal.wait(after: LogPosition(round - 1), nanoseconds: 60_000_000_000)
                // Nothing but the end of its patience woke it.
                if !grown || Clock.monotonicNanoseconds() - began > 59_000_000_000 {
                    counts.missed.add(1, ordering: .relaxed)
                    return counts.seen.store(.max, ordering: .releasing)
                }
                counts.seen.store(round, ordering: .releasing)
            }
        }
        let writer = WorkerThread(name: "writer") {
            for round in 1...rounds {
                signal.note(
                    LogHead(
                        position: LogPosition(round), records: round, recordedAt: Timestamp(nanoseconds: 0)))
                while counts.seen.load(ordering: .acquiring) < round { sched_yield() }
            }
        }
        writer.join()
        follower.join()
        let missed = counts.missed.load(ordering: .relaxed)
        #expect(missed == 0)
    }

    struct Reentrant: LedgerView {
        static let name = "reentrant"
        static let version = 1
        static let ledger = Mutex<Ledger?>(nil)
        mutating func apply(_ event: LedgerEvent) throws {
            let ledger = Self.ledger.withLock { $0 }
            try ledger?.submit(Say.signup("again"))
        }
    }

    /// It would wait for itself: it traps.
    @Test func submittingFromApplyTraps() async {
        await #expect(processExitsWith: .signal(SIGILL)) {
            let bench = try Bench()
            Reentrant.ledger.withLock { $0 = bench.ledger }
            let view = bench.ledger.attach(Reentrant.self)
            _ = view.wait(for: LogPosition(1))
            try await Task.sleep(nanoseconds: 2_000_000_000)
        }
    }

    @Test func eventsFollowResumeAndEnd() async throws {
        let bench = try Bench()
        let ledger = bench.ledger
        try bench.run([Say.signup("a"), Say.signup("b", by: "a")])
        let known = try ledger.current.events()
        var found: [LedgerEvent] = []
        for try await event in ledger.events(follow: false) { found.append(event) }
        #expect(found == known)
        // Taken up anywhere.
        for start in 0..<known.count {
            var rest: [LedgerEvent] = []
            for try await event in ledger.events(after: LogPosition(UInt64(start)), follow: false) {
                rest.append(event)
            }
            #expect(rest == Array(known[start...]))
        }
        let follower = Task {
            var positions: [UInt64] = []
            for try await event in ledger.events(after: ledger.current.position) {
                positions.append(event.position.rawValue)
            }
            return positions
        }
        let cancelled = Task {
            var count = 0
            for try await _ in ledger.events() { count += 1 }
            return count
        }
        let from = known.last!.position.rawValue
        for i in 0..<50 { try await ledger.submit(Say.pay("p\(i)", "b", 1_00)) }
        cancelled.cancel()
        _ = try await cancelled.value
        let end = ledger.current.position.rawValue
        // The follower has begun somewhere on the way, and goes on until the ledger closes.
        try await Task.sleep(nanoseconds: 100_000_000)
        ledger.close()
        // The end may come as the sequence's end, or as `closed` in the middle of a read.
        let positions = (try? await follower.value) ?? []
        #expect(positions == Array((end - UInt64(positions.count) + 1)...end) || positions.isEmpty)
        #expect(positions.first.map { $0 > from } ?? true)
    }
}

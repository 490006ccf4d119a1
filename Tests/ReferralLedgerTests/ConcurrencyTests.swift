import Foundation
import LedgerDomain
import ReferralLedger
import Synchronization
import Testing

/// Many callers, readers beside them, and the end.
@Suite(.serialized) struct ConcurrencyTests {
    /// 64 async callers at once; one caller's order is kept: each command needs the one before.
    @Test func callersKeepTheirOrder() async throws {
        let bench = try Bench()
        let ledger = bench.ledger
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<64 {
                group.addTask {
                    let user = "u\(caller)"
                    try await ledger.submit(Say.signup(user))
                    for i in 0..<10 {
                        let paid = try await ledger.submit(Say.pay("\(user)-\(i)", user, 1_00))
                        #expect(paid.name == "accepted")
                        #expect(try ledger.current.user(user)?.qualifyingPayments == i + 1)
                    }
                }
            }
            try await group.waitForAll()
        }
        let status = try ledger.current.status()
        #expect(status.users == 64 && status.payments == 640)
    }

    /// The order of one thread holds over all ways to submit.
    @Test func waysToSubmitMayBeMixed() throws {
        let bench = try Bench()
        let ledger = bench.ledger
        let names = Mutex<[String]>([])
        for i in 0..<300 {
            let name = "u\(i)"
            switch i % 3 {
            case 0: try ledger.submit(Say.signup(name))
            case 1:
                try ledger.submit([Say.signup(name)], completion: { _ in names.withLock { $0.append(name) } })
            default: try ledger.submit([Say.signup(name), Say.pay("p\(i)", "u\(i - 1)", 1)])
            }
        }
        #expect(
            try (0..<300).map { try ledger.current.user("u\($0)")!.number.rawValue }
                == (0..<300).map { UInt32($0) })
        #expect(names.withLock { $0 } == (0..<100).map { "u\($0 * 3 + 1)" })
    }

    /// A cancelled task stops waiting; its command is done all the same.
    @Test func cancellingEndsTheWaitingOnly() async throws {
        let gate = Gate()
        let bench = try Bench(options: testOptions { $0.drawCode = { gate.draw($0, $1) } })
        let ledger = bench.ledger
        try await ledger.submit(Say.signup("a"))
        gate.close()
        // The writer stands still in the middle of a draw.
        try ledger.submit([Say.issue("a", nil, key: "1")], completion: { _ in })
        gate.waitUntilHeld()
        let task = Task { try await ledger.submit(Say.signup("b")) }
        while !task.isCancelled { task.cancel() }
        await #expect(throws: CancellationError.self) { try await task.value }
        gate.open()
        try await ledger.submit(Say.signup("c"))
        #expect(try ledger.current.user("b") != nil)
    }

    /// A full queue says so at once; a caller with a deadline waits for it.
    @Test func theQueueIsBounded() throws {
        let gate = Gate()
        let bench = try Bench(
            options: testOptions {
                $0.drawCode = { gate.draw($0, $1) }
                $0.queueCapacity = 5
            })
        let ledger = bench.ledger
        try ledger.submit(Say.signup("a"))
        gate.close()
        let ended = DispatchSemaphore(value: 0)
        try ledger.submit([Say.issue("a", nil, key: "1")], completion: { _ in ended.signal() })
        gate.waitUntilHeld()
        for i in 0..<5 { try ledger.submit([Say.signup("q\(i)")], completion: { _ in ended.signal() }) }
        #expect(throws: LedgerError.self) {
            try ledger.submit([Say.signup("x")], waitMilliseconds: 20, completion: { _ in })
        }
        #expect(#expect(throws: LedgerError.self) { try ledger.submit(Say.signup("x")) }?.code == .busy)
        let late = #expect(throws: LedgerError.self) {
            try ledger.submit([Say.signup("x")], timeoutMilliseconds: 30)
        }
        #expect(late?.code == .busy)
        gate.open()
        for _ in 0..<6 { ended.wait() }
        #expect(try ledger.submit(Say.signup("x")).name == "accepted")
        #expect(try ledger.current.status().users == 7)
    }

    /// Past its own deadline a caller goes; the command stays.
    @Test func deadlines() throws {
        let gate = Gate()
        let bench = try Bench(options: testOptions { $0.drawCode = { gate.draw($0, $1) } })
        let ledger = bench.ledger
        try ledger.submit(Say.signup("a"))
        gate.close()
        try ledger.submit([Say.issue("a", nil, key: "1")], completion: { _ in })
        gate.waitUntilHeld()
        let error = #expect(throws: LedgerError.self) {
            try ledger.submit([Say.signup("b")], timeoutMilliseconds: 20)
        }
        #expect(error?.code == .timedOut)
        gate.open()
        try ledger.submit(Say.signup("c"))
        #expect(try ledger.current.user("b") != nil)
    }

    /// `close` finishes what was submitted; after it everything says `closed`.
    @Test func closeDrains() async throws {
        let folder = TemporaryFolder()
        let ledger = try makeLedger(folder)
        let done = Mutex(0)
        for i in 0..<500 {
            try ledger.submit(
                [Say.signup("u\(i)")],
                completion: { result in
                    if case .success = result { done.withLock { $0 += 1 } }
                })
        }
        let past = try ledger.past(at: LogPosition(2))
        #expect(try past.status().users == 0)
        let archive = ledger.current
        ledger.close()
        ledger.close()
        #expect(done.withLock { $0 } == 500)
        func isClosed(_ body: () throws -> Void) {
            #expect(#expect(throws: LedgerError.self, performing: body)?.code == .closed)
        }
        isClosed { try ledger.submit(Say.signup("late")) }
        isClosed { try ledger.submit([Say.signup("late")], completion: { _ in }) }
        isClosed { try ledger.advance(to: day(1)) }
        isClosed { try ledger.checkpoint() }
        isClosed { _ = try ledger.past(at: LogPosition(1)) }
        for reader in [archive, past] {
            isClosed { _ = try reader.balances(of: "u1") }
            isClosed { _ = try reader.user("u1") }
            isClosed { _ = try reader.leaderboard() }
            isClosed { _ = try reader.status() }
            isClosed { _ = try reader.digest() }
            isClosed { _ = try reader.events() }
            isClosed { _ = try reader.statement(of: "u1") }
            isClosed { _ = try reader.trialBalance() }
        }
        await #expect(throws: LedgerError.self) { try await ledger.submit(Say.signup("late")) }
        let again = try Ledger.open(at: folder.path, options: testOptions())
        #expect(try again.current.status().users == 500)
        again.close()
    }

    /// Callers at work while the ledger closes get an answer or `closed`, and what was answered is there.
    @Test func closeUnderLoad() async throws {
        for round in 0..<4 {
            let folder = TemporaryFolder()
            let ledger = try makeLedger(
                folder, options: testOptions { $0.checkpointOnClose = round % 2 == 0 })
            let accepted = Mutex<[String]>([])
            let ended = DispatchSemaphore(value: 0)
            // One caller on a thread works inline while it is alone; the others make it queue now and then.
            for caller in 0..<(1 + round) {
                Thread.detachNewThread {
                    defer { ended.signal() }
                    for i in 0..<20_000 {
                        let name = "u\(caller)-\(i)"
                        do {
                            try ledger.submit(Say.signup(name))
                            accepted.withLock { $0.append(name) }
                            _ = try ledger.current.user(name)
                            if i % 7 == 0 { _ = try ledger.current.leaderboard(by: .referrals) }
                        } catch {
                            #expect((error as? LedgerError)?.code == .closed)
                            return
                        }
                    }
                }
            }
            while accepted.withLock({ $0.count }) < 30 { usleep(500) }
            ledger.close()
            for _ in 0..<(1 + round) { ended.wait() }
            let names = accepted.withLock { $0 }
            let again = try Ledger.open(at: folder.path, options: testOptions())
            #expect(try again.current.status().users == names.count)
            for name in names { #expect(try again.current.user(name) != nil) }
            again.close()
        }
    }

    @Test func oneWriterAtATime() throws {
        let bench = try Bench()
        let error = #expect(throws: LedgerError.self) {
            try Ledger.open(at: bench.folder.path, options: testOptions())
        }
        #expect(error?.code == .busy)
        let second = #expect(throws: LedgerError.self) { try makeLedger(bench.folder) }
        #expect(second?.code == .exists)
        #expect(try bench.ledger.submit(Say.signup("a")).name == "accepted")
        let empty = TemporaryFolder()
        let none = #expect(throws: LedgerError.self) {
            try Ledger.open(at: empty.path, options: testOptions())
        }
        #expect(none?.code == .noLedger)
    }

    /// Readers beside writers: sums balance at every read, nobody has both, positions never go back.
    @Test func readersBesideWriters() async throws {
        let bench = try Bench()
        let ledger = bench.ledger
        try bench.run((0..<20).map { Say.signup("u\($0)", by: $0 == 0 ? nil : "u\($0 - 1)") })
        let stop = Flag()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for reader in 0..<3 {
                group.addTask {
                    var reads = 0
                    var last = LogPosition(0)
                    while !stop.isSet {
                        let answer = try ledger.current.trialBalance()
                        #expect(
                            answer.value.reduce(Int128(0)) { $0 + Int128($1.debit) - Int128($1.credit) } == 0)
                        #expect(answer.position >= last)
                        last = answer.position
                        for balance in try ledger.current.balances(of: "u\(reads % 20)") ?? [] {
                            #expect(balance.available == 0 || balance.receivable == 0)
                            #expect(balance.pending >= 0 && balance.available >= 0 && balance.receivable >= 0)
                            #expect(
                                balance.earned == balance.pending + balance.available - balance.receivable)
                        }
                        // What takes both locks, in either order.
                        switch (reads + reader) % 4 {
                        case 0: _ = try ledger.current.leaderboard(by: .earnings)
                        case 1: _ = try ledger.current.digest()
                        case 2: _ = try ledger.current.statement(of: "u\(reads % 20)")
                        default: if reads % 16 == 3 { try ledger.checkpoint() }
                        }
                        reads += 1
                        await Task.yield()
                    }
                    return reads
                }
            }
            group.addTask {
                for round in 0..<12 {
                    var commands: [Command] = []
                    for i in 0..<40 {
                        commands.append(
                            Say.pay("p\(round)-\(i)", "u\(i % 20)", Int64(1 + i * 37), day(round)))
                        if i % 3 == 0, round > 0 {
                            commands.append(Say.refund("r\(round)-\(i)", "p\(round - 1)-\(i)", 1, day(round)))
                        }
                    }
                    try await ledger.submit(commands)
                    try await ledger.submit(Command(.advance(Advance(to: day(round)))))
                }
                stop.set()
                return 0
            }
            let reads = try await group.reduce(0, +)
            #expect(reads > 10)
        }
        let digest = try ledger.current.digest().value
        ledger.close()
        #expect(try Ledger.verify(at: bench.folder.path, options: testOptions()).stateDigest == digest)
    }
}

/// A sign between tasks.
final class Flag: Sendable {
    private let value = Atomic<Bool>(false)
    var isSet: Bool { value.load(ordering: .acquiring) }
    func set() { value.store(true, ordering: .releasing) }
}

/// The blocking form, from a task.
func submitBlocking(_ ledger: Ledger, _ command: Command) throws { _ = try ledger.submit(command) }

/// Holds the writer in the middle of drawing a code.
final class Gate: Sendable {
    private let isClosed = Atomic<Bool>(false)
    private let held = Atomic<Bool>(false)
    private let count = Atomic<Int>(0)

    func close() { isClosed.store(true, ordering: .sequentiallyConsistent) }
    func open() { isClosed.store(false, ordering: .sequentiallyConsistent) }
    func waitUntilHeld() { while !held.load(ordering: .sequentiallyConsistent) { usleep(500) } }

    func draw(_ length: Int, _ alphabet: [UInt8]) -> [UInt8] {
        while isClosed.load(ordering: .sequentiallyConsistent) {
            held.store(true, ordering: .sequentiallyConsistent)
            usleep(500)
        }
        var number = count.add(1, ordering: .relaxed).newValue
        return (0..<length).map { _ in
            defer { number /= alphabet.count }
            return alphabet[number % alphabet.count]
        }
    }
}

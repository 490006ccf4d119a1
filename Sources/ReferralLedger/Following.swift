import LedgerDomain
import LedgerLog
import Platform
import Synchronization

/// Tells those who follow the log that it has grown.
final class FollowSignal: @unchecked Sendable {
    // Proof of Sendable: fields that change are only touched with `lock` held, or atomic.
    private let lock = Lock()
    private let changed = Condition()
    private let lastPosition: Atomic<UInt64>
    /// How many wait. Counted before they look where the log ends; who lets it grow says so before it looks for them. So, as both
    /// are in one order for all threads, one of the two sees the other.
    private let followers = Atomic<Int>(0)
    private var isClosed = false
    private var nextTicket: UInt64 = 0
    private var waiting: [UInt64: (after: LogPosition, continuation: CheckedContinuation<Bool, Never>)] = [:]

    init(_ position: LogPosition) { lastPosition = Atomic(position.rawValue) }

    private var position: LogPosition { LogPosition(lastPosition.load(ordering: .sequentiallyConsistent)) }

    var isEnded: Bool { lock.locked { isClosed } }

    /// The log ends here now. Called by one thread at a time, in the order of positions.
    func note(_ head: LogHead) {
        lastPosition.store(head.position.rawValue, ordering: .sequentiallyConsistent)
        // Mostly nobody follows.
        if followers.load(ordering: .sequentiallyConsistent) > 0 { resume() }
    }

    func close() {
        lock.locked { isClosed = true }
        resume()
    }

    /// Resumes the tasks that have what they wait for, and wakes all threads.
    private func resume() {
        let ready = lock.locked { () -> [(CheckedContinuation<Bool, Never>, Bool)] in
            let ready = waiting.filter { isClosed || $0.value.after < position }
            for key in ready.keys { waiting[key] = nil }
            followers.subtract(ready.count, ordering: .sequentiallyConsistent)
            return ready.values.map { ($0.continuation, $0.after < position) }
        }
        changed.broadcast()
        for (continuation, grown) in ready { continuation.resume(returning: grown) }
    }

    /// Waits until the log is longer than a position; false when the ledger closes or the task is cancelled
    /// first.
    func grown(after position: LogPosition) async -> Bool {
        let ticket = lock.locked { () -> UInt64 in
            nextTicket += 1
            return nextTicket
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let now = lock.locked { () -> Bool? in
                    followers.add(1, ordering: .sequentiallyConsistent)
                    var answer: Bool?
                    if position < self.position {
                        answer = true
                    } else if isClosed || Task.isCancelled {
                        answer = false
                    } else {
                        waiting[ticket] = (position, continuation)
                        return nil
                    }
                    followers.subtract(1, ordering: .sequentiallyConsistent)
                    return answer
                }
                if let now { continuation.resume(returning: now) }
            }
        } onCancel: {
            let continuation = lock.locked { () -> CheckedContinuation<Bool, Never>? in
                guard let left = waiting.removeValue(forKey: ticket) else { return nil }
                followers.subtract(1, ordering: .sequentiallyConsistent)
                return left.continuation
            }
            continuation?.resume(returning: false)
        }
    }

    /// The blocking form, with a limit: whether the log is longer.
    func wait(after position: LogPosition, nanoseconds: UInt64) -> Bool {
        lock.lock()
        followers.add(1, ordering: .sequentiallyConsistent)
        defer {
            followers.subtract(1, ordering: .sequentiallyConsistent)
            lock.unlock()
        }
        let deadline = Clock.monotonicNanoseconds() + nanoseconds
        while self.position <= position, !isClosed {
            if !changed.wait(lock, until: deadline), Clock.monotonicNanoseconds() >= deadline { break }
        }
        return position < self.position
    }
}

/// Events from a position on: those that are there, and with `follow` those that come.
///
/// It can be left and taken up again at any position: the last event's position is all there is to remember.
/// Cancelling the task ends it. Reads in stretches; between them it holds nothing of the log.
public struct EventSequence: AsyncSequence, Sendable {
    public typealias Element = LedgerEvent
    let reader: LedgerReader
    let signal: FollowSignal?
    let after: LogPosition
    let follows: Bool

    public struct AsyncIterator: AsyncIteratorProtocol {
        let reader: LedgerReader
        let signal: FollowSignal?
        var last: LogPosition
        let follows: Bool
        var buffer: [LedgerEvent] = []
        var next = 0

        public mutating func next() async throws -> LedgerEvent? {
            while true {
                if next < buffer.count {
                    defer { next += 1 }
                    last = buffer[next].position
                    return buffer[next]
                }
                if Task.isCancelled { return nil }
                buffer = try reader.events(from: LogPosition(last.rawValue + 1), limit: 512)
                next = 0
                if !buffer.isEmpty { continue }
                guard follows else { return nil }
                if let signal {
                    if await !signal.grown(after: last) { return nil }
                } else {
                    // Another process writes: look again in a while.
                    do { try await Task.sleep(nanoseconds: 100_000_000) } catch { return nil }
                    try reader.refresh()
                }
            }
        }
    }

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(reader: reader, signal: signal, last: after, follows: follows)
    }
}

extension Ledger {
    /// The events after a position, and with `follow` those to come, until the ledger closes.
    ///
    /// ```swift
    /// for try await event in ledger.events(after: lastSeen) { try await publish(event) }
    /// ```
    public func events(after position: LogPosition = .start, follow: Bool = true) -> EventSequence {
        EventSequence(reader: current, signal: self.follow, after: position, follows: follow)
    }
}

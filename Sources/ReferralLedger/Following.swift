import LedgerDomain
import LedgerLog
import Platform

/// Tells those who follow the log that it has grown.
final class FollowSignal: @unchecked Sendable {
    // Proof of Sendable, and of exclusive access without a check: all fields are only touched with `lock` held, and no
    // access to one calls out.
    private let lock = Lock()
    private let changed = Condition()
    @safe @exclusivity(unchecked) private var position: LogPosition
    @safe @exclusivity(unchecked) private var isClosed = false
    private var nextTicket: UInt64 = 0
    @safe @exclusivity(unchecked) private var waiting:
        [UInt64: (after: LogPosition, continuation: CheckedContinuation<Bool, Never>)] = [:]

    init(_ position: LogPosition) { self.position = position }

    var isEnded: Bool { lock.locked { isClosed } }

    func note(_ head: LogHead) {
        lock.lock()
        if position < head.position { position = head.position }
        // Mostly nobody follows.
        let mayBeReady = !waiting.isEmpty
        lock.unlock()
        if mayBeReady { resume() }
        changed.broadcast()
    }

    func close() {
        lock.locked { isClosed = true }
        resume()
        changed.broadcast()
    }

    /// Resumes the tasks that have what they wait for.
    private func resume() {
        let ready = lock.locked { () -> [(CheckedContinuation<Bool, Never>, Bool)] in
            let ready = waiting.filter { isClosed || $0.value.after < position }
            for key in ready.keys { waiting[key] = nil }
            return ready.values.map { ($0.continuation, $0.after < position) }
        }
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
                    if position < self.position { return true }
                    if isClosed || Task.isCancelled { return false }
                    waiting[ticket] = (position, continuation)
                    return nil
                }
                if let now { continuation.resume(returning: now) }
            }
        } onCancel: {
            let continuation = lock.locked { waiting.removeValue(forKey: ticket)?.continuation }
            continuation?.resume(returning: false)
        }
    }

    /// The blocking form, with a limit: whether the log is longer.
    func wait(after position: LogPosition, nanoseconds: UInt64) -> Bool {
        lock.lock()
        defer { lock.unlock() }
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

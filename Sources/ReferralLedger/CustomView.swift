import LedgerDomain
import LedgerLog
import Platform
import Synchronization

/// A fold of an embedder's own over the log: a value with a name, a version and `apply`.
///
/// It runs off the writer, on a thread of its own, with visible lag, and cannot stop it: an `apply` that
/// throws stops this view only.
/// It is rebuilt from the log when it is attached. Submitting a command from inside `apply` traps.
public protocol LedgerView: Sendable {
    static var name: String { get }
    /// Changes when the same log folds to something else.
    static var version: Int { get }
    init()
    /// Folds one event; called in log order, each event once.
    mutating func apply(_ event: LedgerEvent) throws
}

/// Whether this thread, or the task it runs, is inside a view's `apply`.
enum ViewContext {
    /// Whether any view of this process ever was: asked first, as a command that comes alone has it from a line near by.
    private static let hasBegun = Atomic<Bool>(false)
    @TaskLocal private static var isInside = false

    static var isApplying: Bool { hasBegun.load(ordering: .relaxed) && isInside }

    /// Runs a view's `apply`.
    static func applying(_ body: () throws -> Void) rethrows {
        // Seen by the body, and by all that it begins.
        hasBegun.store(true, ordering: .relaxed)
        try $isInside.withValue(true) { try body() }
    }
}

/// A view at work. It stops when `stop` is called or the ledger closes.
public final class AttachedView<View: LedgerView>: @unchecked Sendable {
    // Proof of Sendable: all mutable fields are only touched with `lock` held.
    private let lock = Lock()
    private let changed = Condition()
    private var view = View()
    private var folded: LogPosition = .start
    private var error: (any Error)?
    private var stopping = false
    private var ended = false
    private var thread: WorkerThread?

    init(reader: LedgerReader, signal: FollowSignal) {
        thread = WorkerThread(name: "ledger-view") { [weak self] in
            AttachedView.run({ self }, reader, signal)
        }
    }

    /// Holds the view only for the time of a stretch, so that a view nobody keeps goes away.
    private static func run(_ view: () -> AttachedView?, _ reader: LedgerReader, _ signal: FollowSignal) {
        while let self = view() {
            let (stop, last) = self.lock.locked { (self.stopping, self.folded) }
            if stop { break }
            if !signal.wait(after: last, nanoseconds: 100_000_000) {
                if signal.isEnded { break }
                continue
            }
            do {
                for event in try reader.events(from: LogPosition(last.rawValue + 1), limit: 512) {
                    try self.fold(event)
                }
            } catch {
                self.lock.locked { self.error = error }
                break
            }
        }
        if let self = view() {
            self.lock.locked { self.ended = true }
            self.changed.broadcast()
        }
    }

    private func fold(_ event: LedgerEvent) throws {
        lock.lock()
        defer { lock.unlock() }
        try ViewContext.applying { try view.apply(event) }
        folded = event.position
        changed.broadcast()
    }

    /// Runs the body on the view as it is; its position says up to where it has folded.
    public func read<R>(_ body: (View, LogPosition) throws -> R) rethrows -> R {
        lock.lock()
        defer { lock.unlock() }
        return try body(view, folded)
    }

    /// Waits until the view has folded a position; false when it stopped before, or the time is over.
    public func wait(for position: LogPosition, timeoutMilliseconds: UInt64 = 10_000) -> Bool {
        let deadline = Clock.monotonicNanoseconds() + timeoutMilliseconds * 1_000_000
        lock.lock()
        defer { lock.unlock() }
        while folded < position, !ended, error == nil {
            if !changed.wait(lock, until: deadline), Clock.monotonicNanoseconds() >= deadline { break }
        }
        return folded >= position
    }

    /// Why the view stopped, when its `apply` threw.
    public var failure: (any Error)? { lock.locked { error } }

    /// Ends the view; what it has folded can still be read.
    public func stop() { lock.locked { stopping = true } }
}

extension Ledger {
    /// Starts folding a view of your own, from the first event.
    ///
    /// ```swift
    /// struct PaidByDay: LedgerView {
    ///     static let name = "paid-by-day"
    ///     static let version = 1
    ///     var sums: [String: Int64] = [:]
    ///     mutating func apply(_ event: LedgerEvent) {
    ///         guard case .amount(let amount, _)? = event["amount"], event.type == .paymentReceived else { return }
    ///         sums[String(event.occurredAt.description.prefix(10)), default: 0] += amount
    ///     }
    /// }
    /// let view = ledger.attach(PaidByDay.self)
    /// ```
    public func attach<View: LedgerView>(_ type: View.Type) -> AttachedView<View> {
        AttachedView(reader: current, signal: follow)
    }
}

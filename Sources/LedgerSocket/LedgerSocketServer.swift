import Glibc
import LedgerExchange
import Platform
import ReferralLedger
import StrictJSON

/// Lets other processes write through this one: serves `writer.sock` in the folder of a ledger that is open
/// for writing.
///
/// Any host may embed it; `referral-ledger daemon` and `import` do. Each client has a thread; commands of all
/// of them share groups, and so fsyncs. Source: Documentation/Decisions/0005-writer-socket.md.
///
/// ```swift
/// let ledger = try Ledger.open(at: "/var/lib/acme/ledger")
/// let server = try LedgerSocketServer(ledger, program: "acme 1.0")
/// …
/// server.stop()      // before the ledger is closed
/// ledger.close()
/// ```
public final class LedgerSocketServer: @unchecked Sendable {
    // Proof of Sendable: `clients`, `finished`, `next` and `isStopping` are only touched with `lock` held;
    // `acceptor` is set once by init.

    /// Clients at one time, at most; a further one is told so and let go.
    public static let maximumClients = 64
    /// How long `stop` waits for clients that do not take their answers, in milliseconds.
    public static let drainMilliseconds: UInt64 = 10_000

    private struct Client {
        var descriptor: Int32
        var thread: WorkerThread?
    }

    private let ledger: Ledger
    private let program: String
    private let listener: Int32
    /// A pipe whose writing end is closed to stop: everyone who polls the reading end sees it.
    private let stopEvent: (wait: Int32, raise: Int32)
    private let lock = Lock()
    private let changed = Condition()
    private var clients: [Int: Client] = [:]
    private var finished: [WorkerThread] = []
    private var next = 0
    private var isStopping = false
    private var acceptor: WorkerThread?

    /// Begins to serve. Call ``stop()`` before the ledger is closed.
    ///
    /// - Parameter program: who serves, for people: name and version.
    /// - Throws: why the socket cannot be made.
    public init(_ ledger: Ledger, program: String) throws(SocketError) {
        self.ledger = ledger
        self.program = program
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw .system("pipe", errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        stopEvent = (ends[0], ends[1])
        do throws(SocketError) {
            listener = try SocketFile.listen(in: ledger.directory, backlog: 64)
        } catch {
            for end in ends { _ = close(end) }
            throw error
        }
        acceptor = WorkerThread(name: "ledger-socket") { [unowned self] in acceptLoop() }
    }

    deinit { stop() }

    /// Takes the socket away, answers what has arrived, ends running imports after the groups on their way,
    /// and waits for all that: at most ``drainMilliseconds`` for clients that do not take their answers. May be
    /// called twice, by one thread at a time.
    public func stop() {
        let isFirst = lock.locked {
            defer { isStopping = true }
            return !isStopping
        }
        guard isFirst else { return }
        SocketFile.remove(in: ledger.directory)
        _ = close(stopEvent.raise)
        acceptor?.join()
        let deadline = Clock.monotonicNanoseconds() + Self.drainMilliseconds * 1_000_000
        lock.lock()
        while !clients.isEmpty, Clock.monotonicNanoseconds() < deadline {
            _ = changed.wait(lock, until: deadline)
        }
        // The descriptors are open as long as their clients stand here.
        for client in clients.values { LineChannel.hangUp(client.descriptor) }
        while !clients.isEmpty { changed.wait(lock) }
        let threads = finished
        finished = []
        lock.unlock()
        for thread in threads { thread.join() }
        _ = close(listener)
        _ = close(stopEvent.wait)
    }

    // MARK: Clients come and go

    private func acceptLoop() {
        while true {
            var both = [
                pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
                pollfd(fd: stopEvent.wait, events: Int16(POLLIN), revents: 0),
            ]
            _ = unsafe poll(&both, 2, -1)
            if both[1].revents != 0 { return }
            guard both[0].revents != 0 else { continue }
            let descriptor = accept(listener, nil, nil)
            if descriptor >= 0 {
                _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
                admit(descriptor)
            } else if errno != EINTR, errno != EAGAIN, errno != ECONNABORTED {
                // Out of descriptors or memory: clients that end set some free.
                _ = poll(nil, 0, 100)
            }
            let done = lock.locked {
                defer { finished = [] }
                return finished
            }
            for thread in done { thread.join() }
        }
    }

    private func admit(_ descriptor: Int32) {
        let number = lock.locked { () -> Int? in
            guard clients.count < Self.maximumClients else { return nil }
            defer { next += 1 }
            clients[next] = Client(descriptor: descriptor)
            return next
        }
        guard let number else {
            refuse(descriptor)
            return
        }
        let thread = WorkerThread(name: "ledger-client") { [unowned self] in
            let channel = LineChannel(descriptor)
            serve(channel)
            leave(number)
            // Closed only now: until it has left, `stop` may hang it up by its descriptor.
            withExtendedLifetime(channel) {}
        }
        lock.locked {
            // It may have left already.
            if clients[number] == nil { finished.append(thread) } else { clients[number]?.thread = thread }
        }
    }

    private func leave(_ number: Int) {
        lock.locked {
            if let thread = clients.removeValue(forKey: number)?.thread { finished.append(thread) }
        }
        changed.broadcast()
    }

    private func refuse(_ descriptor: Int32) {
        let channel = LineChannel(descriptor)
        var json = JSONWriter()
        json.beginObject()
        json.member("error", SocketError.Code.busy.rawValue)
        json.member(
            "reason", "the process that writes the ledger serves \(Self.maximumClients) clients already")
        json.endObject()
        json.endLine()
        var line = json.bytes[...]
        // An empty socket takes one line at once, or the client is gone.
        _ = try? channel.sendSome(&line)
    }

    private func serve(_ channel: LineChannel) {
        do throws(LedgerError) {
            let hello = try SocketHello(ledger, program: program, processId: getpid())
            var client = try ServedClient(ledger: ledger, channel: channel, stop: stopEvent.wait)
            // A client that hangs up or breaks the rules has had its answers; there is nobody to tell.
            do throws(SocketError) {
                try channel.send(hello.line)
                try client.run()
            } catch {}
        } catch {
            var json = JSONWriter()
            json.beginObject()
            json.failure(error)
            json.endObject()
            json.endLine()
            try? channel.send(json.bytes)
        }
    }
}

import Glibc
import Platform
import ReferralLedger

/// `read-balance`, `read-top10`, `read-rank`, and the tree: quiet, and while writes run at full speed.
enum ReadRows {
    static let commands = [
        BenchCommand(
            name: "read", parameters: ["DIR", "READS", "SECONDS"],
            summary: "reads on a quiet ledger, then percentiles beside full-speed writes", run: read)
    ]

    /// A question that is asked again and again. Each answer is used, so that none is optimised away.
    private struct Question {
        let name: String
        let ask: @Sendable (LedgerReader, _ user: borrowing UserId) throws -> Int
    }

    /// A caller's id, which is lent: a loop over strings counts references to each, which are no part of an answer.
    private struct UserId: ~Copyable {
        let text: String
    }

    /// Ids of users at random.
    private final class UserIds {
        let count: Int
        let ids: UnsafeMutablePointer<UserId>

        init(_ count: Int, of users: Int) {
            self.count = count
            ids = .allocate(capacity: count)
            var random = Random(state: 99)
            for i in 0..<count {
                (ids + i).initialize(to: UserId(text: Workload.userId(random.below(users))))
            }
        }

        deinit {
            ids.deinitialize(count: count)
            ids.deallocate()
        }
    }

    @inline(__always)
    private static func pending(of user: borrowing UserId, _ reader: LedgerReader) throws -> Int {
        Int(try reader.balance(of: user.text, asset: .usd)?.pending ?? -1)
    }

    private static let questions = [
        Question(name: "balance") { reader, user in try pending(of: user, reader) },
        // As a page asks that many look at: at most a second old. What must see a receipt's own write is
        // asked below.
        Question(name: "top10") { reader, _ in
            try reader.leaderboard(by: .earnings, limit: 10, freshness: .recent)?.entries.count ?? -1
        },
        Question(name: "rank") { reader, user in
            try reader.rank(of: user.text, by: .earnings, freshness: .recent)?.rank ?? 0
        },
        Question(name: "rankCurrent") { reader, user in
            try reader.rank(of: user.text, by: .earnings)?.rank ?? 0
        },
        Question(name: "tree") { reader, user in
            try reader.tree(of: user.text, maximumDepth: 2, limit: 20)?.count ?? -1
        },
    ]

    private static func read(_ arguments: BenchArguments) throws(BenchFailure) -> Figures {
        let (reads, span) = (try arguments.count(1), try arguments.count(2))
        let ledger = try measured {
            try Ledger.open(at: arguments.text(0), options: BenchOptions.withoutCheckpoints)
        }
        defer { ledger.close() }
        let users = try measured { try ledger.current.status().users }
        let ids = UserIds(reads, of: users)
        var figures = Figures([("users", .count(users)), ("reads", .count(reads))])
        let reader = ledger.current
        // Named: a call through a stored closure is no part of an answer, and as long as a tenth of this one.
        figures.add("balance", try quiet("balance", ids) { try pending(of: $0, reader) })
        for question in questions.dropFirst() {
            figures.add(question.name, try quiet(question.name, ids) { try question.ask(reader, $0) })
        }
        figures.add(
            "balanceInTurn", try quiet("balance", ids, inTurn: true) { try pending(of: $0, reader) })
        if span > 0 {
            let writer = FullSpeedWriter(ledger)
            for question in questions {
                let share = Double(span) / Double(questions.count)
                figures.add(
                    question.name + "Writing", .list([try loaded(ledger.current, ids, question, share)]))
            }
            figures.add("writesPerSecond", try writer.stop())
            try Books.check(ledger.current)
        }
        return figures
    }

    /// Mean nanoseconds an answer, once every block has been looked at: a block of a checkpoint is checked when it is first
    /// touched, which is a cost of opening that reads pay.
    ///
    /// - Parameter inTurn: whether each question is only known when the answer before is: the processor may then begin none ahead.
    @inline(__always)
    private static func quiet(
        _ name: String, _ ids: UserIds, inTurn: Bool = false, _ ask: (borrowing UserId) throws -> Int
    ) throws(BenchFailure) -> Double {
        // Zero, which the compiler does not know.
        let zero = CommandLine.arguments.count >> 32
        return try measured {
            // The views are folded, and boards ranked, when first asked.
            _ = try ask(ids.ids[0])
            var nanoseconds = 0.0
            for _ in 0..<2 {
                var (sum, asked) = (0, 0)
                let begin = Clock.monotonicNanoseconds()
                while asked < ids.count {
                    if inTurn {
                        sum &+= try ask(ids.ids[asked + (sum & zero)])
                    } else {
                        sum &+= try ask(ids.ids[asked])
                    }
                    asked += 1
                    // A slow answer need not be asked for that often.
                    if asked & 63 == 0, Clock.monotonicNanoseconds() - begin > 1_500_000_000 { break }
                }
                nanoseconds = seconds(since: begin) / Double(asked) * 1e9
                if sum == 0 { throw BenchFailure("\(name) has no answers") }
            }
            return nanoseconds
        }
    }

    /// How long each answer took, by one caller that asks without a pause.
    private static func loaded(
        _ reader: LedgerReader, _ ids: UserIds, _ question: Question, _ span: Double
    ) throws(BenchFailure) -> Figures {
        try measured {
            var latencies = Latencies(reserving: 4_000_000)
            // Views that nobody has asked for are behind: the first answer is that of the first question
            // ever.
            _ = try question.ask(reader, ids.ids[0])
            let end = Clock.monotonicNanoseconds() + UInt64(span * 1e9)
            var next = 0
            var before = Clock.monotonicNanoseconds()
            while before < end, latencies.count < 4_000_000 {
                _ = try question.ask(reader, ids.ids[next])
                next = next + 1 == ids.count ? 0 : next + 1
                let after = Clock.monotonicNanoseconds()
                latencies.add(after - before)
                before = after
            }
            return latencies.figures()
        }
    }
}

/// A thread that appends payments in groups as fast as they are taken, until it is stopped.
private final class FullSpeedWriter: @unchecked Sendable {
    // Proof of Sendable: mutable fields are only touched with `lock` held, or by the thread alone until it
    // has been joined.
    private let lock = Lock()
    private var stopping = false
    private var written = 0
    private var failure: String?
    private let begin = Clock.monotonicNanoseconds()
    private var thread: WorkerThread?

    init(_ ledger: Ledger) {
        thread = WorkerThread(name: "bench-writer") { [unowned self] in run(ledger) }
    }

    private func run(_ ledger: Ledger) {
        do throws(BenchFailure) {
            let status = try measured { try ledger.current.status() }
            var stream = Workload.Payments(from: status.payments, users: status.users)
            while !lock.locked({ stopping }) {
                try Pump.run(ledger, count: 8 * Workload.group) { stream.make($0.count) }
                written += 8 * Workload.group
            }
        } catch {
            lock.locked { failure = error.message }
        }
    }

    /// Payments a second while it ran.
    func stop() throws(BenchFailure) -> Double {
        lock.locked { stopping = true }
        thread?.join()
        if let failure { throw BenchFailure(failure) }
        return Double(written) / seconds(since: begin)
    }
}

import Platform
import ReferralLedger

/// `growth`: what a payment costs when the ledger has 10⁵, 10⁶ … events, with the same users throughout.
enum GrowthRows {
    static let commands = [
        BenchCommand(
            name: "growth", parameters: ["DIR", "EVENTS", "WINDOW?"],
            summary: "cost of a payment at each power of ten of events, up to EVENTS", run: growth)
    ]

    /// Windows at a size, of which the one in the middle counts: each takes a fifth of a second, and now and then the machine
    /// itself is slower for as long.
    private static let windows = 5

    /// On a populated ledger. Events are counted from its end on, so that all are those of payments; the windows
    /// at a size lie around it, and each begins with a checkpoint just written. What lies between sizes is filled in at full rate,
    /// commands being made meanwhile, until checkpoints are at most a second behind.
    private static func growth(_ arguments: BenchArguments) throws(BenchFailure) -> Figures {
        let (limit, window) = (try arguments.count(1), try arguments.count(2, or: 12 * Workload.group))
        let ledger = try measured { try Ledger.open(at: arguments.text(0), options: BenchOptions.service) }
        defer { ledger.close() }
        let before = try measured { try ledger.current.status() }
        var stream = Workload.Payments(from: before.payments, users: before.users)
        var done = 0
        func append(_ count: Int) throws(BenchFailure) -> Double {
            // Made before the clock runs, and not all at once: memory is part of what is looked at.
            let commands = stream.make(count)
            // At every size as far from the next checkpoint: what those cost stands in the rate of what is filled in between.
            try measured { try ledger.checkpoint() }
            try Pump.awaitBackground(ledger, seconds: 0.1)
            settle()
            let begin = Clock.monotonicNanoseconds()
            try Pump.run(ledger, count: count) { Array(commands[$0]) }
            try Pump.awaitBackground(ledger)
            done += count
            return seconds(since: begin)
        }
        var points: [Figures] = []
        var size = 100_000
        while size <= limit {
            // Four events a payment.
            let start = max(done, size / 4 - windows * window / 2)
            let (filled, begin) = (start - done, Clock.monotonicNanoseconds())
            while done < start {
                let count = min(start - done, 64 * Workload.group)
                try Pump.run(ledger, count: count) { stream.make($0.count) }
                done += count
            }
            try Pump.awaitBackground(ledger)
            let fill = seconds(since: begin)
            let count = min(window, max(Workload.group, size / 4))
            var costs: [Double] = []
            // At the least size there are not as many payments.
            for _ in 0..<(windows * count <= size / 2 ? windows : 1) {
                costs.append(try append(count) / Double(count) * 1e9)
            }
            costs.sort()
            points.append(
                Figures([
                    ("events", .count(size)), ("nanosecondsAPayment", .number(costs[costs.count / 2])),
                    ("least", .number(costs[0])), ("most", .number(costs[costs.count - 1])),
                    ("filled", .count(filled)),
                    ("filledPerSecond", .number(filled > 0 ? Double(filled) / fill : 0)),
                    ("anonymousBytes", .count(try ProcessMemory.anonymous())),
                ]))
            size *= 10
        }
        let after = try measured { try ledger.current.status() }
        try Books.check(ledger.current)
        guard after.payments == before.payments + done else { throw BenchFailure("payments are missing") }
        return Figures([
            ("users", .count(after.users)), ("points", .list(points)),
            ("logBytes", .count(Int(after.logBytes))),
            ("payments", .count(after.payments)),
        ])
    }
}

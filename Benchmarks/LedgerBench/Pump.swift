import Glibc
import Platform
import ReferralLedger

/// Submits groups with three in flight, so that one is decided while another is synced.
enum Pump {
    /// Hands over `count` commands in groups; `make` gives those of a range. Returns when all are durable.
    static func run(
        _ ledger: Ledger, count: Int, group: Int = Workload.group, make: (Range<Int>) -> [Command]
    ) throws(BenchFailure) {
        let state = Flights()
        var next = 0
        while next < count {
            let batch = make(next..<min(next + group, count))
            next += batch.count
            state.take()
            try measured { try ledger.submit(batch) { state.give($0, expected: batch.count) } }
        }
        state.drain()
        if let problem = state.problem { throw BenchFailure(problem) }
    }

    /// Until the hash tree and the checkpoints are at most so many seconds behind.
    static func awaitBackground(_ ledger: Ledger, seconds: Double = 1) throws(BenchFailure) {
        try measured { while try ledger.backgroundLag() > seconds { usleep(1_000) } }
    }
}

/// Groups on their way, at most three.
private final class Flights: @unchecked Sendable {
    // Proof of Sendable: all fields are only touched with `lock` held.
    private let lock = Lock()
    private let changed = Condition()
    private var running = 0
    private var failure: String?

    var problem: String? { lock.locked { failure } }

    func take() {
        lock.lock()
        while running >= 3 { changed.wait(lock) }
        running += 1
        lock.unlock()
    }

    func give(_ result: Result<[Outcome], LedgerError>, expected: Int) {
        var accepted = 0
        var told: String?
        switch result {
        case .success(let outcomes):
            for outcome in outcomes {
                if case .accepted = outcome { accepted += 1 } else { told = "\(outcome)" }
            }
        case .failure(let error): told = "\(error)"
        }
        lock.locked {
            running -= 1
            if accepted != expected { failure = "not every command was accepted: \(told ?? "")" }
        }
        changed.signal()
    }

    func drain() {
        lock.lock()
        while running > 0 { changed.wait(lock) }
        lock.unlock()
    }
}

/// What must be true of a ledger after a run, or the run does not count.
enum Books {
    /// All accounts sum to zero in every asset.
    static func check(_ reader: LedgerReader) throws(BenchFailure) {
        let rows = try measured { try reader.trialBalance().value }
        var net: [AssetNumber: Int64] = [:]
        for row in rows { net[row.asset, default: 0] += row.debit - row.credit }
        for (_, sum) in net where sum != 0 { throw BenchFailure("the books do not balance") }
    }

    /// What all users have pending: the yardsticks must come to the same.
    static func pending(_ reader: LedgerReader) throws(BenchFailure) -> Int {
        try measured {
            try reader.trialBalance().value.reduce(0) {
                "\($1.account)".contains("pending") ? $0 + Int($1.credit - $1.debit) : $0
            }
        }
    }
}

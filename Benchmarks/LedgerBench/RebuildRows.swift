import Glibc
import Platform
import ReferralLedger

/// `rebuild-1m`, `rebuild-10m`, `rebuild-views`, `open-10m`: state from the log and from checkpoints.
enum RebuildRows {
    static let commands = [
        BenchCommand(
            name: "rebuild", parameters: ["DIR"], summary: "state from the log alone", run: rebuild),
        BenchCommand(
            name: "checkpoint", parameters: ["DIR"],
            summary: "folds the log, then writes a whole checkpoint into an empty views/", run: checkpoint),
        BenchCommand(
            name: "open", parameters: ["DIR", "USER"],
            summary: "from opening for writing to the first answer, a balance", run: open),
        BenchCommand(
            name: "tail", parameters: ["DIR", "PAYMENTS"],
            summary: "appends payments, then dies without closing", run: tail),
    ]

    private static func rebuild(_ arguments: BenchArguments) throws(BenchFailure) -> Figures {
        let before = try ProcessMemory.anonymous()
        settle()
        let begin = Clock.monotonicNanoseconds()
        let archive = try measured { try LedgerArchive.openWithoutCheckpoint(at: arguments.text(0)) }
        let took = seconds(since: begin)
        defer { archive.close() }
        let memory = try ProcessMemory.anonymous() - before
        let status = try measured { try archive.current.status() }
        try Books.check(archive.current)
        return Figures([
            ("payments", .count(status.payments)), ("users", .count(status.users)),
            ("events", .count(Int(status.position.rawValue))), ("seconds", .number(took)),
            ("paymentsPerSecond", .number(Double(status.payments) / took)), ("memoryBytes", .count(memory)),
            ("pending", .count(try Books.pending(archive.current))),
            ("stateDigest", .text(status.stateDigest)),
        ])
    }

    private static func checkpoint(_ arguments: BenchArguments) throws(BenchFailure) -> Figures {
        let views = arguments.text(0) + "/views"
        for file in ["data.mdb", "lock.mdb"] { unlink(views + "/" + file) }
        let ledger = try measured {
            try Ledger.open(at: arguments.text(0), options: BenchOptions.withoutCheckpoints)
        }
        defer { ledger.close() }
        let empty = try fileBytes(views + "/data.mdb")
        settle()
        let begin = Clock.monotonicNanoseconds()
        try measured { try ledger.checkpoint() }
        let took = seconds(since: begin)
        let bytes = try fileBytes(views + "/data.mdb") - empty
        return Figures([
            ("bytes", .count(bytes)), ("seconds", .number(took)),
            ("bytesPerSecond", .number(Double(bytes) / took)),
        ])
    }

    private static func open(_ arguments: BenchArguments) throws(BenchFailure) -> Figures {
        let user = Workload.userId(try arguments.count(1))
        let begin = Clock.monotonicNanoseconds()
        let ledger = try measured { try Ledger.open(at: arguments.text(0), options: BenchOptions.service) }
        let balance = try measured { try ledger.current.balance(of: user, asset: .usd) }
        let took = seconds(since: begin)
        let status = try measured { try ledger.current.status() }
        ledger.close()
        guard balance != nil else { throw BenchFailure("user \(user) is unknown") }
        return Figures([
            ("seconds", .number(took)), ("users", .count(status.users)),
            ("payments", .count(status.payments)),
            ("stateDigest", .text(status.stateDigest)),
        ])
    }

    private static func tail(_ arguments: BenchArguments) throws(BenchFailure) -> Figures {
        let count = try arguments.count(1)
        let ledger = try measured {
            try Ledger.open(at: arguments.text(0), options: BenchOptions.withoutCheckpoints)
        }
        let before = try measured { try ledger.current.status() }
        var stream = Workload.Payments(from: before.payments, users: before.users)
        try Pump.run(ledger, count: count) { stream.make($0.count) }
        print(Figures([("payments", .count(count))]).json)
        fflush(nil)
        // As killed: nothing is closed, no checkpoint is written.
        _exit(0)
    }
}

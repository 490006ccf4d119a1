import Glibc
import LedgerExchange
import Platform
import ReferralLedger

/// `import`: JSON lines through the whole pipeline, durable.
enum ImportRows {
    static let commands = [
        BenchCommand(
            name: "simulate", parameters: ["FILE", "USERS", "PAYMENTS"],
            summary: "the lines of a made-up programme, into a file", run: simulate),
        BenchCommand(
            name: "import", parameters: ["DIR", "FILE"],
            summary: "a file of JSON lines into a fresh ledger", run: importFile),
    ]

    private static func simulate(_ arguments: BenchArguments) throws(BenchFailure) -> Figures {
        let options = Simulation.Options(
            users: try arguments.count(1), payments: try arguments.count(2), seed: 1,
            asset: Asset(code: "USD")!)
        var simulation = Simulation(options)
        guard let file = fopen(arguments.text(0), "w") else {
            throw BenchFailure("cannot write \(arguments.text(0))")
        }
        var (buffer, lines, isWritten) = ([UInt8](), 0, true)
        while simulation.next(into: &buffer) {
            lines += 1
            if buffer.count >= 1 << 20 {
                isWritten = fwrite(buffer, 1, buffer.count, file) == buffer.count && isWritten
                buffer.removeAll(keepingCapacity: true)
            }
        }
        isWritten = fwrite(buffer, 1, buffer.count, file) == buffer.count && isWritten
        guard fclose(file) == 0, isWritten else { throw BenchFailure("cannot write \(arguments.text(0))") }
        return Figures([("lines", .count(lines)), ("bytes", .count(try fileBytes(arguments.text(0))))])
    }

    private static func importFile(_ arguments: BenchArguments) throws(BenchFailure) -> Figures {
        let setup = try measured { try ProgrammeSetup(asset: "USD", preset: "two-level") }
        let ledger = try measured {
            try Ledger.create(at: arguments.text(0), programme: setup, options: BenchOptions.service)
        }
        defer { ledger.close() }
        let descriptor = open(arguments.text(1), O_RDONLY)
        guard descriptor >= 0 else { throw BenchFailure("cannot read \(arguments.text(1))") }
        defer { close(descriptor) }
        settle(memory: 0)
        let begin = Clock.monotonicNanoseconds()
        var importer = Importer(ledger: ledger, importId: "bench")
        try measured {
            let decoder = CommandLineDecoder(defaultAsset: Asset(code: "USD"))
            var source = JSONLineSource(reader: LineReader(descriptor: descriptor), decoder: decoder)
            try importer.run(&source)
        }
        let durable = seconds(since: begin)
        try Pump.awaitBackground(ledger)
        let took = seconds(since: begin)
        let counts = importer.counts
        guard counts.refused == 0, counts.lines > 0 else {
            throw BenchFailure("\(counts.refused) lines of \(counts.lines) were refused")
        }
        try Books.check(ledger.current)
        let status = try measured { try ledger.current.status() }
        return Figures([
            ("lines", .count(Int(counts.lines))), ("accepted", .count(Int(counts.accepted))),
            ("repeated", .count(Int(counts.repeated))), ("parked", .count(Int(counts.parked))),
            ("seconds", .number(took)), ("secondsUntilDurable", .number(durable)),
            ("linesPerSecond", .number(Double(counts.lines) / took)),
            ("events", .count(Int(status.position.rawValue))), ("stateDigest", .text(status.stateDigest)),
        ])
    }
}

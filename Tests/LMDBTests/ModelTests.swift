import LMDB
import Testing

extension LMDBTests {
    /// Random work on an environment and on a `Dictionary`, which must agree at every step.
    @Suite struct Model {
        @Test(arguments: UInt64(1)...8) func agreesWithADictionary(seed: UInt64) throws {
            var run = try ModelRun(seed: seed)
            for _ in 0..<60 { try run.step() }
            try run.reopen()
            try run.check()
        }
    }
}

private struct ModelRun {
    let seed: UInt64
    let folder: TemporaryFolder
    var environment: Environment
    var table: Database
    var random: SeededGenerator
    var model: [UInt64: [UInt8]] = [:]

    init(seed: UInt64) throws {
        self.seed = seed
        random = SeededGenerator(state: seed)
        folder = try TemporaryFolder()
        environment = try Environment(directory: folder.environment, options: .init(mapSizeBytes: 1 << 30))
        table = try environment.integerTable()
    }

    mutating func reopen() throws {
        #expect(environment.close())
        environment = try Environment(directory: folder.environment, options: .init(mapSizeBytes: 1 << 30))
        table = try environment.openDatabase("numbers", integerKeys: true, create: false)
    }

    private mutating func key() -> UInt64 {
        switch UInt8.random(in: 0..<10, using: &random) {
        case 0: UInt64.max - UInt64.random(in: 0..<4, using: &random)
        case 1: UInt64.random(in: 0...UInt64.max, using: &random)
        default: UInt64.random(in: 0..<300, using: &random)
        }
    }

    private mutating func value() -> [UInt8] {
        // Mostly small; some reach overflow pages (past 2,038 bytes).
        let size =
            Int.random(in: 0..<10, using: &random) == 0
            ? Int.random(in: 2000..<20_000, using: &random) : Int.random(in: 0..<300, using: &random)
        let first = UInt8.random(in: 0...255, using: &random)
        return (0..<size).map { first &+ UInt8(truncatingIfNeeded: $0) }
    }

    /// One transaction of up to 40 changes, committed four times out of five; now and then a reopening.
    mutating func step() throws {
        if Int.random(in: 0..<15, using: &random) == 0 { try reopen() }
        let old = model
        let before = try environment.beginRead()
        let write = try environment.beginWrite()
        for _ in 0..<Int.random(in: 1...40, using: &random) {
            let key = key()
            switch Int.random(in: 0..<40, using: &random) {
            case 0:
                try write.drop(table)
                model = [:]
            case 1..<14:
                #expect(
                    try write.delete(table, key: key) == (model.removeValue(forKey: key) != nil),
                    "seed \(seed)")
            case 14..<20:
                let value = value()
                try write.reserve(table, key: key, count: value.count).copyBytes(from: value)
                model[key] = value
            default:
                let value = value()
                try write.put(table, key, value)
                model[key] = value
            }
            #expect(try write.value(table, key: key).map { [UInt8]($0) } == model[key], "seed \(seed)")
        }
        #expect(try write.entryCount(table) == UInt64(model.count), "seed \(seed)")
        if Int.random(in: 0..<5, using: &random) == 0 {
            write.abort()
            model = old
        } else {
            try write.commit()
        }
        #expect(try before.entryCount(table) == UInt64(old.count), "seed \(seed)")
        for (key, value) in old { #expect(try before.bytes(table, key) == value, "seed \(seed)") }
        before.end()
        try check()
    }

    /// The whole table forwards, backwards and by seeking.
    mutating func check() throws {
        let keys = model.keys.sorted()
        let read = try environment.beginRead()
        let cursor = try read.cursor(table)
        for key in keys {
            let entry = try #require(try cursor.nextInteger(), "seed \(seed)")
            #expect(entry.key == key && [UInt8](entry.value) == model[key], "seed \(seed)")
        }
        #expect(try cursor.nextInteger() == nil, "seed \(seed)")
        #expect(try cursor.lastInteger()?.key == keys.last, "seed \(seed)")
        for key in keys.reversed().dropFirst() {
            #expect(try cursor.previousInteger()?.key == key, "seed \(seed)")
        }
        for _ in 0..<20 {
            let start = key()
            #expect(try cursor.seekInteger(atLeast: start)?.key == keys.first { $0 >= start }, "seed \(seed)")
        }
    }
}

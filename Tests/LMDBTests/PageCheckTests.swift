import Glibc
import LMDB
import Testing

extension LMDBTests {
    /// Pages that were walked and found sound never lead LMDB astray.
    @Suite struct PageChecks {
        let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        /// Three tables, two levels of branches, values on pages of their own, free pages.
        private func make() throws {
            let environment = try Environment(
                directory: folder.environment, options: .init(mapSizeBytes: 1 << 28))
            let numbers = try environment.integerTable()
            try environment.fill(numbers, count: 3_000)
            let names = try environment.openDatabase("names", integerKeys: false, create: true)
            for round in 0..<6 {
                let write = try environment.beginWrite()
                for i in 0..<400 where i % 6 >= round {
                    let key = Array("name-\(i * 7_919 % 400)-\(round)".utf8)
                    try key.withUnsafeBytes { raw in
                        try [UInt8](repeating: UInt8(round), count: i % 9 == 0 ? 9_000 : 40).withUnsafeBytes {
                            try write.put(names, key: raw, value: $0)
                        }
                    }
                }
                try write.commit()
            }
            let write = try environment.beginWrite()
            for i in 0..<200 {
                try Array("name-\(i)-0".utf8).withUnsafeBytes { _ = try write.delete(names, key: $0) }
            }
            try write.commit()
        }

        /// Keys and sizes of all entries, as LMDB gives them; every byte of every value is read.
        private func contents() throws -> [String] {
            let environment = try Environment(
                directory: folder.environment, options: .init(mapSizeBytes: 1 << 28, readOnly: true))
            var out: [String] = []
            for (name, isInteger) in [("numbers", true), ("names", false)] {
                let table = try environment.openDatabase(name, integerKeys: isInteger, create: false)
                let read = try environment.beginRead()
                let cursor = try read.cursor(table)
                while let (key, value) = try cursor.next() {
                    let sum = value.reduce(0) { $0 &+ Int($1) }
                    out.append("\(Array(key)) \(value.count) \(sum < 0)")
                    if isInteger {
                        let number = key.loadUnaligned(as: UInt64.self)
                        #expect(try read.value(table, key: number) != nil)
                    } else {
                        #expect(try read.value(table, key: key) != nil)
                    }
                }
            }
            return out
        }

        @Test func aSoundFileHasNoFaults() throws {
            try make()
            let report = try PageCheck.run(path: folder.dataFile)
            #expect(report.faults.isEmpty, "\(report.faults)")
            #expect(report.isWhole && report.pages > 100)
            let way = try PageCheck.run(path: folder.dataFile, depth: .branches(leavesUpTo: 1))
            #expect(way.faults.isEmpty && !way.isWhole && way.pages < report.pages / 2)
            let environment = try Environment(
                directory: folder.environment, options: .init(mapSizeBytes: 1 << 28))
            #expect(try environment.checkPages().faults.isEmpty)
            // A compacted copy, and an empty environment.
            try environment.copy(to: folder.path + "/copy", compacting: true)
            #expect(try PageCheck.run(path: folder.path + "/copy/data.mdb").faults.isEmpty)
            try Environment(directory: folder.path + "/empty").close()
            #expect(try PageCheck.run(path: folder.path + "/empty/data.mdb").faults.isEmpty)
        }

        /// Beside a writer that frees and reuses pages all the time.
        @Test func besideAWriter() throws {
            try make()
            let environment = try Environment(
                directory: folder.environment, options: .init(mapSizeBytes: 1 << 28))
            let numbers = try environment.integerTable()
            for round in 0..<20 {
                let write = try environment.beginWrite()
                for i in 0..<50 {
                    try write.put(numbers, UInt64(i * 97 + round), [UInt8](repeating: 1, count: 60))
                }
                try write.commit()
                let report = try environment.checkPages()
                #expect(report.faults.isEmpty, "\(report.faults)")
            }
        }

        @Test(arguments: UInt64(0)..<2) func flippedBits(seed: UInt64) throws {
            try make()
            let sound = try readFile(folder.dataFile)
            let truth = try contents()
            var random = SeededGenerator(state: seed)
            var found = 0
            for _ in 0..<40 {
                var bytes = sound
                let page = Int.random(in: 0..<sound.count / 4_096, using: &random)
                let within =
                    Bool.random(using: &random)
                    ? Int.random(in: 0..<80, using: &random) : Int.random(in: 0..<4_096, using: &random)
                let (at, bit) = (page * 4_096 + within, Int.random(in: 0..<8, using: &random))
                bytes[at] ^= 1 << UInt8(bit)
                try writeFile(folder.dataFile, bytes)
                let report = try? PageCheck.run(path: folder.dataFile)
                guard let report, report.faults.isEmpty else {
                    found += 1
                    continue
                }
                // Found sound: LMDB must get through, and keys may differ only where a key itself was hit.
                let now = try contents()
                let differing = zip(now, truth).filter { $0 != $1 }.count
                #expect(now.count == truth.count && differing <= 1, "seed \(seed), byte \(at), bit \(bit)")
            }
            #expect(found > 1, "seed \(seed): \(found)")
        }

        /// What opening looks at: a damaged way is refused by name, not by a crash.
        @Test func openingNamesTheDamagedPage() throws {
            try make()
            var bytes = try readFile(folder.dataFile)
            let branch = try #require((2..<bytes.count / 4_096).last { bytes[$0 * 4_096 + 10] == 1 })
            bytes[branch * 4_096 + 17] ^= 0x80
            try writeFile(folder.dataFile, bytes)
            let report = try PageCheck.run(path: folder.dataFile)
            // A branch of an older snapshot may be free by now.
            guard let fault = report.faults.first else { return }
            let refused = try lmdbError { _ = try Environment(directory: folder.environment) }
            #expect(refused.isCorrupt)
            #expect(refused.detail?.contains("page \(fault.page)") == true, "\(refused)")
        }
    }
}

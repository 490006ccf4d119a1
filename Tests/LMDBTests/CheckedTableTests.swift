import Glibc
import LMDB
import Testing

extension LMDBTests {
    /// Reading without trust: the same as LMDB on a sound file, an error that names the page on a damaged one.
    @Suite struct CheckedTables {
        let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        private static let options = Environment.Options(mapSizeBytes: 1 << 28)

        /// A table that grows at its end, or one with keys from all over; some values on pages of their own.
        private func make(_ count: Int, inOrder: Bool, seed: UInt64 = 1) throws -> [UInt64] {
            var random = SeededGenerator(state: seed)
            let environment = try Environment(directory: folder.environment, options: Self.options)
            let table = try environment.integerTable()
            var keys = (0..<count).map { UInt64($0 * 3 + 1) }
            if !inOrder { keys.shuffle(using: &random) }
            for chunk in stride(from: 0, to: count, by: 700) {
                let write = try environment.beginWrite()
                for key in keys[chunk..<min(count, chunk + 700)] {
                    let size = key % 97 == 0 ? 6_000 + Int(key % 5_000) : 60 + Int(key % 120)
                    try write.put(table, key, [UInt8](repeating: UInt8(truncatingIfNeeded: key), count: size))
                }
                try write.commit()
            }
            return keys.sorted()
        }

        private func same(
            _ one: (key: UInt64, value: UnsafeRawBufferPointer)?,
            _ other: (key: UInt64, value: UnsafeRawBufferPointer)?
        ) -> Bool {
            one?.key == other?.key && one?.value.count == other?.value.count
                && one?.value.baseAddress == other?.value.baseAddress
        }

        @Test(arguments: [0, 1, 2, 40, 3_000, 9_000], [true, false])
        func readsWhatLMDBReads(count: Int, inOrder: Bool) throws {
            let keys = try make(count, inOrder: inOrder)
            let environment = try Environment(directory: folder.environment, options: Self.options)
            let table = try environment.integerTable()
            let read = try environment.beginRead()
            let checked = try read.checkedTable(table, named: "numbers")
            let cursor = try read.cursor(table)
            var own = checked.cursor()
            // Forwards, past the end, and back.
            var seen: [UInt64] = []
            var differing = 0
            while let entry = try own.nextInteger() {
                if !same(entry, try cursor.nextInteger()) { differing += 1 }
                seen.append(entry.key)
            }
            #expect(seen == keys && differing == 0)
            #expect(try own.nextInteger() == nil)
            #expect(same(try own.lastInteger(), try cursor.lastInteger()))
            for _ in 0..<min(count, 2_000)
            where !same(try own.previousInteger(), try cursor.previousInteger()) {
                differing += 1
            }
            #expect(differing == 0)
            #expect(same(try own.firstInteger(), try cursor.firstInteger()))
            #expect(try own.previousInteger() == nil)
            var fresh = checked.cursor()
            #expect(same(try fresh.previousInteger(), try cursor.lastInteger()))
            var random = SeededGenerator(state: 7)
            for _ in 0..<500 {
                let key = UInt64.random(in: 0...UInt64(count * 3 + 5), using: &random)
                #expect(
                    same(try own.seekInteger(atLeast: key), try cursor.seekInteger(atLeast: key)), "\(key)")
                if Bool.random(using: &random) {
                    #expect(same(try own.nextInteger(), try cursor.nextInteger()), "after \(key)")
                }
                let (value, theirs) = (try checked.value(key: key), try read.value(table, key: key))
                #expect(value.map { Array($0) } == theirs.map { Array($0) }, "\(key)")
            }
            // From where the look-up before ended: over all edges of leaves, up and down, and far away.
            var place = CheckedTable.Place()
            let far = UInt64(count * 3 + 5)
            let walk = Array(0...min(far, 3_000)) + (0...min(far, 3_000)).reversed()
            for key in walk + (0..<500).map({ _ in UInt64.random(in: 0...far, using: &random) }) {
                let near = try checked.value(key: key, near: &place)
                let alone = try checked.value(key: key)
                if near?.baseAddress != alone?.baseAddress || near?.count != alone?.count { differing += 1 }
            }
            #expect(differing == 0)
        }

        /// A snapshot stays what it was while a writer goes on and reuses pages; a later one sees all.
        @Test func besideAWriter() throws {
            _ = try make(3_000, inOrder: false)
            let environment = try Environment(directory: folder.environment, options: Self.options)
            let table = try environment.integerTable()
            for round in 0..<10 {
                let read = try environment.beginRead()
                let checked = try read.checkedTable(table, named: "numbers")
                let before = try (0..<200).map { try checked.value(key: UInt64($0)).map { Array($0) } }
                let write = try environment.beginWrite()
                for i in 0..<60 {
                    try write.put(table, UInt64((i * 37 + round) % 9_000), [UInt8](repeating: 9, count: 90))
                }
                try write.commit()
                #expect(try (0..<200).map { try checked.value(key: UInt64($0)).map { Array($0) } } == before)
                let later = try environment.beginRead()
                let cursor = try later.cursor(table)
                var own = try later.checkedTable(table, named: "numbers").cursor()
                var differing = 0
                while let entry = try own.nextInteger() {
                    if !same(entry, try cursor.nextInteger()) { differing += 1 }
                }
                #expect(try differing == 0 && cursor.nextInteger() == nil)
            }
        }

        /// Past the opening, which finds damage of the way only: each flipped bit is an error that names its page, or the
        /// entries are those that were there but for one value or key.
        @Test(arguments: UInt64(0)..<2) func flippedBits(seed: UInt64) throws {
            let keys = try make(34_000, inOrder: seed % 2 == 0, seed: seed)
            let sound = try readFile(folder.dataFile)
            let pages = sound.count / 4_096
            let way = try PageCheck.run(path: folder.dataFile, depth: .branches(leavesUpTo: 1_024))
            try #require(!way.isWhole, "the opening must not read all leaves")
            var random = SeededGenerator(state: seed)
            var found = 0
            for _ in 0..<30 {
                let page = 2 + Int.random(in: 0..<pages - 2, using: &random)
                let within =
                    Bool.random(using: &random)
                    ? Int.random(in: 0..<120, using: &random) : Int.random(in: 0..<4_096, using: &random)
                let bit = UInt8(1) << UInt8.random(in: 0..<8, using: &random)
                let place = "seed \(seed), page \(page), byte \(within), bit \(bit)"
                try poke(page * 4_096 + within, sound[page * 4_096 + within] ^ bit)
                switch Result(catching: { try self.readAll(keys) }) {
                case .success(let (count, missing)):
                    #expect(count == keys.count, "\(place)")
                    #expect(missing <= 1, "\(place): \(missing) keys are not found")
                case .failure(let error):
                    found += 1
                    #expect((error as? LMDBError)?.isCorrupt == true, "\(place): \(error)")
                    #expect("\(error)".contains("page "), "\(place): \(error)")
                }
                try poke(page * 4_096 + within, sound[page * 4_096 + within])
            }
            #expect(found > 1, "seed \(seed): \(found)")
        }

        /// How many entries a walk finds, touching both ends of each value, and how many of some keys a look-up misses.
        private func readAll(_ keys: [UInt64]) throws -> (count: Int, missing: Int) {
            let environment = try Environment(directory: folder.environment, options: Self.options)
            defer { environment.close() }
            let table = try environment.integerTable()
            let read = try environment.beginRead()
            let checked = try read.checkedTable(table, named: "numbers")
            var own = checked.cursor()
            var (count, missing, sum) = (0, 0, 0)
            while let entry = try own.nextInteger() {
                count += 1
                sum &+= Int(entry.value.first ?? 0) &+ Int(entry.value.last ?? 0)
            }
            for at in stride(from: 0, to: keys.count, by: 7) where try checked.value(key: keys[at]) == nil {
                missing += 1
            }
            return (count, sum == .min ? -1 : missing)
        }

        private func poke(_ at: Int, _ byte: UInt8) throws {
            let file = open(folder.dataFile, O_WRONLY)
            defer { close(file) }
            var byte = byte
            try #require(pwrite(file, &byte, 1, off_t(at)) == 1)
        }
    }
}

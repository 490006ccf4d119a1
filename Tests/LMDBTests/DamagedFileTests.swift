import Glibc
import LMDB
import Testing

extension LMDBTests {
    @Suite struct DamagedFiles {
        let folder: TemporaryFolder
        private let pageSize = 4096

        init() throws { folder = try TemporaryFolder() }

        private func open(readOnly: Bool = false) throws(LMDBError) -> Environment {
            try Environment(
                directory: folder.environment, options: .init(mapSizeBytes: 1 << 28, readOnly: readOnly))
        }

        private func makeFilled() throws {
            let environment = try open()
            try environment.fill(try environment.integerTable(), count: 2000)
        }

        private func replaceFile(_ bytes: [UInt8]) throws {
            if access(folder.environment, F_OK) != 0 { mkdir(folder.environment, 0o700) }
            try writeFile(folder.dataFile, bytes)
        }

        @Test(arguments: [true, false]) func anEmptyFileIsRefused(readOnly: Bool) throws {
            try replaceFile([])
            let refused = try lmdbError { _ = try open(readOnly: readOnly) }
            #expect(refused.isCorrupt)
            #expect(refused.path == folder.dataFile)
            #expect(fileSize(folder.dataFile) == 0, "nothing was written")
        }

        @Test(arguments: [1, 15, 151, 152, 4096, 4097, 8192, 100_000]) func randomBytesAreRefused(size: Int)
            throws
        {
            var random = SeededGenerator(state: UInt64(size))
            try replaceFile((0..<size).map { _ in UInt8.random(in: 0...255, using: &random) })
            #expect(try lmdbError { _ = try open() }.code == -30793, "MDB_INVALID")
        }

        @Test func anotherProgramsFileIsRefusedAndKept() throws {
            let sqlite = Array("SQLite format 3\0".utf8) + [UInt8](repeating: 1, count: 8176)
            try replaceFile(sqlite)
            #expect(try lmdbError { _ = try open() }.code == -30793, "MDB_INVALID")
            #expect(try readFile(folder.dataFile) == sqlite)
        }

        @Test func anotherFormatVersionIsRefused() throws {
            try makeFilled()
            var bytes = try readFile(folder.dataFile)
            bytes[20] = 2
            try replaceFile(bytes)
            #expect(try lmdbError { _ = try open() }.code == -30794, "MDB_VERSION_MISMATCH")
        }

        @Test func aFileCutShortIsRefusedAtEveryLength() throws {
            try makeFilled()
            let whole = try readFile(folder.dataFile)
            for length in stride(from: whole.count - 1, through: 1, by: -1777) {
                try replaceFile(Array(whole[..<length]))
                let refused = try lmdbError { _ = try open(readOnly: length % 2 == 0) }
                #expect(refused.isCorrupt)
                guard length >= pageSize else { continue }
                #expect(refused.truncation?.actualBytes == UInt64(length))
                #expect(refused.truncation?.expectedBytes == UInt64(whole.count))
            }
            try replaceFile(whole)
            let environment = try open()
            #expect(try environment.count(try environment.integerTable()) == 2000)
        }

        /// "Actually the file may be shorter if the freeDB lists the final pages" (`mm_last_pg` in LMDB's
        /// `mdb.c`).
        @Test func aFileShortOfFreePagesOnlyIsSound() throws {
            let lastPage: UInt64
            do {
                let environment = try open()
                let table = try environment.integerTable()
                for _ in 0..<4 { try environment.fill(table, count: 2000) }
                try environment.withWrite { (write) throws(LMDBError) in
                    // The first change loads the free list; a big value made and dropped after it never
                    // reaches the file, but its pages are counted.
                    try write.put(table, 0, [1])
                    _ = try write.reserve(table, key: 5000, count: 4 << 20)
                    try write.delete(table, key: 5000)
                }
                lastPage = try environment.info.lastPageNumber
            }
            let size = fileSize(folder.dataFile)
            try #require(size < (Int(lastPage) + 1) * pageSize, "the case this test is about")
            do {
                let environment = try open()
                let table = try environment.integerTable()
                #expect(try environment.count(table) == 2000)
            }
            // Shortened page by page: every length that opens has all entries, and none shorter opens again.
            let whole = try readFile(folder.dataFile)
            var shortest = whole.count
            for length in stride(from: whole.count, through: 2 * pageSize, by: -pageSize) {
                try replaceFile(Array(whole[..<length]))
                do {
                    let environment = try open(readOnly: true)
                    let table = try environment.openDatabase("numbers", integerKeys: true, create: false)
                    let read = try environment.beginRead()
                    let cursor = try read.cursor(table)
                    var entries = 0
                    while try cursor.nextInteger() != nil { entries += 1 }
                    #expect(entries == 2000)
                    #expect(shortest - length <= pageSize, "a longer file was refused")
                    shortest = length
                } catch {
                    #expect(error.truncation?.actualBytes == UInt64(length))
                    let needed = try #require(error.truncation?.expectedBytes)
                    #expect(needed >= UInt64(shortest) && needed <= (lastPage + 1) * UInt64(pageSize))
                }
            }
            #expect(shortest > 60 * pageSize, "2,000 entries take about 60 pages")
        }

        @Test(arguments: UInt64(0)..<20) func aDamagedHeaderIsRefusedOrHarmless(seed: UInt64) throws {
            try makeFilled()
            let whole = try readFile(folder.dataFile)
            var random = SeededGenerator(state: seed)
            for _ in 0..<40 {
                var bytes = whole
                let page = Int.random(in: 0...1, using: &random) * pageSize
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    bytes[page + Int.random(in: 8..<152, using: &random)] = UInt8.random(
                        in: 0...255, using: &random)
                }
                try replaceFile(bytes)
                do {
                    _ = try open(readOnly: true).info
                } catch {
                    #expect(error.isCorrupt, "seed \(seed): \(error)")
                }
            }
        }

        @Test func aRootBeyondTheFileIsRefused() throws {
            try makeFilled()
            let whole = try readFile(folder.dataFile)
            for field in [80, 128, 136] {
                var bytes = whole
                for meta in [0, pageSize] {
                    for index in 0..<8 { bytes[meta + field + index] = index == 3 ? 1 : 0 }
                }
                try replaceFile(bytes)
                #expect(try lmdbError { _ = try open() }.isCorrupt)
            }
        }

        /// Damage at opening is refused by name; what strikes later, LMDB itself finds, or not.
        @Test func aFailedAssertionSaysWhichFile() async throws {
            try makeFilled()
            let result = await #expect(
                processExitsWith: .failure, observing: [\.exitStatus, \.standardErrorContent]
            ) { [path = folder.environment as String] in
                let environment = try Environment(directory: path)
                let table = try environment.openDatabase("numbers", integerKeys: true, create: false)
                // A branch page without keys: LMDB asserts "NUMKEYS(p) > 1" on the way down.
                let bytes = try readFile(path + "/data.mdb")
                let file = Glibc.open(path + "/data.mdb", O_WRONLY)
                for page in stride(from: 2 * 4_096, to: bytes.count, by: 4_096) where bytes[page + 10] == 1 {
                    _ = pwrite(file, [16, 0] as [UInt8], 2, page + 12)
                }
                close(file)
                _ = try environment.withRead { (read) throws(LMDBError) in
                    try read.value(table, key: 5)?.count
                }
                exitCleanly()
            }
            #expect(result?.exitStatus == .signal(SIGABRT))
            let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
            #expect(text.contains("lmdb: the data file is damaged"))
            #expect(text.contains(folder.environment))
        }
    }
}

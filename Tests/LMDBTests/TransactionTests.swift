import Glibc
import LMDB
import Testing

extension LMDBTests {
    @Suite struct Transactions {
        let folder: TemporaryFolder
        let environment: Environment
        let numbers: Database

        init() throws {
            folder = try TemporaryFolder()
            environment = try Environment(
                directory: folder.environment, options: .init(mapSizeBytes: 1 << 28))
            numbers = try environment.integerTable()
        }

        @Test func aCommitIsSeenByLaterReadersOnly() throws {
            let before = try environment.beginRead()
            let write = try environment.beginWrite()
            try write.put(numbers, 7, [1, 2, 3])
            #expect(try write.value(numbers, key: 7).map { [UInt8]($0) } == [1, 2, 3])
            let during = try environment.beginRead()
            let id = try write.id
            try write.commit()
            let after = try environment.beginRead()
            #expect(try before.bytes(numbers, 7) == nil)
            #expect(try during.bytes(numbers, 7) == nil)
            #expect(try after.bytes(numbers, 7) == [1, 2, 3])
            #expect(try after.id == id)
            #expect(try environment.info.lastTransactionID == id)
        }

        @Test func aDroppedWriteLeavesNothing() throws {
            do {
                let write = try environment.beginWrite()
                try write.put(numbers, 1, [1])
            }
            let second = try environment.beginWrite()
            try second.put(numbers, 2, [2])
            second.abort()
            #expect(try environment.count(numbers) == 0)
            let failed = try lmdbError {
                try environment.withWrite { (write) throws(LMDBError) in
                    try write.put(numbers, 3, [3])
                    throw LMDBError(code: EIO, operation: "test")
                }
            }
            #expect(failed.operation == "test")
            #expect(try environment.count(numbers) == 0)
        }

        @Test func aTransactionLivesToTheEndOfItsScope() throws {
            try environment.fill(numbers, count: 1)
            let read = try environment.beginRead()
            let value = try #require(try read.value(numbers, key: 0))
            #expect(!environment.close(), "the transaction is open, so are the files")
            #expect(value.count == 100)
            #expect(value.allSatisfy { $0 == 0 })
            read.end()
            #expect(environment.close())
        }

        @Test func aTransactionWithoutAnotherUseLivesToTheEndOfItsScope() throws {
            try environment.fill(numbers, count: 1)
            do {
                let read = try environment.beginRead()
                let value = try #require(try read.value(numbers, key: 0))
                #expect(!environment.close())
                #expect(value.reduce(0) { $0 + Int($1) } == 0)
            }
            #expect(environment.close())
        }

        @Test func deleteDropAndAppend() throws {
            try environment.fill(numbers, count: 10)
            try environment.withWrite { (write) throws(LMDBError) in
                #expect(try write.delete(numbers, key: 3))
                #expect(try !write.delete(numbers, key: 3))
                #expect(try write.entryCount(numbers) == 9)
                try write.put(numbers, 10, [10], append: true)
                do throws(LMDBError) {
                    try write.put(numbers, 10, [11], append: true)
                    Issue.record("a key that is not greater was appended")
                } catch {
                    #expect(error.isKeyExists)
                }
                // The transaction stays usable after that refusal.
                try write.put(numbers, 11, [11], append: true)
            }
            let read = try environment.beginRead()
            #expect(try read.bytes(numbers, 10) == [10])
            #expect(try read.bytes(numbers, 11) == [11])
            read.end()
            try environment.withWrite { (write) throws(LMDBError) in try write.drop(numbers) }
            #expect(try environment.count(numbers) == 0)
        }

        @Test func reservedRoomIsFilledInPlace() throws {
            try environment.withWrite { (write) throws(LMDBError) in
                for (key, count) in [(UInt64(1), 0), (2, 1), (3, 37), (4, 100_000)] {
                    let room = try write.reserve(numbers, key: key, count: count, append: true)
                    #expect(room.count == count)
                    for index in room.indices { room[index] = UInt8(truncatingIfNeeded: index &* 7 &+ count) }
                }
            }
            let read = try environment.beginRead()
            for (key, count) in [(UInt64(1), 0), (2, 1), (3, 37), (4, 100_000)] {
                let expected = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ count) }
                #expect(try read.bytes(numbers, key) == expected)
                #expect(try read.withValue(numbers, key: key) { $0.byteCount } == count)
            }
            #expect(try read.withValue(numbers, key: 9) { $0.byteCount } == nil)
        }

        @Test func valuesHaveNoAlignment() throws {
            // Odd sizes push the neighbours off every boundary; LMDB aligns to 2 at best.
            try environment.withWrite { (write) throws(LMDBError) in
                for key in 0..<UInt64(50) {
                    let bytes =
                        withUnsafeBytes(of: key.littleEndian) { [UInt8]($0) }
                        + [UInt8](repeating: 9, count: Int(key))
                    try write.put(numbers, key, bytes)
                }
            }
            let read = try environment.beginRead()
            var unaligned = 0
            for key in 0..<UInt64(50) {
                let value = try #require(try read.value(numbers, key: key))
                if UInt(bitPattern: value.baseAddress) % 8 != 0 { unaligned += 1 }
                #expect(value.loadUnaligned(as: UInt64.self) == key)
            }
            #expect(unaligned > 0)
        }

        @Test func rawKeysAreOrderedByteForByte() throws {
            let table = try environment.openDatabase("raw", integerKeys: false, create: true)
            let keys: [[UInt8]] = [[0], [0, 0], [1], [1, 255], [2], [255], [255, 1]]
            try environment.withWrite { (write) throws(LMDBError) in
                for (index, key) in keys.enumerated().reversed() {
                    try write.put(table, raw: key, [UInt8(index)])
                }
            }
            let read = try environment.beginRead()
            let cursor = try read.cursor(table)
            for (index, key) in keys.enumerated() {
                let entry = try #require(try cursor.next())
                #expect([UInt8](entry.key) == key)
                #expect([UInt8](entry.value) == [UInt8(index)])
                #expect(try key.withUnsafeBytes { try read.value(table, key: $0)?.first } == UInt8(index))
            }
            let sought = try [UInt8]([1, 7]).withUnsafeBytes { try cursor.seek(atLeast: $0) }
            #expect(sought.map { [UInt8]($0.key) } == [1, 255])
            #expect(try cursor.next().map { [UInt8]($0.key) } == [2])
        }

        @Test func keysAndValuesOutOfBoundsAreRefused() throws {
            let table = try environment.openDatabase("raw", integerKeys: false, create: true)
            for size in [0, 512] {
                let write = try environment.beginWrite()
                let refused = try lmdbError {
                    try write.put(table, raw: [UInt8](repeating: 1, count: size), [1])
                }
                #expect(refused.code == -30781, "MDB_BAD_VALSIZE")
                write.abort()
            }
            try environment.withWrite { (write) throws(LMDBError) in
                try write.put(table, raw: [UInt8](repeating: 1, count: 511), [1])
            }
        }

        @Test func aReaderHopsThreads() throws {
            try environment.fill(numbers, count: 100)
            // With thread-local slots the second reader on one thread would fail with MDB_BAD_RSLOT, and
            // ending one on another thread would corrupt the table.
            let first = try environment.beginRead()
            let second = try environment.beginRead()
            let box = ReaderBox(first, numbers)
            runOnAnotherThread(box) {
                Unmanaged<ReaderBox>.fromOpaque($0!).takeUnretainedValue().countAndEnd()
            }
            #expect(box.count == 100)
            #expect(try second.entryCount(numbers) == 100)
        }

        @Test func aLongReaderRenews() throws {
            let read = try environment.beginRead()
            try environment.fill(numbers, count: 5)
            #expect(try read.entryCount(numbers) == 0)
            try read.renew()
            #expect(try read.entryCount(numbers) == 5)
            try read.reset()
            try read.reset()
            let refused = try lmdbError { _ = try read.value(numbers, key: 1) }
            #expect(refused.code == LMDBError.transactionReset)
            try environment.fill(numbers, count: 6)
            try read.renew()
            #expect(try read.entryCount(numbers) == 6)
        }

        @Test func aRenewedReaderLetsPagesGo() throws {
            func growth(renewing: Bool) throws -> UInt64 {
                let read = try environment.beginRead()
                let before = try environment.info.lastPageNumber
                for round in 0..<60 {
                    try environment.fill(numbers, count: 50, valueSize: 500 + round % 2)
                    if renewing { try read.renew() }
                }
                return try environment.info.lastPageNumber - before
            }
            try environment.fill(numbers, count: 50, valueSize: 500)
            let renewed = try growth(renewing: true)
            let held = try growth(renewing: false)
            #expect(renewed < 60)
            #expect(
                held > 4 * renewed + 100,
                "a snapshot that is held keeps its pages: \(held) against \(renewed)")
        }

        @Test func readersPastTheLimitAreRefused() throws {
            let other = try TemporaryFolder()
            let small = try Environment(
                directory: other.environment, options: .init(mapSizeBytes: 1 << 20, maxReaders: 3))
            let limit = Int(try small.info.maxReaders)
            let table = try small.integerTable()
            var readers: [ReaderBox] = []
            for _ in 0..<limit { readers.append(ReaderBox(try small.beginRead(), table)) }
            let refused = try lmdbError { _ = try small.beginRead() }
            #expect(refused.isReadersFull)
            readers.removeLast()
            _ = try small.beginRead()
        }

        @Test func oneThreadHasOneWriteTransaction() throws {
            let write = try environment.beginWrite()
            #expect(try lmdbError { _ = try environment.beginWrite() }.code == LMDBError.writerReentered)
            let refused = try lmdbError { _ = try environment.integerTable("more") }
            #expect(refused.code == LMDBError.writerReentered)
            write.abort()
            _ = try environment.integerTable("more")
        }

        @Test func aFullMapIsUndoneAndReadingGoesOn() throws {
            let other = try TemporaryFolder()
            let small = try Environment(directory: other.environment, options: .init(mapSizeBytes: 1 << 20))
            let table = try small.integerTable()
            try small.fill(table, count: 100)
            let full = try lmdbError { try small.fill(table, count: 20_000) }
            #expect(full.isMapFull)
            #expect(full.path == other.environment)
            #expect(try small.count(table) == 100)
            try small.fill(table, count: 10, from: 100)
            do {
                let read = try small.beginRead()
                #expect(try read.entryCount(table) == 110)
                #expect(try lmdbError { try small.resize(mapSizeBytes: 1 << 24) }.code == EBUSY)
                #expect(try read.bytes(table, 109)?.count == 100)
            }
            try small.resize(mapSizeBytes: 1 << 24)
            try small.fill(table, count: 20_000)
            #expect(try small.info.mapSizeBytes == 1 << 24)
        }
    }
}

/// Keeps a reader where several are needed, and carries one to another thread.
final class ReaderBox {
    private var reader: ReadTransaction?
    private let table: Database
    private(set) var count: UInt64?

    init(_ reader: consuming ReadTransaction, _ table: Database) {
        self.reader = consume reader
        self.table = table
    }

    /// Counts the entries one by one, then ends the reader.
    func countAndEnd() {
        guard let taken = reader.take(), let cursor = try? taken.cursor(table) else { return }
        var entries: UInt64 = 0
        while let entry = try? cursor.nextInteger(), entry.key == entries { entries += 1 }
        count = entries
    }
}

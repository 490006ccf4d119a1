import LMDB
import Testing

extension LMDBTests {
    @Suite struct Cursors {
        let folder: TemporaryFolder
        let environment: Environment
        let numbers: Database

        init() throws {
            folder = try TemporaryFolder()
            environment = try Environment(
                directory: folder.environment, options: .init(mapSizeBytes: 1 << 28))
            numbers = try environment.integerTable()
        }

        @Test func movesOverAnEmptyTable() throws {
            let read = try environment.beginRead()
            let cursor = try read.cursor(numbers)
            #expect(try cursor.next() == nil)
            #expect(try cursor.first() == nil)
            #expect(try cursor.last() == nil)
            #expect(try cursor.previous() == nil)
            #expect(try cursor.seek(atLeast: 0) == nil)
        }

        @Test func movesInNumberOrderOverAllBytesOfAKey() throws {
            let keys: [UInt64] = [0, 1, 255, 256, 65_535, 65_536, 1 << 32, 1 << 63, .max]
            try environment.withWrite { (write) throws(LMDBError) in
                for key in keys.reversed() { try write.put(numbers, key, [UInt8(truncatingIfNeeded: key)]) }
            }
            let read = try environment.beginRead()
            let cursor = try read.cursor(numbers)
            var seen: [UInt64] = []
            while let entry = try cursor.nextInteger() {
                seen.append(entry.key)
                #expect([UInt8](entry.value) == [UInt8(truncatingIfNeeded: entry.key)])
            }
            #expect(seen == keys)
            #expect(try cursor.firstInteger()?.key == 0)
            #expect(try cursor.previous() == nil)
            #expect(try cursor.lastInteger()?.key == .max)
            #expect(try cursor.previousInteger()?.key == 1 << 63)
            #expect(try cursor.seekInteger(atLeast: 257)?.key == 65_535)
            #expect(try cursor.seekInteger(atLeast: 256)?.key == 256)
            #expect(try cursor.seekInteger(atLeast: (1 << 63) + 1)?.key == .max)
        }

        @Test func aCursorKeepsItsSnapshotAlive() throws {
            try environment.fill(numbers, count: 3)
            let cursor = try cursorOfAnEndedTransaction()
            try environment.withWrite { (write) throws(LMDBError) in try write.drop(numbers) }
            #expect(!environment.close())
            #expect(try cursor.nextInteger()?.key == 0)
            #expect(try cursor.nextInteger()?.key == 1)
            cursor.end()
            #expect(environment.close())
        }

        private func cursorOfAnEndedTransaction() throws -> Cursor {
            let read = try environment.beginRead()
            return try read.cursor(numbers)
        }

        @Test func aWriteCursorOutlivingItsAbortedTransactionEndsIt() throws {
            do {
                let write = try environment.beginWrite()
                try write.put(numbers, 1, [1])
                let cursor = try write.cursor(numbers)
                write.abort()
                #expect(try cursor.nextInteger()?.key == 1)
            }
            // The writer's turn is free again and nothing was kept.
            try environment.fill(numbers, count: 0)
            #expect(try environment.count(numbers) == 0)
        }

        @Test func aWriteCursorSeesItsTransactionsChanges() throws {
            try environment.fill(numbers, count: 4)
            let write = try environment.beginWrite()
            try write.delete(numbers, key: 1)
            try write.put(numbers, 9, [9])
            let cursor = try write.cursor(numbers)
            var seen: [UInt64] = []
            while let entry = try cursor.nextInteger() { seen.append(entry.key) }
            #expect(seen == [0, 2, 3, 9])
            cursor.end()
            try write.commit()
        }

        @Test func commitWithAnOpenCursorTraps() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.exitStatus]) {
                [path = folder.path as String] in
                let environment = try Environment(directory: path + "/trap")
                let numbers = try environment.integerTable()
                let write = try environment.beginWrite()
                let cursor = try write.cursor(numbers)
                do { try write.commit() } catch { exitCleanly() }
                _ = try cursor.next()
                exitCleanly()
            }
            #expect(isTrap(result))
        }

        @Test func resetWithAnOpenCursorTraps() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.exitStatus]) {
                [path = folder.path as String] in
                let environment = try Environment(directory: path + "/trap")
                let numbers = try environment.integerTable()
                let read = try environment.beginRead()
                let cursor = try read.cursor(numbers)
                do { try read.reset() } catch { exitCleanly() }
                _ = try cursor.next()
                exitCleanly()
            }
            #expect(isTrap(result))
        }

        @Test func anotherEnvironmentsTableTraps() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.exitStatus]) {
                [path = folder.path as String] in
                let one = try Environment(directory: path + "/one")
                let two = try Environment(directory: path + "/two")
                let table = try one.integerTable()
                _ = try two.integerTable()
                let read = try two.beginRead()
                do { _ = try read.value(table, key: 1) } catch { exitCleanly() }
                exitCleanly()
            }
            #expect(isTrap(result))
        }

        @Test func endingAWriteOnAnotherThreadTraps() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.exitStatus]) {
                [path = folder.path as String] in
                let environment = try Environment(directory: path + "/trap")
                let box = WriterBox(try environment.beginWrite())
                runOnAnotherThread(box) { Unmanaged<WriterBox>.fromOpaque($0!).takeUnretainedValue().abort() }
                exitCleanly()
            }
            #expect(isTrap(result))
        }
    }
}

final class WriterBox {
    private var writer: WriteTransaction?
    init(_ writer: consuming WriteTransaction) { self.writer = consume writer }
    func abort() { if let taken = writer.take() { taken.abort() } }
}

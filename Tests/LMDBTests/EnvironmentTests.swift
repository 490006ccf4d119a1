import Glibc
import LMDB
import Testing

extension LMDBTests {
    @Suite struct Environments {
        let folder: TemporaryFolder
        init() throws { folder = try TemporaryFolder() }

        private func open(readOnly: Bool = false, noLock: Bool = false) throws(LMDBError) -> Environment {
            try Environment(
                directory: folder.environment,
                options: .init(mapSizeBytes: 1 << 26, readOnly: readOnly, noLock: noLock))
        }

        @Test func contentsOutliveTheProcessHandle() throws {
            do {
                let environment = try open()
                try environment.fill(try environment.integerTable(), count: 10)
            }
            let again = try open()
            let table = try again.openDatabase("numbers", integerKeys: true, create: false)
            #expect(try again.count(table) == 10)
        }

        @Test func theUsualMapIsATebibyteAndTheFileIsSmall() throws {
            let environment = try Environment(directory: folder.environment)
            let info = try environment.info
            #expect(info.mapSizeBytes == 1 << 40)
            #expect(info.fileSizeBytes < 1 << 20)
            #expect(info.pageSizeBytes == 4096)
            #expect(info.maxReaders >= 512)
            try environment.sync()
            #expect(try environment.staleReaders() == 0)
        }

        @Test func filesArePrivateAndDescriptorsDoNotCrossExec() throws {
            let environment = try open()
            var status = stat()
            for name in ["", "/data.mdb", "/lock.mdb"] {
                #expect(stat(folder.environment + name, &status) == 0)
                #expect(status.st_mode & 0o077 == 0, "\(name) is open to others")
            }
            // FD_CLOEXEC is bit 1 of the flags the kernel shows in octal: 02000000.
            for descriptor in 0..<256 where path(of: descriptor).hasPrefix(folder.environment) {
                let flags = fcntl(Int32(descriptor), F_GETFD)
                #expect(flags & FD_CLOEXEC != 0, "\(path(of: descriptor)) crosses exec")
            }
            _ = try environment.info
        }

        private func path(of descriptor: Int) -> String {
            var target = [CChar](repeating: 0, count: 4096)
            return readlink("/proc/self/fd/\(descriptor)", &target, 4095) > 0
                ? String(decoding: target.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                : ""
        }

        @Test func aSecondOpenInThisProcessIsRefused() throws {
            let environment = try open()
            #expect(try lmdbError { _ = try open() }.isAlreadyOpen)
            #expect(try lmdbError { _ = try open(readOnly: true) }.isAlreadyOpen)
            // By another path too.
            let alias = folder.path + "/alias"
            try #require(symlink(folder.environment, alias) == 0)
            #expect(try lmdbError { _ = try Environment(directory: alias) }.isAlreadyOpen)
            #expect(try lmdbError { _ = try Environment(directory: alias + "/../alias/.") }.isAlreadyOpen)
            #expect(environment.close())
            #expect(try open().info.mapSizeBytes == 1 << 26)
        }

        @Test func closeRefusesNewUseAndWaitsForNobody() throws {
            let environment = try open()
            let table = try environment.integerTable()
            try environment.fill(table, count: 1)
            do {
                let read = try environment.beginRead()
                #expect(!environment.close())
                #expect(!environment.close())
                #expect(try read.bytes(table, 0)?.count == 100)
                #expect(try lmdbError { _ = try open() }.isAlreadyOpen)
                read.end()
            }
            #expect(environment.close())
            #expect(try lmdbError { _ = try environment.beginRead() }.isClosed)
            #expect(try lmdbError { _ = try environment.beginWrite() }.isClosed)
            #expect(try lmdbError { _ = try environment.info }.isClosed)
            #expect(try lmdbError { try environment.sync() }.isClosed)
            #expect(try lmdbError { try environment.resize(mapSizeBytes: 1 << 27) }.isClosed)
            #expect(openDescriptors(below: folder.path) == 0)
            _ = try open()
        }

        @Test func anOpenThatFailsLeavesNothingOpen() throws {
            _ = try open()
            try writeFile(folder.dataFile, [UInt8](repeating: 7, count: 8192))
            for _ in 0..<3 {
                #expect(try lmdbError { _ = try open() }.isCorrupt)
                #expect(openDescriptors(below: folder.path) == 0)
            }
            // A failure inside LMDB, past our own checks: a lock file that is a folder.
            let other = folder.path + "/other"
            do { _ = try Environment(directory: other) }
            try #require(unlink(other + "/lock.mdb") == 0 && mkdir(other + "/lock.mdb", 0o700) == 0)
            #expect(try lmdbError { _ = try Environment(directory: other) }.code == EISDIR)
            #expect(openDescriptors(below: folder.path) == 0)
            try #require(rmdir(other + "/lock.mdb") == 0)
            _ = try Environment(directory: other)
        }

        @Test func optionsThatCannotBeMeantAreRefused() throws {
            #expect(try lmdbError { _ = try open(noLock: true) }.code == EINVAL)
            let wrong: [Environment.Options] = [
                .init(mapSizeBytes: 0), .init(mapSizeBytes: -1), .init(maxReaders: 0),
            ]
            for options in wrong {
                let refused = try lmdbError {
                    _ = try Environment(directory: folder.environment, options: options)
                }
                #expect(refused.code == EINVAL)
            }
            #expect(access(folder.environment, F_OK) != 0, "nothing was made")
        }

        @Test func readingNeedsAFileAndWritesNone() throws {
            #expect(try lmdbError { _ = try open(readOnly: true) }.isNotFound)
            #expect(access(folder.environment, F_OK) != 0)
            #expect(mkdir(folder.environment, 0o700) == 0)
            #expect(try lmdbError { _ = try open(readOnly: true) }.isNotFound)
            #expect(access(folder.dataFile, F_OK) != 0)
        }

        @Test func aReadOnlyEnvironmentRefusesToWrite() throws {
            do {
                let environment = try open()
                try environment.fill(try environment.integerTable(), count: 3)
            }
            let environment = try open(readOnly: true)
            #expect(environment.isReadOnly && !environment.isLockless)
            let table = try environment.openDatabase("numbers", integerKeys: true, create: false)
            #expect(try environment.count(table) == 3)
            let refused = try lmdbError { _ = try environment.beginWrite() }
            #expect(refused.isReadOnlyFolder)
        }

        @Test(arguments: [true, false]) func aFolderThatCannotBeWrittenOpensWithoutLocks(withLockFile: Bool)
            throws
        {
            do {
                let environment = try open()
                try environment.fill(try environment.integerTable(), count: 3)
            }
            if !withLockFile { unlink(folder.environment + "/lock.mdb") }
            chmod(folder.dataFile, 0o444)
            chmod(folder.environment + "/lock.mdb", 0o444)
            chmod(folder.environment, 0o555)
            defer { chmod(folder.environment, 0o755) }
            // Permissions do not bind root: look with another user's eyes, this thread only (setfsuid(2)).
            typealias SetUser = @convention(c) (uid_t) -> Int32
            let setUser = unsafeBitCast(try #require(dlsym(nil, "setfsuid")), to: SetUser.self)
            if geteuid() == 0 { _ = setUser(65_534) }
            defer { if geteuid() == 0 { _ = setUser(0) } }

            #expect(try lmdbError { _ = try open() }.isReadOnlyFolder)
            let environment = try open(readOnly: true)
            #expect(environment.isLockless)
            let table = try environment.openDatabase("numbers", integerKeys: true, create: false)
            #expect(try environment.count(table) == 3)
            #expect(try environment.staleReaders() == 0)
        }

        @Test func tablesKeepTheirKind() throws {
            let environment = try open()
            let numbers = try environment.integerTable("n")
            #expect(try environment.integerTable("n") == numbers)
            _ = try environment.openDatabase("r", integerKeys: false, create: true)
            let missing = try lmdbError {
                _ = try environment.openDatabase("x", integerKeys: false, create: false)
            }
            #expect(missing.isNotFound)
            let incompatible: Int32 = -30784
            #expect(
                try lmdbError {
                    _ = try environment.openDatabase("n", integerKeys: false, create: false)
                }.code == incompatible)
            #expect(
                try lmdbError {
                    _ = try environment.openDatabase("r", integerKeys: true, create: true)
                }.code == incompatible)
            // The main table holds the names, which are no integers.
            #expect(
                try lmdbError {
                    _ = try environment.openDatabase(nil, integerKeys: true, create: true)
                }.code == incompatible)
        }

        @Test func theMainTableCanHaveIntegerKeys() throws {
            do {
                let environment = try open()
                try environment.fill(try environment.integerTable(nil), count: 300)
            }
            let environment = try open()
            let main = try environment.openDatabase(nil, integerKeys: true, create: false)
            let read = try environment.beginRead()
            #expect(try read.cursor(main).lastInteger()?.key == 299)
        }

        @Test func moreTablesThanAllowedAreRefused() throws {
            let environment = try Environment(
                directory: folder.environment, options: .init(mapSizeBytes: 1 << 26, maxDatabases: 2))
            _ = try environment.integerTable("a")
            _ = try environment.integerTable("b")
            #expect(try lmdbError { _ = try environment.integerTable("c") }.code == -30791)
        }

        @Test(arguments: [false, true]) func aCopyIsWhole(compacting: Bool) throws {
            let environment = try open()
            let table = try environment.integerTable()
            try environment.fill(table, count: 5000)
            try environment.withWrite { (write) throws(LMDBError) in
                for key in 0..<UInt64(4000) { try write.delete(table, key: key) }
            }
            let target = folder.path + "/copy"
            try environment.copy(to: target, compacting: compacting)
            #expect(try lmdbError { try environment.copy(to: target, compacting: compacting) }.code == EEXIST)
            let isSmaller = fileSize(target + "/data.mdb") < fileSize(folder.dataFile) / 2
            #expect(isSmaller == compacting)
            let copy = try Environment(directory: target, options: .init(readOnly: true, noLock: true))
            #expect(copy.isLockless)
            let copied = try copy.openDatabase("numbers", integerKeys: true, create: false)
            let read = try copy.beginRead()
            #expect(try read.entryCount(copied) == 1000)
            #expect(
                try read.bytes(copied, 4999)
                    == [UInt8](repeating: UInt8(truncatingIfNeeded: 4999), count: 100))
            #expect(access(target + "/data.mdb.copy-\(getpid())", F_OK) != 0)
        }

        @Test func twoThreadsWriteInTurn() throws {
            let environment = try open()
            let table = try environment.integerTable()
            let job = CountingJob(environment, table)
            var threads: [pthread_t] = []
            for _ in 0..<4 {
                threads.append(
                    startThread(job) { Unmanaged<CountingJob>.fromOpaque($0!).takeUnretainedValue().run() })
            }
            for thread in threads { pthread_join(thread, nil) }
            let total = try environment.withRead { (read) throws(LMDBError) in
                try read.value(table, key: 0).map { $0.loadUnaligned(as: UInt64.self) }
            }
            #expect(total == 4 * 50)
        }
    }
}

/// Adds one to a stored number, 50 times, each in its own transaction.
final class CountingJob: Sendable {
    let environment: Environment
    let table: Database

    init(_ environment: Environment, _ table: Database) {
        self.environment = environment
        self.table = table
    }

    func run() {
        for _ in 0..<50 {
            _ = try? environment.withWrite { (write) throws(LMDBError) in
                let before = try write.value(table, key: 0)?.loadUnaligned(as: UInt64.self) ?? 0
                try write.put(table, 0, withUnsafeBytes(of: before + 1) { [UInt8]($0) })
            }
        }
    }
}

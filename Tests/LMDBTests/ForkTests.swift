import Glibc
import LMDB
import Testing

extension LMDBTests {
    @Suite struct Forks {
        let folder: TemporaryFolder
        let environment: Environment
        let numbers: Database

        init() throws {
            folder = try TemporaryFolder()
            environment = try Environment(
                directory: folder.environment, options: .init(mapSizeBytes: 1 << 26))
            numbers = try environment.integerTable()
            try environment.fill(numbers, count: 10)
        }

        private func isRefused(_ body: () throws -> Void) -> Bool {
            do { try body() } catch { return (error as? LMDBError)?.isUsedAfterFork == true }
            return false
        }

        @Test func aChildIsRefusedEveryUse() throws {
            let box = Box(read: try environment.beginRead(), write: try environment.beginWrite())
            try box.write!.put(numbers, 99, [1])
            let answer = try inForkedChild {
                if !isRefused({ _ = try environment.beginRead() }) { return 1 }
                if !isRefused({ _ = try environment.beginWrite() }) { return 2 }
                if !isRefused({ _ = try environment.info }) { return 3 }
                if !isRefused({ try environment.sync() }) { return 4 }
                if !isRefused({ _ = try environment.integerTable("x") }) { return 5 }
                if !isRefused({ try environment.resize(mapSizeBytes: 1 << 27) }) { return 6 }
                if !isRefused({ _ = try box.read!.value(numbers, key: 1) }) { return 7 }
                if !isRefused({ try box.read!.renew() }) { return 8 }
                if !isRefused({ try box.write!.put(numbers, 98, [1]) }) { return 9 }
                if !isRefused({ try box.takeWrite().commit() }) { return 10 }
                box.read = nil  // must not give the parent's reader slot away
                environment.close()
                return 0
            }
            #expect(answer == 0)
            // The parent goes on as if nothing had happened: its snapshot is still protected, its write its
            // own.
            #expect(try box.read!.entryCount(numbers) == 10)
            try box.takeWrite().commit()
            #expect(try environment.count(numbers) == 11)
            try box.read!.renew()
            #expect(try box.read!.entryCount(numbers) == 11)
        }

        @Test func aChildOpensTheFolderAnew() throws {
            let answer = try inForkedChild {
                do {
                    let own = try Environment(
                        directory: folder.environment, options: .init(mapSizeBytes: 1 << 26))
                    let table = try own.integerTable()
                    try own.fill(table, count: 20)
                    return try own.count(table) == 20 && !own.isLockless ? 0 : 1
                } catch { return 2 }
            }
            #expect(answer == 0)
            #expect(try environment.count(numbers) == 20)
        }

        @Test func aDeadReadersSlotIsCleared() throws {
            let answer = try inForkedChild {
                guard let own = try? Environment(directory: folder.environment),
                    let reader = try? own.beginRead()
                else { return 1 }
                let box = Box(read: reader, write: nil)
                _exit(box.read == nil ? 2 : 0)  // dies with its slot taken
            }
            #expect(answer == 0)
            #expect(try environment.staleReaders() == 1)
            #expect(try environment.staleReaders() == 0)
        }

        @Test func slotsOfDeadReadersAreTakenWhenNoneIsFree() throws {
            let other = try TemporaryFolder()
            let small = try Environment(
                directory: other.environment, options: .init(mapSizeBytes: 1 << 20, maxReaders: 2))
            let slots = Int(try small.info.maxReaders)
            let answer = try inForkedChild {
                guard let own = try? Environment(directory: other.environment) else { return 1 }
                var boxes: [Box] = []
                for _ in 0..<slots {
                    guard let read = try? own.beginRead() else { return 2 }
                    boxes.append(Box(read: read, write: nil))
                }
                _exit(boxes.count == slots ? 0 : 3)
            }
            #expect(answer == 0)
            _ = try small.beginRead()
        }

        /// A full disk, played with the file size limit in a child so that nobody else is bound by it.
        @Test func aFileThatCannotGrowIsUndoneAndReadingGoesOn() throws {
            let answer = try inForkedChild {
                signal(SIGXFSZ, SIG_IGN)
                do {
                    let own = try Environment(
                        directory: folder.environment, options: .init(mapSizeBytes: 1 << 26))
                    let table = try own.integerTable()
                    var limit = rlimit(rlim_cur: rlim_t(fileSize(folder.dataFile)), rlim_max: .max)
                    guard setrlimit(__rlimit_resource_t(1), &limit) == 0 else { return 1 }
                    do throws(LMDBError) {
                        try own.fill(table, count: 5000)
                        return 2
                    } catch {
                        // LMDB 0.9.24 calls a write that was taken in part EIO; then the outcome has to be
                        // looked up.
                        guard error.isOutOfSpace || error.isIndeterminate else { return 3 }
                    }
                    guard try own.count(table) == 10 else { return 4 }
                    limit.rlim_cur = .max
                    guard setrlimit(__rlimit_resource_t(1), &limit) == 0 else { return 5 }
                    try own.fill(table, count: 5000)
                    return try own.count(table) == 5000 ? 0 : 6
                } catch { return 7 }
            }
            #expect(answer == 0)
        }
    }
}

/// Keeps transactions across a fork, where each side ends them in its own way.
private final class Box {
    var read: ReadTransaction?
    var write: WriteTransaction?

    init(read: consuming ReadTransaction?, write: consuming WriteTransaction?) {
        self.read = consume read
        self.write = consume write
    }

    func takeWrite() throws -> WriteTransaction {
        guard let taken = write.take() else { throw LMDBError(code: EINVAL, operation: "test") }
        return taken
    }
}

import CPlatform
import Glibc
import Testing

@testable import LMDB

extension LMDBTests {
    @Suite struct FileLocks {
        let folder: TemporaryFolder
        init() throws { folder = try TemporaryFolder() }
        private var path: String { folder.path + "/writer.lock" }

        private func isHeldElsewhere() -> Bool {
            do { return try FileLock.acquire(path: path) == nil } catch { return false }
        }

        @Test func oneHandleAtATime() throws {
            let first = try #require(try FileLock.acquire(path: path))
            #expect(try FileLock.acquire(path: path) == nil)
            // Looking at the file and closing it must not drop the lock, as it would a POSIX one.
            _ = try readFile(path)
            #expect(try FileLock.acquire(path: path) == nil)
            first.release()
            first.release()
            let second = try #require(try FileLock.acquire(path: path))
            #expect(second.path == path)
            #expect(try FileLock.acquire(path: path) == nil)
        }

        @Test func lookingAtTheLockTakesNothing() throws {
            #expect(try FileLock.isHeld(path: path) == nil)
            let lock = try #require(try FileLock.acquire(path: path))
            #expect(try FileLock.isHeld(path: path) == true)
            #expect(FileLock.holders(path: path) == [getpid()])
            lock.release()
            #expect(try FileLock.isHeld(path: path) == false)
            #expect(FileLock.holders(path: path) == [])
            // Who has the file open without a lock is no holder.
            let descriptor = open(path, O_RDONLY)
            #expect(FileLock.holders(path: path) == [])
            close(descriptor)
            let again = try #require(try FileLock.acquire(path: path))
            again.release()
        }

        /// As a child that was just forked, to run another program, has it open: the lock is given back all the same.
        @Test func aCopyOfTheDescriptorDoesNotProlongIt() throws {
            let lock = try #require(try FileLock.acquire(path: path))
            let file = FileIdentity(path: path)
            let held = try #require((0..<Int32(1_024)).first { FileIdentity(descriptor: $0) == file })
            let copy = dup(held)
            defer { close(copy) }
            lock.release()
            let again = try #require(try FileLock.acquire(path: path))
            #expect(try FileLock.acquire(path: path) == nil)
            again.release()
        }

        @Test func theHandlesEndGivesItBack() throws {
            do { _ = try #require(try FileLock.acquire(path: path)) }
            #expect(try FileLock.acquire(path: path) != nil)
            #expect(openDescriptors(below: folder.path) == 0)
        }

        @Test func anotherProcessIsKeptOutAndDeathFrees() throws {
            let answer = try inForkedChild {
                guard let lock = try? FileLock.acquire(path: path) else { return 1 }
                return lock.path == path ? 0 : 2  // leaves without releasing
            }
            #expect(answer == 0)
            let held = try #require(try FileLock.acquire(path: path))
            #expect(try inForkedChild { isHeldElsewhere() ? 0 : 1 } == 0)
            // A child that lets go of its copy takes nothing from the parent.
            #expect(
                try inForkedChild {
                    held.release()
                    return 0
                } == 0)
            #expect(try FileLock.acquire(path: path) == nil)
        }

        @Test func aFolderThatIsNotThereIsAnError() throws {
            #expect(
                try lmdbError { _ = try FileLock.acquire(path: folder.path + "/none/lock") }.code == ENOENT)
            #expect(try lmdbError { _ = try FileLock.acquire(path: folder.path) }.code == EISDIR)
        }
    }

    @Suite struct Platform {
        @Test func hugePagesAreAdvice() throws {
            let size = 4 << 20
            let memory = try #require(
                mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
            defer { munmap(memory, size) }
            let code = platform_advise_huge_pages(memory, size)
            #expect(code == 0 || code == EINVAL, "EINVAL: a kernel built without huge pages")
            #expect(platform_advise_huge_pages(memory + 1, size) == EINVAL)
            platform_prefetch_read(memory)
            platform_prefetch_write(nil)
        }

        @Test func forksAreCounted() throws {
            let generation = platform_fork_generation()
            #expect(try inForkedChild { platform_fork_generation() == generation &+ 1 ? 0 : 1 } == 0)
            #expect(platform_fork_generation() == generation)
        }
    }
}

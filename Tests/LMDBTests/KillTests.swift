import Glibc
import LMDB
import Testing

extension LMDBTests {
    @Suite struct Kills {
        /// A writer in another process rewrites a table over and over and is killed at some moment. Opening
        /// beside it never takes a file in motion for a damaged one; afterwards every acknowledged commit
        /// is there, whole.
        @Test(arguments: UInt64(1)...4) func aKilledWriterLeavesWholeCommits(seed: UInt64) throws {
            let folder = try TemporaryFolder()
            let options = Environment.Options(mapSizeBytes: 1 << 28)
            do { _ = try Environment(directory: folder.environment, options: options).integerTable() }
            var ends: [Int32] = [0, 0]
            try #require(pipe(&ends) == 0)
            let child = try startForkedChild { rewrite(folder.environment, options, seed, reportTo: ends[1]) }
            close(ends[1])
            defer { close(ends[0]) }

            var last: UInt64 = 0
            let readOnly = Environment.Options(mapSizeBytes: 1 << 28, readOnly: true)
            for _ in 0..<150 {
                let seen = try round(in: Environment(directory: folder.environment, options: readOnly))
                #expect(seen >= last, "seed \(seed): a later look saw an earlier state")
                last = seen
            }
            usleep(UInt32(seed * 7_000))
            kill(child, SIGKILL)
            var status: Int32 = 0
            #expect(waitpid(child, &status, 0) == child)
            #expect(status & 0x7f == SIGKILL, "seed \(seed): the writer left by itself, with \(status >> 8)")

            var acknowledged: UInt64 = 0
            var report: UInt64 = 0
            while read(ends[0], &report, 8) == 8 { acknowledged = report }
            let environment = try Environment(directory: folder.environment, options: options)
            let kept = try round(in: environment)
            #expect(acknowledged > 0 && kept >= max(acknowledged, last), "seed \(seed)")
            #expect(kept <= acknowledged + 1, "seed \(seed): only the commit in flight may be there too")
            try environment.fill(try environment.integerTable(), count: 10)
        }

        /// The round all entries of the table carry; they must agree.
        private func round(in environment: Environment) throws -> UInt64 {
            let table = try environment.openDatabase("numbers", integerKeys: true, create: false)
            let read = try environment.beginRead()
            let cursor = try read.cursor(table)
            guard let first = try cursor.nextInteger() else { return 0 }
            let round = first.value.loadUnaligned(as: UInt64.self)
            while let entry = try cursor.nextInteger() {
                #expect(entry.value.loadUnaligned(as: UInt64.self) == round, "half a commit is visible")
            }
            return round
        }
    }
}

/// Writes rounds 1, 2, 3, … to 40 entries each, of sizes that come and go, and reports each commit once it
/// is done.
private func rewrite(
    _ directory: String, _ options: Environment.Options, _ seed: UInt64, reportTo pipe: Int32
) -> Int32 {
    var random = SeededGenerator(state: seed)
    do {
        let environment = try Environment(directory: directory, options: options)
        let table = try environment.integerTable()
        for round in UInt64(1)... {
            let write = try environment.beginWrite()
            try write.drop(table)
            for key in 0..<UInt64(40) {
                let size = Int.random(in: 0..<8, using: &random) == 0 ? 30_000 : 200
                let room = try write.reserve(table, key: key, count: size, append: true)
                room.initializeMemory(as: UInt8.self, repeating: 0)
                room.storeBytes(of: round, as: UInt64.self)
            }
            // Made and dropped: pages at the end that are counted and never written.
            _ = try write.reserve(table, key: 1 << 40, count: Int.random(in: 1...200_000, using: &random))
            try write.delete(table, key: 1 << 40)
            try write.commit()
            var report = round
            guard Glibc.write(pipe, &report, 8) == 8 else { return 3 }
        }
    } catch { return 2 }
    return 1
}

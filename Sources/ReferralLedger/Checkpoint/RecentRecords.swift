import LedgerDomain
import LedgerLog
import Platform

/// Records that were just recorded one by one, or few at once, for the hash tree.
///
/// To read them from the log takes a snapshot, and a commit that begins while one is open cannot use the pages again that were freed since: it
/// takes others, and after that, for ever, each commit's pages lie further apart. Where payments come one by one, that made up to half a request more
/// of each to the disk. So their records are copied here. Large groups, which take many pages anyway, are read from the log.
final class RecentRecords: @unchecked Sendable {
    // Proof of Sendable: both groups are only touched with `lock` held, but for one that was taken, by who took it.
    private let lock = Lock()
    private var records = RecordGroup()
    private var spare: RecordGroup? = RecordGroup()

    /// Records of a group that is small, at most.
    private static let groupBound = 16
    /// Records, and their bytes, that are kept until somebody takes them, at most.
    private static let (recordBound, byteBound) = (1 << 13, 1 << 22)

    /// Keeps a group's records that are on disk, if it is small and follows on what is here.
    func add(_ group: RecordGroup) {
        let count = group.count
        guard count > 0, count <= Self.groupBound else { return }
        lock.lock()
        defer { lock.unlock() }
        guard
            records.isEmpty
                || records.end.rawValue + 1 == group.base(0).rawValue
                    && records.count + count <= Self.recordBound
                    && records.byteCount + group.byteCount <= Self.byteBound
        else { return }
        for i in 0..<count {
            unsafe records.reserve().copyMemory(from: group[i])
            unsafe records.commit(length: group[i].count, base: group.base(i))
        }
    }

    /// What is here, in log order and without gaps; nil when nothing is. To be given back.
    func take() -> RecordGroup? {
        lock.locked {
            guard !records.isEmpty, let other = spare else { return nil }
            let taken = records
            (records, spare) = (other, nil)
            return taken
        }
    }

    /// The memory of what was taken may be used again.
    func giveBack(_ taken: RecordGroup) {
        taken.removeAll()
        lock.locked { spare = taken }
    }
}

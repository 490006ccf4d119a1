import CLMDB
import Glibc

/// Figures of an environment at one moment.
public struct EnvironmentInfo: Sendable, Equatable {
    /// How large the data file may grow.
    public let mapSizeBytes: Int
    /// How long the data file is.
    public let fileSizeBytes: UInt64
    /// The size of a page.
    public let pageSizeBytes: Int
    /// The number of the last page ever used, counted from 0, free pages included.
    public let lastPageNumber: UInt64
    /// The id of the last committed write transaction.
    public let lastTransactionID: UInt64
    /// The most reader slots in use at one time since the lock file was made; slots are reused, so not a
    /// count of open readers.
    public let readers: UInt32
    /// How many reader slots there are.
    public let maxReaders: UInt32
}

extension Environment {
    /// Figures of now. One `fstat` and a look at the header.
    public var info: EnvironmentInfo {
        get throws(LMDBError) {
            var info = unsafe MDB_envinfo()
            var statistics = MDB_stat()
            var status = stat()
            try unsafe use("info") { handle in
                var descriptor: Int32 = -1
                var code = unsafe mdb_env_info(handle, &info)
                if code == 0 { code = unsafe mdb_env_stat(handle, &statistics) }
                if code == 0 { code = unsafe mdb_env_get_fd(handle, &descriptor) }
                if code == 0, unsafe fstat(descriptor, &status) != 0 { code = errno }
                return code
            }
            return unsafe EnvironmentInfo(
                mapSizeBytes: Int(info.me_mapsize), fileSizeBytes: UInt64(status.st_size),
                pageSizeBytes: Int(statistics.ms_psize),
                lastPageNumber: UInt64(truncatingIfNeeded: info.me_last_pgno),
                lastTransactionID: UInt64(truncatingIfNeeded: info.me_last_txnid),
                readers: info.me_numreaders,
                maxReaders: info.me_maxreaders)
        }
    }

    /// Writes everything to the disk. Commits do so by themselves.
    public func sync() throws(LMDBError) {
        try unsafe use("sync") { unsafe mdb_env_sync($0, 1) }
    }

    /// Clears the slots of readers whose process has died (`mdb_reader_check`); call it on a timer.
    ///
    /// A dead reader's snapshot keeps its pages from being reused, so the file would grow.
    ///
    /// - Returns: how many slots were cleared.
    public func staleReaders() throws(LMDBError) -> Int {
        var dead: Int32 = 0
        try unsafe use("check readers") { unsafe mdb_reader_check($0, &dead) }
        return Int(dead)
    }

    /// Copies the newest snapshot into another folder, while reading and writing go on.
    ///
    /// The copy appears under its name whole and durable, or not at all. It holds a read transaction for as
    /// long as it takes, so the file may grow under a busy writer.
    ///
    /// - Parameters:
    ///   - directory: the folder; created (one level) when absent. It must not hold a `data.mdb`.
    ///   - compacting: whether to leave out free pages, and with them deleted data. Takes more time, and
    ///     numbers transactions from 1 again. `MDB_INCOMPATIBLE` when pages are found leaked. LMDB follows what stands in
    ///     pages then, so all are checked before.
    /// - Throws: `EEXIST` when a data file is there, ``LMDBError/isOutOfSpace``, ``LMDBError/isCorrupt`` with the page,
    ///   the system's error otherwise.
    public func copy(to directory: String, compacting: Bool) throws(LMDBError) {
        if compacting, let fault = try checkPages().faults.first {
            throw error(
                MDB_CORRUPTED, "copy",
                detail: "page \(fault.page) (\(fault.table)) is damaged: \(fault.message)")
        }
        let target = directory + "/" + EnvironmentOpening.dataFileName
        if unsafe mkdir(directory, 0o700) == 0 {
            try syncFolder(directory + "/..")
        } else if errno != EEXIST {
            throw LMDBError(code: errno, operation: "copy", path: directory)
        }
        guard unsafe access(target, F_OK) != 0 else {
            throw LMDBError(code: EEXIST, operation: "copy", path: target)
        }
        let draft = target + ".copy-\(getpid())"
        unlinkIfThere(draft)
        defer { unlinkIfThere(draft) }
        let file = try OpenFile(
            path: draft, flags: O_WRONLY | O_CREAT | O_EXCL, mode: EnvironmentOpening.fileMode,
            operation: "copy")
        let descriptor = file.descriptor
        try unsafe use("copy") {
            unsafe mdb_env_copyfd2($0, descriptor, UInt32(compacting ? MDB_CP_COMPACT : 0))
        }
        try publish(draft, as: target, in: directory, mayExist: false)
    }
}

extension EnvironmentInfo {
    /// Bytes of the data file that hold pages in use or free for use: its end, whatever was reserved after
    /// it.
    public var usedBytes: UInt64 { (lastPageNumber + 1) * UInt64(pageSizeBytes) }
}

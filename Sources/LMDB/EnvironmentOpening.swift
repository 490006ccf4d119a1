import CLMDB
import Glibc

/// The steps from a folder's path to an open LMDB handle, each undone when a later one fails.
///
/// It stands apart from ``Environment`` because a class's `init` that throws runs no `deinit`.
struct EnvironmentOpening {
    @safe
    struct Opened {
        let handle: OpaquePointer
        let identity: FileIdentity
        let number: UInt64
        let isLockless: Bool
    }

    static let dataFileName = "data.mdb"
    /// Private data: nobody but the owner, whatever the umask.
    static let fileMode: mode_t = 0o600

    let directory: String
    let options: Environment.Options
    var dataFile: String { directory + "/" + Self.dataFileName }

    func run() throws(LMDBError) -> Opened {
        try checkOptions()
        if !options.readOnly { try makeFolder() }
        guard let identity = FileIdentity(path: directory) else {
            throw LMDBError(code: errno, operation: "open", path: directory)
        }
        guard let number = EnvironmentRegistry.add(identity) else {
            throw LMDBError(code: LMDBError.alreadyOpen, operation: "open", path: directory)
        }
        do throws(LMDBError) {
            if !options.readOnly { try makeDataFile() }
            try checkDataFile(path: dataFile)
            try checkWay(path: dataFile)
            var isLockless = options.noLock
            let handle = try unsafe openFallingBack(&isLockless)
            return unsafe Opened(handle: handle, identity: identity, number: number, isLockless: isLockless)
        } catch {
            EnvironmentRegistry.remove(identity, number: number)
            throw error
        }
    }

    private func checkOptions() throws(LMDBError) {
        func refusal(_ detail: String) -> LMDBError {
            LMDBError(code: EINVAL, operation: "open", path: directory, detail: detail)
        }
        guard options.mapSizeBytes > 0, options.maxReaders > 0 else {
            throw refusal("map size and readers must be at least 1")
        }
        // Without locks LMDB has no writer mutex either: two threads writing would destroy the file.
        guard options.readOnly || !options.noLock else { throw refusal("noLock needs readOnly") }
    }

    private func openFallingBack(_ isLockless: inout Bool) throws(LMDBError) -> OpaquePointer {
        let base = UInt32(MDB_NOTLS) | UInt32(options.readOnly ? MDB_RDONLY : 0)
        let lockless = base | UInt32(MDB_NOLOCK)
        if isLockless { return try unsafe open(path: directory, flags: lockless) }
        if options.readOnly, !canWriteLockFile() {
            isLockless = true
            return try unsafe open(path: directory, flags: lockless)
        }
        return try unsafe open(path: directory, flags: base)
    }

    /// Whether the lock file can be opened for writing, or made: LMDB itself only copes with `EROFS`.
    private func canWriteLockFile() -> Bool {
        let descriptor = unsafe Glibc.open(
            directory + "/lock.mdb", O_RDWR | O_CREAT | O_CLOEXEC, Self.fileMode)
        // Closing is harmless: the registry sees to it that this process has no lock on the file yet.
        if descriptor >= 0 { return Glibc.close(descriptor) == 0 }
        return ![EROFS, EACCES, EPERM].contains(errno)
    }

    /// Creates, sets up and opens a handle; closes it again when any step fails (lmdb.h, `mdb_env_open`).
    private func open(path: String, flags: UInt32) throws(LMDBError) -> OpaquePointer {
        var created: OpaquePointer?
        var code = unsafe mdb_env_create(&created)
        guard code == 0, let handle = unsafe created else {
            throw LMDBError(code: code, operation: "open", path: path)
        }
        code = unsafe mdb_env_set_mapsize(handle, options.mapSizeBytes)
        if code == 0 { code = unsafe mdb_env_set_maxdbs(handle, options.maxDatabases) }
        if code == 0 { code = unsafe mdb_env_set_maxreaders(handle, options.maxReaders) }
        if code == 0 { code = unsafe mdb_env_set_assert(handle, reportFailedAssertion) }
        if code == 0 { code = unsafe mdb_env_open(handle, path, flags, Self.fileMode) }
        if code == 0 { code = unsafe closeOnExec(handle) }
        guard code == 0 else {
            unsafe mdb_env_close(handle)
            throw LMDBError(code: code, operation: "open", path: path)
        }
        return unsafe handle
    }

    /// LMDB leaves its data descriptor open across `exec`, alone of all it opens (`mdb_fopen` in `mdb.c`).
    private func closeOnExec(_ handle: OpaquePointer) -> Int32 {
        var descriptor: Int32 = -1
        let code = unsafe mdb_env_get_fd(handle, &descriptor)
        guard code == 0 else { return code }
        return fcntl(descriptor, F_SETFD, FD_CLOEXEC) == -1 ? errno : 0
    }

    // MARK: Making what is not there

    private func makeFolder() throws(LMDBError) {
        if unsafe mkdir(directory, 0o700) == 0 {
            try syncFolder(directory + "/..")
        } else if errno != EEXIST {
            throw LMDBError(code: errno, operation: "create folder", path: directory)
        }
    }

    /// Makes an empty data file beside its place, durable, then gives it its name.
    ///
    /// LMDB would create it in place and sync neither file nor folder: a power cut could leave an empty
    /// file or none at all after the first commits. Made this way, an empty `data.mdb` is never ours and
    /// can be refused.
    private func makeDataFile() throws(LMDBError) {
        guard unsafe access(dataFile, F_OK) != 0 else { return }
        let draft = dataFile + ".new-\(getpid())"
        defer { unlinkIfThere(draft, draft + "-lock") }
        unlinkIfThere(draft)
        let flags = UInt32(MDB_NOTLS) | UInt32(MDB_NOLOCK) | UInt32(MDB_NOSUBDIR)
        unsafe mdb_env_close(try open(path: draft, flags: flags))
        try publish(draft, as: dataFile, in: directory, mayExist: true)
    }
}

/// Looks at the pages by which LMDB finds its way, before it maps them: all branches and the free list, and the leaves of
/// tables of up to 1,024 leaf pages. Of a log of a hundred million records that is some 20,000 pages.
private func checkWay(path: String) throws(LMDBError) {
    let report = try PageCheck.run(path: path, depth: .branches(leavesUpTo: 1_024))
    if let fault = report.faults.first {
        throw LMDBError(
            code: MDB_CORRUPTED, operation: "check", path: path,
            detail:
                "page \(fault.page) (\(fault.table)\(fault.key.map { ", from key \($0)" } ?? "")) is damaged: \(fault.message)"
        )
    }
}

/// Gives a finished file its name, durably: its bytes first, then the folder's entry.
///
/// A link, not a rename: it never takes the place of a file that is there already.
func publish(_ draft: String, as name: String, in directory: String, mayExist: Bool) throws(LMDBError) {
    try OpenFile(path: draft, flags: O_RDONLY, operation: "open").sync()
    if unsafe link(draft, name) != 0, !(mayExist && errno == EEXIST) {
        throw LMDBError(code: errno, operation: "create", path: name)
    }
    try syncFolder(directory)
}

/// Removes drafts; one that is not there is fine, one that stays is found and removed the next time.
func unlinkIfThere(_ paths: String...) {
    for path in paths { unsafe unlink(path) }
}

/// Says on standard error which environment is damaged before LMDB ends the process.
///
/// LMDB calls this when one of its own invariants does not hold and aborts on return (`mdb_assert_fail` in
/// `mdb.c`). It cannot be turned into a Swift error: the C frames above hold mutexes and half-changed pages.
/// A thread of C may call it, so it uses `write` alone and touches no Swift state.
private func reportFailedAssertion(_ handle: OpaquePointer?, _ text: UnsafePointer<CChar>?) {
    var path: UnsafePointer<CChar>?
    _ = unsafe mdb_env_get_path(handle, &path)
    unsafe writeToStandardError("lmdb: the data file is damaged, or memory was overwritten, in ")
    if let path = unsafe path { unsafe writeToStandardError(path) }
    unsafe writeToStandardError("; ending the process before more harm is done: ")
    if let text = unsafe text { unsafe writeToStandardError(text) }
    unsafe writeToStandardError("\n")
}

private func writeToStandardError(_ text: UnsafePointer<CChar>) {
    _ = unsafe Glibc.write(STDERR_FILENO, text, strlen(text))
}

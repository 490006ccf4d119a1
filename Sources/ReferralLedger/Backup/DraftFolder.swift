import Glibc
import LMDB
import LedgerLog

/// A folder that appears under its name whole and durable, or not at all.
///
/// It is filled as `NAME.partial`. What a process left there that was killed is cleared by the next one; a lock
/// inside keeps two from filling the same. Not thread-safe.
final class DraftFolder {
    /// Where it is to appear.
    let target: String
    /// Where it is filled.
    let path: String
    private let lock: FileLock
    private static let lockName = "draft.lock"

    /// - Throws: `exists` when the target is there and not an empty folder, `busy` while another process fills
    ///   it.
    init(for target: String) throws(LedgerError) {
        var name = target
        while name.count > 1, name.hasSuffix("/") { name.removeLast() }
        self.target = name
        path = name + ".partial"
        if let entries = Self.entries(name) {
            guard entries.isEmpty else {
                throw LedgerError(.exists, "\(name) is there already, and not empty")
            }
        } else if unsafe access(name, F_OK) == 0 {
            throw LedgerError(.exists, "\(name) is there already, and no folder")
        }
        try LedgerFolders.makeDirectory(path)
        do throws(LMDBError) {
            guard let held = try FileLock.acquire(path: path + "/" + Self.lockName) else {
                throw LMDBError(code: EAGAIN, operation: "lock", path: path)
            }
            lock = held
        } catch {
            if error.code == EAGAIN {
                throw LedgerError(.busy, "another process is making \(name)")
            }
            throw LedgerError(LogError(error, "cannot make \(path)"))
        }
        for entry in Self.entries(path) ?? [] where entry != Self.lockName {
            Self.removeTree(path + "/" + entry)
        }
    }

    /// Gives the folder its name: its files first, then the name.
    func publish() throws(LedgerError) {
        try Self.syncTree(path)
        guard unsafe rename(path, target) == 0 else {
            let reason = unsafe String(cString: strerror(errno))
            throw LedgerError(.inputOutput, "cannot name \(path) \(target): \(reason)")
        }
        try Self.sync(Self.parent(of: target))
        // Behind the renaming: before it another process could take the folder for one left behind.
        unsafe unlink(target + "/" + Self.lockName)
        lock.release()
    }

    /// Throws away what was filled in.
    func discard() {
        Self.removeTree(path)
        lock.release()
    }

    // MARK: Files

    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The names in a folder but `.` and `..`, in order; nil when there is no such folder.
    static func entries(_ path: String) -> [String]? {
        guard let stream = unsafe opendir(path) else { return nil }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            // The name ends with NUL within the entry (readdir(3)).
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { place in
                unsafe place.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Removes a file, or a folder with all that is in it; links are not followed.
    static func removeTree(_ path: String) {
        guard isFolder(path) else {
            unsafe unlink(path)
            return
        }
        for entry in entries(path) ?? [] { removeTree(path + "/" + entry) }
        unsafe rmdir(path)
    }

    private static func syncTree(_ path: String) throws(LedgerError) {
        if isFolder(path) {
            for entry in entries(path) ?? [] { try syncTree(path + "/" + entry) }
        }
        try sync(path)
    }

    /// Waits until a file, or a folder's entries, are on the disk.
    static func sync(_ path: String) throws(LedgerError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", path) }
        defer { _ = close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("sync", path) }
    }

    static func failure(_ what: String, _ path: String) -> LedgerError {
        let code: LedgerError.Code = errno == ENOSPC || errno == EDQUOT ? .outOfSpace : .inputOutput
        return LedgerError(code, "cannot \(what) \(path): \(unsafe String(cString: strerror(errno)))")
    }
}

/// Copies of files, hashed on the way.
enum HashedCopy {
    /// Copies a file to a name that is not there yet; the copy is on the disk when this returns.
    /// - Returns: SHA-256 of its bytes, hexadecimal, and how many they are.
    static func copy(_ source: String, to target: String) throws(LedgerError) -> (
        sha256: String, bytes: UInt64
    ) {
        let input = unsafe open(source, O_RDONLY | O_CLOEXEC)
        guard input >= 0 else { throw DraftFolder.failure("open", source) }
        defer { _ = close(input) }
        let output = unsafe open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard output >= 0 else { throw DraftFolder.failure("create", target) }
        defer { _ = close(output) }
        let hasher = SHA256Hasher()
        hasher.begin()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
        defer { unsafe buffer.deallocate() }
        var bytes: UInt64 = 0
        while true {
            let count = unsafe Glibc.read(input, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw DraftFolder.failure("read", source) }
            if count == 0 { break }
            unsafe hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            var done = 0
            while done < count {
                // In bounds: done < count ≤ the buffer's size.
                let written = unsafe Glibc.write(output, buffer.baseAddress! + done, count - done)
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { throw DraftFolder.failure("write", target) }
                done += written
            }
            bytes += UInt64(count)
        }
        guard fsync(output) == 0 else { throw DraftFolder.failure("sync", target) }
        return (hasher.finish().hex, bytes)
    }

    /// Writes a small file.
    static func write(_ text: [UInt8], to target: String) throws(LedgerError) {
        let output = unsafe open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard output >= 0 else { throw DraftFolder.failure("create", target) }
        defer { _ = close(output) }
        var done = 0
        while done < text.count {
            let rest = text[done...]
            let written = unsafe rest.withUnsafeBytes { unsafe Glibc.write(output, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw DraftFolder.failure("write", target) }
            done += written
        }
        guard fsync(output) == 0 else { throw DraftFolder.failure("sync", target) }
    }

    /// Reads a small file; nil when it is not there or longer than the limit.
    static func read(_ path: String, limit: Int = 1 << 16) -> [UInt8]? {
        let input = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard input >= 0 else { return nil }
        defer { _ = close(input) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe Glibc.read(input, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            if bytes.count > limit { return nil }
        }
    }
}

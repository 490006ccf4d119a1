import CPlatform
import Glibc

extension FileLock {
    /// Whether somebody holds the lock on a file, without taking it; nil when there is no such file.
    public static func isHeld(path: String) throws(LMDBError) -> Bool? {
        guard unsafe access(path, F_OK) == 0 else { return nil }
        let file = try OpenFile(path: path, flags: O_RDONLY, operation: "look at lock")
        let answer = platform_is_locked(file.descriptor)
        guard answer >= 0 else { throw LMDBError(code: -answer, operation: "look at lock", path: path) }
        return answer == 1
    }

    /// The processes that hold a lock on a file, as far as this user may see, in order.
    ///
    /// The kernel names no owner of such a lock; each process's `/proc/PID/fdinfo` does (proc(5)). Cost: a look
    /// at every descriptor of every process of this user's.
    public static func holders(path: String) -> [Int32] {
        guard let identity = FileIdentity(path: path) else { return [] }
        let processes = folderEntries("/proc").compactMap { Int32($0) }.sorted()
        return processes.filter { process in
            folderEntries("/proc/\(process)/fd").contains { descriptor in
                FileIdentity(path: "/proc/\(process)/fd/\(descriptor)") == identity
                    && tellsOfLock("/proc/\(process)/fdinfo/\(descriptor)")
            }
        }
    }

    private static func tellsOfLock(_ path: String) -> Bool {
        guard let file = try? OpenFile(path: path, flags: O_RDONLY, operation: "look at lock"),
            let bytes = try? file.read(at: 0, count: 4_096)
        else { return false }
        return String(decoding: bytes, as: UTF8.self).contains("\nlock:")
    }

    /// The names in a folder but `.` and `..`; none when it cannot be read.
    private static func folderEntries(_ path: String) -> [String] {
        guard let stream = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            // The name ends with NUL within the entry (readdir(3)).
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { place in
                unsafe place.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}

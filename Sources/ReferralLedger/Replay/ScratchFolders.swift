import Glibc
import Synchronization

/// Folders that this process makes for its own use and deletes again: where facts are decided anew, where scenarios are
/// played.
///
/// Any thread. A process that is killed outright leaves them behind; one that ends on a signal it can wait for calls
/// ``removeAll()`` first.
public enum ScratchFolders {
    private struct Contents {
        var paths: Set<String> = []
        var isEnding = false
    }

    private static let contents = Mutex(Contents())

    /// Makes one in `TMPDIR`, or without that in the first of `roots` that can be written.
    ///
    /// - Throws: `inputOutput` when none can be made, `closed` after ``removeAll()``.
    package static func make(in roots: [String] = ["/tmp"]) throws(LedgerError) -> String {
        let named = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) }
        let roots = named.map { [$0] } ?? roots
        // Made under the lock: whoever removes all knows of it.
        let made = contents.withLock { contents -> Result<String, LedgerError> in
            if contents.isEnding { return .failure(LedgerError(.closed, "the process is ending")) }
            for root in roots {
                var template = Array("\(root)/referral-ledger-XXXXXX".utf8CString)
                let path = unsafe template.withUnsafeMutableBufferPointer { buffer -> String? in
                    guard let name = unsafe mkdtemp(buffer.baseAddress!) else { return nil }
                    return unsafe String(cString: name)
                }
                guard let path else { continue }
                contents.paths.insert(path)
                return .success(path)
            }
            let reason = unsafe String(cString: strerror(errno))
            return .failure(
                LedgerError(.inputOutput, "cannot make a folder in \(roots.last ?? "/tmp"): \(reason)"))
        }
        return try made.get()
    }

    /// Makes a folder whose parents may be missing. True: it would be within one that ``removeAll()`` has deleted.
    static func makeMissing(_ path: String) throws(LedgerError) -> Bool {
        let isGone = contents.withLock { contents in
            if contents.isEnding {
                return contents.paths.contains { path == $0 || path.hasPrefix($0 + "/") }
            }
            // Under the lock: whoever removes all finds what is made here.
            var end = path.startIndex
            while end < path.endIndex {
                end = path[path.index(after: end)...].firstIndex(of: "/") ?? path.endIndex
                unsafe mkdir(String(path[..<end]), 0o700)
            }
            return false
        }
        if !isGone, unsafe access(path, F_OK) != 0 { try LedgerFolders.makeDirectory(path) }
        return isGone
    }

    /// Deletes one with all that is in it; links are not followed.
    package static func remove(_ path: String) {
        DraftFolder.removeTree(path)
        contents.withLock { _ = $0.paths.remove(path) }
    }

    /// Deletes all that there are, under whoever uses them: what they do goes on without a name on the disk, or fails. For a
    /// process that is about to end; none can be made afterwards.
    public static func removeAll() {
        let paths = contents.withLock { contents in
            contents.isEnding = true
            return contents.paths
        }
        for path in paths {
            // A file that its user was just making: a second look finds it.
            for _ in 0..<100 {
                DraftFolder.removeTree(path)
                if unsafe access(path, F_OK) != 0 { break }
                usleep(1_000)
            }
        }
    }
}

import Glibc

/// Whole small files: read, made, replaced at one stroke.
enum SmallFile {
    /// Nil when there is none.
    static func read(
        _ path: String, most: Int, mustBePrivate: Bool = false
    ) throws(LedgerError) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0, errno == ENOENT || errno == ENOTDIR { return nil }
        guard descriptor >= 0 else { throw failure("cannot read", path) }
        defer { _ = close(descriptor) }
        if mustBePrivate {
            var status = stat()
            guard unsafe fstat(descriptor, &status) == 0 else { throw failure("cannot read", path) }
            if status.st_mode & 0o077 != 0 {
                throw LedgerError(
                    .readOnly, "others may read \(path): a signing key is its owner's alone (chmod 600)")
            }
        }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe Glibc.read(descriptor, &block, block.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("cannot read", path) }
            if count == 0 { return bytes }
            bytes += block[..<count]
            if bytes.count > most { throw LedgerError(.broken, "\(path) is longer than \(most) bytes") }
        }
    }

    /// Makes a file that is not there yet, durable unless it can be made again.
    static func create(
        _ path: String, _ bytes: [UInt8], mode: mode_t, isDurable: Bool = true
    ) throws(LedgerError) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        if descriptor < 0, errno == EEXIST { throw LedgerError(.exists, "\(path) exists already") }
        guard descriptor >= 0 else { throw failure("cannot write", path) }
        let done = write(bytes, descriptor) && (!isDurable || fsync(descriptor) == 0)
        let code = errno
        _ = close(descriptor)
        guard done else {
            unsafe unlink(path)
            errno = code
            throw failure("cannot write", path)
        }
        if isDurable { syncFolder(of: path) }
    }

    /// Gives a path new content: readers see the old or the new, never a part.
    static func replace(
        _ path: String, _ bytes: [UInt8], mode: mode_t, isDurable: Bool = true
    ) throws(LedgerError) {
        let draft = "\(path).new-\(getpid())"
        unsafe unlink(draft)
        try create(draft, bytes, mode: mode, isDurable: isDurable)
        guard unsafe rename(draft, path) == 0 else {
            let error = failure("cannot write", path)
            unsafe unlink(draft)
            throw error
        }
        if isDurable { syncFolder(of: path) }
    }

    private static func write(_ bytes: [UInt8], _ descriptor: Int32) -> Bool {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { raw in
                unsafe Glibc.write(descriptor, raw.baseAddress! + done, raw.count - done)
            }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return false }
            done += count
        }
        return true
    }

    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Without links and dots; nil when it is not there.
    static func realPath(_ path: String) -> String? {
        guard let found = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(found) }
        return unsafe String(cString: found)
    }

    private static func syncFolder(of path: String) {
        let descriptor = unsafe open(folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        _ = fsync(descriptor)
        _ = close(descriptor)
    }

    private static func failure(_ what: String, _ path: String) -> LedgerError {
        let reason = unsafe String(cString: strerror(errno))
        let code: LedgerError.Code =
            errno == ENOSPC ? .outOfSpace : (errno == EROFS || errno == EACCES ? .readOnly : .inputOutput)
        return LedgerError(code, "\(what) \(path): \(reason)")
    }
}

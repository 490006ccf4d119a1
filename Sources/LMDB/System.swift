import Glibc

/// A file or folder as the kernel tells it from others, whatever path leads there.
struct FileIdentity: Hashable, Sendable {
    let device: UInt64
    let inode: UInt64

    /// The file a path leads to, links followed; nil when there is none or it cannot be looked at.
    init?(path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    init?(descriptor: Int32) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    private init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }
}

/// A file opened for the length of one scope.
struct OpenFile: ~Copyable {
    let descriptor: Int32
    let path: String

    init(path: String, flags: Int32, mode: mode_t = 0o600, operation: String) throws(LMDBError) {
        descriptor = unsafe open(path, flags | O_CLOEXEC, mode)
        self.path = path
        guard descriptor >= 0 else { throw LMDBError(code: errno, operation: operation, path: path) }
    }

    deinit { _ = Glibc.close(descriptor) }

    /// The file's size in bytes.
    func size() throws(LMDBError) -> UInt64 {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw LMDBError(code: errno, operation: "stat", path: path)
        }
        return UInt64(status.st_size)
    }

    /// Waits until the file, or a folder's entries, are on the disk.
    func sync() throws(LMDBError) {
        guard fsync(descriptor) == 0 else { throw LMDBError(code: errno, operation: "fsync", path: path) }
    }

    /// The bytes from `offset` on: `count` of them, or fewer at the end of the file.
    func read(at offset: UInt64, count: Int) throws(LMDBError) -> [UInt8] {
        try readBytes(descriptor, path, at: offset, count: count)
    }
}

/// The bytes of a file from `offset` on: `count` of them, or fewer at its end.
func readBytes(
    _ descriptor: Int32, _ path: String, at offset: UInt64, count: Int
) throws(LMDBError) -> [UInt8] {
    var failure: LMDBError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        do throws(LMDBError) {
            filled = try unsafe readBytes(
                descriptor, path, at: offset, into: UnsafeMutableRawBufferPointer(buffer))
        } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes
}

/// Fills a buffer with the bytes of a file from `offset` on; fewer at its end. Returns how many.
func readBytes(
    _ descriptor: Int32, _ path: String, at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer
) throws(LMDBError) -> Int {
    var filled = 0
    while filled < buffer.count {
        let room = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
        let taken = unsafe pread(descriptor, room.baseAddress, room.count, off_t(offset) + off_t(filled))
        if taken == 0 { break }
        if taken < 0 {
            if errno == EINTR { continue }
            throw LMDBError(code: errno, operation: "read", path: path)
        }
        filled += taken
    }
    return filled
}

/// Makes a folder's entries durable: a file's own `fsync` does not cover its name.
func syncFolder(_ path: String) throws(LMDBError) {
    try OpenFile(path: path, flags: O_RDONLY | O_DIRECTORY, operation: "open folder").sync()
}

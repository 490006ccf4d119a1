import Glibc

/// The socket's file in a ledger's folder, and how to get to it.
///
/// The address of a Unix socket holds 107 bytes of path (unix(7)). A longer path is reached through the
/// folder's descriptor, `/proc/self/fd/N/writer.sock`, which needs no change of the working folder.
enum SocketFile {
    /// Beside `writer.lock`.
    static let name = "writer.sock"

    private static let longestPath = 107

    /// Makes a listening socket that only the ledger's owner can connect to, in place of a stale one.
    ///
    /// The caller holds the writer's lock: nobody else serves the file. Nobody can connect before `listen`, so
    /// there is no moment at which the file has other permissions.
    static func listen(in directory: String, backlog: Int32) throws(SocketError) -> Int32 {
        try removeStale(directory + "/" + name)
        let descriptor = try make()
        do throws(SocketError) {
            try unsafe withAddress(directory) { address, count in
                unsafe Glibc.bind(descriptor, address, count) == 0 ? 0 : errno
            }
            guard unsafe chmod(directory + "/" + name, 0o600) == 0 else { throw .system("chmod", errno) }
            guard Glibc.listen(descriptor, backlog) == 0 else { throw .system("listen", errno) }
        } catch {
            _ = close(descriptor)
            throw error
        }
        return descriptor
    }

    /// A connection to whoever serves the folder's socket; nil when nobody does.
    static func connect(to directory: String) throws(SocketError) -> Int32? {
        let descriptor = try make()
        var number: Int32 = 0
        do throws(SocketError) {
            try unsafe withAddress(directory) { address, count in
                number = unsafe Glibc.connect(descriptor, address, count) == 0 ? 0 : errno
                return 0
            }
        } catch {
            _ = close(descriptor)
            throw error
        }
        if number == 0 { return descriptor }
        _ = close(descriptor)
        // A stale file refuses, a full backlog says EAGAIN: nobody serves us either way.
        if [ENOENT, ECONNREFUSED, EAGAIN, ENOTSOCK].contains(number) { return nil }
        throw .system("cannot connect to \(directory)/\(name)", number)
    }

    /// Removes the file. Only for who holds the writer's lock.
    static func remove(in directory: String) { unsafe unlink(directory + "/" + name) }

    private static func removeStale(_ path: String) throws(SocketError) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw SocketError(.system, "\(path) is there and is no socket")
        }
        unsafe unlink(path)
    }

    private static func make() throws(SocketError) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { throw .system("socket", errno) }
        return descriptor
    }

    /// Calls the body with the address of the folder's socket; it returns 0 or an `errno`.
    private static func withAddress(
        _ directory: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws(SocketError) {
        var path = directory + "/" + name
        var folder: Int32 = -1
        defer { if folder >= 0 { _ = close(folder) } }
        if path.utf8.count > longestPath {
            folder = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard folder >= 0 else { throw .system("cannot open \(directory)", errno) }
            path = "/proc/self/fd/\(folder)/\(name)"
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { place in
            // In bounds: at most 107 of 108 bytes; the rest is zero.
            unsafe place.copyBytes(from: bytes)
        }
        let count = socklen_t(MemoryLayout<sockaddr_un>.size)
        let number = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, count) }
        }
        guard number == 0 else { throw .system("cannot serve \(directory)/\(name)", number) }
    }
}

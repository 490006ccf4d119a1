import Glibc
import LMDB
import Testing

/// All tests of this target, one at a time: some fork, and a forked child inherits locks held at that moment.
@Suite(.serialized) enum LMDBTests {}

/// A folder that goes with its test.
final class TemporaryFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/lmdb-tests-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) }
        path = String(cString: try #require(made))
        chmod(path, 0o755)
    }

    deinit { Self.remove(path) }

    /// The environment's folder, not yet made.
    var environment: String { path + "/environment" }
    var dataFile: String { environment + "/data.mdb" }

    static func remove(_ path: String) {
        guard let folder = opendir(path) else { return }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            let child = path + "/" + name
            if entry.pointee.d_type == UInt8(DT_DIR) { remove(child) } else { unlink(child) }
        }
        closedir(folder)
        rmdir(path)
    }
}

/// SplitMix64: a seed gives the same test everywhere.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

func fileSize(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : -1
}

func readFile(_ path: String) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    let size = fileSize(path)
    return [UInt8](unsafeUninitializedCapacity: size) { $1 = max(0, read(descriptor, $0.baseAddress, size)) }
}

func writeFile(_ path: String, _ bytes: [UInt8]) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    try #require(write(descriptor, bytes, bytes.count) == bytes.count)
}

/// The error a body throws; a test failure when it throws none.
func lmdbError(
    _ sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) throws -> LMDBError {
    do { try body() } catch let error as LMDBError { return error }
    return try #require(nil as LMDBError?, "no error was thrown", sourceLocation: sourceLocation)
}

/// How many descriptors this process has open on files below a folder.
func openDescriptors(below folder: String) -> Int {
    var count = 0
    for descriptor in 0..<1024 {
        var target = [UInt8](repeating: 0, count: 4096)
        let length = target.withUnsafeMutableBytes {
            readlink(
                "/proc/self/fd/\(descriptor)", $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
        }
        guard length > 0 else { continue }
        if String(decoding: target[..<length], as: UTF8.self).hasPrefix(folder) { count += 1 }
    }
    return count
}

/// Runs `body` in a forked child and returns its answer (0 to 127), or −1 when the child was killed.
///
/// Swift hides `fork`; the child does little and leaves with `_exit`.
func inForkedChild(_ body: () -> Int32) throws -> Int32 {
    let child = try startForkedChild(body)
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    return status & 0x7f == 0 ? (status >> 8) & 0xff : -1
}

/// Forks and goes on; the child runs `body` and leaves, after 30 seconds at the latest.
func startForkedChild(_ body: () -> Int32) throws -> pid_t {
    typealias Fork = @convention(c) () -> pid_t
    let symbol = try #require(dlsym(nil, "fork"))
    let child = unsafeBitCast(symbol, to: Fork.self)()
    if child == 0 {
        alarm(30)
        _exit(body())
    }
    try #require(child > 0)
    return child
}

extension WriteTransaction {
    func put(_ database: Database, _ key: UInt64, _ value: [UInt8], append: Bool = false) throws(LMDBError) {
        var failure: LMDBError?
        value.withUnsafeBytes { bytes in
            do throws(LMDBError) {
                try put(database, key: key, value: bytes, append: append)
            } catch { failure = error }
        }
        if let failure { throw failure }
    }

    func put(_ database: Database, raw key: [UInt8], _ value: [UInt8]) throws(LMDBError) {
        var failure: LMDBError?
        key.withUnsafeBytes { key in
            value.withUnsafeBytes { value in
                do throws(LMDBError) { try put(database, key: key, value: value) } catch { failure = error }
            }
        }
        if let failure { throw failure }
    }
}

extension ReadTransaction {
    func bytes(_ database: Database, _ key: UInt64) throws(LMDBError) -> [UInt8]? {
        try value(database, key: key).map { [UInt8]($0) }
    }
}

extension Environment {
    /// Puts values at keys 0 to `count` − 1 in one transaction.
    func fill(_ database: Database, count: UInt64, valueSize: Int = 100, from first: UInt64 = 0)
        throws(LMDBError)
    {
        try withWrite { transaction throws(LMDBError) in
            for key in first..<first + count {
                try transaction.put(
                    database, key, [UInt8](repeating: UInt8(truncatingIfNeeded: key), count: valueSize))
            }
        }
    }

    func count(_ table: Database) throws(LMDBError) -> UInt64 {
        try withRead { (read) throws(LMDBError) in try read.entryCount(table) }
    }

    func integerTable(_ name: String? = "numbers") throws(LMDBError) -> Database {
        try openDatabase(name, integerKeys: true, create: true)
    }
}

/// Ends an exit test the way it must not end.
func exitCleanly() -> Never { exit(0) }

func startThread(_ object: AnyObject, _ body: @escaping @convention(c) (UnsafeMutableRawPointer?) -> Void)
    -> pthread_t
{
    final class Start {
        let object: AnyObject
        let body: @convention(c) (UnsafeMutableRawPointer?) -> Void
        init(_ object: AnyObject, _ body: @escaping @convention(c) (UnsafeMutableRawPointer?) -> Void) {
            self.object = object
            self.body = body
        }
    }
    var thread = pthread_t()
    let start = Unmanaged.passRetained(Start(object, body)).toOpaque()
    let code = pthread_create(
        &thread, nil,
        { context in
            let start = Unmanaged<Start>.fromOpaque(context!).takeRetainedValue()
            start.body(Unmanaged.passUnretained(start.object).toOpaque())
            return nil
        }, start)
    precondition(code == 0)
    return thread
}

func runOnAnotherThread(
    _ object: AnyObject, _ body: @escaping @convention(c) (UnsafeMutableRawPointer?) -> Void
) {
    pthread_join(startThread(object, body), nil)
}

/// Whether a process was stopped by a trap, not by an error that came out of it.
func isTrap(_ result: ExitTest.Result?) -> Bool {
    if case .signal(let signal) = result?.exitStatus { return signal == SIGILL || signal == SIGTRAP }
    return false
}

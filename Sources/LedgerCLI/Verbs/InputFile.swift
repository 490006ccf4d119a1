import Glibc

/// A file that a verb reads.
struct InputFile: ~Copyable {
    /// Open for reading.
    let descriptor: Int32
    /// As the user named it; `-` is stdin.
    let name: String
    private let isOwned: Bool

    /// Opens a file; `-` is stdin, which stays open.
    /// - Throws: exit 66 when there is none, 74 when it cannot be read.
    init(_ name: String) throws(CLIError) {
        self.name = name
        if name == "-" {
            descriptor = STDIN_FILENO
            isOwned = false
            return
        }
        descriptor = unsafe open(name, O_RDONLY | O_CLOEXEC)
        isOwned = true
        if descriptor < 0 { throw Self.failure(name, errno) }
        if kind == S_IFDIR { throw CLIError(.notFound, "'\(name)' is a folder, not a file") }
    }

    deinit {
        if isOwned, descriptor >= 0 { close(descriptor) }
    }

    private var kind: mode_t {
        var information = stat()
        return unsafe fstat(descriptor, &information) == 0 ? information.st_mode & S_IFMT : 0
    }

    /// Whether it can be read twice.
    var isRegular: Bool { kind == S_IFREG }

    /// All its bytes.
    /// - Parameter limit: more is exit 65.
    static func read(_ name: String, limit: Int) throws(CLIError) -> [UInt8] {
        let file = try InputFile(name)
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe block.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(file.descriptor, buffer.baseAddress.unsafelyUnwrapped, buffer.count)
            }
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure(name, errno)
            }
            bytes += block[..<count]
            if bytes.count > limit { throw CLIError(.badInput, "'\(name)' is larger than \(limit) bytes") }
        }
    }

    /// Line ends in a regular file, to tell how far an import is; the reading position stays. nil when they
    /// cannot be counted.
    func countLines() -> Int? {
        var block = [UInt8](repeating: 0, count: 1 << 18)
        var lines = 0
        var offset = 0
        while true {
            let count = unsafe block.withUnsafeMutableBytes { buffer in
                unsafe pread(descriptor, buffer.baseAddress.unsafelyUnwrapped, buffer.count, offset)
            }
            if count < 0 { return nil }
            if count == 0 { return lines }
            for index in 0..<count where block[index] == 0x0A { lines += 1 }
            offset += count
        }
    }

    /// A failed call on a file, as an exit code.
    static func failure(_ name: String, _ code: Int32) -> CLIError {
        let isMissing = code == ENOENT || code == ENOTDIR
        return CLIError(
            isMissing ? .notFound : .inputOutput, "cannot read '\(name)': \(Output.describe(errno: code))")
    }
}

/// A file that a verb writes, line by line.
@safe struct OutputFile: ~Copyable {
    private let stream: UnsafeMutablePointer<FILE>
    private let name: String

    /// Creates the file, or empties it, or goes on at its end.
    init(_ name: String, appending: Bool = false) throws(CLIError) {
        self.name = name
        guard let opened = unsafe fopen(name, appending ? "ae" : "we") else {
            throw CLIError(.inputOutput, "cannot write '\(name)': \(Output.describe(errno: errno))")
        }
        unsafe stream = opened
    }

    /// Makes a folder for files, when it is not there.
    static func makeFolder(_ name: String) throws(CLIError) {
        guard unsafe mkdir(name, 0o755) == 0 || errno == EEXIST else {
            throw CLIError(.inputOutput, "cannot make '\(name)': \(Output.describe(errno: errno))")
        }
    }

    /// Appends bytes; an error shows at the end.
    func write(_ bytes: [UInt8]) {
        _ = unsafe bytes.withUnsafeBytes { unsafe fwrite($0.baseAddress, 1, $0.count, stream) }
        // What was written survives the end of the process.
        _ = unsafe fflush(stream)
    }

    /// Closes it.
    /// - Throws: exit 74 when not all of it could be written.
    consuming func finish() throws(CLIError) {
        let failed = unsafe ferror(stream) != 0 || fflush(stream) != 0
        let code = errno
        if failed { throw CLIError(.inputOutput, "cannot write '\(name)': \(Output.describe(errno: code))") }
    }

    deinit { _ = unsafe fclose(stream) }
}

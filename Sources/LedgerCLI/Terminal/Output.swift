import Glibc

/// Where a run's words go: data to stdout, messages and progress to stderr.
///
/// Data is buffered; it is flushed at 64 KiB, before a message when both go to a terminal, and by `finish`.
/// Writing never throws: a verb that changes the ledger must not stop halfway because nobody reads along.
/// What went wrong is kept and decides the exit code in `finish`; a long read-only verb asks `isReaderGone`
/// and stops early.
///
/// Not `Sendable`: one thread, the one that runs the verb. The process must ignore SIGPIPE
/// (`Signals.ignoreBrokenPipes`).
final class Output {
    /// No progress and no messages but errors.
    var isQuiet = false
    /// For data on stdout.
    let style: Style
    /// For messages on stderr.
    let errorStyle: Style
    /// Whether stderr is a terminal, where progress may be drawn.
    let isErrorTerminal: Bool
    /// The columns of stderr's terminal; 80 where that is unknown.
    var errorColumns: Int { Terminal.columns(errorDescriptor) ?? 80 }
    /// Whether stdout was closed by its reader; what is written from now on is dropped.
    private(set) var isReaderGone = false
    /// The `errno` of the first write to stdout that failed for another reason than a gone reader.
    private(set) var failure: Int32?

    private let dataDescriptor: Int32
    private let errorDescriptor: Int32
    private let isDataTerminal: Bool
    private var buffer: [UInt8] = []
    private static let bufferBytes = 65_536

    /// Output to two open descriptors, which stay the caller's.
    init(data: Int32 = STDOUT_FILENO, errors: Int32 = STDERR_FILENO, environment: Environment = .process) {
        self.dataDescriptor = data
        self.errorDescriptor = errors
        self.isDataTerminal = Terminal.isTerminal(data)
        self.isErrorTerminal = Terminal.isTerminal(errors)
        self.style = Style(isTerminal: isDataTerminal, environment: environment)
        self.errorStyle = Style(isTerminal: isErrorTerminal, environment: environment)
        buffer.reserveCapacity(Self.bufferBytes)
    }

    /// Data, as it is.
    func write(_ text: String) {
        append(text.utf8)
    }

    /// Data that is bytes already.
    func write(_ bytes: [UInt8]) {
        append(bytes)
    }

    /// Data and a newline.
    func line(_ text: String = "") {
        append(text.utf8)
        append(CollectionOfOne(UInt8(ascii: "\n")))
    }

    /// A line for the person at the screen, unless `--quiet`.
    func message(_ text: String) {
        if !isQuiet { error(text + "\n") }
    }

    /// Text for stderr, `--quiet` or not, as it is. A failure to write it is passed over: there is nowhere to
    /// report it.
    func error(_ text: String) {
        // Where both meet on a screen, what was said first must stand first.
        if isDataTerminal { flush() }
        _ = Self.writeAll(Array(text.utf8)[...], to: errorDescriptor)
    }

    /// Sends what is buffered, as `--follow` must after each event.
    func flush() {
        defer { buffer.removeAll(keepingCapacity: true) }
        guard !buffer.isEmpty, !isReaderGone, failure == nil else { return }
        switch Self.writeAll(buffer[...], to: dataDescriptor) {
        case 0: break
        case EPIPE: isReaderGone = true
        case let code: failure = code
        }
    }

    /// Flushes and gives the exit code of the run: `code`, or `inputOutput` where data was lost after a good
    /// end.
    func finish(_ code: ExitCode) -> ExitCode {
        flush()
        guard let failure else { return code }
        error("cannot write to stdout: \(Self.describe(errno: failure))\n")
        return code == .done || code == .differences ? .inputOutput : code
    }

    /// The system's words for an error number.
    static func describe(errno code: Int32) -> String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }

    private func append(_ bytes: some Collection<UInt8>) {
        if buffer.count + bytes.count > Self.bufferBytes { flush() }
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.bufferBytes { flush() }
    }

    /// Writes all bytes, whatever pieces the kernel takes; returns 0 or the `errno`.
    private static func writeAll(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Int32 {
        unsafe bytes.withUnsafeBytes { all in
            var done = 0
            while done < all.count {
                // In bounds: done < count, and write reads at most count - done bytes.
                let written = unsafe Glibc.write(descriptor, all.baseAddress! + done, all.count - done)
                if written > 0 {
                    done += written
                } else if written < 0, errno == EAGAIN {
                    // Someone made the descriptor non-blocking (a shared terminal): wait until it takes more.
                    var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = unsafe poll(&wait, 1, 1_000)
                } else if written == 0 {
                    return EIO
                } else if errno != EINTR {
                    return errno
                }
            }
            return 0
        }
    }
}

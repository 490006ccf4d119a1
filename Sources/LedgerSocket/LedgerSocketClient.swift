import Glibc
import LedgerExchange
import ReferralLedger
import StrictJSON

/// A connection to the process that writes a ledger. For one thread at a time; calls block.
public final class LedgerSocketClient {
    /// How long the greeting may take, in milliseconds.
    private static let greetingMilliseconds: Int32 = 10_000

    /// What the writer said first.
    public let hello: SocketHello
    /// The log's last position as the writer told it last.
    public private(set) var position: LogPosition
    let channel: LineChannel

    private init(_ channel: LineChannel, _ hello: SocketHello) {
        self.channel = channel
        self.hello = hello
        position = hello.position
    }

    /// Connects to the process that writes the ledger in a folder.
    ///
    /// - Returns: nil when nobody serves the folder's socket; a stale file counts as nobody.
    /// - Throws: `busy` when there are too many clients, `version`, `system`.
    public static func connect(to directory: String) throws(SocketError) -> LedgerSocketClient? {
        guard let descriptor = try SocketFile.connect(to: directory) else { return nil }
        let channel = LineChannel(descriptor)
        channel.wait(for: Int16(POLLIN), milliseconds: greetingMilliseconds)
        while true {
            if case .line(let range) = channel.buffered() {
                return LedgerSocketClient(channel, try SocketHello(SocketAnswer(channel.bytes(range))))
            }
            switch try channel.fill(waits: false) {
            case .some: continue
            // It stops, or is stuck.
            case .end: return nil
            case .nothing, .stopped:
                throw SocketError(.busy, "the process that writes the ledger does not answer")
            }
        }
    }

    /// Sends one command and waits for what came of it.
    ///
    /// - Throws: ``SocketError``; `notForwardable` when the command fits no line; `LineProblem` and
    ///   `LedgerError` as the writer met them.
    public func submit(_ command: Command) throws -> Outcome {
        try channel.send(try Self.line(command))
        let answer = try receive()
        if let head = answer.number("head") { position = LogPosition(head) }
        if let problem = answer.problem { throw problem }
        if let failure = answer.failure { throw failure }
        return try answer.outcome()
    }

    /// A command as a line, its break included.
    static func line(_ command: Command) throws(SocketError) -> [UInt8] {
        let line: [UInt8]
        do throws(CommandLineWriter.UnknownAsset) {
            line = try CommandLineWriter.line(command)
        } catch {
            throw SocketError(
                .notForwardable,
                "the command is in asset \(error.number.rawValue), which has no code in a line")
        }
        let limit = CommandLineDecoder.maximumLineBytes
        guard line.count <= limit + 1 else {
            throw SocketError(
                .notForwardable,
                "the command takes \(line.count) bytes as a line, above the limit of \(limit)")
        }
        return line
    }

    /// The next line of the writer's.
    func receive() throws(SocketError) -> SocketAnswer {
        while true {
            switch channel.buffered() {
            case .line(let range): return try SocketAnswer(channel.bytes(range))
            case .tooLong: throw .strange("a line too long")
            case nil: break
            }
            if case .end = try channel.fill() { throw .gone }
        }
    }

    func note(_ position: LogPosition) { self.position = position }
}

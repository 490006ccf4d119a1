import LedgerDomain
import ReferralLedger
import StrictJSON

/// A ledger as the command lines that made it: imported into a ledger that was begun in the same way, they
/// give the same state digest. Source: Documentation/exports.md.
///
/// Isolation: a value, for one thread. Memory: a few hundred lines. Cost: that of ``CommandHistory``, and
/// about a microsecond a line.
public struct JSONLinesExport {
    /// Why there are no more lines.
    public enum Failure: Error, Sendable, Equatable {
        /// The ledger could not be read.
        case ledger(LedgerError)
        /// An amount of the command that was recorded there has no asset with a code.
        case unnamedAsset(LogPosition)
    }

    private static let pieceBytes = 65_536

    private var history: CommandHistory
    /// How many lines were written.
    public private(set) var lines = 0
    /// Signups whose metadata is no JSON object, as only an embedding program can give it: left out.
    public private(set) var metadataLeftOut = 0

    /// The lines of a history.
    public init(_ history: CommandHistory) { self.history = history }

    /// Pieces of sealed data that could not be opened and were left out: erased, or the keys are not there.
    public var unopened: Int { history.unopened }

    /// Writes the lines in pieces of about 64 KiB.
    /// - Parameters:
    ///   - onProgress: told the position that has been read.
    ///   - emit: takes UTF-8; `false` ends the export early.
    public mutating func write(
        onProgress: (LogPosition) -> Void = { _ in }, emit: ([UInt8]) -> Bool
    ) throws(Failure) {
        var writer = JSONWriter()
        while true {
            let commands: [RecordedCommand]
            do throws(LedgerError) {
                commands = try history.next(limit: 256)
            } catch {
                throw .ledger(error)
            }
            for recorded in commands {
                try append(recorded, to: &writer)
                if writer.bytes.count < Self.pieceBytes { continue }
                if !emit(writer.bytes) { return }
                writer.removeAll()
            }
            guard let last = commands.last else { break }
            onProgress(last.position)
        }
        if !writer.bytes.isEmpty { _ = emit(writer.bytes) }
    }

    private mutating func append(_ recorded: RecordedCommand, to writer: inout JSONWriter) throws(Failure) {
        var command = recorded.command
        if case .signup(var signup) = command.action, let metadata = signup.personal.metadata,
            !Self.isObject(metadata)
        {
            metadataLeftOut += 1
            signup.personal.metadata = nil
            command.action = .signup(signup)
        }
        do throws(CommandLineWriter.UnknownAsset) {
            try CommandLineWriter.write(command, to: &writer)
        } catch {
            throw .unnamedAsset(recorded.position)
        }
        lines += 1
    }

    private static func isObject(_ text: String) -> Bool {
        guard let value = try? JSONValue.parse(Array(text.utf8)) else { return false }
        if case .object = value.kind { return true }
        return false
    }
}

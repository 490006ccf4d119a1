import LedgerDomain
import LedgerLog

/// What a kept ledger of `re-decide` was made of.
///
/// Its log holds the facts of another log, decided anew: the same facts, and under other rules other events between them.
/// So under other rules a position in one is not the same position in the other.
public struct ReDecidedOrigin: Sendable, Equatable {
    /// The ledger whose facts they are.
    public let ledgerId: String
    /// Facts from here on were decided anew.
    public let from: LogPosition
    /// The last position of that log whose facts are in it.
    public let through: LogPosition
    /// Where its own log ended then.
    public let end: LogPosition
    /// SHA-256 of the rules that stood in place of the recorded ones, hexadecimal; nil: the recorded ones.
    public let policyHash: String?

    /// Whether a position means the same in both logs: the same rules, and no event that is no fact (an import's progress).
    public var isAligned: Bool { policyHash == nil && end == through }

    private static func path(_ directory: String) -> String { directory + "/re-decided" }

    /// Of a folder that `re-decide` has kept; nil for any other ledger. Cost: a small file.
    public static func read(at directory: String) -> ReDecidedOrigin? {
        guard let bytes = HashedCopy.read(path(directory), limit: 1_024) else { return nil }
        let words = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map {
            $0.split(separator: " ").last.map(String.init) ?? ""
        }
        guard words.count == 5, let from = UInt64(words[1]), let through = UInt64(words[2]),
            let end = UInt64(words[3])
        else { return nil }
        return ReDecidedOrigin(
            ledgerId: words[0], from: LogPosition(from), through: LogPosition(through),
            end: LogPosition(end), policyHash: words[4] == "recorded" ? nil : words[4])
    }

    /// Leaves it in a folder that is kept.
    func write(at directory: String) throws(LedgerError) {
        let text =
            "of \(ledgerId)\nfrom \(from)\nthrough \(through)\nend \(end)\n"
            + "policy \(policyHash ?? "recorded")\n"
        try HashedCopy.write(Array(text.utf8), to: Self.path(directory))
    }
}

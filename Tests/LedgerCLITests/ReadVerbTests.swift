import Foundation
import Testing

@testable import LedgerCLI

/// Every verb that reads answers for the past, and says whether it does so by business time.
@Suite struct ReadVerbTests {
    /// Verbs under "Read", and the lists of the desks.
    static let readers: [VerbPath] = VerbPath(verbs: [Program.root]).all.filter {
        $0.verb.action != nil
            && (($0.verbs.dropFirst().first?.section ?? "") == "Read" || $0.verb.name == "list")
    }

    @Test func thereAreSome() { #expect(Self.readers.count > 15) }

    @Test(arguments: readers.map(\.words))
    func takesAt(words: String) throws {
        let path = try #require(Self.readers.first { $0.words == words })
        #expect(path.options.contains { $0.name == "at" }, "\(words) has no --at")
        let effective = try #require(
            path.options.first { $0.name == "effective" }, "\(words) has no --effective")
        #expect(!effective.isHidden, "\(words)")
    }

    /// A beginning that several verbs share names them all.
    @Test func beginningsOfVerbs() throws {
        let parser = CommandLineParser(root: Program.root, environment: Environment([:]))
        var hint: String?
        do throws(CLIError) { _ = try parser.parse(["sta"]) } catch { hint = error.hint }
        #expect(hint == "Did you mean 'referral-ledger status' or 'referral-ledger statement'?")
    }

    /// Documentation/cli-json.md speaks of every verb that runs.
    @Test func everyAnswerIsDescribed() throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Documentation/cli-json.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        for path in VerbPath(verbs: [Program.root]).all where path.verb.action != nil {
            let words = path.verbs.dropFirst().map(\.name).joined(separator: " ")
            // The desk's other verbs are told of as a range.
            if words.hasPrefix("withdrawals "), words != "withdrawals list" { continue }
            #expect(text.contains("`\(words)"), "\(words) is not in cli-json.md")
        }
    }
}

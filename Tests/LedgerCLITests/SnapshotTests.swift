import Foundation
import Testing

@testable import LedgerCLI

/// The texts that are made from the model, word for word, for the real tree of verbs.
///
/// A verb without a snapshot fails, and so does a snapshot without a verb. Set LEDGER_WRITE_SNAPSHOTS=1 to
/// write them anew, and read the difference before it is committed.
@Suite struct SnapshotTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Snapshots")
    private static let isWriting = ProcessInfo.processInfo.environment["LEDGER_WRITE_SNAPSHOTS"] == "1"
    private static let paths = VerbPath(verbs: [Program.root]).all

    /// Compares texts by file name with the files of a folder, which has no others.
    private func check(_ name: String, _ texts: [(file: String, text: String)]) throws {
        let folder = Self.folder.appendingPathComponent(name)
        let manager = FileManager.default
        if Self.isWriting {
            try? manager.removeItem(at: folder)
            try manager.createDirectory(at: folder, withIntermediateDirectories: true)
            for (file, text) in texts {
                try text.write(to: folder.appendingPathComponent(file), atomically: true, encoding: .utf8)
            }
        }
        let known = try Set(manager.contentsOfDirectory(atPath: folder.path))
        #expect(known.subtracting(texts.map(\.file)) == [], "snapshots of nothing in \(name)")
        for (file, text) in texts {
            guard known.contains(file) else {
                Issue.record("no snapshot \(name)/\(file): run with LEDGER_WRITE_SNAPSHOTS=1")
                continue
            }
            let kept = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
            #expect(text == kept, "\(name)/\(file) differs")
        }
    }

    @Test func help() throws {
        try check("help", Self.paths.map { ("\($0.hyphenated).txt", HelpText(path: $0.verbs).text) })
    }

    @Test func manualPages() throws {
        try check(
            "man",
            Self.paths.map { path in
                let page = ManPage(path: path, version: "0.0.0")
                return (page.fileName, page.text)
            })
    }

    @Test func completions() throws {
        try check(
            "completions",
            CompletionsVerb.shells.map {
                ("referral-ledger.\($0)", CompletionsVerb.script($0, of: Program.root))
            })
    }

    @Test func everyVerbThatRunsIsReached() {
        let names = Self.paths.map(\.words)
        #expect(Set(names).count == names.count)
        for name in ["referral-ledger policy publish", "referral-ledger man", "referral-ledger daemon"] {
            #expect(names.contains(name))
        }
    }

    /// Roff shows a line that begins with a dot as nothing, and other bytes than ASCII as its input encoding says.
    @Test func pagesAreCleanRoff() {
        let odd = Verb(
            "odd", abstract: ".Begins with a dot \\ and 'quotes' — “so”.",
            discussion: "  .kept\n  'kept\n\n'after", examples: [.init("-", "referral-ledger odd \\n")],
            action: Sample.verb)
        let page = ManPage(path: VerbPath(verbs: [Sample.tree, odd]), version: "1").text
        #expect(page.utf8.allSatisfy { $0 < 0x80 })
        let name = "odd \\- \\&.Begins with a dot \\e and \\(aqquotes\\(aq \\[u2014] \\[u201C]so\\[u201D]\n"
        #expect(page.contains(name))
        #expect(page.contains(".PP\n.nf\n  .kept\n  \\(aqkept\n.fi\n.PP\n\\&\\(aqafter\n"))
        for line in page.split(separator: "\n") where line.hasPrefix(".") {
            let request = line.prefix(3)
            #expect(
                [".\\\"", ".TH", ".SH", ".PP", ".TP", ".nf", ".fi", ".RS", ".RE", ".BR"].contains(request),
                "\(line)")
        }
    }
}

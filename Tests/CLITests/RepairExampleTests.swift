import Foundation
import Testing

/// The console blocks of Documentation/repair.md, run word for word: what stands there is what comes out.
///
/// Digests of 64 hexadecimal digits differ from run to run where they hold a ledger's id or clock, and are not
/// compared; nor are lines of the page that hold only “…”, which stand for any lines. A change of output is
/// seen here; `LEDGER_WRITE_REPAIR=FILE` writes what comes out into a file, to be put into the page by hand.
@Suite struct RepairExampleTests {
    private static let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Documentation/repair.md")

    /// A command of the page and the lines below it.
    private struct Step {
        let command: String
        var lines: [String] = []
    }

    private static func steps(_ text: String) -> [Step] {
        var steps: [Step] = []
        var isInside = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("```") {
                isInside = line == "```console"
            } else if isInside, line.hasPrefix("$ ") {
                steps.append(Step(command: String(line.dropFirst(2))))
            } else if isInside, !steps.isEmpty {
                steps[steps.count - 1].lines.append(line)
            }
        }
        return steps
    }

    private static func plain(_ text: String) -> String {
        text.replacing(/[0-9a-f]{64}/, with: "<hash>").replacing(/[0-9a-f]{32}/, with: "<id>")
    }

    @Test func everyBlockIsReal() throws {
        let sandbox = try Sandbox()
        let root = Self.page.deletingLastPathComponent().deletingLastPathComponent()
        try FileManager.default.createSymbolicLink(
            at: sandbox.folder.appending(path: "Fixtures"),
            withDestinationURL: root.appending(path: "Fixtures"))
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        var made = ""
        let steps = Self.steps(text)
        #expect(steps.count > 8)
        for step in steps {
            let line =
                "cd '\(sandbox.folder.path)'; referral-ledger() { '\(Binary.path)' \"$@\"; }; \(step.command)"
            let run = try sandbox.shell(line)
            let out = (run.out + run.err).split(separator: "\n", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .init(charactersIn: " ")).isEmpty ? "" : String($0) }
            var lines = Array(out)
            while lines.last == "" { lines.removeLast() }
            made += "$ \(step.command)\n" + lines.map { $0 + "\n" }.joined()
            let expected = step.lines.filter { !$0.isEmpty }.map(Self.plain)
            let found = lines.filter { !$0.isEmpty }.map(Self.plain)
            if expected.contains("…") {
                for wanted in expected where wanted != "…" {
                    #expect(found.contains(wanted), "\(step.command): “\(wanted)” is missing in \(run.out)")
                }
            } else {
                #expect(found == expected, "\(step.command): \(run.out)\(run.err)")
            }
        }
        if let file = ProcessInfo.processInfo.environment["LEDGER_WRITE_REPAIR"] {
            try made.write(toFile: file, atomically: true, encoding: .utf8)
        }
    }
}

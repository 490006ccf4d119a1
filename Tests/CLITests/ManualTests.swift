import Foundation
import Testing

/// Completions in real shells, pages in real groff. What is not installed is passed over.
@Suite struct ManualTests {
    private static func path(of program: String) -> String? {
        ["/usr/bin/", "/bin/", "/usr/local/bin/"].map { $0 + program }.first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }

    private static let words: [(line: [String], expected: [String])] = [
        (["po"], ["policy"]),
        (["policy", ""], ["check", "show", "diff", "publish"]),
        (["policy", "show", "--pre"], ["--preset"]),
        (["policy", "show", "--preset", ""], ["two-level", "premium-days", "tiered"]),
        (["import", "--format", ""], ["jsonl", "csv"]),
        (["import", "--format", "=", "c"], ["csv"]),
        (["import", "--format=c"], ["--format=csv"]),
        (["import", "-", "--map", "fac"], ["facts.jsonl"]),
        (["import", "fac"], ["facts.jsonl"]),
        (["import", "facts.jsonl", "fold"], ["folder"]),
        (["--ledger", "fo"], ["folder"]),
        (["--ledger", "fac"], []),
        (["--ledger", "folder", "import", "--dry"], ["--dry-run"]),
        (["record", "pay"], ["payment", "payout"]),
        (["record", "signup", "--userId", "u-1", "--signals.i"], ["--signals.ip"]),
        (["status", "fac"], []),
        (["completions", "f"], ["fish"]),
    ]

    private func box() throws -> Sandbox {
        let box = try Sandbox()
        try box.file("facts.jsonl", "")
        try FileManager.default.createDirectory(
            at: box.folder.appendingPathComponent("folder"), withIntermediateDirectories: true)
        for shell in ["bash", "zsh", "fish"] {
            let run = try box.run("completions", shell)
            #expect(run.code == 0)
            try box.file("script.\(shell)", run.out)
        }
        return box
    }

    @Test func bash() throws {
        let box = try box()
        #expect(
            try box.shell("bash -n \"$1\"", box.folder.appendingPathComponent("script.bash").path).code == 0)
        let test = #"""
            cd "$1"; shift
            source ./script.bash
            COMP_WORDS=(referral-ledger "$@"); COMP_CWORD=$#
            complete -p referral-ledger >/dev/null || exit 9
            _referral_ledger referral-ledger
            [ ${#COMPREPLY[@]} -eq 0 ] || printf '%s\n' "${COMPREPLY[@]}"
            """#
        for (line, expected) in Self.words {
            let run = try box.start(["-c", test, "bash", box.folder.path] + line, program: "/bin/bash")
                .finish()
            #expect(run.code == 0, "\(line): \(run.err)")
            #expect(run.err == "", "\(line)")
            #expect(run.out.split(separator: "\n").map(String.init) == expected, "\(line)")
        }
    }

    @Test(.enabled(if: path(of: "fish") != nil)) func fish() throws {
        let box = try box()
        let test = """
            cd $argv[1]
            source ./script.fish
            complete -C $argv[2] | string split -f1 \\t
            """
        for (line, expected) in Self.words where !line.contains("=") {
            let typed = (["referral-ledger"] + line).joined(separator: " ")
            let run = try box.start(
                ["--no-config", "-c", test, box.folder.path, typed], program: Self.path(of: "fish") ?? ""
            ).finish()
            // Fish itself marks folders with a slash.
            let found = run.out.split(separator: "\n").map {
                $0.hasSuffix("/") ? String($0.dropLast()) : String($0)
            }
            #expect(Set(found) == Set(expected), "\(line): \(run.err)")
        }
    }

    @Test(.enabled(if: path(of: "zsh") != nil)) func zsh() throws {
        let box = try box()
        let zsh = Self.path(of: "zsh") ?? ""
        let script = box.folder.appendingPathComponent("script.zsh").path
        #expect(try box.start(["-f", "-n", script], program: zsh).finish().code == 0)
        let load = "autoload -Uz compinit; compinit -u -D; source \"$1\"; print $_comps[referral-ledger]"
        let run = try box.start(["-f", "-c", load, "zsh", script], program: zsh).finish()
        #expect(run.out == "_referral-ledger\n", "\(run.err)")
        #expect(run.err == "")
    }

    @Test(.enabled(if: path(of: "groff") != nil)) func groffTakesEveryPageWithoutAWarning() throws {
        let box = try Sandbox()
        let folder = box.folder.appendingPathComponent("man1").path
        #expect(try box.run("man", "--into", folder).code == 0)
        let pages = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(pages.contains("referral-ledger.1") && pages.contains("referral-ledger-policy-publish.1"))
        for page in pages {
            let run = try box.shell("groff -man -ww -Tutf8 -P-cbou \"$1\"", "\(folder)/\(page)")
            #expect(run.code == 0)
            #expect(run.err == "", "\(page)")
            for heading in ["NAME", "SYNOPSIS", "GLOBAL OPTIONS", "EXAMPLES", "SEE ALSO"] {
                #expect(run.out.contains(heading), "\(page) has no \(heading)")
            }
        }
    }

    @Test func aPageOnStdout() throws {
        let box = try Sandbox()
        #expect(try box.run("man").out.contains(".TH \"REFERRAL\\-LEDGER\" 1"))
        #expect(try box.run("man", "policy", "show").out.contains("referral\\-ledger\\-policy\\-show \\- "))
        let wrong = try box.run("man", "polcy")
        #expect(wrong.code == 64)
        #expect(wrong.err.contains("Did you mean 'policy'?"))
        #expect(try box.run("man", "import", "--into", box.folder.path).code == 64)
        #expect(try box.run("man", "--into", box.folder.path + "/no/such").code == 74)
    }

    @Test func aFieldThatIsMistyped() throws {
        let box = try Sandbox()
        try box.initialise()
        let run = try box.run("record", "signup", "--usrId", "u-1", "--at", "2024-01-01T00:00:00Z")
        #expect(run.code == 65)
        #expect(run.err.contains("Did you mean '--userId'?"))
    }
}

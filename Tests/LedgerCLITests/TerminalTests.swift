import Testing

@testable import LedgerCLI

@Suite struct TextTableTests {
    @Test func columnsAlignAndNumbersStandRight() {
        var table = TextTable([.text("user"), .number("earned"), .text("note", maxColumns: 6)])
        table.add(["00001", "1,234.50", ""])
        table.add(["日本", "-5.00", "a long note"])
        table.addRule()
        table.add(["", "1,229.50", "sum"])
        #expect(
            table.text() == """
                user     earned  note
                ─────  ────────  ──────
                00001  1,234.50
                日本      -5.00  a lon…
                ─────  ────────  ──────
                       1,229.50  sum

                """)
    }

    @Test func styleDoesNotMoveColumns() {
        var table = TextTable([.text("a"), .text("b")])
        table.add(["1", "2"])
        #expect(
            table.text(style: Style(isEnabled: true))
                == "\u{1B}[1ma  b\u{1B}[0m\n\u{1B}[2m─  ─\u{1B}[0m\n1  2\n")
    }

    @Test func cellsCannotDrawOnTheScreen() {
        var table = TextTable([.text("name")])
        table.add(["\u{1B}[2Jx\n\u{202E}y"])
        #expect(
            table.text() == "name\n" + String(repeating: "─", count: 24) + "\n\\u{1b}[2Jx\\u{a}\\u{202e}y\n")
    }
}

@Suite struct DisplayTextTests {
    @Test(arguments: [
        ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("한", 2), ("👍", 2), ("👩‍👩‍👧", 2),
        ("│├─", 3), ("₹50", 3), ("ｱ", 1), ("Ａ", 2), ("\u{200B}", 0),
    ])
    func columns(text: String, expected: Int) {
        #expect(DisplayText.columns(text) == expected)
    }

    @Test(arguments: [
        ("abc", 3, "abc"), ("abcd", 3, "ab…"), ("日本語", 5, "日本…"), ("日本語", 4, "日…"), ("abc", 1, "…"),
        ("abc", 0, ""),
    ])
    func truncation(text: String, limit: Int, expected: String) {
        #expect(DisplayText.truncated(text, to: limit) == expected)
        #expect(DisplayText.columns(expected) <= limit)
    }

    @Test func newlinesMayBeKept() {
        #expect(DisplayText.safe("a\nb\r", keepingNewlines: true) == "a\nb\\u{d}")
        #expect(DisplayText.safe("e\u{301}日") == "e\u{301}日")
    }
}

@Suite struct TreeDrawingTests {
    private let children = ["a": ["b", "c", "d"], "b": ["e", "f"], "c": ["g"], "g": ["h"]]

    private func draw(_ depth: Int? = nil, _ limit: Int = .max, lines: Int = .max) throws -> [String] {
        let drawing = TreeDrawing<String>(
            depthLimit: depth, childLimit: limit, label: { $0 },
            children: { node, limit in
                let all = children[node] ?? []
                return (Array(all.prefix(limit)), all.count)
            })
        var drawn: [String] = []
        try drawing.draw("a") { line in
            drawn.append(line)
            return drawn.count < lines
        }
        return drawn
    }

    @Test func whole() throws {
        #expect(
            try draw() == [
                "a",
                "├─ b",
                "│  ├─ e",
                "│  └─ f",
                "├─ c",
                "│  └─ g",
                "│     └─ h",
                "└─ d",
            ])
    }

    @Test func depthIsLimited() throws {
        #expect(try draw(1) == ["a", "├─ b", "│  └─ … 2 more", "├─ c", "│  └─ … 1 more", "└─ d"])
        #expect(try draw(0) == ["a", "└─ … 3 more"])
    }

    @Test func childrenAreLimited() throws {
        #expect(
            try draw(nil, 1) == ["a", "├─ b", "│  ├─ e", "│  └─ … 1 more", "└─ … 2 more"])
    }

    @Test func theReaderMayStop() throws {
        #expect(try draw(lines: 2) == ["a", "├─ b"])
        #expect(try draw(lines: 1) == ["a"])
    }

    @Test func labelsCannotDrawOnTheScreen() throws {
        var lines: [String] = []
        try TreeDrawing<Int>(label: { _ in "\u{1B}[2J\n" }, children: { _, _ in ([], 0) }).draw(0) {
            lines.append($0)
            return true
        }
        #expect(lines == ["\\u{1b}[2J\\u{a}"])
    }

    @Test func aLongChainDoesNotRecurse() throws {
        var count = 0
        let chain = TreeDrawing<Int>(
            label: { _ in "" }, children: { node, limit in node < 5_000 ? ([node + 1], 1) : ([], 0) })
        try chain.draw(0) { _ in
            count += 1
            return true
        }
        #expect(count == 5_001)
    }
}

@Suite struct ProgressTests {
    @Test func lineWithTotal() {
        var meter = ProgressMeter(label: "rebuild", unit: "events", total: 2_000_000)
        #expect(meter.line == "rebuild  0% 0 of 2,000,000 events")
        meter.record(500_000, at: .seconds(1))
        #expect(meter.line == "rebuild  25% 500,000 of 2,000,000 events, 500,000/s, 4 s left")
        meter.record(2_000_000, at: .seconds(4))
        #expect(meter.line == "rebuild  100% 2,000,000 of 2,000,000 events, 500,000/s")
    }

    @Test func lineWithoutTotal() {
        var meter = ProgressMeter(label: "import", unit: "lines", total: nil)
        meter.record(1_500, at: .milliseconds(500))
        #expect(meter.line == "import  1,500 lines, 3,000/s")
    }

    @Test func theRateFollowsTheLastSeconds() {
        var meter = ProgressMeter(label: "", unit: "", total: nil)
        for second in 1...50 { meter.record(second * 1_000, at: .seconds(second)) }
        for second in 51...100 { meter.record(50_000 + (second - 50) * 10, at: .seconds(second)) }
        #expect(meter.rate == 10)
    }

    @Test func drawsOnlyWhereItMay() {
        let captured = CapturedOutput()
        var quiet = Progress("x", unit: "y", total: 1, output: captured.output)
        quiet.update(1)
        quiet.finish()
        #expect(captured.errorText == "")
        var now = Duration.zero
        var shown = Progress(
            ProgressMeter(label: "x", unit: "y", total: 4), output: captured.output, isDrawn: true,
            elapsed: { now })
        shown.finish()
        #expect(captured.errorText == "")
        for step in 1...4 {
            now = .milliseconds(step * 50)
            shown.update(step)
        }
        shown.finish()
        let expected =
            "\rx  25% 1 of 4 y, 20/s, 1 s left\u{1B}[K\rx  75% 3 of 4 y, 20/s, 1 s left\u{1B}[K\r\u{1B}[K"
        #expect(captured.errorText == expected)
    }

    @Test(arguments: [
        (0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567"),
        (.min, "-9,223,372,036,854,775,808"),
    ])
    func grouping(number: Int, expected: String) {
        #expect(NumberText.grouped(number) == expected)
    }

    @Test(arguments: [
        (0, "0 s"), (59, "59 s"), (60, "1 min 00 s"), (245, "4 min 05 s"), (12_060, "3 h 21 min"),
    ])
    func durations(seconds: Int, expected: String) {
        #expect(NumberText.duration(seconds: seconds) == expected)
    }
}

@Suite struct StyleTests {
    @Test(arguments: [
        (true, [:], true), (false, [:], false), (true, ["NO_COLOR": "1"], false),
        (true, ["NO_COLOR": ""], true),
        (true, ["TERM": "dumb"], false), (true, ["TERM": "xterm"], true),
    ])
    func escapesOnlyWhereTheyAreSeen(isTerminal: Bool, variables: [String: String], expected: Bool) {
        #expect(Style(isTerminal: isTerminal, environment: Environment(variables)).isEnabled == expected)
    }

    @Test func plainIsPlain() {
        #expect(Style.plain.red("x") == "x")
        #expect(Style(isEnabled: true).red("x") == "\u{1B}[31mx\u{1B}[0m")
        #expect(Style(isEnabled: true).bold("") == "")
    }
}

import ReferralLedger
import StrictJSON

extension Scenario {
    /// The longest file, in bytes (4 MiB).
    public static let maximumByteCount = 4 << 20

    /// Reads a file of scenarios; Documentation/scenarios.md describes the form.
    /// - Throws: what is wrong first, in the order of the text.
    public static func parse(_ bytes: [UInt8]) throws(ScenarioProblem) -> [Scenario] {
        var parser = try ScenarioParser(bytes)
        return try parser.parse()
    }
}

/// Reads scenarios line by line.
struct ScenarioParser {
    /// What the lines are at a place of the file.
    private enum Block {
        /// Before the first scenario.
        case outside
        /// Between `scenario` and the first block: its settings.
        case settings
        case commands
        case expectations
    }

    private let lines: [Substring]
    /// Index of the line that is read.
    private var index = 0
    private var block = Block.outside
    private var scenarios: [Scenario] = []

    private var title = ""
    private var beginning = 0
    private var programme: String?
    private var asset: Asset?
    private var policy: Policy?
    private var steps: [Scenario.Step] = []
    private var decoder = CommandLineDecoder()

    init(_ bytes: [UInt8]) throws(ScenarioProblem) {
        let invalid = unsafe bytes.withUnsafeBufferPointer { unsafe UTF8Text.firstInvalidOffset(in: $0) }
        if let offset = invalid ?? bytes.firstIndex(of: 0) {
            let place = JSONPosition(byteOffset: offset, in: bytes.span)
            throw ScenarioProblem(
                line: place.line, column: place.column,
                message: invalid == nil ? "the text holds NUL" : "the text is not well-formed UTF-8")
        }
        let text = String(decoding: bytes, as: UTF8.self)
        lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map {
            Substring($0.last == "\r" ? $0.dropLast() : $0)
        }
    }

    mutating func parse() throws(ScenarioProblem) -> [Scenario] {
        while index < lines.count {
            try parseLine()
            index += 1
        }
        try finishScenario()
        if scenarios.isEmpty {
            throw ScenarioProblem(
                line: 1, column: 1, message: "no scenario: it begins with scenario \"what it shows\"")
        }
        return scenarios
    }

    private mutating func parseLine() throws(ScenarioProblem) {
        let (column, rest) = Self.trimmed(lines[index], from: 1)
        if rest.isEmpty || rest.hasPrefix("#") { return }
        if block == .commands, try parseCommandLine(rest, column) { return }
        if block == .settings, rest.hasPrefix("policy"), let open = rest.firstIndex(of: "{") {
            return try parsePolicy(rest, open, column)
        }
        let line = try ScenarioLine(number: index + 1, text: lines[index])
        var words = ScenarioWords(line)
        if words.take("scenario") { return try beginScenario(&words) }
        if block == .outside {
            throw words.problem(line.words[0], "a file begins with scenario \"what it shows\"")
        }
        if line.words.count == 1, !line.words[0].isQuoted, try beginBlock(line) { return }
        switch block {
        case .settings: try parseSetting(&words)
        case .expectations:
            steps.append(.expectation(try ScenarioExpectations.parse(&words)))
        case .commands, .outside: preconditionFailure("commands are read before")
        }
    }

    /// White space at the beginning goes; with the column of what is left.
    private static func trimmed(_ text: Substring, from column: Int) -> (column: Int, rest: Substring) {
        let rest = text.drop { $0 == " " || $0 == "\t" }
        return (column + text.count - rest.count, rest)
    }

    // MARK: Scenario and settings

    private mutating func beginScenario(_ words: inout ScenarioWords) throws(ScenarioProblem) {
        try finishScenario()
        title = try words.take(due: "what the scenario shows").text
        try words.finish()
        beginning = index + 1
        (programme, asset, policy) = (nil, nil, nil)
        steps = []
        block = .settings
    }

    private mutating func finishScenario() throws(ScenarioProblem) {
        guard block != .outside else { return }
        guard let policy, block != .settings else {
            throw ScenarioProblem(
                line: beginning, column: 1, message: "the scenario has no given, when or then")
        }
        scenarios.append(
            Scenario(
                title: title, line: beginning, programme: programme ?? policy.name,
                asset: asset ?? Self.usualAsset, policy: policy, steps: steps))
    }

    /// As `init` has it.
    private static let usualAsset = Asset(code: "GBP")!

    private mutating func parseSetting(_ words: inout ScenarioWords) throws(ScenarioProblem) {
        let word = try words.take(due: "a setting")
        switch word.text {
        case "preset":
            let name = try words.take(due: "the preset's name")
            guard let preset = Policy.preset(named: name.text) else {
                let known = Policy.presetNames.joined(separator: ", ")
                throw words.problem(name, "no preset “\(name.text)”; there are \(known)")
            }
            try setPolicy(preset, words, word)
        case "asset":
            let code = try words.take(due: "a currency or unit")
            guard let known = Asset(code: code.text) else {
                throw words.problem(code, "no currency or unit “\(code.text)”")
            }
            asset = known
        case "programme":
            programme = try words.take(due: "the programme's id").text
        case "policy":
            throw words.problem(word, "policy is followed by its JSON: policy { … }")
        default:
            throw words.problem(
                word, "“\(word.text)” is no setting: preset, policy, asset, programme; then given, when, then"
            )
        }
        try words.finish()
    }

    private mutating func setPolicy(
        _ policy: Policy, _ words: ScenarioWords, _ word: ScenarioLine.Word
    ) throws(ScenarioProblem) {
        if self.policy != nil { throw words.problem(word, "the scenario has its rules already") }
        self.policy = policy
    }

    private mutating func parsePolicy(
        _ rest: Substring, _ open: Substring.Index, _ column: Int
    ) throws(ScenarioProblem) {
        let head = rest[..<open]
        let words = ScenarioWords(try ScenarioLine(number: index + 1, text: head, column: column))
        let start = (line: index + 1, column: column + head.unicodeScalars.count)
        guard head.drop(while: { $0 != " " && $0 != "\t" }).allSatisfy({ $0 == " " || $0 == "\t" }) else {
            throw ScenarioProblem(line: index + 1, column: column, message: "policy is followed by its JSON")
        }
        let json = try takeJSON(rest[open...], start.column)
        let parsed: Policy
        do throws(PolicyProblems) {
            parsed = try Policy.parse(Array(json.utf8))
        } catch {
            // What is there and wrong says more than what is not there, often for the same reason.
            let first = error.problems.first { $0.code != .missingField } ?? error.problems[0]
            let hint = first.suggestion.map { "; did you mean “\($0)”?" } ?? ""
            throw ScenarioProblem(
                line: start.line + first.line - 1,
                column: first.line == 1 ? start.column + first.column - 1 : first.column,
                message: "\(first.path): \(first.reason)\(hint)")
        }
        do throws(LedgerError) {
            _ = try Ledger.loadZone(parsed.timeZone)
        } catch {
            throw ScenarioProblem(line: start.line, column: start.column, message: error.message)
        }
        try setPolicy(parsed, words, ScenarioLine.Word(text: "policy", column: column))
    }

    /// `given`, `when`, `then`.
    private mutating func beginBlock(_ line: ScenarioLine) throws(ScenarioProblem) -> Bool {
        switch line.words[0].text {
        case "given", "when": block = .commands
        case "then": block = .expectations
        default: return false
        }
        guard policy != nil else {
            throw ScenarioProblem(
                line: index + 1, column: line.words[0].column,
                message: "the rules come first: preset NAME, or policy { … }")
        }
        decoder = CommandLineDecoder(defaultAsset: asset ?? Self.usualAsset)
        return true
    }

    // MARK: Commands

    /// - Returns: false when the line is none, as it begins a block or a scenario.
    private mutating func parseCommandLine(_ text: Substring, _ column: Int) throws(ScenarioProblem) -> Bool {
        let number = index + 1
        let (outcome, column, rest) = try Self.outcome(text, column, number)
        if rest.first == "{" {
            let json = try takeJSON(rest, column)
            do throws(LineProblem) {
                let command = try decoder.decode(json)
                steps.append(.command(.init(line: number, command: command, outcome: outcome)))
            } catch {
                throw ScenarioProblem(
                    line: number, column: column + error.column - 1,
                    message: "\(error.code.rawValue): \(error.message)")
            }
            return true
        }
        let line = try ScenarioLine(number: number, text: rest, column: column)
        var words = ScenarioWords(line)
        let isPrefixed = rest.startIndex != text.startIndex
        if !isPrefixed, line.words[0].text == "scenario" || Self.blocks.contains(line.words[0].text) {
            return false
        }
        if !isPrefixed, words.take("clock") {
            let time = try words.takeTime()
            try words.finish()
            steps.append(.wallClock(time.value))
            return true
        }
        let command = try ScenarioCommands.parse(&words, &decoder)
        steps.append(.command(.init(line: number, command: command, outcome: outcome)))
        return true
    }

    private static let blocks = ["given", "when", "then"]

    /// What must come of a command: `refused CODE:`, `repeated:`, `parked:` before it.
    private static func outcome(
        _ text: Substring, _ column: Int, _ line: Int
    ) throws(ScenarioProblem) -> (outcome: Scenario.ExpectedOutcome, column: Int, rest: Substring) {
        func word(_ text: Substring) -> Substring { text.prefix { $0 != " " && $0 != "\t" } }
        let first = word(text)
        func behind(_ skipped: Substring, _ from: Int, _ text: Substring) -> (Int, Substring) {
            Self.trimmed(text[skipped.endIndex...], from: from + skipped.unicodeScalars.count)
        }
        switch first {
        case "repeated:", "parked:":
            let (column, rest) = behind(first, column, text)
            return (first == "parked:" ? .parked : .repeated, column, rest)
        case "refused":
            let (column, rest) = behind(first, column, text)
            let code = word(rest)
            guard code.last == ":", let known = Refusal.Code(rawValue: String(code.dropLast())) else {
                throw ScenarioProblem(
                    line: line, column: column,
                    message: code.last == ":"
                        ? "no refusal has the code “\(code.dropLast())”"
                        : "refused is followed by a code and a colon: refused withdrawal.debt:")
            }
            let (end, after) = behind(code, column, rest)
            return (.refused(known), end, after)
        default: return (.accepted, column, text)
        }
    }

    /// One JSON object from here on, over several lines if need be; the current line is then its last one.
    private mutating func takeJSON(_ first: Substring, _ column: Int) throws(ScenarioProblem) -> String {
        let start = index + 1
        var json = String.UnicodeScalarView()
        var depth = 0
        var (isInText, isEscaped) = (false, false)
        var rest = first.unicodeScalars[...]
        while true {
            while let next = rest.first {
                rest.removeFirst()
                json.append(next)
                if isInText {
                    if next == "\"", !isEscaped { isInText = false }
                    isEscaped = next == "\\" && !isEscaped
                } else if next == "\"" {
                    isInText = true
                } else if next == "{" {
                    depth += 1
                } else if next == "}" {
                    depth -= 1
                    if depth == 0 {
                        let column = lines[index].unicodeScalars.count - rest.count + 1
                        let line = try ScenarioLine(
                            number: index + 1, text: Substring(rest), column: column)
                        try ScenarioWords(line).finish()
                        return String(json)
                    }
                }
            }
            guard index + 1 < lines.count else {
                throw ScenarioProblem(line: start, column: column, message: "JSON that is never closed")
            }
            index += 1
            json.append("\n")
            rest = lines[index].unicodeScalars[...]
        }
    }
}

/// A line of a scenario, cut into words.
struct ScenarioLine: Equatable {
    /// From 1.
    var number: Int
    /// Without comment and white space around.
    var words: [Word]

    struct Word: Equatable {
        var text: String
        /// From 1, in Unicode scalars.
        var column: Int
        /// Written in quotation marks: never a keyword.
        var isQuoted = false
    }

    /// Cuts a line. Words are parted by spaces and tabs; one in quotation marks may hold any character, `\"`
    /// and `\\` too; `#` at the beginning of a word begins a comment.
    ///
    /// - Parameter column: of the text's first character.
    init(number: Int, text: Substring, column first: Int = 1) throws(ScenarioProblem) {
        self.number = number
        words = []
        var rest = text.unicodeScalars[...]
        var column = first
        while let first = rest.first, first != "#" {
            if first == " " || first == "\t" {
                rest.removeFirst()
                column += 1
            } else if first == "\"" {
                let word = try Self.quoted(&rest, column, number)
                words.append(word.word)
                column += word.length
            } else {
                let end = rest.firstIndex { $0 == " " || $0 == "\t" } ?? rest.endIndex
                words.append(Word(text: String(rest[..<end]), column: column))
                column += rest[..<end].count
                rest = rest[end...]
            }
        }
    }

    private static func quoted(
        _ rest: inout Substring.UnicodeScalarView.SubSequence, _ column: Int, _ number: Int
    ) throws(ScenarioProblem) -> (word: Word, length: Int) {
        var text = ""
        var length = 1
        rest.removeFirst()
        while let next = rest.first {
            rest.removeFirst()
            length += 1
            if next == "\"" { return (Word(text: text, column: column, isQuoted: true), length) }
            guard next == "\\" else {
                text.unicodeScalars.append(next)
                continue
            }
            guard let escaped = rest.first, escaped == "\"" || escaped == "\\" else {
                throw ScenarioProblem(
                    line: number, column: column + length - 1,
                    message: "in quotation marks, \\ stands before \" or \\ only")
            }
            rest.removeFirst()
            length += 1
            text.unicodeScalars.append(escaped)
        }
        throw ScenarioProblem(line: number, column: column, message: "a quotation mark that is never closed")
    }
}

/// Reads the words of a line one after the other, and says what is due where one is missing.
struct ScenarioWords {
    let line: Int
    private let words: [ScenarioLine.Word]
    private var next = 0

    init(_ line: ScenarioLine, from first: Int = 0) {
        self.line = line.number
        words = line.words
        next = first
    }

    var isAtEnd: Bool { next == words.count }

    /// The next word, without taking it.
    var peek: ScenarioLine.Word? { isAtEnd ? nil : words[next] }

    /// Takes the next word if it is this one, unquoted.
    mutating func take(_ keyword: String) -> Bool {
        guard let word = peek, !word.isQuoted, word.text == keyword else { return false }
        next += 1
        return true
    }

    /// Takes the next word.
    /// - Parameter due: what is missing when there is none.
    mutating func take(due: String) throws(ScenarioProblem) -> ScenarioLine.Word {
        guard let word = peek else {
            throw ScenarioProblem(line: line, column: endColumn, message: "\(due) is missing")
        }
        next += 1
        return word
    }

    /// Takes a keyword that must stand here.
    mutating func require(_ keyword: String) throws(ScenarioProblem) {
        let word = try take(due: "“\(keyword)”")
        guard !word.isQuoted, word.text == keyword else { throw problem(word, "“\(keyword)” is due here") }
    }

    /// Nothing may follow.
    func finish() throws(ScenarioProblem) {
        if let word = peek { throw problem(word, "“\(word.text)” is too much here") }
    }

    /// A problem at a word.
    func problem(_ word: ScenarioLine.Word, _ message: String) -> ScenarioProblem {
        ScenarioProblem(line: line, column: word.column, message: message)
    }

    /// Behind the last word.
    var endColumn: Int {
        guard let last = words.last else { return 1 }
        return last.column + last.text.unicodeScalars.count + (last.isQuoted ? 2 : 0)
    }
}

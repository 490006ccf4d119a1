import ReferralLedger

/// Reads `TIME phrase` as a command.
enum ScenarioCommands {
    static func parse(
        _ words: inout ScenarioWords, _ decoder: inout CommandLineDecoder
    ) throws(ScenarioProblem) -> Command {
        let time = try words.takeTime()
        let verb = try words.take(due: "a command")
        guard !verb.isQuoted, let phrase = ScenarioPhrase.all.first(where: { $0.verb == verb.text }) else {
            throw words.problem(verb, "no command “\(verb.text)”")
        }
        var fields = Fields(phrase)
        fields.add(phrase.timeField, time.text, at: time.word)
        for fixed in phrase.fixed { fields.add(fixed.name, fixed.text, at: verb) }
        for name in phrase.positional {
            let word = try words.take(due: "\(phrase.verb): \(name), as in “\(phrase.example)”,")
            fields.add(name, word.text, at: word)
        }
        while !words.isAtEnd { try fields.takeOption(&words) }
        fields.addKey(line: words.line, at: verb)
        do throws(LineProblem) {
            return try decoder.decode(type: phrase.type, fields: fields.all)
        } catch {
            throw fields.problem(error, words, verb)
        }
    }

    /// The fields of a line so far, and the words they came from.
    private struct Fields {
        let phrase: ScenarioPhrase
        private(set) var all: [(name: String, text: String)] = []
        private var places: [String: ScenarioLine.Word] = [:]

        init(_ phrase: ScenarioPhrase) { self.phrase = phrase }

        mutating func add(_ name: String, _ text: String, at word: ScenarioLine.Word) {
            all.append((name, text))
            if places[name] == nil { places[name] = word }
        }

        mutating func takeOption(_ words: inout ScenarioWords) throws(ScenarioProblem) {
            let keyword = try words.take(due: "a keyword")
            guard !keyword.isQuoted, let option = phrase.options.first(where: { $0.keyword == keyword.text })
            else {
                throw words.problem(
                    keyword, "\(phrase.verb) has no “\(keyword.text)”, as in “\(phrase.example)”")
            }
            if option.form != .list, places[option.field] != nil {
                throw words.problem(keyword, "“\(keyword.text)” is said twice")
            }
            let value = try words.take(due: "what follows “\(keyword.text)”")
            add(option.field, value.text, at: value)
            guard option.form == .money else { return }
            let asset = try words.take(due: "a currency or unit")
            if !asset.isQuoted, phrase.options.contains(where: { $0.keyword == asset.text }) {
                throw words.problem(asset, "a currency or unit is due here")
            }
            if let known = all.first(where: { $0.name == "currency" }) {
                if known.text == asset.text { return }
                throw words.problem(asset, "“\(asset.text)” and “\(known.text)” in one line")
            }
            add("currency", asset.text, at: asset)
        }

        /// A key made of the line's number, where one is needed and none is given.
        mutating func addKey(line: Int, at verb: ScenarioLine.Word) {
            let type = CommandLineDecoder.lineTypes.first { $0.name == phrase.type }
            if type?.field("key")?.isRequired == true, places["key"] == nil {
                add("key", "line-\(line)", at: verb)
            }
        }

        /// The decoder's problem, at the word that it is about.
        func problem(
            _ problem: LineProblem, _ words: ScenarioWords, _ verb: ScenarioLine.Word
        ) -> ScenarioProblem {
            let field = problem.field ?? ""
            if problem.code == .fieldMissing {
                let option = phrase.options.first { $0.field == field }
                return ScenarioProblem(
                    line: words.line, column: words.endColumn,
                    message: "“\(option?.keyword ?? field)” is missing, as in “\(phrase.example)”")
            }
            return words.problem(
                places[field] ?? verb, "\(problem.code.rawValue): \(problem.message)")
        }
    }
}

extension ScenarioWords {
    /// Takes a moment: RFC 3339, or a date for its midnight in UTC.
    mutating func takeTime() throws(ScenarioProblem) -> (
        value: Timestamp, text: String, word: ScenarioLine.Word
    ) {
        let word = try take(due: "a time")
        let isDate = word.text.utf8.count == 10 && !word.text.contains("T")
        let text = isDate ? word.text + "T00:00:00Z" : word.text
        do throws(TimestampProblem) {
            return (try Timestamp(text), text, word)
        } catch {
            throw problem(word, "“\(word.text)” is no time such as 2026-01-31T10:00:00Z or 2026-01-31")
        }
    }

    /// Takes a whole number of zero or more.
    mutating func takeCount() throws(ScenarioProblem) -> Int {
        let word = try take(due: "a number")
        guard let count = Int(word.text), count >= 0, String(count) == word.text else {
            throw problem(word, "“\(word.text)” is no whole number")
        }
        return count
    }

    /// Takes one of the values of a type, by its name.
    mutating func takeChoice<Value>(
        _ due: String, _ values: [Value], _ name: (Value) -> String
    ) throws(ScenarioProblem) -> Value {
        let word = try take(due: due)
        if let value = values.first(where: { name($0) == word.text }) { return value }
        let names = values.map(name).joined(separator: ", ")
        throw problem(word, "“\(word.text)” is not \(due): \(names)")
    }

    /// Takes the code of an asset; a badge's too.
    mutating func takeAsset() throws(ScenarioProblem) -> (code: String, exponent: Int) {
        let word = try take(due: "a currency or unit")
        if let asset = Asset(code: word.text) { return (asset.code, asset.exponent) }
        if word.text.hasPrefix("BADGE:") { return (word.text, 0) }
        throw problem(word, "no currency or unit “\(word.text)”")
    }

    /// Takes a decimal of an asset.
    mutating func takeAmount(_ exponent: Int) throws(ScenarioProblem) -> Int64 {
        let word = try take(due: "an amount")
        return try amount(word, exponent)
    }

    /// An amount before the code of its asset.
    mutating func takeMoney() throws(ScenarioProblem) -> (amount: Int64, code: String, exponent: Int) {
        let word = try take(due: "an amount")
        let (code, exponent) = try takeAsset()
        return (try amount(word, exponent), code, exponent)
    }

    private func amount(_ word: ScenarioLine.Word, _ exponent: Int) throws(ScenarioProblem) -> Int64 {
        do throws(DecimalProblem) {
            return try DecimalText.parse(word.text, exponent: exponent)
        } catch {
            throw problem(word, "“\(word.text)” is no amount with at most \(exponent) fraction digits")
        }
    }
}

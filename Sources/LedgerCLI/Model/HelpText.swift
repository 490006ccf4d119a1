/// The help of a verb or a group, as text of a given width.
struct HelpText {
    /// From the program down to the verb that is explained.
    let path: [Verb]
    /// Columns to fill at most; an unbreakable word may stand out.
    let width: Int
    /// Headings are bold where the output is a terminal.
    let style: Style

    /// Help for the last command of `path`.
    init(path: [Verb], width: Int = 80, style: Style = .plain) {
        self.path = path
        self.width = width
        self.style = style
    }

    private var verb: Verb { path[path.count - 1] }
    private var name: String { path.map(\.name).joined(separator: " ") }

    /// The whole text, ended by a newline.
    var text: String {
        var blocks = [TextWrapping.wrap(verb.abstract, width: width), usage]
        if !verb.discussion.isEmpty {
            blocks.append(TextWrapping.paragraphs(verb.discussion, width: width))
        }
        blocks += subcommandBlocks
        blocks += [argumentBlock, optionBlock, globalBlock, exampleBlock, exitCodeBlock].compactMap { $0 }
        return blocks.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
    }

    /// The usage line, with a hanging indent.
    var usage: [String] {
        let head = "Usage: \(name) "
        let parts = verb.subcommands.isEmpty ? optionUsage + argumentUsage : ["VERB", "…"]
        let indent = min(head.count, width / 2)
        var lines = TextWrapping.fill(parts, width: width - indent)
        if lines.isEmpty { lines = [""] }
        return lines.enumerated().map { index, line in
            let begin =
                index == 0 ? style.bold("Usage:") + head.dropFirst(6) : String(repeating: " ", count: indent)
            return TextWrapping.trimmingEnd(begin + line)
        }
    }

    private var visibleOptions: [Verb.Option] {
        path.reversed().flatMap(\.options).filter { !$0.isHidden }
    }
    private var visibleFlags: [Verb.Flag] { path.reversed().flatMap(\.flags).filter { !$0.isHidden } }

    /// Each option or set of exclusive options as one unbreakable part.
    private var optionUsage: [String] {
        var parts: [String] = []
        var shown: Set<String> = []
        let forms =
            visibleOptions.map { ($0.name, "--\($0.name) \($0.valueName)", $0.isRequired, $0.isRepeatable) }
            + visibleFlags.map { ($0.name, "--\($0.name)", false, false) }
        for (name, form, isRequired, isRepeatable) in forms where !shown.contains(name) {
            let group = verb.exclusive.first { $0.contains(name) } ?? [name]
            shown.formUnion(group)
            if group.count > 1 {
                let each = group.compactMap { member in forms.first { $0.0 == member }?.1 }
                parts.append("[\(each.joined(separator: " | "))]")
            } else {
                parts.append((isRequired ? form : "[\(form)]") + (isRepeatable ? "…" : ""))
            }
        }
        if let fields = verb.openFields { parts.append("[\(fields.usage)]…") }
        return parts
    }

    private var argumentUsage: [String] {
        verb.arguments.map { argument in
            let form = argument.name + (argument.isRepeating ? "…" : "")
            return argument.isRequired ? form : "[\(form)]"
        }
    }

    /// The verbs, under their sections in order of first appearance.
    private var subcommandBlocks: [[String]] {
        let visible = verb.subcommands.filter { !$0.isHidden }
        var sections: [String] = []
        for verb in visible where !sections.contains(verb.section) { sections.append(verb.section) }
        let indent = column(of: visible.map(\.name))
        return sections.map { section in
            let rows = visible.filter { $0.section == section }.map { ($0.name, $0.abstract) }
            return block(section.isEmpty ? "Verbs" : section, rows, column: indent) ?? []
        }
    }

    private var argumentBlock: [String]? {
        let rows = verb.arguments.map { ($0.name, $0.abstract + $0.kind.choiceNote) }
        return block("Arguments", rows, column: optionColumn)
    }

    private var optionBlock: [String]? {
        var rows = rows(visibleOptions, visibleFlags)
        if let fields = verb.openFields { rows.append((fields.usage, fields.abstract)) }
        return block("Options", rows, column: optionColumn)
    }

    private var globalBlock: [String]? {
        block("Global options", rows(GlobalOptions.options, GlobalOptions.flags), column: optionColumn)
    }

    /// One column for all blocks of options, so that they align.
    private var optionColumn: Int {
        let all = rows(visibleOptions + GlobalOptions.options, visibleFlags + GlobalOptions.flags)
        let fields = verb.openFields.map { [$0.usage] } ?? []
        return column(of: all.map(\.0) + verb.arguments.map(\.name) + fields)
    }

    private func rows(_ options: [Verb.Option], _ flags: [Verb.Flag]) -> [(String, String)] {
        options.map { ("--\($0.name) \($0.valueName)", $0.note) }
            + flags.map { flag in
                ((flag.letter.map { "-\($0), " } ?? "") + "--\(flag.name)", flag.abstract)
            }
    }

    private var exampleBlock: [String]? {
        guard !verb.examples.isEmpty else { return nil }
        var lines = [style.bold(verb.examples.count == 1 ? "Example:" : "Examples:")]
        for example in verb.examples {
            lines += TextWrapping.wrap(example.purpose, width: width - 4).map { style.dim("  # \($0)") }
            lines.append("  " + example.line)
        }
        return lines
    }

    /// Only the program's own help lists them.
    private var exitCodeBlock: [String]? {
        guard path.count == 1 else { return nil }
        return block("Exit codes", ExitCode.allCases.map { (String($0.rawValue), $0.summary) }, column: 6)
    }

    private func column(of names: [String]) -> Int {
        min(28, (names.map(\.count).max() ?? 0) + 4)
    }

    /// A heading and rows in two columns; a name that is too long gets a line of its own.
    private func block(_ title: String, _ rows: [(String, String)], column: Int) -> [String]? {
        guard !rows.isEmpty else { return nil }
        var lines = [style.bold(title + ":")]
        let blank = String(repeating: " ", count: column)
        for (name, note) in rows {
            var begin = "  " + name
            if begin.count + 2 > column {
                lines.append(begin)
                begin = blank
            } else {
                begin += String(repeating: " ", count: column - begin.count)
            }
            for line in TextWrapping.wrap(note, width: width - column) {
                lines.append(begin + line)
                begin = blank
            }
        }
        return lines
    }
}

extension Verb.ValueKind {
    /// The allowed words, for the end of a help line.
    var choiceNote: String {
        guard case .choice(let words) = self else { return "" }
        return " One of: \(words.joined(separator: ", "))."
    }
}

extension Verb.Option {
    /// The abstract, with choices, default and environment variable.
    var note: String {
        var note = abstract + kind.choiceNote
        if let defaultValue { note += " Default: \(defaultValue)." }
        if let environmentVariable { note += " Environment: \(environmentVariable)." }
        if isRepeatable { note += " May be repeated." }
        return note
    }
}

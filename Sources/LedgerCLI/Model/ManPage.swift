/// The manual page of a command, as roff with the macros of man(7).
struct ManPage {
    /// The command.
    let path: VerbPath
    /// Shown at the foot of the page.
    let version: String

    /// The file's name: `referral-ledger-import.1`.
    var fileName: String { "\(path.hyphenated).1" }

    private var verb: Verb { path.verb }
    private var program: Verb { path.verbs[0] }

    /// The whole page.
    var text: String {
        var page = """
            .\\" Made by: \(program.name) man
            .TH \(Self.quoted(path.hyphenated.uppercased())) 1 "" \(Self.quoted("\(program.name) \(version)")) \
            "User Commands"
            .SH NAME
            \(Self.escaped(path.hyphenated)) \\- \(Self.line(Self.asClause(verb.abstract)))
            .SH SYNOPSIS

            """
        page += synopsis
        if !verb.discussion.isEmpty { page += ".SH DESCRIPTION\n" + Self.paragraphs(verb.discussion) }
        page += verbs
        page += section(
            "ARGUMENTS", verb.arguments.map { (Self.italic($0.name), $0.abstract + $0.kind.choiceNote) })
        var options = rows(path.options, path.flags)
        if let fields = verb.openFields { options.append((Self.bold(fields.usage), fields.abstract)) }
        page += section("OPTIONS", options)
        page += section("GLOBAL OPTIONS", rows(GlobalOptions.options, GlobalOptions.flags))
        page += examples
        if path.verbs.count == 1 {
            page += section(
                "EXIT STATUS", ExitCode.allCases.map { (Self.bold("\($0.rawValue)"), $0.summary + ".") })
        }
        let names = (path.options + GlobalOptions.options).compactMap { option in
            option.environmentVariable.map { (Self.bold($0), "Used when --\(option.name) is not given.") }
        }
        page += section("ENVIRONMENT", names + [(Self.bold("NO_COLOR"), "When set, no colours are written.")])
        return page + seeAlso
    }

    private var synopsis: String {
        var words = [Self.bold(path.words)]
        if !path.subcommands.isEmpty { return words[0] + "\n" + Self.italic("VERB") + "\n\\&...\n" }
        for option in path.options {
            let form = "\(Self.bold("--\(option.name)")) \(Self.italic(option.valueName))"
            words.append((option.isRequired ? form : "[\(form)]") + (option.isRepeatable ? "..." : ""))
        }
        for flag in path.flags { words.append("[\(Self.bold("--\(flag.name)"))]") }
        if let fields = verb.openFields { words.append("[\(Self.bold(fields.usage))]...") }
        for argument in verb.arguments {
            let form = Self.italic(argument.name) + (argument.isRepeating ? "..." : "")
            words.append(argument.isRequired ? form : "[\(form)]")
        }
        return words.joined(separator: "\n") + "\n"
    }

    private var verbs: String {
        section("VERBS", path.subcommands.map { (Self.bold($0.name), $0.abstract) })
    }

    private var examples: String {
        guard !verb.examples.isEmpty else { return "" }
        var text = ".SH EXAMPLES\n"
        for example in verb.examples {
            text +=
                ".PP\n\(Self.line(example.purpose)):\n.PP\n.RS 4\n.nf\n\(Self.line(example.line))\n.fi\n.RE\n"
        }
        return text
    }

    /// The page above and those below.
    private var seeAlso: String {
        var pages = path.subcommands.map { "\(path.hyphenated)-\($0.name)" }
        if path.verbs.count > 1 { pages.insert(VerbPath(verbs: path.verbs.dropLast()).hyphenated, at: 0) }
        let last = pages.count - 1
        let lines = pages.enumerated().map { index, page in
            ".BR \(Self.escaped(page)) (1)\(index == last ? "" : ",")"
        }
        return ".SH SEE ALSO\n" + lines.joined(separator: "\n") + "\n"
    }

    private func rows(_ options: [Verb.Option], _ flags: [Verb.Flag]) -> [(String, String)] {
        options.map { ("\(Self.bold("--\($0.name)")) \(Self.italic($0.valueName))", $0.note) }
            + flags.map { flag in
                let letter = flag.letter.map { Self.bold("-\($0)") + ", " } ?? ""
                return (letter + Self.bold("--\(flag.name)"), flag.abstract)
            }
    }

    private func section(_ title: String, _ rows: [(String, String)]) -> String {
        guard !rows.isEmpty else { return "" }
        return ".SH \(title)\n" + rows.map { ".TP\n\($0.0)\n\(Self.line($0.1))\n" }.joined()
    }

    // MARK: Roff

    /// Paragraphs; lines that begin with a blank stay as they are.
    private static func paragraphs(_ text: String) -> String {
        var out = ""
        var isKept = false
        for part in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let keeps = part.hasPrefix(" ")
            if keeps != isKept { out += keeps ? ".PP\n.nf\n" : ".fi\n" }
            isKept = keeps
            out += part.isEmpty ? ".PP\n" : line(String(part)) + "\n"
        }
        return isKept ? out + ".fi\n" : out
    }

    /// Without the full stop, with a small first letter unless a name begins it.
    private static func asClause(_ sentence: String) -> String {
        let clause = sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
        return clause.prefix(1).lowercased() + clause.dropFirst()
    }

    private static func bold(_ text: String) -> String { "\\fB\(escaped(text))\\fR" }
    private static func italic(_ text: String) -> String { "\\fI\(escaped(text))\\fR" }
    private static func quoted(_ text: String) -> String { "\"\(escaped(text))\"" }

    /// Text at the begin of a line, where a dot or an apostrophe would make it a request.
    private static func line(_ text: String) -> String {
        let escaped = escaped(text)
        return escaped.hasPrefix(".") || escaped.hasPrefix("'") || escaped.hasPrefix("\\(aq")
            ? "\\&" + escaped : escaped
    }

    /// Text that roff shows as it is; whatever is not ASCII by its number.
    private static func escaped(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": out += "\\e"
            case "-": out += "\\-"
            case "'": out += "\\(aq"
            case "\"": out += "\\(dq"
            case "`": out += "\\(ga"
            case "^": out += "\\(ha"
            case "~": out += "\\(ti"
            case " "..."~": out.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                out += "\\[u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "]"
            }
        }
        return out
    }
}

/// The completion script for zsh, made from the model.
struct ZshCompletion {
    let root: Verb

    /// The whole script: `_referral-ledger`, to be put into a folder of `fpath`.
    var text: String {
        var text = """
            #compdef \(root.name)
            # zsh completion for \(root.name); made by: \(root.name) completions zsh
            # Put it as _\(root.name) into a folder of fpath, or source it after compinit.


            """
        for path in VerbPath(verbs: [root]).all { text += function(path) + "\n" }
        // Sourced it registers itself; from fpath it is run at its first use.
        return text + """
            if [ "$funcstack[1]" = "_\(root.name)" ]; then
                _\(root.name) "$@"
            else
                compdef _\(root.name) \(root.name)
            fi

            """
    }

    private func function(_ path: VerbPath) -> String {
        var specs =
            (path.options + GlobalOptions.options).map(spec)
            + (path.flags + GlobalOptions.flags).flatMap(spec)
        let isGroup = !path.subcommands.isEmpty
        if isGroup {
            specs += ["'1: :->verb'", "'*:: :->rest'"]
        } else {
            for (index, argument) in path.verb.arguments.enumerated() {
                let place = argument.isRepeating ? "*" : "\(index + 1)"
                let optional = argument.isRequired || argument.isRepeating ? ":" : "::"
                specs.append("'\(place)\(optional)\(argument.name):\(action(argument.kind))'")
            }
            // Fields are not declared: any is taken, with its value.
            if path.verb.openFields != nil { specs.append("'*: :_default'") }
        }
        var text = "_\(path.hyphenated)() {\n"
        if isGroup { text += "    local curcontext=\"$curcontext\" state line\n    typeset -A opt_args\n" }
        if let fields = path.verb.openFields { text += openFields(fields) }
        text += "    _arguments \(isGroup ? "-C " : "")-s"
        for spec in specs { text += " \\\n        \(spec)" }
        text += "\n"
        if isGroup { text += states(path) }
        return text + "}\n"
    }

    /// The verbs of a group, and what each of them completes.
    private func states(_ path: VerbPath) -> String {
        var text = "    case $state in\n        verb)\n            local -a verbs\n            verbs=(\n"
        for verb in path.subcommands {
            text += "                '\(verb.name):\(Self.quoted(verb.abstract, escaping: ":\\"))'\n"
        }
        text += "            )\n            _describe -t verbs verb verbs\n            ;;\n        rest)\n"
        text += "            case $line[1] in\n"
        for verb in path.subcommands {
            text += "                \(verb.name)) _\(path.hyphenated)-\(verb.name) ;;\n"
        }
        return text + "            esac\n            ;;\n    esac\n"
    }

    /// Offers the fields of the type that stands before the cursor.
    private func openFields(_ fields: Verb.OpenFields) -> String {
        guard !fields.names.isEmpty else { return "" }
        var text = "    if [[ $PREFIX == -* ]]; then\n        case $words[2] in\n"
        for (word, names) in fields.names {
            text += "            \(word)) compadd -- \(names.map { "--\($0)" }.joined(separator: " ")) ;;\n"
        }
        return text + "        esac\n    fi\n"
    }

    private func spec(_ option: Verb.Option) -> String {
        let note = Self.quoted(option.abstract, escaping: "[]:\\")
        let star = option.isRepeatable ? "*" : ""
        return "'\(star)--\(option.name)=[\(note)]:\(option.valueName):\(action(option.kind))'"
    }

    private func spec(_ flag: Verb.Flag) -> [String] {
        let note = Self.quoted(flag.abstract, escaping: "[]:\\")
        let names = (flag.letter.map { ["-\($0)"] } ?? []) + ["--\(flag.name)"]
        let others = names.joined(separator: " ")
        return names.map { "'(\(others))\($0)[\(note)]'" }
    }

    private func action(_ kind: Verb.ValueKind) -> String {
        switch kind {
        case .choice(let words): "(\(words.joined(separator: " ")))"
        case .file: "_files"
        case .directory: "_files -/"
        case .text, .integer: " "
        }
    }

    /// For the inside of single quotes.
    private static func quoted(_ text: String, escaping special: String) -> String {
        var out = ""
        for character in text {
            if special.contains(character) { out.append("\\") }
            if character == "'" { out += "'\\''" } else { out.append(character) }
        }
        return out
    }
}

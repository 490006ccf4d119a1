/// The completion script for fish 3, made from the model.
struct FishCompletion {
    let root: Verb

    private var paths: [VerbPath] { VerbPath(verbs: [root]).all }
    private var function: String { "__fish_" + root.name.replacing("-", with: "_") + "_path" }

    /// The whole script: `referral-ledger.fish`, to be put into a folder of `fish_complete_path`.
    var text: String {
        var text = """
            # fish completion for \(root.name); made by: \(root.name) completions fish
            # Put it into ~/.config/fish/completions, or source it.

            \(walker)
            complete -c \(root.name) -f

            """
        for option in GlobalOptions.options { text += line(nil, option) }
        for flag in GlobalOptions.flags { text += line(nil, flag) }
        for path in paths {
            text += "\n# \(path.words)\n"
            for verb in path.subcommands {
                text +=
                    "complete -c \(root.name)\(condition(path)) -a \(verb.name) -d '\(quoted(verb.abstract))'\n"
            }
            for option in path.options { text += line(path, option) }
            for flag in path.flags { text += line(path, flag) }
            text += arguments(path)
            for (word, names) in path.verb.openFields?.names ?? [] {
                for name in names {
                    let test = "\(function) '\(path.words)' \(word)"
                    text += "complete -c \(root.name) -n \"\(test)\" -x -l \(name)\n"
                }
            }
        }
        return text
    }

    /// Prints, or compares, the verbs before the cursor and how many arguments follow them.
    private var walker: String {
        let valued = Set(paths.flatMap { $0.options.map(\.name) } + GlobalOptions.options.map(\.name))
            .sorted()
        let groups = paths.filter { !$0.subcommands.isEmpty }
        var cases = ""
        for path in groups {
            cases += "                case '\(path.words)'\n"
            cases +=
                "                    contains -- $word \(path.subcommands.map(\.name).joined(separator: " "))"
            cases += "; and set path \"$path $word\"; and continue\n"
        }
        return """
            # True when the verbs on the command line are those of the first argument. The second, when given, is
            # the word that must stand first behind them, or with # the number of words behind them.
            function \(function)
                set -l path \(root.name)
                set -l skip 0
                set -l rest
                for word in (commandline -opc)[2..-1]
                    if test $skip = 1
                        set skip 0
                        continue
                    end
                    switch $word
                        case '--*=*'
                            continue
                        case '--*'
                            contains -- (string sub -s 3 -- $word) \(valued.joined(separator: " ")); and set skip 1
                            continue
                        case '-?*'
                            continue
                    end
                    switch $path
            \(cases)            end
                    set -a rest $word
                end
                test "$path" = "$argv[1]"; or return 1
                switch "$argv[2]"
                    case ''
                        return 0
                    case '#*'
                        test (count $rest) -ge (string sub -s 2 -- $argv[2]); or return 1
                        test "$argv[3]" = more; or test (count $rest) -eq (string sub -s 2 -- $argv[2])
                    case '*'
                        test "$rest[1]" = "$argv[2]"
                end
            end

            """
    }

    private func condition(_ path: VerbPath?, _ more: String = "") -> String {
        guard let path else { return "" }
        return " -n \"\(function) '\(path.words)'\(more)\""
    }

    private func line(_ path: VerbPath?, _ option: Verb.Option) -> String {
        "complete -c \(root.name)\(condition(path)) -l \(option.name) \(values(option.kind))"
            + " -d '\(quoted(option.abstract))'\n"
    }

    private func line(_ path: VerbPath?, _ flag: Verb.Flag) -> String {
        let letter = flag.letter.map { " -s \($0)" } ?? ""
        return
            "complete -c \(root.name)\(condition(path))\(letter) -l \(flag.name) -d '\(quoted(flag.abstract))'\n"
    }

    private func arguments(_ path: VerbPath) -> String {
        var text = ""
        for (index, argument) in path.verb.arguments.enumerated() {
            let place = condition(path, " '#\(index)'" + (argument.isRepeating ? " more" : ""))
            switch argument.kind {
            case .choice(let words):
                text += "complete -c \(root.name)\(place) -a '\(words.joined(separator: " "))'\n"
            case .file: text += "complete -c \(root.name)\(place) -F\n"
            case .directory:
                text +=
                    "complete -c \(root.name)\(place) -a '(__fish_complete_directories (commandline -ct))'\n"
            case .text, .integer: break
            }
        }
        return text
    }

    private func values(_ kind: Verb.ValueKind) -> String {
        switch kind {
        case .choice(let words): "-x -a '\(words.joined(separator: " "))'"
        case .file: "-r -F"
        case .directory: "-x -a '(__fish_complete_directories (commandline -ct))'"
        case .text, .integer: "-x"
        }
    }

    /// For the inside of single quotes.
    private func quoted(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
    }
}

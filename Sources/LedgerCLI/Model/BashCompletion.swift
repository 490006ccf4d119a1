/// The completion script for bash 4 and later, made from the model. It needs no other package.
struct BashCompletion {
    let root: Verb

    private var paths: [VerbPath] { VerbPath(verbs: [root]).all }
    private var function: String { "_" + root.name.replacing("-", with: "_") }

    /// The whole script.
    var text: String {
        """
        # bash completion for \(root.name); made by: \(root.name) completions bash
        # Source it from ~/.bashrc, or put it under /usr/share/bash-completion/completions.

        \(words)
        \(driver)
        complete -F \(function) \(root.name)

        """
    }

    /// What can follow, by what stands before: one table each for verbs, options and values.
    private var words: String {
        var verbs: [(String, String)] = []
        var options: [(String, String)] = []
        var values: [(String, String)] = []
        var arguments: [(String, String)] = []
        for path in paths {
            verbs +=
                path.subcommands.isEmpty
                ? [] : [(path.words, path.subcommands.map(\.name).joined(separator: " "))]
            let names =
                (path.options + GlobalOptions.options).map(\.name)
                + (path.flags + GlobalOptions.flags).map(\.name)
            options.append((path.words, names.map { "--\($0)" }.joined(separator: " ")))
            for option in path.options {
                values.append(("\(path.words) --\(option.name)", reply(option.kind)))
            }
            for (index, argument) in path.verb.arguments.enumerated() {
                let place = argument.isRepeating ? "*" : "\(index)"
                arguments.append(("\(path.words) \(place)", reply(argument.kind)))
            }
            for (word, names) in path.verb.openFields?.names ?? [] {
                options.append(("\(path.words) \(word)", names.map { "--\($0)" }.joined(separator: " ")))
            }
        }
        values += GlobalOptions.options.map { ("* --\($0.name)", reply($0.kind)) }
        return table("verbs", verbs) + table("options", options) + table("values", values)
            + table("arguments", arguments)
    }

    /// A function that prints the row of a key: the words themselves, or `<file>`, `<directory>`, `<any>`.
    private func table(_ name: String, _ rows: [(String, String)]) -> String {
        var text = "\(function)_\(name)() {\n    case $1 in\n"
        for (key, row) in rows {
            var pattern = "'\(key)'"
            // A star at either end stands for any words.
            if key.hasPrefix("*") { pattern = "*'\(key.dropFirst())'" }
            if key.hasSuffix("*") { pattern = "'\(key.dropLast())'*" }
            text += "        \(pattern)) printf '%s' '\(row)' ;;\n"
        }
        return text + "        *) return 1 ;;\n    esac\n}\n\n"
    }

    private func reply(_ kind: Verb.ValueKind) -> String {
        switch kind {
        case .choice(let words): words.joined(separator: " ")
        case .file: "<file>"
        case .directory: "<directory>"
        case .text, .integer: "<any>"
        }
    }

    /// Walks the words before the cursor and completes the one at it. `=` parts words where
    /// `COMP_WORDBREAKS` holds it.
    private var driver: String {
        #"""
        FUNCTION_reply() {
            local IFS=$' \t\n'
            case $1 in
                '<file>')
                    compopt -o filenames 2>/dev/null
                    mapfile -t COMPREPLY < <(compgen -f -- "$2")
                    ;;
                '<directory>')
                    compopt -o filenames 2>/dev/null
                    mapfile -t COMPREPLY < <(compgen -d -- "$2")
                    ;;
                '<any>') ;;
                *) mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2") ;;
            esac
        }

        FUNCTION() {
            local cur=${COMP_WORDS[COMP_CWORD]} path='PROGRAM' option='' word='' first='' ended='' count=0 i=1 row=''
            COMPREPLY=()
            [ "$cur" != = ] || cur=''
            while [ "$i" -lt "$COMP_CWORD" ]; do
                word=${COMP_WORDS[i]}
                i=$((i + 1))
                if [ -z "$ended" ] && [ "$word" = -- ]; then
                    ended=1
                elif [ -z "$ended" ] && [[ $word == --* && $word != *=* ]]; then
                    FUNCTION_values "$path $word" >/dev/null || [ "${COMP_WORDS[i]}" = = ] || continue
                    [ "$i" -ge "$COMP_CWORD" ] || [ "${COMP_WORDS[i]}" != = ] || i=$((i + 1))
                    [ "$i" -lt "$COMP_CWORD" ] || option=$word
                    i=$((i + 1))
                elif [ -z "$ended" ] && [[ $word == -?* ]]; then
                    :
                elif FUNCTION_options "$path $word" >/dev/null && FUNCTION_verbs "$path" >/dev/null; then
                    path="$path $word"
                else
                    [ -n "$first" ] || first=$word
                    count=$((count + 1))
                fi
            done
            if [ -z "$ended" ] && [[ $cur == --*=* ]]; then
                option=${cur%%=*}
                cur=${cur#*=}
                row=$(FUNCTION_values "$path $option") || return 0
                FUNCTION_reply "$row" "$cur"
                # The word is completed as a whole here.
                COMPREPLY=("${COMPREPLY[@]/#/$option=}")
            elif [ -n "$option" ]; then
                row=$(FUNCTION_values "$path $option") || return 0
                FUNCTION_reply "$row" "$cur"
            elif [ -z "$ended" ] && [[ $cur == -* ]]; then
                row=$(FUNCTION_options "$path")
                [ -z "$first" ] || row="$row $(FUNCTION_options "$path $first")"
                FUNCTION_reply "$row" "$cur"
            elif row=$(FUNCTION_verbs "$path"); then
                FUNCTION_reply "$row" "$cur"
            elif row=$(FUNCTION_arguments "$path $count"); then
                FUNCTION_reply "$row" "$cur"
            fi
        }
        """#.replacing("FUNCTION", with: function).replacing("PROGRAM", with: root.name)
    }
}

/// What a verb gets to work with.
struct Invocation {
    /// Its arguments, checked.
    let parsed: ParsedVerb
    /// Where data, messages and progress go.
    let output: Output
    /// The variables it may look at.
    let environment: Environment
}

/// The program around the verbs: parses, shows help, runs one verb, reports its error, gives the exit code.
struct CommandLineTool {
    /// The whole tree; its name is the program's.
    let root: Verb
    /// Shown by `--version`.
    let version: String
    /// The variables the program may look at.
    let environment: Environment

    /// The program that `root` describes.
    init(root: Verb, version: String, environment: Environment = .process) {
        self.root = root
        self.version = version
        self.environment = environment
    }

    /// Runs the words after the program's name and flushes the output.
    ///
    /// Returns rather than ends the process, so that a test can call it. A write that failed turns a good end
    /// into `inputOutput`; a reader that went away (`| head`) does not.
    func run(_ words: [String], output: Output) -> ExitCode {
        let code: ExitCode
        do throws(CLIError) {
            code = try dispatch(words, output: output)
        } catch {
            Signals.standStillWhenStopped()
            output.error(error.report(program: root.name))
            code = error.exitCode
        }
        Signals.standStillWhenStopped()
        return output.finish(code)
    }

    private func dispatch(_ words: [String], output: Output) throws(CLIError) -> ExitCode {
        guard !words.isEmpty else {
            // A bare call is a question, yet not a success: a script that lost its arguments must notice.
            output.error(HelpText(path: [root], style: output.errorStyle).text)
            return .usage
        }
        switch try CommandLineParser(root: root, environment: environment).parse(words) {
        case .help(let path):
            output.write(HelpText(path: path, style: output.style).text)
            return .done
        case .version:
            output.write("\(root.name) \(version)\n")
            return .done
        case .run(let parsed):
            guard let action = parsed.verb.action else {
                preconditionFailure("the parser returns verbs only")
            }
            output.isQuiet = parsed.flag("quiet")
            return try action(Invocation(parsed: parsed, output: output, environment: environment))
        }
    }
}

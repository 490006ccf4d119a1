import Glibc
import Testing

@testable import LedgerCLI

@Suite struct CommandLineToolTests {
    private func tool(_ action: @escaping Verb.Action = Sample.verb) -> CommandLineTool {
        let root = Verb(
            "referral-ledger", abstract: "A ledger.", examples: [],
            subcommands: [
                Verb("go", abstract: "Goes.", examples: [], action: action)
            ])
        return CommandLineTool(root: root, version: "1.2.3", environment: Environment([:]))
    }

    @Test func runsAVerb() {
        let captured = CapturedOutput()
        #expect(tool().run(["go"], output: captured.output) == .done)
        #expect(captured.text == "referral-ledger go\n")
        #expect(captured.errorText == "")
    }

    @Test func helpAndVersionAreData() {
        let captured = CapturedOutput()
        #expect(tool().run(["--version"], output: captured.output) == .done)
        #expect(captured.text == "referral-ledger 1.2.3\n")
        #expect(tool().run(["go", "--help"], output: captured.output) == .done)
        #expect(captured.text.hasPrefix("Goes.\n\nUsage: referral-ledger go\n"))
        #expect(captured.errorText == "")
    }

    @Test func aBareCallIsAUsageErrorThatShowsTheHelp() {
        let captured = CapturedOutput()
        #expect(tool().run([], output: captured.output) == .usage)
        #expect(captured.text == "")
        #expect(captured.errorText.hasPrefix("A ledger.\n\nUsage: referral-ledger VERB"))
    }

    @Test func mistakesGoToStderrWithoutControlCharacters() {
        let captured = CapturedOutput()
        #expect(tool().run(["gp\u{1B}"], output: captured.output) == .usage)
        #expect(captured.text == "")
        #expect(
            captured.errorText == """
                referral-ledger: unknown verb 'gp\\u{1b}'
                  Try 'referral-ledger --help'.

                """)
    }

    @Test func aVerbsErrorDecidesTheCode() {
        let captured = CapturedOutput()
        let failing = tool { (_) throws(CLIError) in throw CLIError(.broken, "position 7: bad checksum") }
        #expect(failing.run(["go"], output: captured.output) == .broken)
        #expect(captured.errorText == "referral-ledger: position 7: bad checksum\n")
    }

    @Test func quietSilencesMessagesButNotErrors() {
        let captured = CapturedOutput()
        let talking = tool { (invocation) throws(CLIError) in
            invocation.output.message("hello")
            throw CLIError(.busy, "later")
        }
        #expect(talking.run(["go"], output: captured.output) == .busy)
        #expect(captured.errorText == "hello\nreferral-ledger: later\n")
        #expect(talking.run(["go", "--quiet"], output: captured.output) == .busy)
        #expect(captured.errorText == "referral-ledger: later\n")
    }

    @Test func aGoneReaderIsNoError() {
        let captured = CapturedOutput()
        captured.closeReader()
        let writing = tool { (invocation) throws(CLIError) in
            invocation.output.write([UInt8](repeating: 65, count: 200_000))
            #expect(invocation.output.isReaderGone)
            invocation.output.line("dropped")
            return .differences
        }
        #expect(writing.run(["go"], output: captured.output) == .differences)
        #expect(captured.errorText == "")
    }

    @Test(arguments: [
        (ExitCode.done, ExitCode.inputOutput), (.differences, .inputOutput), (.broken, .broken),
    ])
    func aFullDiskIsAnError(code: ExitCode, expected: ExitCode) throws {
        let full = open("/dev/full", O_WRONLY | O_CLOEXEC)
        try #require(full >= 0)
        let sink = open("/dev/null", O_WRONLY | O_CLOEXEC)
        defer {
            close(full)
            close(sink)
        }
        let output = Output(data: full, errors: sink, environment: Environment([:]))
        let writing = tool { (invocation) throws(CLIError) in
            invocation.output.line("lost")
            return code
        }
        #expect(writing.run(["go"], output: output) == expected)
        #expect(output.failure == ENOSPC)
        #expect(!output.isReaderGone)
    }

    @Test func theExitCodesAreThoseOfTheSpecification() {
        #expect(ExitCode.allCases.map(\.rawValue) == [0, 1, 64, 65, 66, 70, 74, 75, 76])
    }
}

@Suite(.serialized) struct SignalTests {
    @Test func theFirstSignalAsksAndTheSecondIsTheDefault() {
        Signals.reset()
        Signals.catchStopRequests()
        defer {
            Signals.reset()
            signal(SIGINT, SIG_DFL)
            signal(SIGTERM, SIG_DFL)
        }
        #expect(!Signals.isStopRequested)
        // The runner's threads block signals; `raise` goes to this very thread.
        var interrupt = sigset_t()
        var before = sigset_t()
        sigemptyset(&interrupt)
        sigaddset(&interrupt, SIGINT)
        pthread_sigmask(SIG_UNBLOCK, &interrupt, &before)
        raise(SIGINT)
        pthread_sigmask(SIG_SETMASK, &before, nil)
        #expect(Signals.isStopRequested)
        var action = sigaction()
        sigaction(SIGINT, nil, &action)
        #expect(action.__sigaction_handler.sa_handler == nil, "the default must be back")
    }
}

// ledger-bench: our side of the benchmark's rows. Driven by `scripts/bench`, which puts the C yardsticks and the
// peers beside it. One command does one measurement in one process and prints one JSON object.
import Glibc

do throws(BenchFailure) {
    guard let command = BenchCommand.named(CommandLine.arguments.dropFirst().first ?? "") else {
        print(BenchCommand.usage)
        exit(64)
    }
    let arguments = try BenchArguments(Array(CommandLine.arguments.dropFirst(2)), of: command)
    print(try command.run(arguments).json)
} catch {
    print(Figures([("error", .text(error.message))]).json)
    exit(70)
}

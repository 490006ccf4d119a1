import Glibc

/// Why a measurement is none.
struct BenchFailure: Error {
    let message: String
    init(_ message: String) { self.message = message }
}

/// Runs what throws anything, and turns it into a failure of the measurement.
func measured<R>(_ body: () throws -> R) throws(BenchFailure) -> R {
    do { return try body() } catch let failure as BenchFailure { throw failure } catch {
        throw BenchFailure("\(error)")
    }
}

/// One measurement: its name, what it takes, what it does.
struct BenchCommand: Sendable {
    let name: String
    /// Words after the name; those ending in `?` are optional numbers.
    let parameters: [String]
    let summary: String
    let run: @Sendable (BenchArguments) throws(BenchFailure) -> Figures

    static let all: [BenchCommand] =
        PopulateRows.commands + AppendRows.commands + RebuildRows.commands + ReadRows.commands
        + MemoryRows.commands + ImportRows.commands + GrowthRows.commands + TreeLagRows.commands
        + GuardWork.commands

    static func named(_ name: String) -> BenchCommand? { all.first { $0.name == name } }

    static var usage: String {
        var lines = ["usage: ledger-bench COMMAND …"]
        for command in all {
            let call = ([command.name] + command.parameters).joined(separator: " ")
            lines.append(
                "  " + call + String(repeating: " ", count: max(1, 46 - call.utf8.count)) + command.summary)
        }
        return lines.joined(separator: "\n")
    }
}

/// The words of a call, checked against what the command takes.
struct BenchArguments {
    private let words: [String]
    private let parameters: [String]

    init(_ words: [String], of command: BenchCommand) throws(BenchFailure) {
        let required = command.parameters.count { !$0.hasSuffix("?") }
        guard required...command.parameters.count ~= words.count else {
            throw BenchFailure("usage: \(command.name) \(command.parameters.joined(separator: " "))")
        }
        self.words = words
        parameters = command.parameters
    }

    func text(_ index: Int) -> String { words[index] }

    func count(_ index: Int, or fallback: Int? = nil) throws(BenchFailure) -> Int {
        if index >= words.count, let fallback { return fallback }
        guard index < words.count, let number = Int(words[index]), number >= 0 else {
            throw BenchFailure("\(parameters[index]) is not a number ≥ 0")
        }
        return number
    }
}

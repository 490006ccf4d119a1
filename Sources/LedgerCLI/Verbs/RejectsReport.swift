import LedgerExchange
import LedgerSocket
import StrictJSON

/// A line of an import that was not done.
struct Reject {
    /// From 1. Of a CSV row: the line on which it begins.
    let number: UInt64
    /// A stable code.
    let code: String
    /// The field at fault, where there is one.
    let field: String?
    /// One sentence.
    let reason: String
    /// The line itself; empty unless texts are kept.
    let text: [UInt8]

    /// One that this process met.
    init(_ line: RejectedLine) {
        (number, code, field, reason, text) = (line.number, line.code, line.field, line.reason, line.text)
    }

    /// One that the process which writes the ledger met.
    init(_ line: ForwardedReject) {
        (number, code, field, reason, text) = (line.number, line.code, line.field, line.reason, line.text)
    }
}

/// Where refused lines go: the first few to stderr, all of them to a file if one is named.
final class RejectsReport {
    private let output: Output
    private let limit: Int
    private var file: OutputFile?
    private var count = 0
    private var writer = JSONWriter()
    /// Whether the lines' texts are needed.
    let wantsTexts: Bool

    init(_ invocation: Invocation, limit: Int) throws(CLIError) {
        output = invocation.output
        self.limit = limit
        let name = invocation.parsed.string("rejects")
        wantsTexts = name != nil
        // A run that goes on after an earlier one, which does not decide its lines again, keeps what that one wrote.
        let parsed = invocation.parsed
        let isWhole = parsed.flag("retry-refused") || parsed.flag("dry-run")
        file = try name.map { name throws(CLIError) in try OutputFile(name, appending: !isWhole) }
    }

    func add(_ line: Reject, file name: String) {
        count += 1
        if count <= limit {
            let field = line.field.map { " (\($0))" } ?? ""
            let text = "\(name): line \(line.number): \(line.code)\(field): \(line.reason)"
            output.message(DisplayText.safe(text))
        } else if count == limit + 1, !wantsTexts {
            output.message("… further refused lines are not shown; --rejects FILE keeps them all")
        }
        guard wantsTexts else { return }
        writer.removeAll()
        writer.beginObject()
        writer.member("file", name)
        writer.member("line", line.number)
        writer.member("code", line.code)
        if let field = line.field { writer.member("field", field) }
        writer.member("reason", line.reason)
        // What is no UTF-8 shows as U+FFFD.
        writer.member("text", String(decoding: line.text, as: UTF8.self))
        writer.endObject()
        writer.endLine()
        file?.write(writer.bytes)
    }

    /// Closes the file.
    func finish() throws(CLIError) {
        guard let open = file.take() else { return }
        try open.finish()
    }
}

import LedgerExchange
import ReferralLedger

extension ExportVerb {
    /// Writes the commands that made the ledger.
    static func writeLines(_ invocation: Invocation) throws(CLIError) -> ExitCode {
        if invocation.programme != nil {
            throw .usage("'--programme' is not for jsonl: its lines are those of the whole ledger")
        }
        if invocation.parsed.isGiven("effective") {
            throw .usage(
                "'--effective' is not for jsonl: commands are decided in the order of the log",
                hint: "--at gives the commands up to a past state.")
        }
        return try invocation.withHistory { history throws(CLIError) in
            let output = invocation.output
            let end = history.position
            var progress = Progress("export", unit: "events", total: Int(end.rawValue), output: output)
            var export = JSONLinesExport(history)
            do throws(JSONLinesExport.Failure) {
                try export.write(onProgress: { progress.update(Int($0.rawValue)) }) { bytes in
                    output.write(bytes)
                    return !output.isReaderGone
                }
            } catch {
                progress.finish()
                switch error {
                case .ledger(let error): throw CLIError(error)
                case .unnamedAsset(let position):
                    throw CLIError(
                        .broken, "an amount has no known currency or unit (position \(position))")
                }
            }
            progress.finish()
            if export.unopened > 0 {
                output.message(
                    "\(Plural.text(export.unopened, "piece")) of sealed data left out: erased, or no keys.")
            }
            return .done
        }
    }
}

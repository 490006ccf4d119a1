import ReferralLedger
import StrictJSON

/// `export --format tiles`: the log as static files.
enum ExportTiles {
    static func run(_ invocation: Invocation) throws(CLIError) -> ExitCode {
        guard let folder = invocation.parsed.string("out") else {
            throw .usage("tiles are files: name their folder with --out DIR")
        }
        guard ["at", "effective", "programme"].allSatisfy({ invocation.parsed.string($0) == nil }) else {
            throw .usage("tiles hold the whole log, as of the checkpoint signed last")
        }
        return try invocation.withProver { prover throws(CLIError) in
            let note = try calling { () throws(LedgerError) in try prover.published() }
            let progress = ProgressCell("export", unit: "records", total: Int(prover.size), invocation.output)
            let report: TileExportReport
            do throws(LedgerError) {
                report = try prover.writeTiles(
                    to: folder, checkpoint: note, progress: { progress.update($0) })
            } catch {
                progress.finish()
                throw CLIError(error)
            }
            progress.finish()
            if invocation.isJSON {
                try invocation.output.json { json throws(CLIError) in
                    json.member("directory", folder)
                    json.member("size", report.size)
                    json.member("root", report.root)
                    json.member("files", report.files)
                    json.member("signed", report.isSigned)
                }
            } else {
                invocation.output.line(
                    "\(Plural.text(report.files, "file")) written to \(folder): \(report.size) records, root \(report.root)."
                )
                if !report.isSigned {
                    invocation.output.message(
                        "No checkpoint among them: none was signed yet ('referral-ledger checkpoint sign').")
                }
            }
            return .done
        }
    }
}

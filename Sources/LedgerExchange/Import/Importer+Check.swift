extension Importer {
    /// Decodes all lines of a source and records nothing.
    ///
    /// - Parameter onReject: told of each line that cannot be decoded, with its text.
    /// - Returns: how many lines are commands, and how many are none.
    public static func check(
        _ source: inout some CommandSource, onReject: (RejectedLine) -> Void
    ) throws(ImportFailure) -> (sound: UInt64, refused: UInt64) {
        var counts: (sound: UInt64, refused: UInt64) = (0, 0)
        do throws(ReadProblem) {
            while let line = try source.next() {
                switch line.result {
                case .success: counts.sound += 1
                case .failure(let problem):
                    counts.refused += 1
                    onReject(RejectedLine(line.number, problem, Array(source.text)))
                }
            }
        } catch {
            throw .read(error)
        }
        return counts
    }
}

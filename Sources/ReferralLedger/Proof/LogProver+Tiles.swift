import Glibc
import LedgerDomain
import LedgerLog
import LedgerProof

/// What an export of tiles wrote.
public struct TileExportReport: Sendable, Equatable {
    /// Records in the tree that was written.
    public internal(set) var size: UInt64 = 0
    /// Its root, hexadecimal.
    public internal(set) var root = ""
    /// Files written now; full tiles that were there already are left as they are.
    public internal(set) var files = 0
    /// Whether a signed checkpoint was written beside them.
    public internal(set) var isSigned = false
}

extension LogProver {
    /// Writes the log as static files that any web server can serve: C2SP tlog-tiles.
    ///
    /// `checkpoint`, `tile/L/N[.p/W]` (hashes), `tile/entries/N[.p/W]` (the stored values). A full tile never changes, so a
    /// further export into the same folder writes only what is new; the checkpoint comes last. A bundle with a value of more
    /// than 65,535 bytes does not fit the format: its values go to `tile/records/N[.p/W]`, with lengths of 32 bits.
    ///
    /// - Parameters:
    ///   - checkpoint: which tree; nil: the tree as it is, and no checkpoint is written.
    ///   - progress: told the records done now and then.
    /// - Throws: `broken` when the checkpoint is not one of this log.
    public func writeTiles(
        to folder: String, checkpoint: SignedNote?, progress: (UInt64) -> Void = { _ in }
    ) throws(LedgerError) -> TileExportReport {
        var report = TileExportReport()
        report.size = try checkpoint.map { note throws(LedgerError) in try head(of: note).size } ?? size
        report.root = try root(at: report.size)?.hex ?? ""
        var (level, entries) = (0, report.size)
        while entries > 0 {
            for index in 0..<(entries + 255) / 256 {
                let width = Int(min(256, entries - index * 256))
                let path = Self.tilePath(folder + "/tile/\(level)", index, width)
                if width < 256 || !Self.holds(path, bytes: 8_192) {
                    let hashes = try proving { () throws(LogError) in
                        try tree.withTree { tree throws(LogError) in
                            try tree.tile(level: level, index: index)
                        }
                    }
                    try Self.put(path, hashes.prefix(width).flatMap(\.bytes))
                    report.files += 1
                }
                if level == 0 {
                    report.files += try writeEntries(folder, index, width)
                    progress(index * 256 + UInt64(width))
                }
            }
            entries >>= 8
            level += 1
        }
        if let checkpoint {
            try SmallFile.replace(folder + "/checkpoint", Array("\(checkpoint)".utf8), mode: 0o644)
            report.files += 1
            report.isSigned = true
        }
        return report
    }

    private func writeEntries(_ folder: String, _ index: UInt64, _ width: Int) throws(LedgerError) -> Int {
        let path = Self.tilePath(folder + "/tile/entries", index, width)
        let long = Self.tilePath(folder + "/tile/records", index, width)
        if width == 256, Self.holds(path, bytes: nil) || Self.holds(long, bytes: nil) { return 0 }
        var values: [[UInt8]] = []
        try proving { () throws(LogError) in
            let base = try tree.withTree { tree throws(LogError) in try tree.base(ofTile: index) }
            _ = unsafe try store.scan(after: LogPosition(base - 1)) { record, _ throws(LogError) in
                values.append(unsafe Array(record))
                return values.count < width
            }
        }
        guard values.count == width else {
            throw LedgerError(.broken, "the log ends inside tile \(index) of its hash tree")
        }
        let isShort = values.allSatisfy { $0.count <= Int(UInt16.max) }
        var bytes: [UInt8] = []
        for value in values {
            for shift in (0..<(isShort ? 2 : 4)).reversed() {
                bytes.append(UInt8(truncatingIfNeeded: value.count >> (8 * shift)))
            }
            bytes += value
        }
        try Self.put(isShort ? path : long, bytes)
        return 1
    }

    /// `x001/x234/067`, and `.p/W` of a partial one.
    static func tilePath(_ folder: String, _ index: UInt64, _ width: Int) -> String {
        func digits(_ number: UInt64) -> String {
            let text = String(number)
            return String(repeating: "0", count: 3 - text.utf8.count) + text
        }
        var path = digits(index % 1_000)
        var rest = index / 1_000
        while rest > 0 {
            path = "x" + digits(rest % 1_000) + "/" + path
            rest /= 1_000
        }
        return "\(folder)/\(path)" + (width < 256 ? ".p/\(width)" : "")
    }

    private static func holds(_ path: String, bytes: Int?) -> Bool {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return false }
        return bytes.map { $0 == Int(status.st_size) } ?? (status.st_size > 0)
    }

    /// A file of the export: whole under its name, or not there. The disk may take its time: it can be made again.
    private static func put(_ path: String, _ bytes: [UInt8]) throws(LedgerError) {
        try LedgerFolders.makeDirectory(SmallFile.folder(of: path))
        try SmallFile.replace(path, bytes, mode: 0o644, isDurable: false)
    }
}

import LMDB
import LedgerDomain
import LedgerLog
import LedgerProof
import LedgerState

/// The part of `verify` that looks at files: every page, every stored block, key and row.
enum FileVerifier {
    typealias Finding = VerifyReport.Finding

    /// Pages of the log that cannot be what LMDB wrote.
    static func logPages(_ store: LogStore) throws(LogError) -> [Finding] {
        try store.checkPages().faults.map { fault in
            // Of a leaf, the key is the position that its first record should have.
            let position = fault.table == "records" ? fault.key.map { LogPosition($0) } : nil
            return Finding(code: "log.page", message: text(fault), position: position)
        }
    }

    static func text(_ fault: PageFault) -> String { "page \(fault.page) (\(fault.table)): \(fault.message)" }

    /// Every page and key of the vault; without one there is nothing to say here.
    static func keyPages(_ folders: LedgerFolders) -> [Finding] {
        guard folders.holdsKeys else { return [] }
        do throws(LogError) {
            return try KeyVault.check(directory: folders.keys).map {
                Finding(code: "keys.damaged", message: $0, position: nil)
            }
        } catch {
            return [Finding(code: "keys.damaged", message: LedgerError(error).message, position: nil)]
        }
    }

    /// The same, and the vault's secret, and whose it is.
    static func keys(_ folders: LedgerFolders, _ ledgerId: Bytes16) -> [Finding] {
        let found = keyPages(folders)
        guard found.isEmpty, folders.holdsKeys else { return found }
        do throws(LogError) {
            try KeyVault(directory: folders.keys, readOnly: true, ledgerId: ledgerId, mayCreate: false)
                .close()
            return []
        } catch {
            return [Finding(code: "keys.damaged", message: LedgerError(error).message, position: nil)]
        }
    }

    /// Opens the checkpoints when there are any that can be trusted so far; else says why not.
    static func openViews(
        _ folders: LedgerFolders, _ options: LedgerOptions
    ) -> (store: CheckpointStore?, findings: [Finding]) {
        guard folders.holdsViews else { return (nil, []) }
        func damaged(_ messages: [String]) -> [Finding] {
            messages.map { Finding(code: "views.page", message: $0 + ": rebuild", position: nil) }
        }
        do throws(LogError) {
            let store = try CheckpointStore(
                directory: folders.views, readOnly: true, mapSizeBytes: options.viewsMapBytes)
            do throws(LMDBError) {
                let faults = try store.environment.checkPages().faults
                if faults.isEmpty { return (store, []) }
                store.close()
                return (nil, damaged(faults.map(text)))
            } catch {
                store.close()
                throw LogError(error, "the pages of views/ cannot be checked")
            }
        } catch {
            return (nil, damaged([LedgerError(error).message]))
        }
    }

    /// Every manifest, every block that one of them names, every row of the tree against one made of the log.
    static func views(_ store: CheckpointStore, _ tree: TileTree) throws(LogError) -> [Finding] {
        do throws(LMDBError) {
            var found: [Finding] = []
            func add(_ message: String) {
                found.append(Finding(code: "views.damaged", message: message + ": rebuild", position: nil))
            }
            for generation in try store.damagedManifests() {
                add("the manifest of checkpoint \(generation) is damaged")
            }
            for block in try store.damagedBlocks() { add("block \(block) of a checkpoint is damaged") }
            for row in try store.wrongTreeRows(tree) { add("row \(row) of the hash tree is not the log's") }
            return found
        } catch {
            throw LogError(error, "views/ cannot be checked")
        }
    }
}

extension CheckpointStore {
    /// Generations whose manifest is not what was written.
    func damagedManifests() throws(LMDBError) -> [UInt64] {
        let read = try environment.beginRead()
        let cursor = try read.cursor(manifests)
        var found: [UInt64] = []
        while let (key, value) = unsafe try cursor.nextInteger() {
            if unsafe !Manifest.isWhole(Array(value), generation: key) { found.append(key) }
        }
        return found
    }

    /// Blocks that a manifest names and that are not as it says, by table, block and generation.
    func damagedBlocks() throws(LMDBError) -> [String] {
        var sums: [[UInt8]: UInt64] = [:]
        for manifest in try readManifests() {
            for table in manifest.tables {
                for (block, generation) in table.generations.enumerated() {
                    sums[Self.key(table.shape.table, block, generation)] = table.checksums[block]
                }
            }
        }
        let read = try environment.beginRead()
        let cursor = try read.cursor(blocks)
        var found: [String] = []
        while let (key, value) = unsafe try cursor.next() {
            let name = unsafe Array(key)
            // Blocks that no manifest names were left by a checkpoint that was cut off, are another version's, or are histories that the next
            // checkpoint will name.
            guard let sum = sums.removeValue(forKey: name) else { continue }
            if unsafe blockChecksum(value) != sum { found.append(Self.text(name)) }
        }
        return found + sums.keys.map { "\(Self.text($0)), which is missing," }.sorted()
    }

    private static func text(_ key: [UInt8]) -> String {
        func number(_ range: Range<Int>) -> UInt64 { key[range].reduce(0) { $0 << 8 | UInt64($1) } }
        return key.count == 10
            ? "\(number(0..<2)).\(number(2..<6)).\(number(6..<10))" : "of \(key.count) bytes"
    }

    /// Rows that are not the beginning of those that the log gives, and those that lack below others of their level.
    /// - Parameter mayHoldMore: The log goes on after the tree: what rows hold of that is not looked at.
    func wrongTreeRows(_ fresh: TileTree, mayHoldMore: Bool = false) throws(LMDBError) -> [String] {
        guard let tree else { return [] }
        var expected: [UInt64: TileRow] = [:]
        for row in fresh.rowsToStore() { expected[row.key] = row }
        var next: [Int: UInt64] = [:]
        let read = try environment.beginRead()
        let cursor = try read.cursor(tree)
        var found: [String] = []
        while let (key, _) = unsafe try cursor.nextInteger() {
            let (level, index) = (Int(key >> 56), key & 0xFF_FFFF_FFFF_FFFF)
            for missing in (next[level] ?? 0)..<max(index, next[level] ?? 0) {
                found.append("\(level).\(missing)")
            }
            next[level] = index + 1
            let stored = try treeRow(level: level, index: index)
            if mayHoldMore, stored != nil, expected[key] == nil { continue }
            guard let stored, let row = expected[key], mayHoldMore || stored.hashes.count <= row.hashes.count
            else {
                found.append("\(level).\(index)")
                continue
            }
            let hashes = min(stored.hashes.count, row.hashes.count)
            let bases = min(stored.bases.count, row.bases.count)
            if stored.hashes.prefix(hashes) != row.hashes.prefix(hashes)
                || stored.bases.prefix(bases) != row.bases.prefix(bases)
            {
                found.append("\(level).\(index)")
            }
        }
        return found
    }
}

/// Reads nothing back: for a tree that is made in one go.
struct NoTiles: TileSource {
    func row(level: Int, index: UInt64) throws(LogError) -> TileRow? { nil }
    func records(from base: UInt64, count: Int, _ body: (UnsafeRawBufferPointer) -> Void) throws(LogError) {}
}

/// What `verify` holds the log against, beside itself.
public struct VerifyExpectations: Sendable {
    /// A checkpoint of earlier: the log must begin with its tree. Nil: the one kept in the ledger, if there is one.
    public var checkpoint: SignedNote?
    /// Keys that must have signed it. Empty: its signatures are not looked at.
    public var keys: [NoteVerifier]

    /// Memberwise.
    public init(checkpoint: SignedNote? = nil, keys: [NoteVerifier] = []) {
        self.checkpoint = checkpoint
        self.keys = keys
    }
}

/// A checkpoint, waiting for the walk to come to its size.
struct ExpectedHead {
    let head: TreeHead
    var isReached = false

    /// The checkpoint's head, its signatures verified; findings where that fails.
    static func read(
        _ expected: VerifyExpectations, _ directory: String, _ report: inout VerifyReport
    ) -> ExpectedHead? {
        func found(_ code: String, _ message: String) {
            report.findings.append(.init(code: code, message: message, position: nil))
        }
        let note: SignedNote?
        do throws(LedgerError) {
            note =
                if let given = expected.checkpoint { given } else {
                    try Ledger.signedCheckpoint(at: directory)
                }
        } catch {
            found("checkpoint.damaged", error.message)
            return nil
        }
        guard let note else {
            if !expected.keys.isEmpty {
                found(
                    "checkpoint.none", "a key was given, but there is no signed checkpoint to verify with it")
            }
            return nil
        }
        do throws(ProofError) {
            let head = try TreeHead(text: note.text)
            if !expected.keys.isEmpty {
                let signers = try note.verified(by: expected.keys)
                report.signers = signers.map(\.key.name)
                for key in expected.keys where !signers.contains(where: { $0.key == key }) {
                    found("checkpoint.signature", "\(key.name) has not signed the checkpoint")
                }
            }
            report.checkpointSize = head.size
            return ExpectedHead(head: head)
        } catch {
            found("checkpoint.signature", error.message)
            return nil
        }
    }

    /// Called with the tree after each record, and before the first.
    mutating func compare(_ tree: TileTree, _ position: LogPosition, _ report: inout VerifyReport) {
        guard !isReached, tree.size == head.size else { return }
        isReached = true
        if tree.root() != head.root {
            report.findings.append(
                .init(
                    code: "checkpoint.root",
                    message:
                        "the first \(head.size) records have another root than the signed checkpoint says",
                    position: position))
        }
    }

    /// After the walk.
    func finish(_ tree: TileTree, _ report: inout VerifyReport) {
        if isReached { return }
        report.findings.append(
            .init(
                code: "checkpoint.size",
                message: "the signed checkpoint is of \(head.size) records, the log has \(tree.size)",
                position: report.position))
    }
}

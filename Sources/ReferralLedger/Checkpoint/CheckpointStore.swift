import LMDB
import LedgerDomain
import LedgerLog
import LedgerProof
import LedgerState

/// Checkpoints of the state, in `views/`: blocks by (table, block, generation), a manifest for each
/// generation, and the rows of the hash tree, which all of them share.
///
/// Derived and throw-away: what cannot be read is folded again. One writer (the keeper); readers anywhere.
final class CheckpointStore: Sendable {
    let environment: Environment
    let blocks: Database
    let manifests: Database
    /// Rows of the hash tree; nil in a folder of an older version that is open for reading only.
    let tree: Database?

    init(directory: String, readOnly: Bool, mapSizeBytes: Int) throws(LogError) {
        do {
            environment = try Environment(
                directory: directory, options: .init(mapSizeBytes: mapSizeBytes, readOnly: readOnly))
        } catch {
            throw LogError(error, "cannot open the checkpoints in \(directory)")
        }
        do {
            blocks = try environment.openDatabase("blocks", integerKeys: false, create: !readOnly)
            manifests = try environment.openDatabase("manifests", integerKeys: true, create: !readOnly)
            tree = try Self.treeTable(environment, create: !readOnly)
        } catch {
            environment.close()
            throw LogError(error, "cannot open the checkpoints in \(directory)")
        }
    }

    func close() { environment.close() }

    /// A copy of the checkpoints under `directory`, as of one moment.
    func copy(to directory: String, compacting: Bool) throws(LogError) {
        do {
            try environment.copy(to: directory, compacting: compacting)
        } catch {
            throw LogError(error, "the checkpoints cannot be copied to \(directory)")
        }
    }

    private static func treeTable(
        _ environment: Environment, create: Bool
    ) throws(LMDBError) -> Database? {
        do throws(LMDBError) {
            return try environment.openDatabase("tree", integerKeys: true, create: create)
        } catch {
            if !create, error.isNotFound { return nil }
            throw error
        }
    }

    /// A stored row of the hash tree; nil when there is none, or it is damaged.
    func treeRow(level: Int, index: UInt64) throws(LMDBError) -> TileRow? {
        guard let tree else { return nil }
        let read = try environment.beginRead()
        guard let value = unsafe try read.value(tree, key: TileRow.key(level: level, index: index)),
            value.count > 8
        else { return nil }
        let bytes = unsafe UnsafeRawBufferPointer(rebasing: value.dropLast(8))
        let sum = unsafe UInt64(
            littleEndian: value.loadUnaligned(fromByteOffset: bytes.count, as: UInt64.self))
        guard unsafe blockChecksum(bytes) == sum else { return nil }
        return unsafe TileRow(level: level, index: index, encoded: Array(bytes))
    }

    /// Writes rows of the hash tree, each with its checksum (XXH3) behind it.
    func put(_ rows: [TileRow], _ write: borrowing WriteTransaction) throws(LMDBError) {
        guard let tree else { return }
        for row in rows {
            var bytes = row.encoded()
            let sum = unsafe bytes.withUnsafeBytes { unsafe blockChecksum($0) }
            for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: sum >> (8 * UInt64(shift)))) }
            try unsafe bytes.span.bytes.withUnsafeBytes { (raw) throws(LMDBError) in
                try unsafe write.put(tree, key: row.key, value: raw)
            }
        }
    }

    /// The manifests, newest first. Damaged ones, and those of other versions, are left out.
    func readManifests() throws(LMDBError) -> [Manifest] {
        let read = try environment.beginRead()
        let cursor = try read.cursor(manifests)
        var found: [Manifest] = []
        var entry = unsafe try cursor.lastInteger()
        while let (_, value) = unsafe entry {
            if let manifest = unsafe Manifest(Array(value)) { found.append(manifest) }
            unsafe entry = try cursor.previousInteger()
        }
        return found
    }

    /// The newest generation number in use, readable or not.
    func newestGeneration() throws(LMDBError) -> UInt32 {
        let read = try environment.beginRead()
        let cursor = try read.cursor(manifests)
        return unsafe try cursor.lastInteger().map { unsafe UInt32(truncatingIfNeeded: $0.key) } ?? 0
    }

    /// Stands for a generation in the keys of blocks that all checkpoints share: histories'. Another fold gives others, which must not
    /// stand in their place. Above all generations of checkpoints.
    static let shared: UInt32 = sharedBit | ViewState.foldVersion
    private static let sharedBit: UInt32 = 1 << 31

    /// Ten bytes, big-endian: table, block, generation.
    static func key(_ table: Int, _ block: Int, _ generation: UInt32) -> [UInt8] {
        func bytes(_ value: UInt64, _ count: Int) -> [UInt8] {
            (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
        }
        return bytes(UInt64(table), 2) + bytes(UInt64(block), 4) + bytes(UInt64(generation), 4)
    }

    /// Drops checkpoints past `kept`, and the blocks that only they had. The two newest always stay. Once there are two,
    /// those that another version of the program wrote are dropped, too. Only for the keeper, which writes none meanwhile.
    func prune(kept: Int) throws(LMDBError) {
        let all = try readManifests()
        if all.count > 1 { try dropOtherVersions(beside: all) }
        guard all.count > max(2, kept) else { return }
        let (keep, drop) = (thinned(all, to: max(2, kept)))
        let used = Self.blocks(of: keep)
        let write = try environment.beginWrite()
        for manifest in drop {
            for table in manifest.tables {
                for (block, generation) in table.generations.enumerated() {
                    let key = Self.key(table.shape.table, block, generation)
                    if !used.contains(key) { try deleteBlock(key, write) }
                }
            }
            _ = try write.delete(manifests, key: UInt64(manifest.generation))
        }
        try write.commit()
    }

    private func deleteBlock(_ key: [UInt8], _ write: borrowing WriteTransaction) throws(LMDBError) {
        _ = try unsafe key.span.bytes.withUnsafeBytes { (raw) throws(LMDBError) in
            try unsafe write.delete(blocks, key: raw)
        }
    }

    /// Keys of all blocks that some manifests name.
    private static func blocks(of manifests: [Manifest]) -> Set<[UInt8]> {
        var keys: Set<[UInt8]> = []
        for manifest in manifests {
            for table in manifest.tables {
                for (block, generation) in table.generations.enumerated() {
                    keys.insert(key(table.shape.table, block, generation))
                }
            }
        }
        return keys
    }

    /// Drops what another version wrote, whose manifests this one cannot read: those that are whole, and all blocks as old as the newest
    /// of them that none of `readable` names. Cost: nothing when there are none; else a walk over all keys, once.
    private func dropOtherVersions(beside readable: [Manifest]) throws(LMDBError) {
        let known = Set(readable.map { UInt64($0.generation) })
        var others: [UInt64] = []
        var blockKeys: [[UInt8]] = []
        do {
            let read = try environment.beginRead()
            let cursor = try read.cursor(manifests)
            while let (key, value) = unsafe try cursor.nextInteger() {
                if unsafe !known.contains(key) && Manifest.isWhole(Array(value), generation: key) {
                    others.append(key)
                }
            }
            guard let newest = others.max() else { return }
            let used = Self.blocks(of: readable)
            let walk = try read.cursor(blocks)
            while let (raw, _) = unsafe try walk.next() {
                let key = unsafe Array(raw)
                let generation = key.suffix(4).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
                let isOld = generation <= newest || generation & UInt64(Self.sharedBit) != 0
                if isOld, !used.contains(key) { blockKeys.append(key) }
            }
        }
        let write = try environment.beginWrite()
        for key in blockKeys { try deleteBlock(key, write) }
        for key in others { _ = try write.delete(manifests, key: key) }
        try write.commit()
    }

    /// Which to keep: the newest two, and of the rest those that leave the smallest gaps.
    private func thinned(_ all: [Manifest], to count: Int) -> (keep: [Manifest], drop: [Manifest]) {
        var keep = all
        var drop: [Manifest] = []
        while keep.count > count {
            // Take out the one whose neighbours are closest together.
            var best = keep.count - 1
            var smallest = UInt64.max
            for i in 2..<(keep.count - 1) {
                let gap = keep[i - 1].head.position.rawValue - keep[i + 1].head.position.rawValue
                if gap < smallest {
                    smallest = gap
                    best = i
                }
            }
            drop.append(keep.remove(at: best))
        }
        return (keep, drop)
    }
}

/// Blocks of some tables, read in place from the mapped file. Lives as long as a state uses them.
final class CheckpointBlocks: BlockSource {
    private let store: CheckpointStore
    private let read: ReadTransaction
    private var tables: [Int: Manifest.Table] = [:]

    init(_ store: CheckpointStore, _ known: [Manifest.Table]) throws(LMDBError) {
        self.store = store
        read = try store.environment.beginRead()
        for table in known { tables[table.shape.table] = table }
    }

    func block(table: Int, index: Int) -> UnsafeRawPointer? {
        guard let known = tables[table], index < known.generations.count else { return nil }
        let key = CheckpointStore.key(table, index, known.generations[index])
        let found = try? unsafe key.span.bytes.withUnsafeBytes { (raw) throws(LMDBError) in
            try unsafe read.value(store.blocks, key: raw)
        }
        guard let value = unsafe found, value.count == BlockArena.blockBytes,
            unsafe blockChecksum(value) == known.checksums[index]
        else { return nil }
        return value.baseAddress
    }
}

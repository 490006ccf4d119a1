import LMDB
import LedgerDomain
import LedgerLog
import LedgerState

/// Histories, which only grow, lie on disk: their full blocks are written as soon as there are some, and leave the memory.
///
/// They stand beside the checkpoints' blocks, and all checkpoints share them (`CheckpointStore.shared`). Until one names them they are nobody's; a
/// later fold of the same log writes the same ones again.
extension Keeper {
    /// Events folded before full blocks are looked for, while much is to be folded.
    private static let slice: UInt64 = 1 << 20

    /// Folds the views, letting readers in and full blocks out meanwhile; where there is no room for these, they stay in memory. Called with
    /// `busy` held.
    func catchUpViews(through target: LogPosition) throws(LogError) {
        var isBehind = true
        while isBehind {
            try viewBox.lock.locked { () throws(LogError) in
                let next = LogPosition(viewBox.views.head.position.rawValue + Self.slice)
                try viewBox.catchUp(store, through: min(next, target))
                isBehind = next < target
                viewBox.letReadersIn()
            }
            try? storeHistory(from: options.historyBlocksAtOnce)
        }
    }

    /// Writes full blocks of histories, once there are as many, and lets go of their memory. Called with `busy` held.
    func storeHistory(from fewest: Int) throws(LogError) {
        var fewest = fewest
        while true {
            let (full, damaged) = viewBox.lock.locked {
                (viewBox.views.fullHistoryBlocks(most: Self.stretch), viewBox.views.damagedTable)
            }
            guard full.count >= fewest else { return }
            // A damaged block reads as zeros: what was made of it must not become a good one.
            if let damaged { throw .damaged(damaged) }
            fewest = options.historyBlocksAtOnce
            do throws(LMDBError) {
                let table = try write(full)
                let source = try CheckpointBlocks(checkpoints, [table])
                historyBlocks = table
                viewBox.lock.locked { viewBox.views.releaseHistory(full, source: source) }
            } catch {
                throw LogError(error, "cannot write histories")
            }
        }
    }

    /// Where all blocks are once these have been written.
    private func write(_ full: [HistoryBlock]) throws(LMDBError) -> Manifest.Table {
        var table =
            historyBlocks
            ?? Manifest.Table(
                shape: TableShape(
                    table: ViewState.historyTable, name: "", digested: false, stride: 0, rowsPerBlock: 0,
                    count: 0, blockCount: 0), generations: [], checksums: [])
        let write = try checkpoints.environment.beginWrite()
        for block in full {
            while table.generations.count <= block.number {
                table.generations.append(CheckpointStore.shared)
                table.checksums.append(0)
            }
            let key = CheckpointStore.key(ViewState.historyTable, block.number, CheckpointStore.shared)
            try unsafe block.withBytes { (bytes) throws(LMDBError) in
                table.generations[block.number] = CheckpointStore.shared
                unsafe table.checksums[block.number] = blockChecksum(bytes)
                try unsafe key.span.bytes.withUnsafeBytes { (raw) throws(LMDBError) in
                    try unsafe write.put(checkpoints.blocks, key: raw, value: bytes)
                }
            }
        }
        try write.commit()
        return table
    }
}

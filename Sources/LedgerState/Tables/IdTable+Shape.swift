/// How a checkpoint keeps an id table: its blocks as they are, and beside them in which order they stand.
extension IdTable {
    /// Words that a checkpoint keeps beside the blocks. A group's depth has its bits for numbers above it.
    var shape: [UInt32] {
        if store.blockCount == 0 { return [0] }
        return [UInt32(depth), UInt32(groups.count)] + directory
            + groups.map { UInt32($0.depth) | UInt32($0.numberBits) << 8 }
            + groups.map { UInt32($0.width) }
            + groups.flatMap { group in group.blocks.indices.map { group.blocks[$0] } } + used
    }

    /// Restores what `shape` gave; false when the numbers contradict one another.
    mutating func restore(shape: [UInt32], blockCount: Int) -> Bool {
        if blockCount == 0 { return shape == [0] }
        guard shape.count > 2, shape[0] <= Self.depthBound, shape[1] >= 1, shape[1] <= blockCount else {
            return false
        }
        depth = Int(shape[0])
        let count = Int(shape[1])
        let size = 1 << depth
        guard shape.count == 2 + size + count * (2 + Self.groupBlocks) + blockCount else { return false }
        var rest = shape[2...]
        func take(_ count: Int) -> [UInt32] {
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        directory = take(size)
        let (depths, widths) = (take(count), take(count))
        let places = take(count * Self.groupBlocks)
        used = take(blockCount)
        guard directory.allSatisfy({ $0 < count }),
            depths.allSatisfy({ $0 & 0xFF <= depth && Self.numberBits ~= UInt8(clamping: $0 >> 8) }),
            widths.allSatisfy({ $0 >= 1 && $0 <= Self.groupBlocks }),
            widths.reduce(0, { $0 + Int($1) }) == blockCount,
            used.allSatisfy({ $0 <= Self.blockBound })
        else { return false }
        var seen = Set<UInt32>()
        groups = []
        for number in 0..<count {
            var group = Group(
                depth: UInt8(depths[number] & 0xFF), width: UInt8(widths[number]),
                numberBits: UInt8(depths[number] >> 8))
            for index in 0..<Int(group.width) {
                let block = places[number * Self.groupBlocks + index]
                guard block < blockCount, seen.insert(block).inserted else { return false }
                group.blocks[index] = block
                group.used += used[Int(block)]
            }
            groups.append(group)
        }
        return true
    }
}

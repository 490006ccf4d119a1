/// How an id table grows: a group gets more blocks and is laid out anew, and a full one becomes two.
extension IdTable {
    /// Gives a group more blocks, and bits for numbers to last until it gets some again.
    /// - Parameter number: the number that found no room.
    mutating func widen(_ target: Int, at number: Int) {
        let width = Int(groups[target].width)
        let more = min(width < Self.groupBlocks / 2 ? 1 : 2, Self.groupBlocks - width)
        // As its entries, so all entities; and a quarter, as one group's share is more than another's.
        layOutAnew(target, moreBlocks: more, upTo: number * (width + more) / width * 5 / 4)
    }

    /// Bits for numbers up to one: 30 where it needs more.
    private static func numberBits(upTo number: Int) -> UInt8 {
        let bits = UInt8(Int.bitWidth - (number + 1).leadingZeroBitCount)
        return min(max(bits, numberBits.lowerBound), numberBits.upperBound)
    }

    /// Writes all words of a group anew, over more blocks or with more bits for numbers.
    mutating func layOutAnew(_ target: Int, moreBlocks more: Int, upTo number: Int) {
        let group = groups[target]
        let width = Int(group.width)
        let bits = max(group.numberBits, Self.numberBits(upTo: number))
        // As much as the blocks can hold, and a word that `gather` may leave behind the last.
        unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: width * Self.slots + 1) { words in
            var count = 0
            for index in 0..<width { unsafe gather(Int(group.blocks[index]), of: group, into: words, &count) }
            // A damaged block reads as zeros: `damagedTable` tells, and no answer is given.
            precondition(
                count == Int(group.used) || store.damage.table != nil,
                "an id table counts what it does not have")
            groups[target].used = UInt32(count)
            if bits != group.numberBits {
                groups[target].numberBits = bits
                unsafe Self.shorten(words[..<count], from: group.homes, to: groups[target].homes)
            }
            for index in width..<(width + more) {
                groups[target].blocks[index] = UInt32(store.blockCount)
                groups[target].width += 1
                store.grow(blocks: store.blockCount + 1)
                store.count = store.blockCount * Self.slots
                used.append(0)
            }
            unsafe layOut(UnsafeBufferPointer(rebasing: words[..<count]), over: groups[target])
        }
    }

    /// Takes bits of sorted words' fingerprints for their numbers.
    private static func shorten(
        _ words: Slice<UnsafeMutableBufferPointer<UInt64>>, from old: Homes, to new: Homes
    ) {
        let words = unsafe UnsafeMutableBufferPointer(rebasing: words)
        for i in words.indices {
            let word = unsafe new.word(words[i], old.number(words[i]))
            // Two that differed only in a bit that is lost: now in the order of their numbers.
            var at = i
            while unsafe at > 0 && words[at - 1] > word {
                unsafe words[at] = words[at - 1]
                at -= 1
            }
            unsafe words[at] = word
        }
    }

    /// A block's words in order: those that went round its end belong behind the others.
    private func gather(
        _ block: Int, of group: Group, into words: UnsafeMutableBufferPointer<UInt64>, _ count: inout Int
    ) {
        let from = unsafe store.readable(block).assumingMemoryBound(to: UInt64.self)
        let homes = group.homes
        var wrapped = 0
        while wrapped < Self.slots, unsafe from[wrapped] != 0,
            unsafe homes.slot(from[wrapped]) > wrapped
        {
            wrapped += 1
        }
        // Every fourth slot or so is empty, and nobody can tell which: so each is copied, and an empty one copied over.
        let to = words.baseAddress!
        var at = count
        for slot in wrapped..<Self.slots {
            let word = unsafe from[slot]
            unsafe to[at] = word
            at &+= word == 0 ? 0 : 1
        }
        for slot in 0..<wrapped {
            unsafe to[at] = from[slot]
            at &+= 1
        }
        count = at
    }

    /// Writes sorted words over the blocks of a group.
    private mutating func layOut(_ words: UnsafeBufferPointer<UInt64>, over group: Group) {
        let homes = group.homes
        var next = 0
        for index in 0..<Int(group.width) {
            let block = Int(group.blocks[index])
            let to = unsafe store.writable(block).assumingMemoryBound(to: UInt64.self)
            unsafe UnsafeMutableRawPointer(to).initializeMemory(
                as: UInt8.self, repeating: 0, count: BlockArena.blockBytes)
            let begin = next
            var free = 0
            while next < words.count {
                let word = unsafe words[next]
                let wanted = homes.home(word)
                if wanted.index != index { break }
                if free < Self.slots {
                    free = max(free, wanted.slot)
                    if free < Self.slots {
                        unsafe to[free] = word
                        free += 1
                        next += 1
                        continue
                    }
                }
                // Past the end: round it, among those that are there.
                _ = place(word, in: block, of: homes, from: wanted.slot, isAlone: false)
                next += 1
            }
            used[block] = UInt32(next - begin)
        }
        precondition(next == words.count || store.damage.table != nil, "an id table's words are not in order")
    }

    /// Makes two groups of one: each half of its blocks holds half of its fingerprints already.
    mutating func split(_ old: Int) {
        let group = groups[old]
        let local = Int(group.depth)
        precondition(local < Self.depthBound, "id table cannot be split further")
        if local == depth {
            directory = directory.flatMap { [$0, $0] }
            depth += 1
        }
        let new = groups.count
        let half = Self.groupBlocks / 2
        var lower = Group(depth: UInt8(local + 1), width: UInt8(half), numberBits: group.numberBits)
        var upper = lower
        for index in 0..<half {
            lower.blocks[index] = group.blocks[index]
            lower.used += used[Int(group.blocks[index])]
            upper.blocks[index] = group.blocks[half + index]
            upper.used += used[Int(group.blocks[half + index])]
        }
        groups[old] = lower
        groups.append(upper)
        for i in directory.indices where Int(directory[i]) == old {
            // The first bit after the shared prefix decides.
            if i >> (depth - local - 1) & 1 == 1 { directory[i] = UInt32(new) }
        }
    }
}

import CPlatform

/// From an id's hash to the numbers of the entities that may have it.
///
/// A slot is a word: the first bits of the hash, its *fingerprint*, and in the last bits the number + 1; 0 is empty. The ids
/// themselves stay in the log, where the caller confirms a match.
///
/// **Bits.** A group of slots has as many bits for numbers as it needs, 16 to 30, and the fingerprint has all the others: two ids of
/// many are then seldom alike, and each that is costs a look into the log. More are needed as numbers grow; a group gets them
/// when it is laid out anew anyway, with some to spare. Measured in Documentation/Decisions/0016.
///
/// **Order.** Fingerprints are laid out over blocks in their own order, so slots are sorted but for gaps: an
/// entry stands at the first free place from the one that its fingerprint names (linear probing, sorted,
/// which is Robin Hood's rule), and those past a block's end go on at its begin. A look-up ends at the first
/// entry that should stand behind, so that tables may be quite full: to put an entry in moves (1 + 1/(1 − a)²)/2
/// of them on average at a load of a.
///
/// **Growth.** The first bits of a fingerprint name a *group* of 8 to 16 blocks (fewer while the table is
/// small), which grows by two blocks (by one while it has less than 8): its entries are laid out again in one
/// pass over sorted words, at most a mebibyte. A group of 16 becomes two of 8 without moving anything, as both
/// halves lie where they would lie anyway. So tables are some 64 to 88 % full on their way, where doubling
/// leaves them at half; and groups grow at different times. Measured in Documentation/Decisions/0014.
///
/// Not thread-safe; all calls are made under the state's lock, or in a peek where it says so: those change nothing.
@safe public struct IdTable: ~Copyable {
    static let slots = BlockArena.blockBytes / 8
    static let slotMask = slots - 1
    fileprivate static let slotBits: UInt64 = 13
    /// Entries a block, at most, of a group whose fingerprints begin with `prefix`: past it the group gets further blocks.
    /// 80 to 88 %, another for each group: all fill at the same pace, and at one bound all would be laid out anew at once.
    @inline(__always)
    static func fill(of prefix: UInt64) -> Int {
        // The golden ratio spreads any run of prefixes evenly over the sixteenths.
        let sixteenth = Int(truncatingIfNeeded: (prefix &* 0x9E37_79B9_7F4A_7C15) >> 60)
        return slots * 80 / 100 + sixteenth * (slots / 180)
    }
    /// Entries of a single block: a gap always ends a look-up.
    static let blockBound = slots * 99 / 100
    /// Bits that a number may have.
    static let numberBits: ClosedRange<UInt8> = 16...30
    /// Numbers are below.
    static let numberBound = (1 << Int(numberBits.upperBound)) - 1
    static let groupBlocks = 16
    /// A group's own bits must tell its 2^17 slots apart: 34 bits of fingerprint are the least.
    static let depthBound = 17

    var store: BlockStore
    /// Group for each prefix of `depth` bits of the fingerprint.
    var directory: [UInt32] = []
    var depth = 0
    var groups: [Group] = []
    /// Entries of each block.
    var used: [UInt32] = []
    /// Where the table's content is while a feeder has it; `isAway` says whether, at no cost.
    private var away: FedTable?
    private(set) var isAway = false
    /// What is added meanwhile; `away` keeps it alive.
    private var queue: UnsafeMutablePointer<FedIds>?

    /// Neighbouring fingerprints, and the blocks that they stand in.
    struct Group: BitwiseCopyable {
        /// Bits of prefix that all entries share.
        var depth: UInt8
        /// How many blocks there are.
        var width: UInt8
        /// How many bits of its words are the number's.
        var numberBits: UInt8
        /// Entries.
        var used: UInt32 = 0
        /// Numbers of the blocks, in the order of the fingerprints; those past `width` mean nothing.
        var blocks = InlineArray<16, UInt32>(repeating: 0)

        /// The number of one of the blocks of a group: an inline array's element takes a copy of them all.
        @inline(__always)
        static func block(_ index: Int, of group: UnsafePointer<Group>) -> Int {
            precondition(index >= 0 && index < IdTable.groupBlocks, "a group has no such block")
            // They come last.
            let offset = MemoryLayout<Group>.size - (IdTable.groupBlocks - index) * MemoryLayout<UInt32>.size
            return unsafe Int(UnsafeRawPointer(group).load(fromByteOffset: offset, as: UInt32.self))
        }

        /// Where words stand.
        var homes: Homes {
            @inline(__always) get { Homes(depth: depth, width: width, numberBits: numberBits) }
        }
    }

    /// Where the words of a group should stand: all of it that a walk asks for again and again.
    struct Homes {
        /// Slots of all blocks.
        private let slots: UInt64
        /// Bits above the group's own.
        private let depth: UInt64
        /// Those bits of a word that are the fingerprint's.
        let fingerprint: UInt64

        @inline(__always)
        init(depth: UInt8, width: UInt8, numberBits: UInt8) {
            slots = UInt64(width) &<< IdTable.slotBits
            self.depth = UInt64(depth)
            fingerprint = ~0 &<< UInt64(numberBits)
        }

        /// Where a word, or a hash, should stand: the group's own bits of its fingerprint, as a fraction of one, of all slots.
        @inline(__always)
        func home(_ word: UInt64) -> (index: Int, slot: Int) {
            let own = (word & fingerprint) &<< depth
            let place = Int(truncatingIfNeeded: own.multipliedFullWidth(by: slots).high)
            return (place &>> Int(IdTable.slotBits), place & IdTable.slotMask)
        }

        /// The same, where it is known that it is in the block.
        @inline(__always)
        func slot(_ word: UInt64) -> Int { home(word).slot }

        /// Whether two words, or hashes, have the same fingerprint.
        @inline(__always)
        func areAlike(_ word: UInt64, _ other: UInt64) -> Bool { (word ^ other) & fingerprint == 0 }

        /// The word of a number.
        @inline(__always)
        func word(_ hash: UInt64, _ number: Int) -> UInt64 {
            hash & fingerprint | UInt64(truncatingIfNeeded: number &+ 1)
        }

        /// A word's number.
        @inline(__always)
        func number(_ word: UInt64) -> Int { Int(truncatingIfNeeded: word & ~fingerprint) &- 1 }

        /// Whether a word has bits enough for a number.
        @inline(__always)
        func holds(_ number: Int) -> Bool { UInt64(truncatingIfNeeded: number &+ 1) & fingerprint == 0 }
    }

    init(_ table: Int, _ name: String, _ home: TableHome) {
        store = BlockStore(
            table: table, name: name, digested: false, stride: 8, tagged: false, home)
    }

    /// Ids in the table.
    public var count: Int {
        away?.settle(forLookUp: true)
        return (away?.table.groups ?? groups).reduce(0) { $0 + Int($1.used) }
    }

    @inline(__always)
    private func group(_ hash: UInt64) -> Int {
        if depth == 0 { return 0 }
        return Int(directory[Int(hash &>> UInt64(truncatingIfNeeded: 64 &- depth))])
    }

    /// Walks the numbers whose fingerprint is that of `hash`.
    public struct Probe {
        let hash: UInt64
        let homes: Homes
        let block: Int
        let home: Int
        var slot: Int
    }

    @inline(__always)
    public func probe(_ hash: UInt64) -> Probe {
        if _slowPath(isAway) { return probeAway(hash) }
        let number = group(hash)
        // None at all: the table is empty. (Where it is not, every prefix has one.)
        guard number < groups.count else {
            return Probe(
                hash: hash, homes: Homes(depth: 0, width: 0, numberBits: 0), block: -1, home: 0, slot: 0)
        }
        return unsafe groups.withUnsafeBufferPointer { groups in
            let group = unsafe groups.baseAddress! + number
            let homes = unsafe group.pointee.homes
            let (index, slot) = homes.home(hash)
            return unsafe Probe(
                hash: hash, homes: homes, block: Group.block(index, of: group), home: slot, slot: slot)
        }
    }

    /// Starts loading the lines that a glance compares: two, nearly always.
    @inline(__always)
    func prefetch(_ hash: UInt64) {
        if _slowPath(isAway) { return }
        let probe = probe(hash)
        guard probe.block >= 0, let block = unsafe store.blocks[probe.block] else { return }
        unsafe platform_prefetch_read(block + probe.slot * 8)
        unsafe platform_prefetch_read(block + ((probe.slot + 7) & Self.slotMask) * 8)
    }

    /// Starts loading the lines of a probe that will find nothing, and insert: it may go over more than one.
    @inline(__always)
    func prefetchRun(_ hash: UInt64) {
        if _slowPath(isAway) { return }
        let probe = probe(hash)
        guard probe.block >= 0, let block = unsafe store.blocks[probe.block] else { return }
        unsafe platform_prefetch_write(block + probe.slot * 8)
        unsafe platform_prefetch_write(block + ((probe.slot + 8) & Self.slotMask) * 8)
        unsafe platform_prefetch_write(block + ((probe.slot + 16) & Self.slotMask) * 8)
    }

    /// Where a look-up would begin; nil when the table is empty or away, or the block is not loaded.
    @inline(__always)
    func line(_ hash: UInt64) -> UnsafeRawPointer? {
        if _slowPath(isAway) { return nil }
        let probe = probe(hash)
        guard probe.block >= 0, let block = unsafe store.blocks[probe.block] else { return nil }
        return unsafe UnsafeRawPointer(block + probe.slot * 8)
    }

    /// Starts loading the lines that most inserts end in, behind the one that `line` gave. Past a block's end they are another's: that does
    /// no harm.
    @inline(__always)
    static func prefetchRun(behind line: UnsafeRawPointer) {
        for next in 1...4 { unsafe platform_prefetch_write(line + next * 64) }
    }

    /// Whether a probe can be followed in a peek, by `next`: that then changes nothing.
    @inline(__always)
    func isLoaded(_ probe: Probe) -> Bool {
        unsafe !isAway && probe.block >= 0 && store.blocks[probe.block] != nil
    }

    /// In a peek: the first candidate of a probe, if it stands among the eight entries that a walk would begin with; −1: walk.
    ///
    /// Nearly all do, and which of them it is nobody can tell before: so all are compared, and no branch goes wrong, behind
    /// which the processor would have to begin again with all that it has done ahead.
    @inline(__always)
    func glance(_ probe: Probe) -> Int {
        guard probe.block >= 0, probe.home <= Self.slots - 8, let block = unsafe store.blocks[probe.block]
        else {
            return -1
        }
        let words = unsafe block + probe.home * 8
        let index = unsafe platform_first_of_eight(words, UInt32(truncatingIfNeeded: probe.hash &>> 32))
        if index == 8 { return -1 }
        let word = unsafe words.load(fromByteOffset: Int(index) * 8, as: UInt64.self)
        // The bits that were not compared; seldom another's, and then the walk tells.
        return probe.homes.areAlike(word, probe.hash) ? probe.homes.number(word) : -1
    }

    /// The next candidate, or nil when there are no more.
    @inline(__always)
    public func next(_ probe: inout Probe) -> Int? {
        if probe.block < 0 { return nil }
        if _slowPath(isAway) { return nextAway(&probe) }
        let words = unsafe store.readable(probe.block).assumingMemoryBound(to: UInt64.self)
        let homes = probe.homes
        let wanted = probe.hash & homes.fingerprint
        var slot = probe.slot
        // A block is never full; one that is comes from a damaged checkpoint, and a walk ends all the same.
        for _ in 0..<Self.slots {
            let word = unsafe words[slot]
            if word == 0 { return nil }
            let fingerprint = word & homes.fingerprint
            if fingerprint == wanted {
                probe.slot = (slot + 1) & Self.slotMask
                return homes.number(word)
            }
            // What is less stands before, as long as the walk has not come round the block's end: no need to ask.
            if fingerprint > wanted || slot < probe.home {
                let isBehind = Self.isBehind(
                    fingerprint > wanted, word, at: slot, from: probe.home, homes)
                if isBehind { return nil }
            }
            slot = (slot + 1) & Self.slotMask
        }
        return nil
    }

    /// Whether an entry that stands at a slot comes behind one whose walk began at `home`.
    ///
    /// Up to the block's end, what is greater comes behind, unless it has itself come round the end; past it,
    /// everything does but what is not greater and has come round, too.
    @inline(__always)
    private static func isBehind(
        _ isGreater: Bool, _ word: UInt64, at slot: Int, from home: Int, _ homes: Homes
    ) -> Bool {
        if _fastPath(slot >= home) { return isGreater && homes.slot(word) <= slot }
        return isGreater || homes.slot(word) <= slot
    }

    /// Adds an entry. The caller made sure that the id is new.
    @inline(__always)
    mutating func insert(_ hash: UInt64, _ number: Int, _ undo: inout UndoLog) {
        precondition(number >= 0 && number < Self.numberBound, "more entities than a table can number")
        if _slowPath(isAway) { return insertAway(FedId(hash: hash, number: UInt32(number))) }
        insertEntry(hash, number)
        if undo.recording { undo.noteInsert(table: UInt8(store.table), hash: hash, number: UInt32(number)) }
    }

    /// Adds an entry if none has its fingerprint, and if there is room where it belongs, for the number, too; else false, and nothing was changed. An id of
    /// which there is no such entry is new: nothing is to be confirmed.
    mutating func insertIfAlone(_ hash: UInt64, _ number: Int, _ undo: inout UndoLog) -> Bool {
        precondition(number >= 0 && number < Self.numberBound, "more entities than a table can number")
        if _slowPath(isAway) || store.blockCount == 0 { return false }
        let target = group(hash)
        guard let room = room(for: hash, number, in: target),
            place(
                room.homes.word(hash, number), in: room.block, of: room.homes, from: room.slot, isAlone: true)
        else { return false }
        used[room.block] += 1
        groups[target].used += 1
        if undo.recording { undo.noteInsert(table: UInt8(store.table), hash: hash, number: UInt32(number)) }
        return true
    }

    /// Where an id's entry should stand; nil when the group has to be laid out anew first: it is full, or its words do not have
    /// enough bits for the number.
    @inline(__always)
    private func room(
        for hash: UInt64, _ number: Int, in target: Int
    ) -> (block: Int, slot: Int, homes: Homes)? {
        unsafe groups.withUnsafeBufferPointer { groups in
            precondition(target < groups.count, "an id table has no such group")
            let group = unsafe groups.baseAddress! + target
            let homes = unsafe group.pointee.homes
            let (index, slot) = homes.home(hash)
            let block = unsafe Group.block(index, of: group)
            let prefix = unsafe hash >> (64 - UInt64(group.pointee.depth))
            let bound = unsafe Int(group.pointee.width) * Self.fill(of: prefix)
            guard unsafe Int(group.pointee.used) < bound, Int(used[block]) < Self.blockBound,
                homes.holds(number)
            else { return nil }
            return (block, slot, homes)
        }
    }

    private mutating func insertEntry(_ hash: UInt64, _ number: Int) {
        if store.blockCount == 0 { begin() }
        while true {
            let target = group(hash)
            if let (block, slot, homes) = room(for: hash, number, in: target) {
                _ = place(homes.word(hash, number), in: block, of: homes, from: slot, isAlone: false)
                used[block] += 1
                groups[target].used += 1
                return
            }
            let group = groups[target]
            if !group.homes.holds(number) {
                layOutAnew(target, moreBlocks: 0, upTo: number)
            } else if Int(group.width) < Self.groupBlocks {
                widen(target, at: number)
            } else {
                split(target)
            }
        }
    }

    /// Adds an entry that was handed over.
    @inline(__always)
    mutating func insert(_ entry: FedId) { insertEntry(entry.hash, Int(entry.number)) }

    private mutating func begin() {
        store.grow(blocks: 1)
        store.count = Self.slots
        directory = [0]
        groups = [Group(depth: 0, width: 1, numberBits: Self.numberBits.lowerBound)]
        used = [0]
    }

    /// Puts a word where it belongs; those behind it move on, up to the next gap.
    /// - Parameter isAlone: not beside one of the same fingerprint: then false, and nothing was changed.
    @inline(__always)
    mutating func place(
        _ word: UInt64, in block: Int, of homes: Homes, from home: Int, isAlone: Bool
    ) -> Bool {
        var slot = home
        do {
            // Only read: a block of a checkpoint is copied when it is written, and a frozen one, too.
            let words = unsafe store.readable(block).assumingMemoryBound(to: UInt64.self)
            var found = unsafe words[slot]
            while found != 0, !Self.isBehind(found > word, found, at: slot, from: home, homes) {
                // One of the same fingerprint has a smaller number, so it is met before.
                if isAlone, homes.areAlike(found, word) { return false }
                slot = (slot + 1) & Self.slotMask
                found = unsafe words[slot]
            }
        }
        let words = unsafe store.writable(block).assumingMemoryBound(to: UInt64.self)
        var found = unsafe words[slot]
        var carried = word
        while found != 0 {
            unsafe words[slot] = carried
            carried = found
            slot = (slot + 1) & Self.slotMask
            found = unsafe words[slot]
        }
        unsafe words[slot] = carried
        return true
    }

    /// Takes an entry out again: the undoing of `insert`. What stands behind it moves back.
    mutating func remove(_ hash: UInt64, _ number: Int) {
        let probe = probe(hash)
        let homes = probe.homes
        let word = homes.word(hash, number)
        let words = unsafe store.writable(probe.block).assumingMemoryBound(to: UInt64.self)
        var hole = probe.home
        while unsafe words[hole] != word {
            precondition(unsafe words[hole] != 0, "an id to take out is not in its table")
            hole = (hole + 1) & Self.slotMask
        }
        while true {
            let slot = (hole + 1) & Self.slotMask
            let next = unsafe words[slot]
            if next == 0 || homes.slot(next) == slot { break }
            unsafe words[hole] = next
            hole = slot
        }
        unsafe words[hole] = 0
        used[probe.block] -= 1
        groups[group(hash)].used -= 1
    }

    // MARK: Being fed

    /// Gives the content to a feeder, until `comeBack`.
    mutating func goAway(with feeder: IdFeeder) {
        var content = IdTable(emptyLike: store)
        swap(&self, &content)
        let fed = FedTable(content, feeder)
        unsafe queue = fed.queue
        away = fed
        isAway = true
    }

    /// Takes the content back, when everything that was added is in it. Nothing when it is here.
    mutating func comeBack() {
        guard let fed = away else { return }
        fed.settle(forLookUp: false)
        swap(&self, &fed.table)
        unsafe fed.table.queue = nil
        fed.table.away = nil
    }

    private init(emptyLike other: borrowing BlockStore) {
        store = BlockStore(emptyLike: other)
    }

    @inline(never)
    private func probeAway(_ hash: UInt64) -> Probe {
        away!.settle(forLookUp: true)
        return away!.table.probe(hash)
    }

    @inline(never)
    private func nextAway(_ probe: inout Probe) -> Int? { away!.table.next(&probe) }

    @inline(never)
    private mutating func insertAway(_ entry: FedId) {
        let queue = unsafe queue!
        if unsafe _fastPath(queue.pointee.count < queue.pointee.bound) {
            unsafe queue.pointee.ids[queue.pointee.count] = entry
            unsafe queue.pointee.count &+= 1
        } else if away!.makesRoom() {
            insertAway(entry)
        } else {
            comeBack()
            insert(entry)
        }
    }
}

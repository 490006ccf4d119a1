import CPlatform

/// From an id's hash to the numbers of the entities that may have it.
///
/// A slot is a word: 34 bits of fingerprint, 30 bits of number + 1; 0 is empty. The ids themselves stay in
/// the log, where the caller confirms a match.
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
    static let numberMask: UInt64 = (1 << 30) - 1
    static let groupBlocks = 16
    fileprivate static let fingerprintBits: UInt64 = 34
    /// A group's own bits must tell its 2^17 slots apart.
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
    private var queue: UnsafeMutablePointer<FedWords>?

    /// Neighbouring fingerprints, and the blocks that they stand in.
    struct Group: BitwiseCopyable {
        /// Bits of prefix that all entries share.
        var depth: UInt8
        /// How many blocks there are.
        var width: UInt8
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

        /// Where fingerprints stand.
        var homes: Homes {
            @inline(__always) get { Homes(depth: depth, width: width) }
        }
    }

    /// Where the fingerprints of a group should stand: all of it that a walk asks for again and again.
    struct Homes {
        /// Slots of all blocks.
        private let slots: UInt64
        /// Bits above the group's own, as a word has them.
        private let shift: UInt64

        @inline(__always)
        init(depth: UInt8, width: UInt8) {
            slots = UInt64(width) &<< IdTable.slotBits
            shift = 64 &- IdTable.fingerprintBits &+ UInt64(depth)
        }

        /// Where a fingerprint should stand: its own bits, as a fraction of one, of all slots.
        @inline(__always)
        func home(_ fingerprint: UInt64) -> (index: Int, slot: Int) {
            let place = Int(truncatingIfNeeded: (fingerprint &<< shift).multipliedFullWidth(by: slots).high)
            return (place &>> Int(IdTable.slotBits), place & IdTable.slotMask)
        }

        /// The same, where it is known that it is in the block.
        @inline(__always)
        func slot(_ fingerprint: UInt64) -> Int { home(fingerprint).slot }
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
    private func group(_ fingerprint: UInt64) -> Int {
        if depth == 0 { return 0 }
        let shift = Self.fingerprintBits &- UInt64(truncatingIfNeeded: depth)
        return Int(directory[Int(fingerprint &>> shift)])
    }

    /// Walks the numbers whose fingerprint is that of `hash`.
    public struct Probe {
        let fingerprint: UInt64
        let group: Int
        let block: Int
        let home: Int
        var slot: Int
    }

    @inline(__always)
    public func probe(_ hash: UInt64) -> Probe {
        if _slowPath(isAway) { return probeAway(hash) }
        let fingerprint = hash >> 30
        let number = group(fingerprint)
        // None at all: the table is empty. (Where it is not, every prefix has one.)
        guard number < groups.count else {
            return Probe(fingerprint: fingerprint, group: 0, block: -1, home: 0, slot: 0)
        }
        return unsafe groups.withUnsafeBufferPointer { groups in
            let group = unsafe groups.baseAddress! + number
            let (index, slot) = unsafe group.pointee.homes.home(fingerprint)
            return unsafe Probe(
                fingerprint: fingerprint, group: number, block: Group.block(index, of: group), home: slot,
                slot: slot)
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
        let index = unsafe platform_first_of_eight(words, UInt32(truncatingIfNeeded: probe.fingerprint &>> 2))
        if index == 8 { return -1 }
        let word = unsafe words.load(fromByteOffset: Int(index) * 8, as: UInt64.self)
        // The two bits that were not compared; seldom another's, and then the walk tells.
        return word &>> 30 == probe.fingerprint ? Int(word & Self.numberMask) - 1 : -1
    }

    /// The next candidate, or nil when there are no more.
    @inline(__always)
    public func next(_ probe: inout Probe) -> Int? {
        if probe.block < 0 { return nil }
        if _slowPath(isAway) { return nextAway(&probe) }
        let words = unsafe store.readable(probe.block).assumingMemoryBound(to: UInt64.self)
        var slot = probe.slot
        // A block is never full; one that is comes from a damaged checkpoint, and a walk ends all the same.
        for _ in 0..<Self.slots {
            let word = unsafe words[slot]
            if word == 0 { return nil }
            let fingerprint = word >> 30
            if fingerprint == probe.fingerprint {
                probe.slot = (slot + 1) & Self.slotMask
                return Int(word & Self.numberMask) - 1
            }
            // What is less stands before, as long as the walk has not come round the block's end: no need to ask.
            if fingerprint > probe.fingerprint || slot < probe.home {
                let isBehind = Self.isBehind(
                    fingerprint > probe.fingerprint, fingerprint, at: slot, from: probe.home,
                    groups[probe.group].homes)
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
        _ isGreater: Bool, _ fingerprint: UInt64, at slot: Int, from home: Int, _ homes: Homes
    ) -> Bool {
        if _fastPath(slot >= home) { return isGreater && homes.slot(fingerprint) <= slot }
        return isGreater || homes.slot(fingerprint) <= slot
    }

    /// Adds an entry. The caller made sure that the id is new.
    @inline(__always)
    mutating func insert(_ hash: UInt64, _ number: Int, _ undo: inout UndoLog) {
        precondition(number >= 0 && number < Int(Self.numberMask), "more entities than a table can number")
        if _slowPath(isAway) { return insertAway(hash & ~Self.numberMask | UInt64(number + 1)) }
        insertEntry(hash >> 30, number)
        if undo.recording { undo.noteInsert(table: UInt8(store.table), hash: hash, number: UInt32(number)) }
    }

    /// Adds an entry if none has its fingerprint, and if there is room where it belongs; else false, and nothing was changed. An id of
    /// which there is no such entry is new: nothing is to be confirmed.
    mutating func insertIfAlone(_ hash: UInt64, _ number: Int, _ undo: inout UndoLog) -> Bool {
        precondition(number >= 0 && number < Int(Self.numberMask), "more entities than a table can number")
        if _slowPath(isAway) || store.blockCount == 0 { return false }
        let fingerprint = hash >> 30
        let target = group(fingerprint)
        guard let room = room(for: fingerprint, in: target),
            place(
                fingerprint << 30 | UInt64(number + 1), in: room.block, of: room.homes, from: room.slot,
                isAlone: true)
        else { return false }
        used[room.block] += 1
        groups[target].used += 1
        if undo.recording { undo.noteInsert(table: UInt8(store.table), hash: hash, number: UInt32(number)) }
        return true
    }

    /// Where a fingerprint's entry should stand; nil when the group has to grow first.
    @inline(__always)
    private func room(
        for fingerprint: UInt64, in target: Int
    ) -> (block: Int, slot: Int, homes: Homes)? {
        unsafe groups.withUnsafeBufferPointer { groups in
            precondition(target < groups.count, "an id table has no such group")
            let group = unsafe groups.baseAddress! + target
            let homes = unsafe group.pointee.homes
            let (index, slot) = homes.home(fingerprint)
            let block = unsafe Group.block(index, of: group)
            let prefix = unsafe fingerprint >> (Self.fingerprintBits - UInt64(group.pointee.depth))
            let bound = unsafe Int(group.pointee.width) * Self.fill(of: prefix)
            guard unsafe Int(group.pointee.used) < bound, Int(used[block]) < Self.blockBound else {
                return nil
            }
            return (block, slot, homes)
        }
    }

    private mutating func insertEntry(_ fingerprint: UInt64, _ number: Int) {
        if store.blockCount == 0 { begin() }
        while true {
            let target = group(fingerprint)
            if let (block, slot, homes) = room(for: fingerprint, in: target) {
                _ = place(
                    fingerprint << 30 | UInt64(number + 1), in: block, of: homes, from: slot, isAlone: false)
                used[block] += 1
                groups[target].used += 1
                return
            }
            let width = Int(groups[target].width)
            if width < Self.groupBlocks { widen(target) } else { split(target) }
        }
    }

    /// Adds an entry as it stands in the table.
    @inline(__always)
    mutating func insert(word: UInt64) { insertEntry(word >> 30, Int(word & Self.numberMask) - 1) }

    private mutating func begin() {
        store.grow(blocks: 1)
        store.count = Self.slots
        directory = [0]
        groups = [Group(depth: 0, width: 1)]
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
            while found != 0, !Self.isBehind(found > word, found >> 30, at: slot, from: home, homes) {
                // One of the same fingerprint has a smaller number, so it is met before.
                if isAlone, found >> 30 == word >> 30 { return false }
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
        let word = probe.fingerprint << 30 | UInt64(number + 1)
        let homes = groups[probe.group].homes
        let words = unsafe store.writable(probe.block).assumingMemoryBound(to: UInt64.self)
        var hole = probe.home
        while unsafe words[hole] != word {
            precondition(unsafe words[hole] != 0, "an id to take out is not in its table")
            hole = (hole + 1) & Self.slotMask
        }
        while true {
            let slot = (hole + 1) & Self.slotMask
            let next = unsafe words[slot]
            if next == 0 || homes.slot(next >> 30) == slot { break }
            unsafe words[hole] = next
            hole = slot
        }
        unsafe words[hole] = 0
        used[probe.block] -= 1
        groups[probe.group].used -= 1
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
    private mutating func insertAway(_ word: UInt64) {
        let queue = unsafe queue!
        if unsafe _fastPath(queue.pointee.count < queue.pointee.bound) {
            unsafe queue.pointee.words[queue.pointee.count] = word
            unsafe queue.pointee.count &+= 1
        } else if away!.makesRoom() {
            insertAway(word)
        } else {
            comeBack()
            insert(word: word)
        }
    }
}

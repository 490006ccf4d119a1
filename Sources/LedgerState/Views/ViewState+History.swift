import CPlatform
import LedgerDomain

/// Which records concern a user: links from each to the one before it.
///
/// `history` is a list of words that only grows. A record that concerns anybody is a word with its base position and the top
/// bit set, and behind it a word for each user whom it concerns: where that user's word of an earlier record stands, 0 where there is
/// none. A user's row says where the newest one is. So a history is read backwards, link by link; what a record adds stands
/// together at the end, whoever is concerned; and what is full of it never changes again, so that it need not stay in memory.
extension ViewState {
    private static let isRecord: UInt64 = 1 << 39

    /// Adds a record to the history of a user, unless it is its newest already. Records are noted in log order.
    @inline(__always)
    mutating func note(_ user: UInt32, _ base: LogPosition) {
        if Int(user) >= users.count { users.extend(to: Int(user) + 1) }
        let record = place(of: base)
        let row = unsafe users.change(Int(user))
        let last = unsafe row.pointee.last
        if last > record { return }
        unsafe row.pointee.last = UInt64(history.count)
        history.append(last)
    }

    /// The word of a record; made if it is not the newest one.
    @inline(__always)
    private mutating func place(of base: LogPosition) -> UInt64 {
        if let noted, noted.base == base { return noted.word }
        precondition(
            base.rawValue < Self.isRecord && history.count < Self.isRecord, "more than a word can number")
        let word = UInt64(history.count)
        history.append(base.rawValue | Self.isRecord)
        noted = (base, word)
        return word
    }

    /// Base positions of the records that concern a user, newest first, until the body has seen enough.
    /// Cost: for each a look at the user's word and back to that of the record, a few words as a rule and a thousand at the most; both
    /// may have to come from the disk.
    public func history(of user: Int, _ body: (LogPosition) -> Bool) {
        guard user < users.count else { return }
        var word = unsafe users.peek(user).pointee.last
        // Blocks that are damaged read as zeros: then no answer is given anyway, but this must end.
        while word > 0, word < UInt64(history.count) {
            guard let position = record(of: word), damagedTable == nil else { return }
            if !body(position) { return }
            let link = history[Int(word)]
            if link >= word { return }
            word = link
        }
    }

    /// The record whose word stands nearest before that of a user.
    private func record(of word: UInt64) -> LogPosition? {
        var place = Int(word) - 1
        while place >= 0, damagedTable == nil {
            let value = history[place]
            if value & Self.isRecord != 0 { return LogPosition(value & ~Self.isRecord) }
            place -= 1
        }
        return nil
    }

    /// Starts loading a user's row.
    @inline(__always)
    func prefetch(user: UInt32) { users.prefetch(Int(user)) }

    /// Starts loading what a user's row names.
    @inline(__always)
    func prefetch(behind user: UInt32) {
        guard Int(user) < users.count else { return }
        let tally = unsafe users.peek(Int(user)).pointee.tally
        if tally != 0 { tallies.prefetch(Int(tally) - 1) }
    }
}

/// Full blocks of histories leave the memory once they are on disk.
extension ViewState {
    /// Full blocks of histories that are in memory, the first ones, `most` at most; none that a snapshot wants as they are.
    public mutating func fullHistoryBlocks(most: Int) -> [HistoryBlock] {
        var found: [HistoryBlock] = []
        let full = history.count / WordTable.rowsPerBlock
        while historyReleased < full, !history.store.isOwned(historyReleased) { historyReleased += 1 }
        var block = historyReleased
        while found.count < most, block < full {
            if let bytes = unsafe history.store.ownedForGood(block) {
                unsafe found.append(HistoryBlock(number: block, bytes))
            }
            block += 1
        }
        return found
    }

    /// Blocks that `fullHistoryBlocks` gave are on disk: their memory goes back to the system, and they are read from the source from now on,
    /// like all of histories that is not in memory.
    public mutating func releaseHistory(_ blocks: [HistoryBlock], source: any BlockSource) {
        history.store.detachMapped(source: source)
        for block in blocks { history.store.release(block.number) }
    }
}

/// A full block of histories in memory. It does not change any more and stays where it is until `releaseHistory`, so its bytes may be
/// read without the views' lock.
@safe public struct HistoryBlock {
    /// Which it is.
    public let number: Int
    private let content: UnsafeRawBufferPointer

    init(number: Int, _ content: UnsafeRawBufferPointer) {
        self.number = number
        unsafe self.content = content
    }

    /// Lends the bytes to the body.
    public func withBytes<E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> Void) throws(E) {
        try unsafe body(content)
    }
}

import CPlatform
import LedgerDomain

/// Which records concern a user: base positions, as differences.
///
/// A history is a chain of pieces, each of one or two units of 16 bytes. A piece begins with the piece before
/// (four bytes, little-endian, as in `ViewUserRow.piece`); then come differences between neighbouring
/// positions, oldest first, seven bits a byte, the low ones first, the top bit set where more follow. A
/// difference is never zero, so a byte of zero ends a piece. The newest position stands in the user's row:
/// histories are read backwards from there. A first piece has one unit, later ones two.
extension ViewState {
    private static let double: UInt32 = 1 << 31
    private static let headBytes = 4
    static let unitsPerBlock = PlainTable<HistoryUnit>.rowsPerBlock

    private static func capacity(_ piece: UInt32) -> Int {
        (piece & double == 0 ? 1 : 2) * MemoryLayout<HistoryUnit>.size - headBytes
    }

    /// Adds a record to the history of a user, unless it is its newest already.
    @inline(__always)
    mutating func note(_ user: UInt32, _ base: LogPosition) {
        if Int(user) >= users.count { users.extend(to: Int(user) + 1) }
        let row = unsafe users.change(Int(user))
        let last = unsafe row.pointee.last
        if unsafe last == base.rawValue && row.pointee.piece != 0 { return }
        // Positions rise; after a damaged block, which reads as zeros, no answer is given anyway.
        var left = base.rawValue &- last
        let length = max(1, (70 - left.leadingZeroBitCount) / 7)
        if unsafe row.pointee.piece == 0 || Int(row.pointee.used) + length > Self.capacity(row.pointee.piece)
        {
            let piece = unsafe newPiece(after: row.pointee.piece)
            unsafe row.pointee.piece = piece
            unsafe row.pointee.used = 0
        }
        let place = unsafe UnsafeMutableRawPointer(
            units.change(Int(row.pointee.piece & ~Self.double) - 1))
        var at = unsafe Self.headBytes + Int(row.pointee.used)
        for _ in 1..<length {
            unsafe place.storeBytes(
                of: UInt8(truncatingIfNeeded: left) | 0x80, toByteOffset: at, as: UInt8.self)
            left >>= 7
            at += 1
        }
        unsafe place.storeBytes(of: UInt8(truncatingIfNeeded: left), toByteOffset: at, as: UInt8.self)
        unsafe row.pointee.used += UInt8(length)
        unsafe row.pointee.last = base.rawValue
    }

    private mutating func newPiece(after previous: UInt32) -> UInt32 {
        var first = units.count
        let isDouble = previous != 0
        // Both units stand in one block.
        if isDouble, first % Self.unitsPerBlock == Self.unitsPerBlock - 1 { first += 1 }
        precondition(first < Int(Self.double) - 2, "more history than a table can number")
        units.extend(to: first + (isDouble ? 2 : 1))
        let place = unsafe UnsafeMutableRawPointer(units.change(first))
        unsafe place.storeBytes(of: previous.littleEndian, as: UInt32.self)
        return UInt32(first + 1) | (isDouble ? Self.double : 0)
    }

    /// Base positions of the records that concern a user, newest first, until the body has seen enough.
    public func history(of user: Int, _ body: (LogPosition) -> Bool) {
        guard user < users.count else { return }
        let row = unsafe users.peek(user).pointee
        var (piece, position) = (row.piece, row.last)
        var differences: [UInt64] = []
        while piece != 0 {
            let previous = read(piece, &differences)
            for difference in differences.reversed() {
                if !body(LogPosition(position)) { return }
                position &-= difference
            }
            piece = previous
        }
    }

    /// The differences of a piece, oldest first; the piece before it.
    private func read(_ piece: UInt32, _ differences: inout [UInt64]) -> UInt32 {
        differences.removeAll(keepingCapacity: true)
        let first = Int(piece & ~Self.double) - 1
        let end = Self.headBytes + Self.capacity(piece)
        let place = unsafe UnsafeRawPointer(units.peek(first))
        var at = Self.headBytes
        while at < end {
            var (difference, shift) = (UInt64(0), UInt64(0))
            while at < end {
                let byte = unsafe place.load(fromByteOffset: at, as: UInt8.self)
                at += 1
                difference |= UInt64(byte & 0x7F) << shift
                shift += 7
                if byte & 0x80 == 0 { break }
            }
            if difference == 0 { break }
            differences.append(difference)
        }
        return unsafe UInt32(littleEndian: place.load(as: UInt32.self))
    }

    /// Starts loading a user's row.
    @inline(__always)
    func prefetch(user: UInt32) { users.prefetch(Int(user)) }

    /// Starts loading what a user's row names.
    @inline(__always)
    func prefetch(behind user: UInt32) {
        guard Int(user) < users.count else { return }
        let row = unsafe users.peek(Int(user)).pointee
        if row.piece != 0 { units.prefetch(Int(row.piece & ~Self.double) - 1) }
        if row.tally != 0 { tallies.prefetch(Int(row.tally) - 1) }
    }
}

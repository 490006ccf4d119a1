import LedgerDomain

/// Where a command's texts lie while it is decided. Reset before each command.
///
/// Belongs to one decider, which one thread at a time has: exclusive access needs no check at run time.
@safe final class TextArena {
    @exclusivity(unchecked) private var storage: UnsafeMutablePointer<UInt8>
    private let capacity = 1 << 16
    @safe @exclusivity(unchecked) private var used = 0
    /// Larger pieces that did not fit, kept until the next reset.
    @exclusivity(unchecked) private var extra: [UnsafeMutablePointer<UInt8>] = unsafe []

    init() { unsafe storage = .allocate(capacity: capacity) }

    deinit {
        reset()
        unsafe storage.deallocate()
    }

    func reset() {
        used = 0
        while let piece = unsafe extra.popLast() { unsafe piece.deallocate() }
    }

    private func room(_ count: Int) -> UnsafeMutablePointer<UInt8> {
        if capacity - used >= count {
            let place = unsafe storage + used
            used += count
            return unsafe place
        }
        let piece = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, count))
        unsafe extra.append(piece)
        return unsafe piece
    }

    /// A copy of the string's bytes, good until `reset`.
    @inline(__always)
    func text(_ string: String) -> BorrowedText {
        let utf8 = string.utf8
        let count = utf8.count
        let place = unsafe room(count)
        let copied: Void? = unsafe utf8.withContiguousStorageIfAvailable { source in
            if count > 0 { unsafe place.update(from: source.baseAddress!, count: count) }
        }
        if copied == nil {
            for (i, byte) in utf8.enumerated() { unsafe place[i] = byte }
        }
        return unsafe BorrowedText(place, count: count)
    }

    /// A copy of bytes, good until `reset`.
    func text(_ bytes: [UInt8]) -> BorrowedText {
        let place = unsafe room(bytes.count)
        for i in bytes.indices { unsafe place[i] = bytes[i] }
        return unsafe BorrowedText(place, count: bytes.count)
    }

    /// A copy of a text that its owner may change before the command is done.
    func text(_ other: BorrowedText) -> BorrowedText {
        let place = unsafe room(other.count)
        if other.count > 0 { unsafe place.update(from: other.utf8.baseAddress!, count: other.count) }
        return unsafe BorrowedText(place, count: other.count)
    }
}

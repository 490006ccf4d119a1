/// Well-formedness of UTF-8, for bytes that come from outside.
public enum UTF8Text {
    /// The offset of the first byte that is not part of well-formed UTF-8, or nil when all of it is.
    /// Source: The Unicode Standard 15, table 3-7 (no overlong forms, no surrogates, nothing past U+10FFFF).
    public static func firstInvalidOffset(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        var index = 0
        while index < bytes.count {
            let length = unsafe sequenceLength(base + index, available: bytes.count - index)
            if length == 0 { return index }
            index += length
        }
        return nil
    }

    /// The length of the well-formed sequence at `start`, 1 to 4, or 0 when there is none.
    /// - Precondition: `available` > 0 bytes may be read.
    @inline(__always)
    static func sequenceLength(_ start: UnsafePointer<UInt8>, available: Int) -> Int {
        let first = unsafe start[0]
        if first < 0x80 { return 1 }
        if first < 0xC2 || first > 0xF4 || available < 2 { return 0 }
        let second = unsafe start[1]
        if first < 0xE0 { return second & 0xC0 == 0x80 ? 2 : 0 }
        let lowest: UInt8 = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80
        let highest: UInt8 = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF
        if second < lowest || second > highest || available < 3 { return 0 }
        guard unsafe start[2] & 0xC0 == 0x80 else { return 0 }
        if first < 0xF0 { return 3 }
        guard available >= 4, unsafe start[3] & 0xC0 == 0x80 else { return 0 }
        return 4
    }
}

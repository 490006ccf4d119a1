import StrictJSON

/// Why a text is not an id. Raw values are stable.
public enum IdentifierProblem: String, Error, Sendable, CaseIterable {
    /// No bytes.
    case empty
    /// More than ``IdentifierRules/maximumByteCount`` bytes.
    case tooLong
    /// Not well-formed UTF-8.
    case invalidUTF8
    /// Holds U+0000–U+001F or U+007F–U+009F.
    case controlCharacter

    /// One half of a sentence for people, to stand behind a colon.
    public var message: String {
        switch self {
        case .empty: "it is empty"
        case .tooLong: "it is longer than \(IdentifierRules.maximumByteCount) bytes"
        case .invalidUTF8: "it is not well-formed UTF-8"
        case .controlCharacter: "it holds a control character"
        }
    }
}

/// What ids of users, payments, refunds, providers and keys may be. They are the host's own and are compared
/// byte for byte: no normalisation, no case folding.
///
/// Source: Documentation/rules.md, "Time, money, text".
public enum IdentifierRules {
    /// The longest id, in bytes of UTF-8.
    public static let maximumByteCount = 255

    /// What is wrong with an id, or nil when nothing is. Cost: one pass.
    public static func validate(_ utf8: UnsafeBufferPointer<UInt8>) -> IdentifierProblem? {
        if utf8.isEmpty { return .empty }
        if utf8.count > maximumByteCount { return .tooLong }
        var (index, highest): (Int, UInt8) = (0, 0)
        // Eight bytes at a time, as long as all of them are printable ASCII.
        while index + 8 <= utf8.count {
            let word = unsafe UnsafeRawPointer(utf8.baseAddress! + index).loadUnaligned(as: UInt64.self)
            if !isPrintableASCII(word) { break }
            index += 8
        }
        while index < utf8.count {
            let byte = unsafe utf8[index]
            if byte < 0x20 || byte == 0x7F { return .controlCharacter }
            highest |= byte
            index += 1
        }
        if highest < 0x80 { return nil }
        if unsafe UTF8Text.firstInvalidOffset(in: utf8) != nil { return .invalidUTF8 }
        return unsafe holdsC1Control(utf8) ? .controlCharacter : nil
    }

    /// What is wrong with an id, or nil when nothing is.
    public static func validate(_ text: String) -> IdentifierProblem? {
        var text = text
        return text.withUTF8 { unsafe validate($0) }
    }

    /// Whether all eight bytes of a word are from 20 to 7E. May say no where it is yes, never the other way
    /// round: a borrow out of one byte reaches the next only where that one is not printable already.
    @inline(__always)
    static func isPrintableASCII(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let belowSpace = word &- ones &* 0x20
        let isDelete = (word ^ ones &* 0x7F) &- ones
        return (word | belowSpace | isDelete) & (ones &* 0x80) == 0
    }

    /// Whether well-formed UTF-8 holds U+0080–U+009F: `C2` and then `80` to `9F`.
    static func holdsC1Control(_ utf8: UnsafeBufferPointer<UInt8>) -> Bool {
        for index in 1..<max(1, utf8.count) {
            if unsafe utf8[index - 1] == 0xC2 && utf8[index] < 0xA0 { return true }
        }
        return false
    }
}

/// ISO 3166-1 alpha-2 codes, by shape: two capital ASCII letters. Which of them are assigned changes over the
/// years, and a ledger outlives such lists, so the list is not consulted.
public enum CountryCode {
    /// Whether the text has the shape.
    public static func isValid(_ utf8: UnsafeBufferPointer<UInt8>) -> Bool {
        unsafe utf8.count == 2 && utf8.allSatisfy { 0x41...0x5A ~= $0 }
    }

    /// Whether the text has the shape.
    public static func isValid(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { unsafe isValid($0) }
    }
}

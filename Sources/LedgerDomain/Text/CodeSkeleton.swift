import StrictJSON

/// Why a text is not a referral code. Raw values are stable.
public enum CodeProblem: String, Error, Sendable, CaseIterable {
    /// No characters.
    case empty
    /// More than ``CodeSkeleton/maximumScalarCount`` characters.
    case tooLong
    /// Not well-formed UTF-8.
    case invalidUTF8
    /// Holds U+0000–U+001F or U+007F–U+009F.
    case controlCharacter
}

/// What is the same in look-alike referral codes: the form by which codes are unique for ever and are looked
/// up.
///
/// ASCII letters become capitals, O becomes 0, I and L become 1; everything else stays byte for byte.
/// Characters are counted as Unicode scalars, which no Unicode version changes.
/// Source: Documentation/rules.md, "signup" and "issueCode".
public struct CodeSkeleton: Hashable, Sendable, CustomStringConvertible {
    /// The longest code, in Unicode scalars.
    public static let maximumScalarCount = 50

    /// The skeleton's text.
    public let text: String

    /// The skeleton of a code as it was given.
    public init(_ code: String) throws(CodeProblem) {
        var bytes: [UInt8] = []
        try unsafe code.utf8.span.withUnsafeBufferPointer { (utf8) throws(CodeProblem) in
            try unsafe CodeSkeleton.append(utf8, to: &bytes)
        }
        text = String(decoding: bytes, as: UTF8.self)
    }

    /// Appends a code's skeleton to `output`; nothing is appended on an error. Cost: one pass.
    public static func append(
        _ code: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]
    ) throws(CodeProblem) {
        if let problem = unsafe validate(code) { throw problem }
        for index in 0..<code.count { output.append(fold(unsafe code[index])) }
    }

    /// What is wrong with a code, or nil when nothing is.
    public static func validate(_ code: UnsafeBufferPointer<UInt8>) -> CodeProblem? {
        if code.isEmpty { return .empty }
        if code.count > 4 * maximumScalarCount { return .tooLong }
        if unsafe UTF8Text.firstInvalidOffset(in: code) != nil { return .invalidUTF8 }
        var scalars = 0
        for index in 0..<code.count {
            let byte = unsafe code[index]
            if byte < 0x20 || byte == 0x7F { return .controlCharacter }
            if byte & 0xC0 != 0x80 { scalars += 1 }
        }
        if scalars > maximumScalarCount { return .tooLong }
        return unsafe IdentifierRules.holdsC1Control(code) ? .controlCharacter : nil
    }

    /// One byte of a skeleton.
    @inlinable
    public static func fold(_ byte: UInt8) -> UInt8 {
        let capital = 0x61...0x7A ~= byte ? byte - 0x20 : byte
        switch capital {
        case UInt8(ascii: "O"): return UInt8(ascii: "0")
        case UInt8(ascii: "I"), UInt8(ascii: "L"): return UInt8(ascii: "1")
        default: return capital
        }
    }

    /// The skeleton's text.
    public var description: String { text }
}

import LedgerDomain

extension IdentifierRules {
    /// What is wrong with an id, as the end of a sentence about its field; nil when nothing is.
    static func reason(against text: String) -> String? {
        switch validate(text) {
        case nil: nil
        case .empty: "is empty"
        case .tooLong: "is longer than \(maximumByteCount) bytes"
        case .invalidUTF8: "is not valid UTF-8"
        case .controlCharacter: "holds a control character"
        }
    }
}

extension CodeSkeleton {
    /// What is wrong with a code, as the end of a sentence about its field; nil when nothing is.
    static func reason(against text: String) -> String? {
        var text = text
        switch text.withUTF8({ unsafe validate($0) }) {
        case nil: return nil
        case .empty: return "is empty"
        case .tooLong: return "is longer than \(maximumScalarCount) characters"
        case .invalidUTF8: return "is not valid UTF-8"
        case .controlCharacter: return "holds a control character"
        }
    }

    /// The skeleton's bytes of a code that was validated before.
    static func bytes(of code: BorrowedText) -> [UInt8] {
        unsafe code.utf8.map { fold($0) }
    }
}

extension CountryCode {
    /// Two letters as one number: first << 8 | second.
    static func number(_ text: String) -> UInt64 { text.utf8.reduce(0) { $0 << 8 | UInt64($1) } }
}

extension [UInt8] {
    /// The bytes as a borrowed text, for the closure only.
    func withBorrowed<R, E: Error>(_ body: (BorrowedText) throws(E) -> R) throws(E) -> R {
        let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: Swift.max(1, count))
        defer { unsafe copy.deallocate() }
        for i in indices { unsafe copy[i] = self[i] }
        return try unsafe body(BorrowedText(copy, count: count))
    }
}

extension Timestamp {
    /// Days of 24 hours later; nil past the year 2262.
    func adding(wholeDays days: Int) -> Timestamp? { adding(days: Int64(days)) }
}

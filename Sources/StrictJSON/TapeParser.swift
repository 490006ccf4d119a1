/// A reason and a byte offset; the line and column are worked out only once it leaves the module.
struct JSONFault: Error {
    var reason: JSONError.Reason
    var offset: Int
}

/// The one scanner behind both layers: checks the whole grammar and leaves a tape of nodes.
///
/// Strings are unescaped in place, which never makes them longer. The bytes are followed by
/// ``paddingByteCount`` zero bytes: NUL is legal nowhere, so it ends every loop and eight bytes may be loaded
/// from any valid index. Safe to use once made; only making one is a promise about memory.
@safe struct TapeParser: ~Copyable {
    static let paddingByteCount = 8

    private let base: UnsafeMutablePointer<UInt8>
    private let count: Int
    private var at = 0
    private var nodes: [JSONNode]

    /// - Parameters:
    ///   - base: `count` bytes and the padding, the parser's alone while it lives.
    ///   - nodes: an empty array whose capacity is used again.
    init(base: UnsafeMutablePointer<UInt8>, count: Int, nodes: consuming [JSONNode]) {
        unsafe self.base = base
        self.count = count
        self.nodes = nodes
    }

    mutating func parseDocument(objectOnly: Bool) throws(JSONFault) {
        if count >= 3, byte(0) == 0xEF, byte(1) == 0xBB, byte(2) == 0xBF {
            throw JSONFault(reason: .byteOrderMark, offset: 0)
        }
        skipWhiteSpace()
        if at == count { throw JSONFault(reason: .empty, offset: at) }
        if objectOnly, byte(at) != UInt8(ascii: "{") { throw JSONFault(reason: .notAnObject, offset: at) }
        try parseValue(key: .none, depth: 1)
        skipWhiteSpace()
        if at < count { throw JSONFault(reason: .trailingBytes, offset: at) }
    }

    /// The tape, taken out without a copy.
    consuming func takeNodes() -> [JSONNode] { nodes }

    @inline(__always)
    private func byte(_ index: Int) -> UInt8 { unsafe base[index] }

    @inline(__always)
    private mutating func skipWhiteSpace() {
        while true {
            let next = byte(at)
            guard next == 0x20 || next == 0x0A || next == 0x0D || next == 0x09 else { return }
            at += 1
        }
    }

    private func unexpected(at offset: Int) -> JSONFault {
        JSONFault(reason: offset >= count ? .truncated : .unexpectedByte, offset: min(offset, count))
    }

    private mutating func parseValue(key: JSONText, depth: Int) throws(JSONFault) {
        let start = at
        switch byte(at) {
        case UInt8(ascii: "\""):
            at += 1
            let text = try parseString()
            append(key: key, text: text, offset: start, kind: .string)
        case UInt8(ascii: "{"):
            try parseObject(key: key, depth: depth)
        case UInt8(ascii: "["):
            try parseArray(key: key, depth: depth)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            let text = try parseNumber()
            append(key: key, text: text, offset: start, kind: .number)
        case UInt8(ascii: "t"):
            try parseLiteral("true")
            append(key: key, text: .none, offset: start, kind: .true)
        case UInt8(ascii: "f"):
            try parseLiteral("false")
            append(key: key, text: .none, offset: start, kind: .false)
        case UInt8(ascii: "n"):
            try parseLiteral("null")
            append(key: key, text: .none, offset: start, kind: .null)
        default:
            throw unexpected(at: at)
        }
    }

    @inline(__always)
    private mutating func append(key: JSONText, text: JSONText, offset: Int, kind: JSONKind) {
        let end = UInt32(truncatingIfNeeded: nodes.count + 1)
        let offset = UInt32(truncatingIfNeeded: offset)
        nodes.append(JSONNode(key: key, text: text, offset: offset, end: end, kind: kind))
    }

    private mutating func parseLiteral(_ word: StaticString) throws(JSONFault) {
        for index in 0..<word.utf8CodeUnitCount {
            guard byte(at + index) == (unsafe word.utf8Start[index]) else { throw unexpected(at: at + index) }
        }
        at += word.utf8CodeUnitCount
    }

    // MARK: Containers

    private mutating func parseArray(key: JSONText, depth: Int) throws(JSONFault) {
        if depth > JSONLimits.maximumDepth { throw JSONFault(reason: .tooDeep, offset: at) }
        let index = nodes.count
        append(key: key, text: .none, offset: at, kind: .array)
        at += 1
        skipWhiteSpace()
        if byte(at) == UInt8(ascii: "]") {
            at += 1
            return
        }
        while true {
            skipWhiteSpace()
            try parseValue(key: .none, depth: depth + 1)
            skipWhiteSpace()
            if byte(at) == UInt8(ascii: ",") {
                at += 1
            } else if byte(at) == UInt8(ascii: "]") {
                at += 1
                nodes[index].end = UInt32(truncatingIfNeeded: nodes.count)
                return
            } else {
                throw unexpected(at: at)
            }
        }
    }

    private mutating func parseObject(key: JSONText, depth: Int) throws(JSONFault) {
        if depth > JSONLimits.maximumDepth { throw JSONFault(reason: .tooDeep, offset: at) }
        let index = nodes.count
        append(key: key, text: .none, offset: at, kind: .object)
        at += 1
        skipWhiteSpace()
        if byte(at) == UInt8(ascii: "}") {
            at += 1
            return
        }
        var seen = KeyFilter()
        while true {
            skipWhiteSpace()
            guard byte(at) == UInt8(ascii: "\"") else { throw unexpected(at: at) }
            at += 1
            let member = try parseString()
            if seen.mayHold(member, first: byte(Int(member.offset))) {
                try refuseDuplicate(of: member, in: index, memberCount: seen.count)
            }
            skipWhiteSpace()
            guard byte(at) == UInt8(ascii: ":") else { throw unexpected(at: at) }
            at += 1
            skipWhiteSpace()
            try parseValue(key: member, depth: depth + 1)
            skipWhiteSpace()
            if byte(at) == UInt8(ascii: ",") {
                at += 1
            } else if byte(at) == UInt8(ascii: "}") {
                at += 1
                nodes[index].end = UInt32(truncatingIfNeeded: nodes.count)
                if seen.count > KeyFilter.linearLimit { try refuseDuplicates(in: index) }
                return
            } else {
                throw unexpected(at: at)
            }
        }
    }

    /// Compares a key with those before it in a small object. Larger ones are checked whole when they close.
    private func refuseDuplicate(of key: JSONText, in object: Int, memberCount: Int) throws(JSONFault) {
        if memberCount > KeyFilter.linearLimit { return }
        var index = object + 1
        while index < nodes.count {
            if compare(nodes[index].key, key) == 0 {
                throw JSONFault(reason: .duplicateKey, offset: Int(key.offset) - 1)
            }
            index = Int(nodes[index].end)
        }
    }

    /// Sorts the keys of a closed object of any size and refuses the first that repeats an earlier one.
    private func refuseDuplicates(in object: Int) throws(JSONFault) {
        var keys: [JSONText] = []
        var index = object + 1
        while index < Int(nodes[object].end) {
            keys.append(nodes[index].key)
            index = Int(nodes[index].end)
        }
        keys.sort {
            let order = compare($0, $1)
            return order == 0 ? $0.offset < $1.offset : order < 0
        }
        var first: UInt32?
        for (left, right) in zip(keys, keys.dropFirst()) where compare(left, right) == 0 {
            first = min(first ?? right.offset, right.offset)
        }
        if let first { throw JSONFault(reason: .duplicateKey, offset: Int(first) - 1) }
    }

    /// Orders two texts by length, then bytes.
    private func compare(_ left: JSONText, _ right: JSONText) -> Int {
        if left.byteCount != right.byteCount { return left.byteCount < right.byteCount ? -1 : 1 }
        for index in 0..<Int(left.byteCount) {
            let one = byte(Int(left.offset) + index)
            let other = byte(Int(right.offset) + index)
            if one != other { return one < other ? -1 : 1 }
        }
        return 0
    }

    // MARK: Numbers

    /// RFC 8259 §6, to the letter.
    private mutating func parseNumber() throws(JSONFault) -> JSONText {
        let start = at
        if byte(at) == UInt8(ascii: "-") { at += 1 }
        let whole = at
        try skipDigits(from: start)
        if byte(whole) == UInt8(ascii: "0"), at > whole + 1 {
            throw JSONFault(reason: .invalidNumber, offset: start)
        }
        if byte(at) == UInt8(ascii: ".") {
            at += 1
            try skipDigits(from: start)
        }
        if byte(at) | 0x20 == UInt8(ascii: "e") {
            at += 1
            if byte(at) == UInt8(ascii: "+") || byte(at) == UInt8(ascii: "-") { at += 1 }
            try skipDigits(from: start)
        }
        return text(from: start, to: at)
    }

    /// At least one digit.
    private mutating func skipDigits(from start: Int) throws(JSONFault) {
        let first = at
        while byte(at) &- UInt8(ascii: "0") < 10 { at += 1 }
        guard at > first else {
            throw JSONFault(
                reason: at >= count ? .truncated : .invalidNumber, offset: at >= count ? count : start)
        }
    }

    @inline(__always)
    private func text(from start: Int, to end: Int) -> JSONText {
        JSONText(
            offset: UInt32(truncatingIfNeeded: start), byteCount: UInt32(truncatingIfNeeded: end - start))
    }

    // MARK: Strings

    /// Reads on from behind the opening quote to behind the closing one.
    @inline(__always)
    private mutating func parseString() throws(JSONFault) -> JSONText {
        let start = at
        while true {
            at += plainByteCount()
            let next = byte(at)
            if next == UInt8(ascii: "\"") {
                at += 1
                return text(from: start, to: at - 1)
            }
            if next == UInt8(ascii: "\\") { return try parseEscapedString(from: start) }
            try skipScalar()
        }
    }

    /// Eight bytes at a time: how many of those at `at` are neither quote, backslash, control nor non-ASCII.
    @inline(__always)
    private func plainByteCount() -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        var index = at
        while true {
            // The padding allows the load: `index` is at most `count`, since a NUL ends the loop there.
            let word = UInt64(
                littleEndian: unsafe UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self))
            let quote = word ^ (ones &* 0x22)
            let slash = word ^ (ones &* 0x5C)
            let special =
                ((word &- ones &* 0x20) & ~word | (quote &- ones) & ~quote | (slash &- ones) & ~slash | word)
                & tops
            if special == 0 {
                index += 8
            } else {
                return index + special.trailingZeroBitCount >> 3 - at
            }
        }
    }

    /// One scalar that needs a look: non-ASCII is checked, control characters and the end are refused.
    private mutating func skipScalar() throws(JSONFault) {
        let next = byte(at)
        if next < 0x20 {
            if at >= count { throw JSONFault(reason: .truncated, offset: count) }
            throw JSONFault(reason: next == 0 ? .nulCharacter : .controlCharacter, offset: at)
        }
        let length = unsafe UTF8Text.sequenceLength(base + at, available: count - at)
        if length == 0 { throw JSONFault(reason: .invalidUTF8, offset: at) }
        at += length
    }

    /// The rest of a string whose first escape is at `at`: moves what follows down over the escapes.
    private mutating func parseEscapedString(from start: Int) throws(JSONFault) -> JSONText {
        var write = at
        while true {
            let next = byte(at)
            if next == UInt8(ascii: "\"") {
                at += 1
                return text(from: start, to: write)
            }
            if next == UInt8(ascii: "\\") {
                let scalar = try parseEscape()
                for unit in scalar.utf8 {
                    unsafe base[write] = unit
                    write += 1
                }
                continue
            }
            let from = at
            try skipScalar()
            for index in from..<at {
                unsafe base[write] = byte(index)
                write += 1
            }
        }
    }

    /// One escape, both halves of a surrogate pair taken together.
    private mutating func parseEscape() throws(JSONFault) -> Unicode.Scalar {
        let start = at
        at += 2
        switch byte(start + 1) {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw fault(.invalidEscape, at: start, reading: start + 1)
        }
        let first = try parseHex(escape: start)
        if first == 0 { throw JSONFault(reason: .nulCharacter, offset: start) }
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, byte(at) == UInt8(ascii: "\\"), byte(at + 1) == UInt8(ascii: "u") else {
            throw JSONFault(reason: .loneSurrogate, offset: start)
        }
        at += 2
        let second = try parseHex(escape: start)
        guard 0xDC00...0xDFFF ~= second else { throw JSONFault(reason: .loneSurrogate, offset: start) }
        let value = 0x1_0000 + (first - 0xD800) << 10 + (second - 0xDC00)
        guard let scalar = Unicode.Scalar(value) else {
            throw JSONFault(reason: .loneSurrogate, offset: start)
        }
        return scalar
    }

    private mutating func parseHex(escape start: Int) throws(JSONFault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            let digit: UInt8
            switch byte(at) {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte(at) - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte(at) - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte(at) - UInt8(ascii: "A") + 10
            default: throw fault(.invalidEscape, at: start, reading: at)
            }
            value = value << 4 | UInt32(digit)
            at += 1
        }
        return value
    }

    /// The fault, or `truncated` when it was the end of the input that was read.
    private func fault(_ reason: JSONError.Reason, at offset: Int, reading index: Int) -> JSONFault {
        index >= count
            ? JSONFault(reason: .truncated, offset: count) : JSONFault(reason: reason, offset: offset)
    }
}

import StrictJSON
import Testing

@Suite struct ScannerTests {
    @Test func readsAnInputLine() throws {
        let line =
            #" {"type":"signup","userId":"u-1","level":-12,"ok":true,"none":null,"#
            + #""signals":{"ip":"1","device":"d"},"#
            + #""approvers":["a","b"],"after":"x"} "#
        var scanner = JSONObjectScanner()
        try scanner.scan(Array(line.utf8))
        let keys = scanner.members().map { scanner.string(scanner[$0].key) }
        #expect(keys == ["type", "userId", "level", "ok", "none", "signals", "approvers", "after"])
        let level = try #require(scanner.member("level"))
        #expect(scanner.integer(scanner[level]) == -12)
        #expect(scanner.string(scanner[level].text) == "-12")
        let signals = try #require(scanner.member("signals"))
        #expect(scanner[signals].kind == .object)
        let device = try #require(scanner.member("device", of: signals))
        #expect(scanner.string(scanner[device].text) == "d")
        let approvers = try #require(scanner.member("approvers"))
        #expect(scanner.members(of: approvers).map { scanner.string(scanner[$0].text) } == ["a", "b"])
        #expect(scanner.member("device") == nil)
        #expect(scanner[try #require(scanner.member("ok"))].kind == .true)
        #expect(scanner[try #require(scanner.member("none"))].kind == .null)
        #expect(
            Int(scanner[level].offset) == line.utf8.count - line.split(separator: "-12")[1].utf8.count - 3)
    }

    @Test func unescapesInPlaceWithoutTouchingWhatFollows() throws {
        let line = #"{"a\u0062":"\u00e9\"\\\/\b\f\n\r\t\ud83d\ude00é€😀 end","next":"plain"}"#
        var scanner = JSONObjectScanner()
        try scanner.scan(Array(line.utf8))
        let first = try #require(scanner.member("ab"))
        #expect(scanner.string(scanner[first].text) == "é\"\\/\u{8}\u{C}\n\r\t😀é€😀 end")
        let next = try #require(scanner.member("next"))
        #expect(scanner.string(scanner[next].text) == "plain")
    }

    @Test(arguments: [
        ("", JSONError.Reason.empty, 0), (" \t", .empty, 2), ("[]", .notAnObject, 0), ("1", .notAnObject, 0),
        ("{", .truncated, 1), (#"{"a"#, .truncated, 3), (#"{"a""#, .truncated, 4), (#"{"a":"#, .truncated, 5),
        (#"{"a":tru"#, .truncated, 8), (#"{"a":"\u12"#, .truncated, 10), (#"{"a":"\"#, .truncated, 7),
        (#"{"a":-"#, .truncated, 6), (#"{"a":[1"#, .truncated, 7), (#"{"a":1"#, .truncated, 6),
        (#"{"a":1}}"#, .trailingBytes, 7), (#"{"a":1} x"#, .trailingBytes, 8), ("{}{}", .trailingBytes, 2),
        ("{a:1}", .unexpectedByte, 1), (#"{"a":1,}"#, .unexpectedByte, 7),
        (#"{"a":[1,]}"#, .unexpectedByte, 8),
        (#"{"a" 1}"#, .unexpectedByte, 5), (#"{"a":nul}"#, .unexpectedByte, 8),
        (#"{"a":'x'}"#, .unexpectedByte, 5),
        (#"{"a":NaN}"#, .unexpectedByte, 5), (#"{"a":+1}"#, .unexpectedByte, 5),
        (#"{"a":.5}"#, .unexpectedByte, 5),
        (#"{"a":1 "b":2}"#, .unexpectedByte, 7), ("{\"a\":é}", .unexpectedByte, 5),
        (#"{,"a":1}"#, .unexpectedByte, 1),
        (#"{"a":01}"#, .invalidNumber, 5), (#"{"a":1.}"#, .invalidNumber, 5),
        (#"{"a":-x}"#, .invalidNumber, 5),
        (#"{"a":1e}"#, .invalidNumber, 5), (#"{"a":-00}"#, .invalidNumber, 5),
        (#"{"a":0x10}"#, .unexpectedByte, 6),
        (#"{"a":1,"a":2}"#, .duplicateKey, 7), (#"{"a":1,"\u0061":2}"#, .duplicateKey, 7),
        (#"{"":1,"b":2,"":3}"#, .duplicateKey, 12), (#"{"o":{"k":1,"j":2,"k":3}}"#, .duplicateKey, 18),
        (#"{"a":"\x"}"#, .invalidEscape, 6), (#"{"a":"\u12G4"}"#, .invalidEscape, 6),
        (#"{"a":"\U0061"}"#, .invalidEscape, 6),
        (#"{"a":"\ud800"}"#, .loneSurrogate, 6), (#"{"a":"\udc00"}"#, .loneSurrogate, 6),
        (#"{"a":"\ud800\ud800"}"#, .loneSurrogate, 6), (#"{"a":"\ud800x"}"#, .loneSurrogate, 6),
        (#"{"a":"\u0000"}"#, .nulCharacter, 6), ("{\"a\":\"\u{0}\"}", .nulCharacter, 6),
        ("{\"a\":\"x\u{1}\"}", .controlCharacter, 7), ("{\"a\":\"x\n\"}", .controlCharacter, 7),
        ("{\"a\":\"\\t\u{1F}\"}", .controlCharacter, 8), ("{\"\u{0}\":1}", .nulCharacter, 2),
        ("\u{FEFF}{}", .byteOrderMark, 0), ("{\u{0}}", .unexpectedByte, 1), ("{}\u{0}", .trailingBytes, 2),
    ])
    func refuses(text: String, reason: JSONError.Reason, offset: Int) throws {
        var scanner = JSONObjectScanner()
        let error = try #require(throws: JSONError.self) { try scanner.scan(Array(text.utf8)) }
        #expect(error.reason == reason)
        #expect(error.byteOffset == offset)
        #expect(scanner.count == 0)
        try scanner.scan(Array(#"{"again":1}"#.utf8))
        #expect(scanner.count == 2)
    }

    /// Unicode 15, table 3-7: every first byte with the second bytes at and beyond its bounds.
    @Test(
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC2, 0x7F], [0xC2, 0xC0], [0xE0, 0x9F, 0x80],
            [0xED, 0xA0, 0x80],
            [0xEF, 0xBF], [0xF0, 0x8F, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80],
            [0xFF],
            [0xF0, 0x90, 0x80], [0xE2, 0x82, 0x28],
        ] as [[UInt8]])
    func refusesMalformedUTF8(bytes: [UInt8]) throws {
        for prefix in ["", "12345678", #"\n"#] {
            var scanner = JSONObjectScanner()
            let input = Array("{\"a\":\"\(prefix)".utf8) + bytes + Array("\"}".utf8)
            let error = try #require(throws: JSONError.self) { try scanner.scan(input) }
            #expect(error.reason == .invalidUTF8)
            #expect(error.byteOffset == 6 + prefix.utf8.count)
        }
        unsafe bytes.withUnsafeBufferPointer { #expect(unsafe UTF8Text.firstInvalidOffset(in: $0) == 0) }
    }

    @Test func utf8CheckAgreesWithTheStandardLibrary() {
        var random = SplitMix(seed: 7)
        for _ in 0..<20_000 {
            let interesting: [UInt8] = [
                0x41, 0x80, 0x9F, 0xA0, 0xBF, 0xC2, 0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0x8F, 0x90,
            ]
            let bytes = (0..<Int(random.next() % 6)).map { _ in interesting[Int(random.next() % 13)] }
            let ours = unsafe bytes.withUnsafeBufferPointer { unsafe UTF8Text.firstInvalidOffset(in: $0) }
            #expect((ours == nil) == (String(validating: bytes, as: UTF8.self) != nil), "seed 7, \(bytes)")
        }
    }

    @Test func nestsTo32AndNoFurther() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array(
                (#"{"a":"# + String(repeating: "[", count: depth - 1)
                    + String(repeating: "]", count: depth - 1) + "}").utf8)
        }
        var scanner = JSONObjectScanner()
        try scanner.scan(nested(32))
        let error = try #require(throws: JSONError.self) { try scanner.scan(nested(33)) }
        #expect(error.reason == .tooDeep)
        let hostile = Array(repeating: UInt8(ascii: "["), count: 1_000_000)
        #expect(throws: JSONError.self) { try JSONValue.parse(hostile) }
    }

    @Test(arguments: [3, 64, 65, 66, 500])
    func findsADuplicateInObjectsOfAnySize(count: Int) throws {
        let members = (0..<count).map { "\"key\($0)\":\($0)" }
        var scanner = JSONObjectScanner()
        try scanner.scan(Array("{\(members.joined(separator: ","))}".utf8))
        #expect(scanner.members().map { scanner.integer(scanner[$0]) } == (0..<count).map { Int64($0) })
        for repeated in [0, count / 2, count - 1] {
            let text = "{\(members.joined(separator: ",")),\"key\(repeated)\":1,\"tail\":2}"
            let error = try #require(throws: JSONError.self) { try scanner.scan(Array(text.utf8)) }
            #expect(error.reason == .duplicateKey)
            #expect(error.byteOffset == members.joined(separator: ",").utf8.count + 2)
        }
    }

    @Test func growsForLongLinesAndFindsQuotesAtEveryAlignment() throws {
        var scanner = JSONObjectScanner()
        for length in Array(0..<40) + [5000, 70_000] {
            let value = String(repeating: "x", count: length)
            try scanner.scan(Array("{\"v\":\"\(value)\",\"w\":\"\(value)é\"}".utf8))
            let texts = scanner.members().map { scanner.string(scanner[$0].text) }
            #expect(texts == [value, value + "é"])
        }
    }

    /// Every prefix of a good line and every single changed byte is either refused or read, and never traps.
    @Test func survivesDamage() throws {
        let line = Array(#"{"t":"pé\n","n":[-1.5e3,{"a":null}],"b":false,"u":"\ud83d\ude00"}"#.utf8)
        var scanner = JSONObjectScanner()
        for length in 0..<line.count {
            #expect(throws: JSONError.self) { try scanner.scan(Array(line[..<length])) }
        }
        var accepted = 0
        for index in line.indices {
            for byte in UInt8.min...UInt8.max {
                var damaged = line
                damaged[index] = byte
                if (try? scanner.scan(damaged)) != nil {
                    accepted += 1
                    var writer = JSONWriter()
                    scanner.write(0, to: &writer)
                    #expect(throws: Never.self) { try JSONValue.parse(writer.bytes) }
                }
            }
        }
        #expect(accepted > line.count)
    }

    @Test(
        arguments: [
            ("0", 0), ("-1", -1), ("9223372036854775807", Int64.max), ("-9223372036854775808", Int64.min),
            ("9223372036854775808", nil), ("-9223372036854775809", nil), ("1.0", nil), ("1e2", nil),
            ("-0", nil),
            ("99999999999999999999999", nil),
        ] as [(String, Int64?)])
    func integersAreExactOrNothing(text: String, value: Int64?) throws {
        var scanner = JSONObjectScanner()
        try scanner.scan(Array("{\"n\":\(text)}".utf8))
        #expect(scanner.integer(scanner[1]) == value)
        #expect(try JSONValue.parse(Array(text.utf8)).integer == value)
    }

    @Test func errorsNameLineAndColumnOfTheTextAsGiven() throws {
        let text = "{\n  \"é\\n\\n\": 1,\n  \"ü\": x\n}"
        let error = try #require(throws: JSONError.self) { try JSONValue.parse(Array(text.utf8)) }
        #expect(error.line == 3)
        #expect(error.column == 8)
        #expect(error.description == "line 3, column 8: this character cannot stand here")
    }
}

/// A small seeded generator: Steele, Lea and Flood's SplitMix64.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

import LedgerDomain
import Testing

@testable import LedgerExchange

@Suite struct ProblemTests {
    /// Each code, the line that shows it, and the field that it names.
    static let table: [(LineProblem.Code, String, String?)] = [
        (.jsonInvalid, #"{"type":"signup""#, nil),
        (.jsonInvalid, "[]", nil),
        (.jsonDuplicateKey, #"{"type":"signup","a":1,"a":2}"#, nil),
        (.lineTooLong, "{\"type\":\"" + String(repeating: "x", count: 65_536) + "\"}", nil),
        (.lineNUL, "{\"type\":\"a\u{0}b\"}", nil),
        (.lineNUL, #"{"type":"\u0000"}"#, nil),
        (.lineNUL, "\u{0}{}", nil),
        (.lineNUL, "{}\u{0}", nil),
        (.typeMissing, #"{"userId":"u"}"#, "type"),
        (.fieldType, #"{"type":1}"#, "type"),
        (.typeUnknown, #"{"type":"singup"}"#, "type"),
        (.fieldMissing, #"{"type":"convert","userId":"u"}"#, "at"),
        (.fieldUnknown, #"{"type":"convert","userld":"u"}"#, "userld"),
        (.fieldUnknown, #"{"type":"convert","amount":"1"}"#, "amount"),
        (.fieldUnknown, signup(#""signals":{"mac":"x"}"#), "signals.mac"),
        (.fieldType, signup(#""signals":{"ip":1}"#), "signals.ip"),
        (.fieldType, signup(#""referrerId":null"#), "referrerId"),
        (.fieldType, signup(#""metadata":"x""#), "metadata"),
        (.fieldType, issue("1.0"), "expiresInDays"),
        (.fieldType, issue(#""1""#), "expiresInDays"),
        (.fieldRange, issue("9223372036854775808"), "expiresInDays"),
        (.fieldChoice, #"{"type":"advanceReferral","userId":"ü","to":"up","at":"x"}"#, "to"),
        (.fieldChoice, signup(#""actorRole":"root""#), "actorRole"),
        (.fieldConflict, publish(#""preset":"two-level","policy":{}"#), "preset"),
        (.amountNotDecimal, payment(#""1e3""#, "GBP"), "amount"),
        (.amountNotDecimal, payment(#""""#, "GBP"), "amount"),
        (.amountTooManyDigits, payment(#""1.000""#, "GBP"), "amount"),
        (.amountOverflow, payment(#""92233720368547758.08""#, "GBP"), "amount"),
        (.amountFloat, payment("1.5", "GBP"), "amount"),
        (.amountFloat, payment("1", "GBP"), "amount"),
        (.fieldType, payment("true", "GBP"), "amount"),
        (.currencyUnknown, payment(#""1""#, "gbp"), "currency"),
        (.timeInvalid, #"{"type":"advance","to":"2024-02-30T00:00:00Z"}"#, "to"),
        (.timeInvalid, #"{"type":"advance","to":"2024-02-03 00:00:00"}"#, "to"),
        (.timeOutOfRange, #"{"type":"advance","to":"9999-01-01T00:00:00Z"}"#, "to"),
        (.policyInvalid, publish(#""policy":{"name":"x"}"#), "policy"),
        (.fieldMissing, publish(#""key":"k""#), "policy"),
    ]

    private static func signup(_ more: String) -> String {
        #"{"type":"signup","userId":"u","at":"2024-01-01T00:00:00Z", "# + more + "}"
    }

    private static func issue(_ days: String) -> String {
        #"{"type":"issueCode","key":"k","userId":"u","at":"2024-01-01T00:00:00Z","# + #""expiresInDays":"#
            + days + "}"
    }

    private static func publish(_ more: String) -> String {
        #"{"type":"publishPolicy","effectiveFrom":"2024-01-01T00:00:00Z","# + more + "}"
    }

    private static func payment(_ amount: String, _ currency: String) -> String {
        #"{"type":"payment","paymentId":"p","provider":"s","userId":"u","amount":"# + amount
            + #","currency":"\#(currency)","at":"2024-01-01T00:00:00Z"}"#
    }

    @Test(arguments: table.indices)
    func isNamed(_ index: Int) throws {
        let (code, line, field) = Self.table[index]
        let found = try #require(problem(line), "\(line)")
        #expect(found.code == code && found.field == field, "\(line): \(found)")
    }

    @Test(arguments: table.indices)
    func hasItsColumn(_ index: Int) throws {
        let (_, line, field) = Self.table[index]
        let found = try #require(problem(line))
        #expect(found.column >= 1 && found.column <= line.unicodeScalars.count + 1)
        // The place of a value or of a member's name: never in the middle of one.
        if let field, found.column > 1, found.code != .fieldMissing {
            let before = String(String.UnicodeScalarView(line.unicodeScalars.prefix(found.column - 1)))
            let name = String(field.split(separator: ".").last ?? "")
            #expect(
                before.hasSuffix("\"\(name)\":") || line.dropFirst(before.count).hasPrefix("\"\(name)\""),
                "\(before)|")
        }
    }

    @Test func columnsCountCharacters() {
        #expect(problem(#"{"type":"advanceReferral","userId":"ü","to":"up","at":"x"}"#)?.column == 45)
        #expect(problem(#"{"type":"signup""#)?.column == 17)
        #expect(problem("{\"type\":\"a\u{0}b\"}")?.column == 11)
    }

    @Test(arguments: [
        (Array("{\"type\":\"".utf8) + [0xFF, 0x22, 0x7D], 10), ([0xC3, 0x28], 1),
        (Array("{}".utf8) + [0x80], 3),
    ]) func badUTF8(_ bytes: [UInt8], _ column: Int) {
        var decoder = CommandLineDecoder()
        let error = #expect(throws: LineProblem.self) { try decoder.decode(bytes.span) }
        #expect(error?.code == .lineNotUTF8 && error?.column == column)
    }

    @Test func everyCodeIsShownSomewhere() {
        var shown = Set(Self.table.map(\.0))
        // By the tests of bytes, of zones and of tables.
        shown.formUnion([.lineNotUTF8, .zoneUnknown, .csvCellCount, .csvQuote])
        #expect(shown == Set(LineProblem.Code.allCases))
    }

    @Test func aLineOfTheGreatestLengthIsTaken() throws {
        let start = #"{"type":"advance","to":"2024-01-01T00:00:00Z""#
        let line = start + String(repeating: " ", count: 65_536 - start.utf8.count - 1) + "}"
        #expect(problem(line) == nil)
        #expect(problem(line + " ")?.code == .lineTooLong)
    }
}

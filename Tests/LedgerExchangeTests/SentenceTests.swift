import LedgerDomain
import StrictJSON
import Testing

@testable import LedgerExchange

/// What people read about a mistake is a sentence with its place, and no name of ours.
@Suite struct SentenceTests {
    @Test func everyReasonIsHalfASentence() {
        let all: [(name: String, message: String)] =
            JSONError.Reason.allCases.map { ($0.rawValue, $0.message) }
            + TimestampProblem.allCases.map { ($0.rawValue, $0.message) }
            + DecimalProblem.allCases.map { ($0.rawValue, $0.message) }
            + IdentifierProblem.allCases.map { ($0.rawValue, $0.message) }
        for (name, message) in all {
            #expect(message.contains(" ") && !message.hasSuffix("."), "\(name)")
            #expect(message.first?.isLowercase == true, "\(name)")
            // Words such as notRFC3339 are for programs.
            let isName = name != name.lowercased()
            #expect(!isName || !message.contains(name), "\(name)")
        }
        #expect(Set(all.map(\.message)).count == all.count - 1, "only being empty is said twice")
    }

    @Test(arguments: [
        (#"[]"#, "column 1: json.invalid: not one JSON object: an object, in braces, is due"),
        (
            #"{"type":"signup""#,
            "column 17: json.invalid: not one JSON object: it ends in the middle of a value"
        ),
        (
            #"{"type":"signup","userId":"u","at":"2024-1-1"}"#,
            "column 36: time.invalid: at: a time is written as 2010-12-01T08:26:00Z, or with an offset such as +05:30"
        ),
        (
            #"{"type":"signup","userId":"u","at":"2024-02-30T00:00:00Z"}"#,
            "column 36: time.invalid: at: no calendar or clock shows this time"
        ),
    ])
    func places(line: String, expected: String) {
        var decoder = CommandLineDecoder(defaultAsset: Asset(code: "GBP")!)
        var found = "decoded"
        do { _ = try decoder.decode(line) } catch { found = "\(error)" }
        #expect(found == expected)
    }

    @Test func amountsAreDecimals() {
        #expect(AssetNumber(rawValue: 826).amountText(-12_50) == "-12.50 GBP")
        #expect(AssetNumber.point.amountText(3) == "3 POINT")
        #expect(AssetNumber(rawValue: 2_000).amountText(1) == "1")
    }
}

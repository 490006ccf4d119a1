import Testing

@testable import LedgerCLI

@Suite struct SuggestionTests {
    @Test(arguments: [
        ("", "", 0), ("a", "", 1), ("", "ab", 2), ("import", "import", 0), ("improt", "import", 1),
        ("imprt", "import", 1), ("immport", "import", 1), ("ampart", "import", 2), ("ca", "abc", 3),
        ("kitten", "sitting", 3), ("naïve", "naive", 1),
    ])
    func distances(first: String, second: String, expected: Int) {
        #expect(Suggestion.distance(first, second) == expected)
        #expect(Suggestion.distance(second, first) == expected)
    }

    /// Against the definition, not the table: all words one edit away are at distance one.
    @Test func everySingleEditIsAtDistanceOne() {
        let word = Array("ledger")
        for i in word.indices {
            var deleted = word
            deleted.remove(at: i)
            var replaced = word
            replaced[i] = "x"
            var inserted = word
            inserted.insert("x", at: i)
            for edited in [deleted, replaced, inserted] {
                #expect(Suggestion.distance(String(edited), "ledger") == 1)
            }
            if i + 1 < word.count, word[i] != word[i + 1] {
                var swapped = word
                swapped.swapAt(i, i + 1)
                #expect(Suggestion.distance(String(swapped), "ledger") == 1)
            }
        }
    }

    @Test(
        arguments: [
            ("stauts", "status"), ("STATUS", "status"), ("leader", "leaderboard"), ("trail", "trial"),
            ("tre", "tree"), ("zzz", nil), ("", nil), ("x", nil), ("t", nil), ("tr", nil),
            ("satement", "statement"),
        ] as [(String, String?)])
    func nearest(word: String, expected: String?) {
        let verbs = ["status", "tree", "statement", "leaderboard", "trial", "trace", "a"]
        #expect(Suggestion.nearest(to: word, among: verbs) == expected)
    }

    @Test func veryLongWordsAreNotCompared() {
        let long = String(repeating: "a", count: 100_000)
        #expect(Suggestion.distance(long, "a") == 100_000)
        #expect(Suggestion.nearest(to: long, among: ["a"]) == nil)
    }
}

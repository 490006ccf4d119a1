import LedgerDomain
import Testing

@Suite struct IdentifierTests {
    @Test(
        arguments: [
            ("u-17850", nil), (" ", nil), ("é😀", nil), ("\u{A0}", nil),
            (String(repeating: "x", count: 255), nil),
            ("", .empty), (String(repeating: "x", count: 256), .tooLong),
            (String(repeating: "é", count: 128), .tooLong),
            ("a\u{0}", .controlCharacter), ("\u{1F}", .controlCharacter), ("a\u{7F}", .controlCharacter),
            ("\u{80}", .controlCharacter), ("x\u{9F}", .controlCharacter), ("é\n", .controlCharacter),
        ] as [(String, IdentifierProblem?)])
    func table(text: String, problem: IdentifierProblem?) {
        #expect(IdentifierRules.validate(text) == problem)
    }

    @Test func refusesMalformedUTF8() {
        for bytes in [[0x80], [0x61, 0xC3], [0xED, 0xA0, 0x80]] as [[UInt8]] {
            let problem = unsafe bytes.withUnsafeBufferPointer { unsafe IdentifierRules.validate($0) }
            #expect(problem == .invalidUTF8)
        }
    }

    @Test(arguments: [
        ("GB", true), ("ZZ", true), ("gb", false), ("G", false), ("GBR", false), ("", false), ("G1", false),
    ])
    func countries(text: String, valid: Bool) { #expect(CountryCode.isValid(text) == valid) }
}

@Suite struct CodeSkeletonTests {
    @Test(arguments: [
        ("AB12CD34", "AB12CD34"), ("ab12cd34", "AB12CD34"), ("oOiIlL", "001111"), ("hello-é", "HE110-é"),
        ("É", "É"),
        ("z{`@[", "Z{`@["), ("0", "0"),
    ])
    func folds(code: String, skeleton: String) throws { #expect(try CodeSkeleton(code).text == skeleton) }

    @Test func lookAlikesAreEqual() throws {
        #expect(try CodeSkeleton("LOIL") == CodeSkeleton("1o11"))
        #expect(try CodeSkeleton("A") != CodeSkeleton("B"))
    }

    @Test(
        arguments: [
            ("", .empty), (String(repeating: "x", count: 51), .tooLong),
            (String(repeating: "😀", count: 51), .tooLong),
            ("a\tb", .controlCharacter), ("a\u{85}", .controlCharacter), ("\u{7F}", .controlCharacter),
        ] as [(String, CodeProblem)])
    func refuses(code: String, problem: CodeProblem) {
        #expect(throws: problem) { try CodeSkeleton(code) }
    }

    @Test func countsScalars() throws {
        #expect(try CodeSkeleton(String(repeating: "😀", count: 50)).text.unicodeScalars.count == 50)
        var output: [UInt8] = [1]
        #expect(throws: CodeProblem.invalidUTF8) {
            try unsafe [0xFF].withUnsafeBufferPointer { (bytes) throws(CodeProblem) in
                try unsafe CodeSkeleton.append(bytes, to: &output)
            }
        }
        #expect(output == [1])
    }
}

@Suite struct BorrowedTextTests {
    /// Texts of all lengths around a word's, alike but for one byte at each place.
    @Test func oneByteMakesADifference() {
        for count in 0...33 {
            let text = (0..<count).map { UInt8(0x41 + $0) }
            text.withUnsafeBufferPointer { bytes in
                let mine = BorrowedText(bytes.baseAddress, count: count)
                #expect(mine.equals(text))
                #expect(!mine.equals(text + [0x41]))
                if count <= 24 { #expect(isShort(mine, text)) }
                for place in 0..<count {
                    var other = text
                    other[place] ^= 1
                    #expect(!mine.equals(other), "\(count) bytes, another one at \(place)")
                    if count <= 24 {
                        #expect(!isShort(mine, other), "\(count) bytes, another one at \(place)")
                    }
                }
            }
        }
    }

    private func isShort(_ mine: BorrowedText, _ other: [UInt8]) -> Bool {
        other.withUnsafeBufferPointer {
            mine.equalsShort(BorrowedText($0.baseAddress, count: $0.count))
        }
    }
}

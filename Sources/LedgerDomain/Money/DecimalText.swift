/// Why a text is not an amount. Raw values are stable.
public enum DecimalProblem: String, Error, Sendable, CaseIterable {
    /// No characters.
    case empty
    /// Not `-?` digits, optionally `.` digits, without leading zeros but a single one.
    case notDecimal
    /// More fraction digits than the asset has, even zeros: a refusal, not a rounding.
    case tooManyDigits
    /// Does not fit 64 bits of minor units.
    case overflow

    /// One half of a sentence for people, to stand behind a colon.
    public var message: String {
        switch self {
        case .empty: "it is empty"
        case .notDecimal: "an amount is written with digits and a point, as 49.99"
        case .tooManyDigits: "it has more digits behind the point than there are minor units"
        case .overflow: "it is larger than the ledger can hold"
        }
    }
}

/// Amounts as decimal text: exact, in ASCII, the same everywhere.
///
/// Source: Documentation/rules.md, "Time, money, text".
public enum DecimalText {
    /// Reads minor units from text such as `49.99`, `5`, `0.50`, `-7.5`.
    ///
    /// - Parameters:
    ///   - utf8: the whole text; nothing around it is skipped.
    ///   - exponent: fraction digits of the asset, 0 to 18.
    /// - Returns: minor units over the whole range of `Int64`.
    /// - Throws: the text's shape is judged first, then its digits, then its size.
    public static func parse(
        _ utf8: UnsafeBufferPointer<UInt8>, exponent: Int
    ) throws(DecimalProblem) -> Int64 {
        precondition(0...18 ~= exponent, "an exponent is 0 to 18")
        if utf8.isEmpty { throw .empty }
        let shape = try unsafe Shape(utf8)
        if shape.fractionDigits > exponent { throw .tooManyDigits }
        // Gathered below zero, where the range reaches one further.
        var negated: Int64 = 0
        for index in shape.firstDigit..<utf8.count where index != shape.point {
            try append(Int64(unsafe utf8[index] &- UInt8(ascii: "0")), to: &negated)
        }
        for _ in shape.fractionDigits..<exponent { try append(0, to: &negated) }
        if shape.firstDigit == 1 { return negated }
        if negated == .min { throw .overflow }
        return -negated
    }

    /// Reads minor units from text; see the pointer form.
    public static func parse(_ text: String, exponent: Int) throws(DecimalProblem) -> Int64 {
        try unsafe text.utf8.span.withUnsafeBufferPointer { (utf8) throws(DecimalProblem) in
            try unsafe parse(utf8, exponent: exponent)
        }
    }

    /// Writes minor units with all their fraction digits: `49.99`, `-0.05`, `7`.
    /// - Parameters:
    ///   - minor: minor units over the whole range of `Int64`.
    ///   - exponent: fraction digits of the asset, 0 to 18.
    public static func format(minor: Int64, exponent: Int) -> String {
        precondition(0...18 ~= exponent, "an exponent is 0 to 18")
        let digits = String(minor.magnitude)
        let sign = minor < 0 ? "-" : ""
        if exponent == 0 { return sign + digits }
        let padded = String(repeating: "0", count: max(0, exponent + 1 - digits.utf8.count)) + digits
        let point = padded.utf8.index(padded.utf8.endIndex, offsetBy: -exponent)
        return "\(sign)\(padded[..<point]).\(padded[point...])"
    }

    private static func append(_ digit: Int64, to negated: inout Int64) throws(DecimalProblem) {
        let (product, overflow) = negated.multipliedReportingOverflow(by: 10)
        let (sum, carry) = product.subtractingReportingOverflow(digit)
        if overflow || carry { throw .overflow }
        negated = sum
    }

    /// Where sign, digits and point of a well-formed text stand.
    private struct Shape {
        var firstDigit: Int
        var point: Int
        var fractionDigits: Int

        init(_ utf8: UnsafeBufferPointer<UInt8>) throws(DecimalProblem) {
            let count = utf8.count
            firstDigit = unsafe utf8[0] == UInt8(ascii: "-") ? 1 : 0
            point = count
            for index in firstDigit..<count {
                let byte = unsafe utf8[index]
                if byte == UInt8(ascii: "."), point == count {
                    point = index
                } else if byte &- UInt8(ascii: "0") >= 10 {
                    throw .notDecimal
                }
            }
            let wholeDigits = point - firstDigit
            fractionDigits = max(0, count - point - 1)
            if wholeDigits == 0 || (point < count && fractionDigits == 0) { throw .notDecimal }
            if wholeDigits > 1, unsafe utf8[firstDigit] == UInt8(ascii: "0") { throw .notDecimal }
        }
    }
}

extension AssetNumber {
    /// An amount for people, with all its fraction digits and its asset: `12.50 GBP`, `3 POINT`; of an asset
    /// that not every ledger knows (a badge) the number alone.
    /// - Parameter minor: minor units over the whole range of `Int64`.
    public func amountText(_ minor: Int64) -> String {
        guard let asset = Asset(number: self) else { return "\(minor)" }
        return "\(DecimalText.format(minor: minor, exponent: asset.exponent)) \(asset.code)"
    }
}

/// How a share that is no whole number of minor units becomes one. Named in the policy.
///
/// Each mode is symmetric: the share of −x is minus the share of x, so a reversal gives back exactly what was
/// granted. Raw values are part of the log format.
public enum Rounding: UInt8, Sendable, CaseIterable, BitwiseCopyable {
    /// To the nearest, ties to the even one: `2.5` → `2`, `3.5` → `4`.
    case halfEven = 0
    /// To the nearest, ties away from zero: `2.5` → `3`, `−2.5` → `−3`.
    case halfUp = 1
    /// Towards zero: `2.9` → `2`, `−2.9` → `−2`.
    case down = 2
    /// Away from zero: `2.1` → `3`, `−2.1` → `−3`.
    case up = 3

    /// The name in a policy: `halfEven`, `halfUp`, `down`, `up`.
    public var name: String {
        switch self {
        case .halfEven: "halfEven"
        case .halfUp: "halfUp"
        case .down: "down"
        case .up: "up"
        }
    }

    /// The mode of that name in a policy.
    public init?(name: String) {
        guard let mode = Rounding.allCases.first(where: { $0.name == name }) else { return nil }
        self = mode
    }

    /// `amount` × `numerator` ÷ `denominator`, worked out in 128 bits and rounded once.
    ///
    /// Source: Documentation/rules.md, "Time, money, text".
    /// - Parameters:
    ///   - amount: minor units, of either sign.
    ///   - numerator: not negative.
    ///   - denominator: above zero.
    /// - Returns: minor units, or nil when they do not fit 64 bits or a parameter is out of range: a refusal,
    ///   never a trap.
    @inlinable
    @inline(__always)
    public func share(_ amount: Int64, numerator: Int64, denominator: Int64) -> Int64? {
        guard numerator >= 0, denominator > 0 else { return nil }
        let divisor = denominator.magnitude
        let product = amount.magnitude.multipliedFullWidth(by: numerator.magnitude)
        guard product.high < divisor else { return nil }
        // Nearly always one word is enough: then the compiler may know how to divide by this very number.
        let (quotient, remainder) =
            product.high == 0
            ? product.low.quotientAndRemainder(dividingBy: divisor) : divisor.dividingFullWidth(product)
        // A denominator fits 63 bits, so twice the remainder fits 64.
        let awayFromZero: Bool
        switch self {
        case .halfEven:
            let twice = remainder &* 2
            awayFromZero = twice > divisor || (twice == divisor && quotient & 1 == 1)
        case .halfUp: awayFromZero = remainder &* 2 >= divisor
        case .down: awayFromZero = false
        case .up: awayFromZero = remainder != 0
        }
        let (magnitude, overflow) = quotient.addingReportingOverflow(awayFromZero ? 1 : 0)
        if overflow { return nil }
        if amount >= 0 { return Int64(exactly: magnitude) }
        return magnitude <= Int64.min.magnitude ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil
    }
}

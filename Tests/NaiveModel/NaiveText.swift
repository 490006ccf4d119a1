/// Why a line was refused; travels up to `NaiveLedger.submit`, which turns it into an `Outcome`.
struct Refusal: Error {
    let code: String

    init(_ code: String) { self.code = code }
}

/// The currencies the model knows, with the number of digits after the point.
let exponents = ["USD": 2, "EUR": 2, "GBP": 2, "INR": 2, "JPY": 0, "KWD": 3, "POINT": 0]

/// Nanoseconds in 24 hours.
let dayNanoseconds: Int64 = 86_400_000_000_000

/// A string that equals another only when every byte does. (Swift's own `==` takes "é" for "e" + accent.)
struct Exact: Hashable {
    let bytes: [UInt8]

    init(_ parts: String...) { self.init(parts) }
    init(_ parts: [String]) { bytes = Array(parts.joined(separator: "\u{0}").utf8) }

    /// What it was made of.
    var parts: [String] {
        bytes.split(separator: 0, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
    }
}

/// Names of units that are not `BADGE:…`.
let unitNames: Set<String> = ["PREMIUM_DAY", "PREMIUM_LIFETIME"]

/// amount × numerator ÷ denominator, made whole. All three are at least zero.
func share(
    _ amount: Int64, _ numerator: Int64, _ denominator: Int64,
    _ rounding: NaiveLedger.Rounding = .halfEven
) throws(Refusal) -> Int64 {
    try whole(Int128(amount) * Int128(numerator), Int128(denominator), rounding)
}

/// product ÷ denominator, made whole.
func whole(
    _ product: Int128, _ denominator: Int128, _ rounding: NaiveLedger.Rounding
) throws(Refusal) -> Int64 {
    var (quotient, rest) = product.quotientAndRemainder(dividingBy: denominator)
    let twice = rest * 2
    let isUp =
        switch rounding {
        case .halfEven: twice > denominator || (twice == denominator && quotient % 2 == 1)
        case .halfUp: twice >= denominator
        case .down: false
        case .up: rest > 0
        }
    if isUp { quotient += 1 }
    guard let result = Int64(exactly: quotient) else { throw Refusal("amount.overflow") }
    return result
}

/// Minor units of a decimal string.
func parseAmount(_ text: String, exponent: Int) throws(Refusal) -> Int64 {
    var digits = text.utf8.map { $0 }
    let negative = digits.first == UInt8(ascii: "-")
    if negative { digits.removeFirst() }
    let parts = digits.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { (48...57).contains($0) } }),
        parts[0].count == 1 || parts[0].first != 48
    else { throw Refusal("amount.text") }
    let fraction = parts.count == 2 ? Array(parts[1]) : []
    if fraction.count > exponent { throw Refusal("amount.digits") }
    let zeros = [UInt8](repeating: 48, count: exponent - fraction.count)
    var value: Int128 = 0
    for digit in Array(parts[0]) + fraction + zeros {
        value = value * 10 + Int128(digit - 48)
        if value > Int128(Int64.max) + 1 { throw Refusal("amount.range") }
    }
    guard let result = Int64(exactly: negative ? -value : value) else { throw Refusal("amount.range") }
    return result
}

/// The decimal string of minor units, with all digits of the currency.
func amountText(_ amount: Int64, exponent: Int) -> String {
    var digits = String(amount.magnitude)
    while digits.count <= exponent { digits = "0" + digits }
    let sign = amount < 0 ? "-" : ""
    return exponent == 0 ? sign + digits : sign + digits.dropLast(exponent) + "." + digits.suffix(exponent)
}

/// Days since 1970-01-01 of a date of the Gregorian calendar.
func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
    let before = year - 1
    var days = before * 365 + before / 4 - before / 100 + before / 400 - 719_162
    for earlier in 1..<month { days += daysIn(month: earlier, year: year) }
    return days + day - 1
}

func daysIn(month: Int, year: Int) -> Int {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
}

/// The year and month (1 to 12) of a moment, UTC.
func yearAndMonth(_ moment: Int64) -> (year: Int, month: Int) {
    var rest = dayNumber(moment)
    var year = 1970
    // A rough guess, then steps of a year: simple, and right for the few centuries an Int64 holds.
    while rest < 0 {
        year -= 1
        rest += (1...12).reduce(0) { $0 + daysIn(month: $1, year: year) }
    }
    while true {
        for month in 1...12 {
            let length = daysIn(month: month, year: year)
            if rest < length { return (year, month) }
            rest -= length
        }
        year += 1
    }
}

/// Whole days since the epoch, rounded down.
func dayNumber(_ moment: Int64) -> Int {
    let quotient = Int(moment / dayNanoseconds)
    return moment % dayNanoseconds < 0 ? quotient - 1 : quotient
}

/// Nanoseconds since the epoch of an RFC 3339 text.
func parseMoment(_ text: String) throws(Refusal) -> Int64 {
    var rest = Substring(text)
    func number(_ count: Int) throws(Refusal) -> Int {
        let digits = rest.prefix(count)
        guard digits.utf8.count == count, digits.utf8.allSatisfy({ (48...57).contains($0) }) else {
            throw Refusal("time.text")
        }
        rest = rest.dropFirst(count)
        return Int(digits) ?? 0
    }
    func sign(_ allowed: String) throws(Refusal) -> Character {
        guard let next = rest.first, allowed.contains(next) else { throw Refusal("time.text") }
        rest = rest.dropFirst()
        return next
    }
    let year = try number(4)
    _ = try sign("-")
    let month = try number(2)
    _ = try sign("-")
    let day = try number(2)
    _ = try sign("Tt")
    let hour = try number(2)
    _ = try sign(":")
    let minute = try number(2)
    _ = try sign(":")
    let second = try number(2)
    guard (1...12).contains(month), day >= 1, day <= daysIn(month: month, year: year), hour <= 23,
        minute <= 59, second <= 59
    else { throw Refusal("time.text") }
    var nanoseconds = 0
    if rest.first == "." {
        rest = rest.dropFirst()
        let digits = rest.prefix { ("0"..."9").contains($0) }
        guard (1...9).contains(digits.count) else { throw Refusal("time.text") }
        rest = rest.dropFirst(digits.count)
        nanoseconds = Int(digits + String(repeating: "0", count: 9 - digits.count)) ?? 0
    }
    var offsetMinutes = 0
    let zone = try sign("Zz+-")
    if zone == "+" || zone == "-" {
        let hours = try number(2)
        _ = try sign(":")
        let minutes = try number(2)
        guard hours <= 23, minutes <= 59 else { throw Refusal("time.text") }
        offsetMinutes = (hours * 60 + minutes) * (zone == "-" ? -1 : 1)
    }
    guard rest.isEmpty else { throw Refusal("time.text") }
    let minutes =
        (daysSinceEpoch(year: year, month: month, day: day) * 24 + hour) * 60 + minute - offsetMinutes
    let exact = Int128(minutes * 60 + second) * 1_000_000_000 + Int128(nanoseconds)
    guard let moment = Int64(exactly: exact) else { throw Refusal("time.range") }
    return moment
}

/// A moment `days` × 24 h after another.
func moment(_ start: Int64, plusDays days: Int) throws(Refusal) -> Int64 {
    guard let result = Int64(exactly: Int128(start) + Int128(days) * Int128(dayNanoseconds)) else {
        throw Refusal("time.range")
    }
    return result
}

/// A moment so many months after another, at the same time of day; a day that the month does not have is its
/// last.
func moment(_ start: Int64, plusMonths months: Int) throws(Refusal) -> Int64 {
    let (year, month) = yearAndMonth(start)
    let day = dayNumber(start) - daysSinceEpoch(year: year, month: month, day: 1) + 1
    let inDay = Int128(start) - Int128(dayNumber(start)) * Int128(dayNanoseconds)
    let index = year * 12 + month - 1 + months
    let (newYear, newMonth) = (index / 12, index % 12 + 1)
    let newDay = min(day, daysIn(month: newMonth, year: newYear))
    let days = daysSinceEpoch(year: newYear, month: newMonth, day: newDay)
    guard let result = Int64(exactly: Int128(days) * Int128(dayNanoseconds) + inDay) else {
        throw Refusal("time.range")
    }
    return result
}

/// What two codes that look alike have in common.
func skeleton(_ code: String) -> Exact {
    var result = ""
    for scalar in code.unicodeScalars {
        switch scalar {
        case "o", "O": result += "0"
        case "i", "I", "l", "L": result += "1"
        case "a"..."z": result.unicodeScalars.append(Unicode.Scalar(UInt8(scalar.value) - 32))
        default: result.unicodeScalars.append(scalar)
        }
    }
    return Exact(result)
}

func hasControlCharacter(_ text: String) -> Bool {
    text.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }
}

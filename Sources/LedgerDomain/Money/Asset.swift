/// What an amount is counted in, as a number: 2 bytes in rows and in the log.
///
/// Below 1000 it is a currency's ISO 4217 numeric code; 1000 to 1999 are this engine's fixed units; from 2000
/// on a ledger numbers the `BADGE:` symbols that its own log defines, in the order of their definition.
public struct AssetNumber: RawRepresentable, Hashable, Comparable, Sendable, BitwiseCopyable {
    /// The number.
    public var rawValue: UInt16

    /// Any number, known or not.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Days of premium membership.
    public static let premiumDay = AssetNumber(rawValue: 1000)
    /// Premium membership for life.
    public static let premiumLifetime = AssetNumber(rawValue: 1001)
    /// Points.
    public static let point = AssetNumber(rawValue: 1002)
    /// The first number that a ledger gives to a symbol of its own.
    public static let firstLedgerDefined = AssetNumber(rawValue: 2000)

    /// Whether the meaning is in the ledger's log and not in this table.
    public var isLedgerDefined: Bool { self >= .firstLedgerDefined }

    /// Whether it is money to the ledger: currencies, and points. Money matures and can be withdrawn; other
    /// units are claimed.
    public var isMoney: Bool { self < .premiumDay || self == .point }

    /// By number.
    public static func < (left: AssetNumber, right: AssetNumber) -> Bool { left.rawValue < right.rawValue }
}

/// A currency or unit: its number, its code and how many fraction digits its amounts have.
public struct Asset: Hashable, Sendable {
    /// The number, by which rows and records know it.
    public let number: AssetNumber
    /// The code, by which people know it: `GBP`, `POINT`.
    public let code: String
    /// Fraction digits of an amount: 0, 2 or 3. Units have 0.
    public let exponent: Int

    /// The asset of that code, letter for letter, or nil: unknown codes, currencies with exponent 4, metals,
    /// test codes, and `BADGE:` symbols, which only a ledger can resolve. Cost: a few nanoseconds and no
    /// allocation of its own.
    public init?(code: String) {
        var code = code
        guard let number = code.withUTF8({ unsafe Asset.number(code: $0) }) else { return nil }
        self.init(number: number)
    }

    /// The asset of that number, or nil when it is none or is defined by a ledger.
    public init?(number: AssetNumber) {
        guard let entry = AssetTable.shared.entry(number) else { return nil }
        self = entry
    }

    /// The number of a code, without making an ``Asset``: for the hot path of an import.
    public static func number(code: UnsafeBufferPointer<UInt8>) -> AssetNumber? {
        unsafe AssetTable.shared.number(code)
    }

    /// Every asset that is fixed by this version, by number.
    public static var all: [Asset] { AssetTable.shared.assets }

    /// A symbol that a ledger has defined, such as `BADGE:referral-master`.
    /// - Precondition: `number` is 2000 or above.
    public init(ledgerDefined number: AssetNumber, code: String) {
        precondition(number.isLedgerDefined, "numbers below 2000 have a fixed meaning")
        self.init(number: number, code: code, exponent: 0)
    }

    init(number: AssetNumber, code: String, exponent: Int) {
        self.number = number
        self.code = code
        self.exponent = exponent
    }
}

extension AssetNumber {
    /// Whether it is the number of an asset that this version fixes: as ``Asset/init(number:)`` finds one, without making it.
    public var isFixed: Bool { AssetTable.shared.has(self) }
}

/// The fixed assets with an index each way.
private struct AssetTable: Sendable {
    static let shared = AssetTable()

    let assets: [Asset]
    /// By number, for numbers below 1003: an index into `assets`, or none.
    private let byNumber: [UInt16]
    /// By the 26³ three-letter codes: a number, or none.
    private let byLetters: [UInt16]

    private static let none = UInt16.max

    private init() {
        var assets: [Asset] = []
        for (exponent, rows) in ISO4217.rows {
            for row in rows.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
                let number = row.utf8.dropFirst(3).reduce(UInt16(0)) {
                    $0 * 10 + UInt16($1 - UInt8(ascii: "0"))
                }
                assets.append(
                    Asset(
                        number: AssetNumber(rawValue: number), code: String(row.prefix(3)), exponent: exponent
                    ))
            }
        }
        assets.append(Asset(number: .premiumDay, code: "PREMIUM_DAY", exponent: 0))
        assets.append(Asset(number: .premiumLifetime, code: "PREMIUM_LIFETIME", exponent: 0))
        assets.append(Asset(number: .point, code: "POINT", exponent: 0))
        assets.sort { $0.number < $1.number }
        var byNumber = Array(repeating: Self.none, count: Int(AssetNumber.point.rawValue) + 1)
        var byLetters = Array(repeating: Self.none, count: 26 * 26 * 26)
        for (index, asset) in assets.enumerated() {
            byNumber[Int(asset.number.rawValue)] = UInt16(index)
            if asset.number < .premiumDay {
                let letters = asset.code.utf8.reduce(0) { $0 * 26 + Int($1 - UInt8(ascii: "A")) }
                byLetters[letters] = asset.number.rawValue
            }
        }
        self.assets = assets
        self.byNumber = byNumber
        self.byLetters = byLetters
    }

    func entry(_ number: AssetNumber) -> Asset? {
        has(number) ? assets[Int(byNumber[Int(number.rawValue)])] : nil
    }

    func has(_ number: AssetNumber) -> Bool {
        let raw = Int(number.rawValue)
        return raw < byNumber.count && byNumber[raw] != Self.none
    }

    func number(_ code: UnsafeBufferPointer<UInt8>) -> AssetNumber? {
        guard code.count == 3 else {
            return assets.suffix(3).first { unsafe $0.code.utf8.elementsEqual(code) }?.number
        }
        var letters = 0
        for index in 0..<3 {
            let letter = unsafe code[index] &- UInt8(ascii: "A")
            if letter >= 26 { return nil }
            letters = letters * 26 + Int(letter)
        }
        let raw = byLetters[letters]
        return raw == Self.none ? nil : AssetNumber(rawValue: raw)
    }
}

import LedgerDomain

/// The plain form of personal data, before sealing: for each field a tag, a length of four bytes, and UTF-8.
public enum PersonalCodec {
    private static let fields:
        [(tag: UInt8, name: String, path: WritableKeyPath<Signup.PersonalData, String?> & Sendable)] = [
            (1, "email", \.email), (2, "phone", \.phone), (3, "name", \.name), (4, "metadata", \.metadata),
        ]

    public static func encode(_ personal: Signup.PersonalData) -> [UInt8] {
        var out: [UInt8] = []
        for field in fields {
            guard let text = personal[keyPath: field.path] else { continue }
            out.append(field.tag)
            let count = UInt32(text.utf8.count)
            for shift in [0, 8, 16, 24] { out.append(UInt8(truncatingIfNeeded: count >> UInt32(shift))) }
            out.append(contentsOf: text.utf8)
        }
        return out
    }

    public static func decode(_ bytes: [UInt8]) -> Signup.PersonalData {
        var personal = Signup.PersonalData()
        var i = 0
        while i + 5 <= bytes.count {
            let count = (0..<4).reduce(0) { $0 | Int(bytes[i + 1 + $1]) << (8 * $1) }
            guard i + 5 + count <= bytes.count else { break }
            if let field = fields.first(where: { $0.tag == bytes[i] }) {
                personal[keyPath: field.path] = String(
                    decoding: bytes[(i + 5)..<(i + 5 + count)], as: UTF8.self)
            }
            i += 5 + count
        }
        return personal
    }

    /// What sealed data is bound to: it opens for this ledger and user only.
    public static func binding(_ ledgerId: Bytes16, _ user: UserNumber) -> [UInt8] {
        ledgerId.bytes + (0..<4).map { UInt8(truncatingIfNeeded: user.rawValue >> (8 * UInt32($0))) }
    }

    static func firstField(of personal: Signup.PersonalData) -> String? {
        fields.first { personal[keyPath: $0.path] != nil }?.name
    }

    static func firstDifference(_ a: Signup.PersonalData, _ b: Signup.PersonalData) -> String? {
        fields.first {
            a[keyPath: $0.path].map { Array($0.utf8) } != b[keyPath: $0.path].map { Array($0.utf8) }
        }?.name
    }
}

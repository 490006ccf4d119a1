import ReferralLedger

/// Names as hledger and Ledger take them. The mapping is injective; Documentation/exports.md describes it.
enum HledgerNames {
    /// One part of an account's name: ASCII letters, digits and `-._~@+/` as they are, every other byte of
    /// the UTF-8 as `%XX`. So no name holds the `:` that parts accounts, the `;` of a comment, a bracket of
    /// a virtual posting, or a blank.
    static func part(_ name: String) -> String {
        if name.utf8.allSatisfy(isPlain) { return name }
        var encoded = ""
        for byte in name.utf8 {
            if isPlain(byte) {
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return encoded
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case 0x2B, 0x2D, 0x2E, 0x2F, 0x40, 0x5F, 0x7E: true
        default: false
        }
    }

    /// A commodity: bare where it is of letters only, else in quotes. A code has no quote of its own.
    static func commodity(_ code: String) -> String {
        let isBare = code.utf8.allSatisfy { 0x41...0x5A ~= $0 || 0x61...0x7A ~= $0 }
        if isBare, !code.isEmpty { return code }
        // Control characters, blanks, quotes and `%` could end the name or be read as part of another one.
        var quoted = ""
        for scalar in code.unicodeScalars {
            if scalar.value < 0x21 || scalar == "\"" || scalar == "%" || scalar == ";" || scalar.value > 0x7E
            {
                for byte in String(scalar).utf8 {
                    let digits = String(byte, radix: 16, uppercase: true)
                    quoted += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
                }
            } else {
                quoted.unicodeScalars.append(scalar)
            }
        }
        return "\"\(quoted)\""
    }

    /// The account's full name in a programme, as the specification's "Exports" has it.
    static func account(_ name: LedgerEvent.AccountName, programme: String) -> String {
        let programme = part(programme)
        if let userId = name.userId {
            if name.account == "receivable" { return "assets:\(programme):receivable:\(part(userId))" }
            return "liabilities:\(programme):users:\(part(userId)):\(part(name.account))"
        }
        switch name.account {
        case "rewardExpense": return "expenses:\(programme):rewards"
        case "loss", "used": return "expenses:\(programme):\(name.account)"
        case "cash": return "assets:\(programme):cash"
        case "clearing": return "assets:\(programme):clearing:\(part(name.provider ?? ""))"
        case "tax": return "liabilities:\(programme):tax"
        case "fee", "breakage": return "income:\(programme):\(name.account)"
        default: return "equity:\(programme):\(part(name.account))"
        }
    }
}

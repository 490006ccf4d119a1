import LedgerDomain

/// Writes the lines of a simulation in their canonical form, without a check or a copy.
struct SimulationLine: Sendable {
    /// Where a user comes from.
    enum Origin {
        case none
        case referrer(Int)
        case code(Int)
        /// A code that nobody has; the number makes it another each time.
        case unknownCode(Int)
    }

    /// A payment, small enough to be kept for a while.
    struct Payment: Sendable {
        var number: Int
        var payer: Int
        var amount: Int64
        var base: Int64?
        /// Of the provider that counts refunds cumulatively.
        var isOfApp: Bool
        /// In seconds since 2024-01-01.
        var at: Int
    }

    private let exponent: Int
    let currency: [UInt8]
    /// `,"programme":"…"` or nothing.
    let programme: [UInt8]
    /// The same, the brace and the line break.
    let end: [UInt8]
    /// The day that is written in `date`.
    private var day = -1
    private var date: [UInt8] = []

    init(asset: Asset, programme: String?) {
        exponent = asset.exponent
        currency = Array(",\"currency\":\"\(asset.code)\"".utf8)
        var part: [UInt8] = []
        if let programme {
            var quoted = LineComposer()
            quoted.begin(type: programme)
            quoted.end()
            // {"type":"…"} with the programme as its text, quoted as JSON wants it.
            part = Array(",\"programme\":".utf8) + quoted.writer.bytes.dropFirst(8).dropLast()
        }
        self.programme = part
        end = part + Array("}\n".utf8)
    }

    // MARK: Lines

    mutating func signup(_ user: Int, at second: Int, from origin: Origin, into output: inout [UInt8]) {
        Self.append(#"{"type":"signup","userId":"u-"#, &output)
        Self.append(user + 1, &output)
        Self.append("\"", &output)
        time(",\"at\":\"", second, &output)
        switch origin {
        case .none: break
        case .referrer(let referrer):
            Self.append(#","referrerId":"u-"#, &output)
            Self.append(referrer + 1, &output)
            Self.append("\"", &output)
        case .code(let owner):
            Self.append(#","referralCode":"#, &output)
            Self.append(codeOf: owner, &output)
        case .unknownCode(let number):
            // Longer than any code that is issued.
            Self.append(#","referralCode":"NOBODYS"#, &output)
            Self.append(number + 1, &output)
            Self.append("\"", &output)
        }
        output.append(contentsOf: end)
    }

    mutating func issueCode(_ user: Int, at second: Int, into output: inout [UInt8]) {
        Self.append(#"{"type":"issueCode","userId":"u-"#, &output)
        Self.append(user + 1, &output)
        Self.append("\"", &output)
        time(",\"at\":\"", second, &output)
        Self.append(#","code":"#, &output)
        Self.append(codeOf: user, &output)
        Self.append(#","key":"code-"#, &output)
        Self.append(user + 1, &output)
        Self.append("\"", &output)
        output.append(contentsOf: end)
    }

    mutating func applyCode(of owner: Int, to user: Int, at second: Int, into output: inout [UInt8]) {
        Self.append(#"{"type":"applyCode","userId":"u-"#, &output)
        Self.append(user + 1, &output)
        Self.append(#"","code":"#, &output)
        Self.append(codeOf: owner, &output)
        time(",\"at\":\"", second, &output)
        output.append(contentsOf: end)
    }

    mutating func activate(_ user: Int, at second: Int, into output: inout [UInt8]) {
        Self.append(#"{"type":"advanceReferral","userId":"u-"#, &output)
        Self.append(user + 1, &output)
        Self.append(#"","to":"active""#, &output)
        time(",\"at\":\"", second, &output)
        output.append(contentsOf: end)
    }

    mutating func payment(_ payment: Payment, at second: Int, into output: inout [UInt8]) {
        Self.append(#"{"type":"payment","paymentId":"p-"#, &output)
        Self.append(payment.number + 1, &output)
        provider(payment, &output)
        Self.append(#","userId":"u-"#, &output)
        Self.append(payment.payer + 1, &output)
        amount("\",\"amount\":\"", payment.amount, &output)
        output.append(contentsOf: currency)
        time(",\"at\":\"", second, &output)
        if let base = payment.base { amount(",\"commissionableBase\":\"", base, &output) }
        output.append(contentsOf: end)
    }

    mutating func refund(
        _ number: Int, of payment: Payment, amount money: Int64, refunded: Int64, at second: Int,
        into output: inout [UInt8]
    ) {
        Self.append(#"{"type":"refund","refundId":"r-"#, &output)
        Self.append(number, &output)
        provider(payment, &output)
        Self.append(#","paymentId":"p-"#, &output)
        Self.append(payment.number + 1, &output)
        amount("\",\"amount\":\"", money, &output)
        output.append(contentsOf: currency)
        time(",\"at\":\"", second, &output)
        if payment.isOfApp { amount(",\"refundedTotal\":\"", refunded, &output) }
        output.append(contentsOf: end)
    }

    mutating func strayRefund(
        _ number: Int, of stray: Int, amount money: Int64, at second: Int, into output: inout [UInt8]
    ) {
        Self.append(#"{"type":"refund","refundId":"r-"#, &output)
        Self.append(number, &output)
        Self.append(#"","provider":"shop","paymentId":"lost-"#, &output)
        Self.append(stray, &output)
        amount("\",\"amount\":\"", money, &output)
        output.append(contentsOf: currency)
        time(",\"at\":\"", second, &output)
        output.append(contentsOf: end)
    }

    mutating func advance(to second: Int, into output: inout [UInt8]) {
        Self.append(#"{"type":"advance""#, &output)
        time(",\"to\":\"", second, &output)
        output.append(contentsOf: end)
    }

    // MARK: Pieces

    func provider(_ payment: Payment, _ output: inout [UInt8]) {
        Self.append(payment.isOfApp ? #"","provider":"app""# : #"","provider":"shop""#, &output)
    }

    static func append(_ text: StaticString, _ output: inout [UInt8]) {
        unsafe output.append(
            contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    static func append(_ number: Int, digits: Int = 1, _ output: inout [UInt8]) {
        let first = output.count
        var rest = number
        while rest > 0 || output.count < first + digits {
            output.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        }
        output[first...].reverse()
    }

    /// Seven characters and both quotes: a user's number, shuffled one to one, to the base of the 31
    /// characters that no other looks like.
    static func append(codeOf user: Int, _ output: inout [UInt8]) {
        let alphabet: StaticString = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
        let space: UInt64 = 27_512_614_111  // 31⁷
        // Coprime to 31, so that the product runs through all of them.
        var rest = (UInt64(user) &* 9_876_543_211 % space + 1_234_567_891) % space
        output.append(UInt8(ascii: "\""))
        for _ in 0..<7 {
            output.append(unsafe alphabet.utf8Start[Int(rest % 31)])
            rest /= 31
        }
        output.append(UInt8(ascii: "\""))
    }

    func amount(_ name: StaticString, _ minor: Int64, _ output: inout [UInt8]) {
        Self.append(name, &output)
        Self.append(minor, exponent: exponent, &output)
        output.append(UInt8(ascii: "\""))
    }

    /// An amount and its currency, each with its name.
    func money(_ name: StaticString, _ minor: Int64, _ asset: Asset, _ output: inout [UInt8]) {
        Self.append(name, &output)
        if minor < 0 { output.append(UInt8(ascii: "-")) }
        Self.append(abs(minor), exponent: asset.exponent, &output)
        Self.append(#"","currency":""#, &output)
        output.append(contentsOf: asset.code.utf8)
        output.append(UInt8(ascii: "\""))
    }

    private static func append(_ minor: Int64, exponent: Int, _ output: inout [UInt8]) {
        let unit = exponent == 0 ? 1 : exponent == 2 ? 100 : 1000
        append(Int(minor) / unit, &output)
        if exponent > 0 {
            output.append(UInt8(ascii: "."))
            append(Int(minor) % unit, digits: exponent, &output)
        }
    }

    /// - Parameter second: since 2024-01-01.
    mutating func time(_ name: StaticString, _ second: Int, _ output: inout [UInt8]) {
        let day = second / 86_400
        if day != self.day {
            self.day = day
            let date = CivilDate(daysSinceEpoch: Simulation.firstDay + day)
            self.date.removeAll(keepingCapacity: true)
            Self.append(date.year, digits: 4, &self.date)
            self.date.append(UInt8(ascii: "-"))
            Self.append(date.month, digits: 2, &self.date)
            self.date.append(UInt8(ascii: "-"))
            Self.append(date.day, digits: 2, &self.date)
            self.date.append(UInt8(ascii: "T"))
        }
        let rest = second % 86_400
        Self.append(name, &output)
        output.append(contentsOf: date)
        Self.append(rest / 3600, digits: 2, &output)
        output.append(UInt8(ascii: ":"))
        Self.append(rest / 60 % 60, digits: 2, &output)
        output.append(UInt8(ascii: ":"))
        Self.append(rest % 60, digits: 2, &output)
        Self.append("Z\"", &output)
    }
}

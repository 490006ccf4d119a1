/// One draw of each type of line.
extension RandomProgramme {
    mutating func signup() -> RandomLine {
        let id = newUserID()
        let at = at()
        var fields: [(String, RandomLine.Value)] = [("userId", .text(id)), ("at", .moment(at))]
        if random.chance(700) { fields.append(("country", .text(random.pick(["GB", "DE", "IN", "JP"])))) }
        var referrer: String?
        if chainLeft == 0 && random.chance(8) { chainLeft = 40 }
        chainLeft = Swift.max(0, chainLeft - 1)
        switch chainLeft > 0 ? 100 : random.below(100) {
        case 0..<10:
            roots.append(id)
            if random.chance(600) { upcoming.append(applyCode(to: id)) }
        case 10..<14: referrer = "ghost-\(random.below(50))"
        case 14..<16: referrer = id
        case 16..<40:
            fields.append(("referralCode", .text(code())))
        default:
            let isChain = chainLeft > 0 || random.chance(options.chainPerMille)
            referrer = isChain ? users.last : users.isEmpty ? nil : user()
        }
        if let referrer {
            fields.append(("referrerId", .text(referrer)))
            if referrers[id] == nil && referrer != id { referrers[id] = referrer }
        }
        if let device = device(of: id, referrer: referrer) {
            fields.append(
                ("signals", .raw("{\"device\":\"\(device)\",\"ip\":\"10.0.\(count % 250).\(count / 250)\"}")))
        }
        if random.chance(200) {
            let owner = options.sharesEmails ? random.below(30) : serial()
            fields.append(("email", .text("mail-\(owner)@example.org")))
        }
        let line = RandomLine("signup", fields)
        users.append(id)
        if !random.chance(options.reorderedPerMille) { return line }
        // What is about the user comes before the user.
        later.append(line)
        return RandomLine("convert", [("userId", .text(id)), ("at", .moment(at + 1_000_000_000))])
    }

    /// The device of a new user: none, a new one, the referrer's, or that of an owner whose code comes next.
    private mutating func device(of id: String, referrer: String?) -> String? {
        var device = random.chance(500) ? "d-\(serial())" : nil
        if let referrer, random.chance(40) { device = devices[referrer] ?? device }
        if roots.last == id, random.chance(150), let known = codes.last, let shared = devices[known.owner] {
            device = shared
            let at = RandomLine.Value.moment(clock)
            upcoming.append(
                RandomLine("applyCode", [("userId", .text(id)), ("code", .text(known.text)), ("at", at)]))
        }
        devices[id] = device
        return device
    }

    private mutating func newUserID() -> String {
        let number = serial()
        if !options.hasNastyIDs || !random.chance(60) { return "u-\(number)" }
        return random.pick([
            "caf\u{E9}-\(number % 7)", "cafe\u{301}-\(number % 7)", "U-\(number)", "u-\(number) ",
            "用户-\(number)",
            "quote\"\\-\(number)", "👩‍👧-\(number)", String(repeating: "x", count: 250) + "\(number % 9_999)",
        ])
    }

    private mutating func code() -> String {
        if codes.isEmpty || random.chance(120) { return "NONE\(random.below(99))" }
        let known = random.chance(500) ? codes[codes.count - 1].text : random.pick(codes).text
        return random.chance(300) ? lookAlike(known) : known
    }

    private mutating func lookAlike(_ code: String) -> String {
        var result = ""
        for letter in code {
            switch letter {
            case "0", "O", "o": result += random.pick(["0", "O", "o"])
            case "1", "I", "l": result += random.pick(["1", "I", "i", "l", "L"])
            default: result += random.chance(500) && letter.isASCII ? letter.lowercased() : String(letter)
            }
        }
        return result
    }

    mutating func issueCode() -> RandomLine {
        var text = ""
        switch random.below(20) {
        case 0 where !codes.isEmpty: text = lookAlike(random.pick(codes).text)
        case 1:
            text = random.pick(["", String(repeating: "A", count: 51), "ÉTÉ-\(serial())", "a b \(serial())"])
        case 2: text = String(repeating: "Z", count: 50 - String(emitted).count) + String(emitted)
        default:
            let letters = ["0", "O", "1", "I", "l", "A", "B", "7", "x", "y", "K"]
            for _ in 0..<8 { text += random.pick(letters) }
        }
        let key = random.chance(30) ? "key-\(random.below(200))" : "key-\(serial())"
        let owner = user()
        var fields: [(String, RandomLine.Value)] = [
            ("userId", .text(owner)), ("code", .text(text)), ("at", .moment(at())),
        ]
        if !random.chance(15) { fields.append(("key", .text(key))) }
        if random.chance(700) {
            fields.append(("expiresInDays", .number(random.pick([1, 2, 7, 30, 365, 0, 3, 14]))))
        }
        codes.append((text: text.isEmpty ? "EMPTY" : text, owner: owner))
        return RandomLine("issueCode", fields)
    }

    mutating func applyCode() -> RandomLine {
        applyCode(to: random.chance(600) && !roots.isEmpty ? random.pick(roots) : user())
    }

    private mutating func applyCode(to joined: String) -> RandomLine {
        var (user, code) = (joined, code())
        if random.chance(150), let known = codes.last {
            // The owner's own root, or the owner: a cycle.
            (user, code) = (known.owner, known.text)
            for _ in 0..<50 { user = referrers[user] ?? user }
        }
        return RandomLine(
            "applyCode", [("userId", .text(user)), ("code", .text(code)), ("at", .moment(at()))])
    }

    mutating func advanceReferral() -> RandomLine {
        let stage = random.pick(["active", "active", "qualified", "qualified", "completed"])
        return RandomLine(
            "advanceReferral", [("userId", .text(user())), ("to", .text(stage)), ("at", .moment(at()))])
    }

    mutating func convert() -> RandomLine {
        RandomLine("convert", [("userId", .text(user())), ("at", .moment(at()))])
    }

    mutating func payment() -> RandomLine {
        let known = KnownPayment(
            id: "p-\(serial())", provider: random.pick(["shop", "shop", "app"]), currency: currency(),
            amount: amount(), isCumulative: random.chance(250))
        var fields: [(String, RandomLine.Value)] = [
            ("paymentId", .text(known.id)), ("provider", .text(known.provider)), ("userId", .text(user())),
            ("amount", .amount(known.amount, exponent: exponent(known.currency))),
            ("currency", .text(known.currency)), ("at", .moment(at())),
        ]
        if random.chance(100) {
            let base = random.pick([0, known.amount, known.amount / 2, known.amount / 3])
            fields.append(("commissionableBase", .amount(base, exponent: exponent(known.currency))))
        }
        let line = RandomLine("payment", fields)
        payments.append(known)
        if !random.chance(options.reorderedPerMille) { return line }
        // Refunds first: one, a few, or more than may wait.
        let isFlood = options.floodsParking && random.chance(20)
        let refunds = isFlood ? 70 : 1 + random.below(4)
        for _ in 0..<refunds { upcoming.append(refund(of: payments.count - 1, slices: isFlood ? 90 : 3)) }
        if isFlood { upcoming.insert(line, at: 0) } else { later.append(line) }
        return upcoming.removeLast()
    }

    mutating func refund() -> RandomLine {
        if payments.isEmpty { return payment() }
        if random.chance(20) {
            return RandomLine(
                "refund",
                [
                    ("refundId", .text("r-\(serial())")), ("provider", .text("shop")),
                    ("amount", .amount(100, exponent: 2)), ("currency", .text("USD")), ("at", .moment(at())),
                ])
        }
        let recent = payments.count - 1 - random.below(Swift.min(payments.count, 40))
        let index = random.chance(700) ? recent : random.below(payments.count)
        if random.chance(60) {
            // The whole payment, in slices that differ, soon and in order.
            let slices = 2 + random.below(30)
            for _ in 0..<slices { upcoming.append(refund(of: index, slices: slices)) }
            upcoming.reverse()
            return upcoming.removeLast()
        }
        return refund(of: index, slices: 3)
    }

    /// A refund of a known payment: a slice, a half, the rest, or too much.
    private mutating func refund(of index: Int, slices: Int) -> RandomLine {
        let known = payments[index]
        let left = known.amount - known.refunded
        var money: Int64
        switch random.below(10) {
        case 0: money = left
        case 1: money = 1
        case 2: money = known.amount / 2
        case 3: money = left + random.within(1...3)
        default: money = random.within(0...Swift.max(1, known.amount / Int64(slices)))
        }
        if money == 0 && !random.chance(30) { money = 1 }
        let isOther = random.chance(20)
        let currency = isOther ? random.pick(options.currencies) : known.currency
        var fields: [(String, RandomLine.Value)] = [
            ("refundId", .text("r-\(serial())")),
            ("provider", .text(random.chance(10) ? "other" : known.provider)),
            ("paymentId", .text(known.id)), ("amount", .amount(money, exponent: exponent(currency))),
            ("currency", .text(currency)), ("at", .moment(at())),
        ]
        var total = known.refunded + money
        if known.isCumulative != random.chance(20) {
            // Cumulative: now and then the same total under another id, or one that went back.
            if random.chance(80) { total = known.refunded }
            if random.chance(30) { total = Swift.max(0, known.refunded - 1) }
            fields.append(("refundedTotal", .amount(total, exponent: exponent(currency))))
        }
        if total <= known.amount && !isOther { payments[index].refunded = Swift.max(known.refunded, total) }
        return RandomLine("refund", fields)
    }

    mutating func advance() -> RandomLine {
        let day: Int64 = 86_400_000_000_000
        switch random.below(20) {
        case 0...2 where clock > 4_102_444_800_000_000_000: break
        case 0: clock += 30 * day
        case 1: clock += 7 * day
        case 2: clock += 100 * day
        case 3: return RandomLine("advance", [("to", .moment(clock - random.within(0...20) * day))])
        case 4: clock = clock - clock % day + day
        default: break
        }
        return RandomLine("advance", [("to", .moment(clock))])
    }
}

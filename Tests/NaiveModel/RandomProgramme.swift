/// Input lines of a referral programme, realistic and nasty, fixed by a seed.
///
/// It keeps only a rough idea of what the ledger will hold: whether a line is accepted is the ledger's business.
public struct RandomProgramme: Sequence, IteratorProtocol, CustomStringConvertible {
    /// What the lines are like.
    public struct Options: Sendable {
        /// Number of lines.
        public var lines = 1_000
        /// How often each type is said, relative to the others.
        public var weights = Weights()
        /// Currencies to pay in, the first most often.
        public var currencies = ["USD", "EUR", "JPY", "KWD", "INR", "GBP"]
        /// Longest step of the clock from one line to the next, in seconds.
        public var largestStepSeconds: Int64 = 7_200
        /// Largest ordinary "huge" payment in minor units. Kept so low that no total leaves an Int64.
        public var largestAmount: Int64 = 1_000_000_000_000_000
        /// How many in a thousand lines cannot be right whatever the state is.
        public var junkPerMille = 15
        /// How many in a thousand facts are dated days or weeks back.
        public var backdatedPerMille = 40
        /// How many in a thousand facts come after those that need them.
        public var reorderedPerMille = 60
        /// How many in a thousand new users are referred by the user before them. Runs of 40 come on top.
        public var chainPerMille = 350
        /// Whether ids may differ only in Unicode normalisation, case or blanks.
        public var hasNastyIDs = true
        /// Whether now and then more refunds wait for a payment than may.
        public var floodsParking = true
        /// Whether a referrer and a referee may share an e-mail address.
        public var sharesEmails = false

        /// A thousand lines of everything.
        public init() {}
    }

    /// Relative frequencies.
    public struct Weights: Sendable {
        /// One for each type of line; `again`, in a hundred lines: how many say an earlier one again.
        public var signup = 18, issueCode = 8, applyCode = 5, advanceReferral = 6, convert = 4, payment = 30,
            refund = 16, advance = 4, again = 9

        /// Mostly payments and refunds.
        public init() {}
    }

    struct KnownPayment {
        let id, provider, currency: String
        let amount: Int64
        var refunded: Int64 = 0
        var isCumulative: Bool
    }

    let seed: UInt64
    let options: Options
    var random: SplitMix64
    /// 2024-02-20, so that the leap day and month ends are met soon.
    var clock: Int64 = 1_708_387_200_000_000_000
    var emitted = 0
    var users: [String] = []
    var codes: [(text: String, owner: String)] = []
    /// Who was named as referrer, as far as it is known: enough to look for cycles.
    var referrers: [String: String] = [:]
    /// The device that a user signed up with.
    var devices: [String: String] = [:]
    /// Users who signed up without a referrer.
    var roots: [String] = []
    /// How many more signups to hang one under the other.
    var chainLeft = 0
    var payments: [KnownPayment] = []
    /// Lines to say later, in any order.
    var later: [RandomLine] = []
    /// Lines to say next.
    var upcoming: [RandomLine] = []
    var said: [RandomLine] = []
    var count = 0

    /// The programme of a seed.
    public init(seed: UInt64, options: Options = Options()) {
        self.seed = seed
        self.options = options
        random = SplitMix64(seed: seed)
    }

    /// What to type to get the same lines.
    public var description: String { "RandomProgramme(seed: \(seed)), \(options.lines) lines" }

    /// All lines of a seed; prints the seed.
    public static func lines(seed: UInt64, options: Options = Options()) -> [String] {
        let programme = RandomProgramme(seed: seed, options: options)
        print(programme)
        return Array(programme)
    }

    /// The next line, without a newline.
    public mutating func next() -> String? {
        if emitted == options.lines { return nil }
        emitted += 1
        // Moments end in 2262: long programmes stand still before.
        if clock < 6_311_433_600_000_000_000 {
            clock += random.within(0...options.largestStepSeconds * 1_000_000_000)
        }
        if !random.chance(100) { clock -= clock % 1_000_000_000 }
        if random.chance(options.junkPerMille) { return junk() }
        let weights = options.weights
        let again = random.weighted([100 - Swift.min(weights.again, 99), Swift.min(weights.again, 99)]) == 1
        if again && !said.isEmpty { return sayAgain() }
        let line = nextLine()
        // A ring: memory stays bounded, repeats come from far back too.
        if said.count < 4_096 { said.append(line) } else { said[random.below(4_096)] = line }
        return line.text
    }

    private mutating func nextLine() -> RandomLine {
        if !upcoming.isEmpty { return upcoming.removeLast() }
        if !later.isEmpty && (later.count > 200 || random.chance(150)) {
            return later.remove(at: random.below(later.count))
        }
        if users.count < 3 { return signup() }
        let w = options.weights
        switch random.weighted([
            w.signup, w.issueCode, w.applyCode, w.advanceReferral, w.convert, w.payment, w.refund, w.advance,
        ]) {
        case 0: return signup()
        case 1: return issueCode()
        case 2: return applyCode()
        case 3: return advanceReferral()
        case 4: return convert()
        case 5: return payment()
        case 6: return refund()
        default: return advance()
        }
    }

    private mutating func sayAgain() -> String {
        let line = random.chance(500) ? said[random.below(said.count)] : said[said.count - 1]
        if random.chance(250) { return line.altered(&random).text }
        return random.chance(400) ? line.reworded(&random) : line.text
    }

    /// Lines that are never right, though each is one JSON object.
    private mutating func junk() -> String {
        let at = momentText(clock)
        let user = quoted(users.isEmpty ? "u-0" : random.pick(users))
        let start =
            "{\"type\":\"payment\",\"paymentId\":\"junk-\(count)\",\"provider\":\"shop\",\"userId\":\(user),"
        let rest = "\"currency\":\"USD\",\"at\":\"\(at)\"}"
        return random.pick([
            start + "\"amount\":\"-1.00\"," + rest,
            start + "\"amount\":\"1.000\"," + rest,
            start + "\"amount\":\"01.00\"," + rest,
            start + "\"amount\":\"+1\"," + rest,
            start + "\"amount\":\"1.\"," + rest,
            start + "\"amount\":\"1e2\"," + rest,
            start + "\"amount\":\"\"," + rest,
            start + "\"amount\":\"92233720368547758.08\"," + rest,
            start + "\"amount\":\"5.00\",\"commissionableBase\":\"5.01\"," + rest,
            start + "\"amount\":\"1.00\",\"currency\":\"XYZ\",\"at\":\"\(at)\"}",
            start + "\"amount\":\"1.00\",\"currency\":\"JPY\",\"at\":\"\(at)\"}",
            start + "\"amount\":\"1.00\",\"currency\":\"USD\",\"at\":\"2023-02-29T00:00:00Z\"}",
            start + "\"amount\":\"1.00\",\"currency\":\"USD\",\"at\":\"2024-06-30T23:59:60Z\"}",
            start + rest,
            "{\"type\":\"nonsense\",\"at\":\"\(at)\"}",
            "{\"type\":\"signup\",\"userId\":\"\",\"at\":\"\(at)\"}",
            "{\"type\":\"signup\",\"userId\":\"a\\u0000b\",\"at\":\"\(at)\"}",
            "{\"type\":\"signup\",\"userId\":\"two-\(count)\",\"at\":\"\(at)\",\"referrerId\":\"a\",\"referralCode\":\"b\"}",
            "{\"type\":\"advanceReferral\",\"userId\":\(user),\"to\":\"pending\",\"at\":\"\(at)\"}",
        ])
    }

    // MARK: - Draws shared by the types

    mutating func serial() -> Int {
        count += 1
        return count
    }

    /// The clock, or a moment before it.
    mutating func at() -> Int64 {
        if !random.chance(options.backdatedPerMille) { return clock }
        return clock - random.within(0...60 * 86_400) * 1_000_000_000
    }

    /// A user: early ones more often, recent ones too, and a few that nobody knows.
    mutating func user() -> String {
        if users.isEmpty || random.chance(15) { return "ghost-\(random.below(50))" }
        switch random.below(3) {
        case 0: return users[Swift.min(random.below(users.count), random.below(users.count))]
        case 1: return users[users.count - 1 - random.below(Swift.min(users.count, 20))]
        default: return random.pick(users)
        }
    }

    func exponent(_ currency: String) -> Int { exponents[currency] ?? 2 }

    mutating func currency() -> String {
        random.chance(600) ? options.currencies[0] : random.pick(options.currencies)
    }

    /// Minor units, with a taste for edges and for ties in rounding.
    mutating func amount() -> Int64 {
        switch random.below(20) {
        case 0: return 1
        case 1: return random.within(2...9)
        case 2, 3: return 10 * random.within(0...20) + 5
        case 4: return 20 * random.within(0...50) + 10
        case 5: return 0
        case 6 where random.chance(200): return random.within(1_000_000_000...options.largestAmount)
        case 6 where random.chance(50): return options.largestAmount
        case 7: return 100 * random.within(1...100)
        default: return random.within(100...20_000)
        }
    }
}

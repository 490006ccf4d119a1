import LedgerDomain

/// A made-up programme as JSON lines, the same for the same parameters on every machine, for tests and
/// benchmarks.
///
/// Signups, payments and what providers, users and the desks do with them, between 2024-01-01 and 2025-12-17
/// whatever the size, so that nothing is ever in the future. A ledger whose programme has the simulation's
/// preset and asset refuses none of the lines. The mix, in parts of what the line says:
///
/// - Signups come earlier than payments on the whole. 80 % are referred, to users drawn by preferential
///   attachment, so that some have thousands of referrals: a fifth of them, where the referrer has a code, by
///   code. 25 % of users get a code (`issueCode`, always with code and key). 4 % of the others apply a code
///   after signup, 0.2 % come with a code that nobody has, 2 % of all are moved to `active`. 0.2 % are
///   suspended one day, most of them for a few weeks.
/// - Payments go to users drawn with a skew and are of two providers, `shop` (80 %) and `app`. Amounts are
///   spread like a log-normal distribution from about 1.50 to 400 units of the currency, median 24; 1 % are
///   zero, 3 % have a smaller commissionable base, 2 % are dated up to three days back.
/// - 5 refunds come on 100 payments: half of them of all that is left, the others partial, and a payment may
///   have several. `app` counts cumulatively (`refundedTotal`). One in 250 payments comes after its first
///   refund; one refund in 500, and at most 1,000, is of a payment that never comes.
/// - 1 payment in 200 is disputed: 5 to 40 days later two thirds are won, the others lost.
/// - Users withdraw what has matured, after a check of their identity: nearly all is approved, some is
///   rejected, cancelled or reduced; then it is sent and settled, and now and then fails or comes back.
///   1 payment in 1,000 comes with an adjustment of somebody's balance.
/// - With `premium-days` most rewards are claimed and delivered, with `tiered` the lifetime ones.
/// - 1 % of payments and 2 % of refunds come again, word for word, up to 250 lines later; 2 % of payments come
///   up to 250 lines too late. Withdrawals, payouts and disputes come again as well.
/// - `advance` once a simulated week or month, and at the end to two weeks after the last fact.
///
/// It keeps books of its own to know what can be withdrawn and claimed: exact ones of referrals and grants,
/// and of the first 16,384 users a lower bound of their money. At most 8,192 cases are open at a time: in a
/// very large programme there are fewer of them in proportion. Isolation: a value, for one task at a time.
/// Memory: 10 to 15 bytes a user and about 3 MB. Cost: under a microsecond a line; integers only, no clock.
public struct Simulation: Sendable {
    /// What the lines are about.
    public struct Options: Sendable, Equatable {
        /// 0 to 2³⁰.
        public var users: Int
        /// 0 to 2³⁰; without users there are none.
        public var payments: Int
        /// Any number: another one, another programme.
        public var seed: UInt64
        /// Of every amount.
        public var asset: Asset
        /// How often the business clock is moved.
        public var advance: Interval
        /// The rules that the lines are to keep.
        public var preset: Preset
        /// Written into each line when given.
        public var programme: String?

        /// Makes options.
        /// - Parameter asset: money.
        public init(
            users: Int, payments: Int, seed: UInt64, asset: Asset, advance: Interval = .week,
            preset: Preset = .twoLevel, programme: String? = nil
        ) {
            self.users = users
            self.payments = payments
            self.seed = seed
            self.asset = asset
            self.advance = advance
            self.preset = preset
            self.programme = programme
        }
    }

    /// How often the business clock is moved.
    public enum Interval: Sendable, Equatable {
        /// Every seven days from 2024-01-08.
        case week
        /// On the first day of each month.
        case month
    }

    /// A policy that comes with the program.
    public enum Preset: String, Sendable, CaseIterable {
        case twoLevel = "two-level"
        case premiumDays = "premium-days"
        case tiered
    }

    static let maximumCount = 1 << 30
    static let noParent = UInt32.max
    /// 2024-01-01, in days since 1970.
    static let firstDay = 19_723
    /// How long the facts last at most: 700 days.
    private static let longestSpan = 700 * 86_400
    /// How far facts are apart at most, so that a small programme is not thin.
    private static let longestStep = 2 * 3600

    /// What the preset `tiered` grants.
    private static let rupees = Asset(code: "INR")!

    let options: Options
    /// What balances are in that can be withdrawn.
    let grantMoney: Asset
    var random: SimulationRandom
    var line: SimulationLine
    var people: SimulatedPeople
    var money: SimulatedMoney
    var grants = RecentGrants()
    var counts = Counts()
    var recent = RecentPayments()
    /// Lines that come at once, one after the other.
    var following = FollowingLines()
    var delayed = DelayedLines()
    var agenda = Agenda()
    /// The moment of the step, in seconds since 2024-01-01.
    var now = 0
    private let span: Int
    private var step = 0
    private var nextAdvance: Int

    /// How many of each kind there were: their ids come from it.
    struct Counts {
        var payments = 0
        var refunds = 0
        var strayRefunds = 0
        var disputes = 0
        var withdrawals = 0
        var adjustments = 0
        var suspensions = 0
        var signupsToday: [Int: Int] = [:]
        var today = -1
    }
    private var isFinished = false

    /// Makes a simulation.
    /// - Precondition: `users` and `payments` are in their range.
    public init(_ options: Options) {
        precondition(0...Self.maximumCount ~= options.users, "users: 0 to 2^30")
        precondition(0...Self.maximumCount ~= options.payments, "payments: 0 to 2^30")
        self.options = options
        random = SimulationRandom(seed: options.seed)
        line = SimulationLine(asset: options.asset, programme: options.programme)
        people = SimulatedPeople(preset: options.preset)
        money = SimulatedMoney(holdingDays: options.preset == .twoLevel ? 14 : 0)
        grantMoney = options.preset == .tiered ? Self.rupees : options.asset
        let steps = options.users + options.payments
        span = min(Self.longestSpan, steps * Self.longestStep)
        nextAdvance = Self.advance(after: 0, options.advance)
    }

    /// Appends the next line, with its LF.
    /// - Returns: `false`, with nothing appended, when there are no more.
    public mutating func next(into output: inout [UInt8]) -> Bool {
        if isFinished { return false }
        defer { delayed.countLine() }
        if following.take(into: &output) { return true }
        if let late = delayed.takeDue(into: &output) {
            if let index = late { arrive(index) }
            return true
        }
        while true {
            let usersLeft = options.users - people.count
            let paymentsLeft = options.users == 0 ? 0 : options.payments - counts.payments
            if usersLeft + paymentsLeft == 0 { return finish(into: &output) }
            now = moment(ofStep: step)
            if now >= nextAdvance {
                line.advance(to: nextAdvance, into: &output)
                money.advance(to: nextAdvance)
                people.lastAdvance = nextAdvance
                nextAdvance = Self.advance(after: nextAdvance, options.advance)
                return true
            }
            if let item = agenda.takeDue(now) {
                let before = output.count
                perform(item, into: &output)
                if output.count > before { return true }
                continue
            }
            step += 1
            let before = output.count
            if people.count == 0 || random.below(2 * usersLeft + paymentsLeft) < 2 * usersLeft {
                signUp(into: &output)
            } else {
                pay(into: &output)
            }
            // A payment that comes later leaves nothing now.
            if output.count > before || following.take(into: &output) { return true }
        }
    }

    /// Steps lie evenly over the span. At most 2³¹ steps and 2²⁶ seconds: no overflow.
    func moment(ofStep step: Int) -> Int { span * step / (options.users + options.payments) }

    /// What is still delayed, and then the clock's last move.
    private mutating func finish(into output: inout [UInt8]) -> Bool {
        if let late = delayed.takeAny(into: &output) {
            if let index = late { arrive(index) }
            return true
        }
        line.advance(to: now + 15 * 86_400, into: &output)
        isFinished = true
        return true
    }

    private static func advance(after second: Int, _ interval: Interval) -> Int {
        switch interval {
        case .week: return second + 7 * 86_400
        case .month:
            let date = CivilDate(daysSinceEpoch: firstDay + second / 86_400)
            return second + CivilDate.dayCount(year: date.year, month: date.month) * 86_400
        }
    }
}

import ReferralLedger

/// SplitMix64: the same ledger for every run. `Benchmarks/baseline/workload.h` draws the same numbers.
struct Random {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}

/// The work of all rows: a programme with three levels of commission; users on a random tree; payments with ids
/// of 24 bytes by users who have three referrers above them. Referrals are completed beforehand where the row
/// counts single payments, so that a payment is one fact and three rewards, four balances touched, and nothing
/// else.
enum Workload {
    static let start = Timestamp(nanoseconds: 1_704_067_200_000_000_000)
    /// Commands of one durable group.
    static let group = 8_190
    /// Users at the top of the tree who have not three others above them, and pay nothing.
    static let top = 3

    static func userId(_ number: Int) -> String { padded("u-", number, 16) }
    static func paymentId(_ number: Int) -> String { padded("pay_", number, 24) }

    /// A number in digits of a fixed width.
    private static func padded(_ prefix: String, _ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return prefix + String(repeating: "0", count: max(0, width - prefix.utf8.count - digits.utf8.count))
            + digits
    }

    /// Three levels at 20, 10 and 5 %.
    static func policy() -> Policy {
        var policy = Policy.preset(named: "two-level")!
        policy.name = "bench"
        policy.commission.levels = [200_000, 100_000, 50_000]
        policy.commission.maxDepth = 3
        return policy
    }

    static func programme() -> ProgrammeSetup { ProgrammeSetup(id: "bench", asset: "USD", policy: policy()) }

    /// User `number`; `random` is the tree's, asked once a user from the fifth on.
    static func signup(_ number: Int, _ random: inout Random) -> Command {
        let referrer: String? =
            switch number {
            case 0: nil
            case 1...top: userId(number - 1)
            default: userId(top + random.below(number - top))
            }
        return Command(.signup(Signup(userId: userId(number), at: start, referrerId: referrer)))
    }

    static func convert(_ number: Int) -> Command {
        Command(.convert(Convert(userId: userId(number), at: start)))
    }

    static func code(_ number: Int) -> Command {
        let id = userId(number)
        // Codes look alike where O is 0 and I and L are 1: digits do not.
        return Command(
            .issueCode(IssueCode(userId: id, at: start, code: padded("C", number, 12))),
            key: "c" + id.dropFirst())
    }

    /// Payments `first`, `first + 1` …; the generator is that of the stretch.
    struct Payments {
        private var random: Random
        private let users: Int
        private var next: Int

        init(from first: Int, users: Int) {
            random = Random(state: 7 &+ UInt64(first))
            self.users = users
            next = first
        }

        mutating func make() -> Command {
            let payer = Workload.userId(Workload.top + random.below(users - Workload.top))
            let amount = Int64(1_000 + random.below(9_000))
            let at = Timestamp(nanoseconds: Workload.start.nanoseconds + Int64(next) * 100_000_000)
            defer { next += 1 }
            return Command(
                .payment(
                    Payment(
                        paymentId: Workload.paymentId(next), provider: "shop", userId: payer, amount: amount,
                        asset: .usd, at: at)))
        }

        mutating func make(_ count: Int) -> [Command] { (0..<count).map { _ in make() } }
    }
}

/// How the rows open a ledger.
enum BenchOptions {
    /// As a service does, but that the end writes no checkpoint.
    static var service: LedgerOptions {
        var options = LedgerOptions()
        options.checkpointOnClose = false
        return options
    }

    /// No checkpoint ever: memory is then all anonymous.
    static var withoutCheckpoints: LedgerOptions {
        var options = service
        options.checkpointEvents = 0
        return options
    }
}

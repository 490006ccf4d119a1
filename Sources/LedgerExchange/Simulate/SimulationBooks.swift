/// What is known of each user, exactly: who brought whom, what became of it, and the grants for it.
struct SimulatedPeople: Sendable {
    static let noParent = UInt32.max

    /// What a user is marked with.
    struct Marks: OptionSet {
        var rawValue: UInt8
        static let code = Marks(rawValue: 1)
        static let converted = Marks(rawValue: 2)
        /// Converted once, and taken back: such a referral expires no more.
        static let reverted = Marks(rawValue: 4)
        /// A grant for the user's conversion stands.
        static let granted = Marks(rawValue: 8)
        /// It is claimed.
        static let claimed = Marks(rawValue: 16)
        static let suspended = Marks(rawValue: 32)
        static let known = Marks(rawValue: 64)
    }

    let preset: Simulation.Preset
    private(set) var parents: [UInt32] = []
    /// In seconds since 2024-01-01; of a referred user also when the referral began.
    private var signedUp: [UInt32] = []
    private var marks: [Marks] = []
    /// Payments above zero that are not wholly taken back; from 255 on nobody counts.
    private var qualifying: [UInt8] = []
    /// Of referrers; kept only where grants depend on it.
    private var conversions: [UInt32] = []
    private var tiers: [UInt8] = []
    /// Where the business clock stands.
    var lastAdvance = -1

    init(preset: Simulation.Preset) { self.preset = preset }

    var count: Int { parents.count }

    mutating func add(at second: Int, parent: UInt32) {
        parents.append(parent)
        signedUp.append(UInt32(second))
        marks.append([])
        qualifying.append(0)
        if preset != .tiered { return }
        conversions.append(0)
        tiers.append(0)
    }

    mutating func refer(_ user: Int, to parent: Int) { parents[user] = UInt32(parent) }

    func parent(of user: Int) -> Int? {
        parents[user] == Self.noParent ? nil : Int(parents[user])
    }

    func has(_ mark: Marks, _ user: Int) -> Bool { marks[user].contains(mark) }

    mutating func set(_ mark: Marks, _ user: Int, _ isSet: Bool = true) {
        if isSet { marks[user].insert(mark) } else { marks[user].remove(mark) }
    }

    /// Whether a user's code may be used: issued, and not older than the preset lets codes live.
    func hasLivingCode(_ user: Int, at second: Int) -> Bool {
        guard has(.code, user) else { return false }
        return preset != .premiumDays || second < Int(signedUp[user]) + 365 * 86_400
    }

    /// Those who get a commission for a payment of that moment: the referrer, and the referrer's.
    func beneficiaries(of payer: Int, at second: Int) -> (first: Int?, second: Int?) {
        guard preset == .twoLevel, let first = parent(of: payer), Int(signedUp[payer]) <= second else {
            return (nil, nil)
        }
        guard let next = parent(of: first), Int(signedUp[first]) <= second else { return (first, nil) }
        return (first, next)
    }

    // MARK: Conversions

    /// What a conversion grants, in order.
    struct Granted {
        var referrer: Int
        /// The stage's own: minor units, or the units of the preset. Nil: it stands since before.
        var reward: Int64?
        /// Of tiers reached, in minor units.
        var bonuses: [Int64] = []
        /// Whether the last tier's lifetime membership comes with them.
        var hasLifetime = false
    }

    /// A payment above zero comes in.
    mutating func qualify(_ payer: Int, at second: Int) -> Granted? {
        if qualifying[payer] < .max { qualifying[payer] += 1 }
        guard let referrer = parent(of: payer), !has(.converted, payer) else { return nil }
        if preset != .twoLevel, !has(.reverted, payer) {
            let due = Int(signedUp[payer]) + 90 * 86_400
            if second >= due || lastAdvance >= due { return nil }
        }
        set(.converted, payer)
        var granted = Granted(referrer: referrer)
        if preset == .twoLevel { return nil }
        if !has(.granted, payer) {
            set(.granted, payer)
            granted.reward = preset == .tiered ? Self.rewards[Int(tiers[referrer])] : 30
        }
        if preset == .tiered { climb(referrer, &granted) }
        return granted
    }

    /// Per tier, in minor units.
    private static let rewards: [Int64] = [50_00, 100_00, 150_00, 200_00, 300_00]
    private static let thresholds: [UInt32] = [0, 5, 15, 50, 100]
    private static let bonuses: [Int64] = [0, 250_00, 500_00, 1000_00, 2500_00]

    private mutating func climb(_ referrer: Int, _ granted: inout Granted) {
        conversions[referrer] += 1
        while Int(tiers[referrer]) + 1 < Self.thresholds.count,
            conversions[referrer] >= Self.thresholds[Int(tiers[referrer]) + 1]
        {
            tiers[referrer] += 1
            let tier = Int(tiers[referrer])
            granted.bonuses.append(Self.bonuses[tier])
            granted.hasLifetime = tier + 1 == Self.thresholds.count
        }
    }

    /// Whether taking a payment back as a whole would take the payer's conversion back.
    func wouldRevert(_ payer: Int) -> Bool { qualifying[payer] == 1 && has(.converted, payer) }

    /// A payment is wholly taken back.
    /// - Returns: whether a grant is revoked with it.
    mutating func disqualify(_ payer: Int) -> Bool {
        if qualifying[payer] == 0 || qualifying[payer] == .max { return false }
        qualifying[payer] -= 1
        guard qualifying[payer] == 0, has(.converted, payer), let referrer = parent(of: payer) else {
            return false
        }
        set(.converted, payer, false)
        set(.reverted, payer)
        if preset == .tiered { conversions[referrer] -= 1 }
        // What is claimed is kept.
        if !has(.granted, payer) || has(.claimed, payer) { return false }
        set(.granted, payer, false)
        return true
    }
}

/// A lower bound of what the first users can withdraw: what has matured for certain, less all that was or
/// may be taken back.
///
/// A user with an open withdrawal is never brought below zero, so that no clawback touches the withdrawal.
struct SimulatedMoney: Sendable {
    static let trackedUsers = 16_384
    /// Intervals between advances in which something may be waiting to mature.
    private static let intervals = 3

    private let holding: Int
    private var sure: [Int64] = []
    private var open: [Bool] = []
    /// By interval: what came in it, of each user.
    private var pending: [[Int64]] = Array(repeating: [], count: intervals)
    /// By interval: when it ended; −1: it goes on or is empty.
    private var ends = Array(repeating: -1, count: intervals)
    private var current = 0

    init(holdingDays: Int) { holding = holdingDays * 86_400 }

    var count: Int { sure.count }

    mutating func add() {
        if sure.count == Self.trackedUsers { return }
        sure.append(0)
        open.append(false)
        for index in pending.indices { pending[index].append(0) }
    }

    /// What a user can surely withdraw.
    func available(_ user: Int) -> Int64 { user < sure.count ? sure[user] : 0 }

    func isOpen(_ user: Int) -> Bool { user < open.count && open[user] }

    mutating func setOpen(_ user: Int, _ isOpen: Bool) { open[user] = isOpen }

    /// Something that matures later.
    mutating func earn(_ user: Int, _ amount: Int64) {
        if user < sure.count { pending[current][user] += amount }
    }

    mutating func credit(_ user: Int, _ amount: Int64) {
        if user < sure.count { sure[user] += amount }
    }

    mutating func debit(_ user: Int, _ amount: Int64) {
        if user < sure.count { sure[user] -= amount }
    }

    /// Whether so much may be taken back.
    func allows(_ user: Int, _ amount: Int64) -> Bool { !isOpen(user) || sure[user] >= amount }

    /// The business clock moves.
    mutating func advance(to second: Int) {
        ends[current] = second
        for index in pending.indices where ends[index] >= 0 && ends[index] + holding <= second {
            for user in sure.indices where pending[index][user] != 0 {
                sure[user] += pending[index][user]
                pending[index][user] = 0
            }
            ends[index] = -1
        }
        guard let free = ends.firstIndex(of: -1) else {
            preconditionFailure("intervals end faster than they mature")
        }
        current = free
    }
}

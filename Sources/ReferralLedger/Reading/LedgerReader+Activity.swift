import LedgerDomain
import LedgerLog
import LedgerState

/// What happened in a stretch of business time, in one programme and asset.
public struct ActivityBucket: Sendable, Equatable {
    /// How long a stretch is.
    public enum Length: Sendable, Equatable {
        /// A day by UTC.
        case day
        /// A month by UTC.
        case month
    }
    /// Id of the programme.
    public let programme: String
    /// What amounts are in.
    public let asset: AssetNumber
    /// The first moment of the stretch.
    public let start: Timestamp
    /// Sums in minor units, each ≥ 0, held at the ends of 64 bits: payments; commissions and money granted;
    /// commissions and grants taken back; payouts that were sent.
    public var payments: Int64 = 0
    public var rewards: Int64 = 0
    public var reversals: Int64 = 0
    public var payouts: Int64 = 0
    /// An empty stretch.
    public init(programme: String, asset: AssetNumber, start: Timestamp) {
        self.programme = programme
        self.asset = asset
        self.start = start
    }
}

/// A version of a programme's rules, as it was published.
public struct PolicyVersion: Sendable, Equatable {
    /// Id of the programme.
    public let programme: String
    /// The version.
    public let version: UInt64
    /// From when it rules; nil: from the beginning.
    public let effectiveFrom: Timestamp?
    /// First sixteen bytes of the SHA-256 of its canonical JSON, hexadecimal.
    public let hash: String
    /// Of its event.
    public let position: LogPosition
}

/// What a pass over the log says for a report.
public struct LedgerActivity: Sendable, Equatable {
    /// Sorted by programme, asset and moment; stretches without anything are left out.
    public internal(set) var buckets: [ActivityBucket] = []
    /// Every version of every programme's rules, in the order in which they were published.
    public internal(set) var policies: [PolicyVersion] = []
    /// Business moments of the first and the last event that is a fact.
    public internal(set) var first: Timestamp?
    public internal(set) var last: Timestamp?
}

extension LedgerReader {
    /// Sums what happened by stretches of business time, up to this reader's position. Cost: one pass over the
    /// log. Memory: a bucket for each programme, asset and stretch.
    /// - Parameters:
    ///   - from: The first moment that counts; nil: from the beginning.
    ///   - through: The last moment that counts; nil: to the end.
    public func activity(
        from: Timestamp? = nil, through: Timestamp? = nil, by length: ActivityBucket.Length = .month
    ) throws(LedgerError) -> LedgerActivity {
        try checkOpen()
        let ids = try programmeIds()
        let last = [through, business?.moment].compactMap { $0 }.min()
        var sums = ActivitySums(length: length, from: from, through: last)
        do throws(LogError) {
            unsafe try store.scan(after: .start, through: fixed ?? position) {
                record, header throws(LogError) in
                let bad = unsafe StoredRecord.walk(record) { stored, envelope in
                    sums.see(stored, envelope)
                    return true
                }
                if let bad { throw LogError(.broken, bad.message, position: header.basePosition) }
                return true
            }
        } catch {
            throw LedgerError(error)
        }
        return sums.finish(ids)
    }
}

/// The sums while the log is walked.
private struct ActivitySums {
    struct Key: Hashable {
        let programme: UInt16
        let asset: UInt16
        let start: Int64
    }

    let length: ActivityBucket.Length
    let from: Timestamp?
    let through: Timestamp?
    private var sums: [Key: (payments: Int64, rewards: Int64, reversals: Int64, payouts: Int64)] = [:]
    private var policies:
        [(programme: UInt16, version: UInt64, from: Timestamp, at: LogPosition, hash: String)] = []
    private var first: Timestamp?
    private var last: Timestamp?
    private var lastDay = (day: Int64.min, start: Int64.min)

    init(length: ActivityBucket.Length, from: Timestamp?, through: Timestamp?) {
        self.length = length
        self.from = from
        self.through = through
    }

    mutating func see(_ stored: StoredEvent, _ envelope: RecordEnvelope) {
        switch stored.event {
        case .policyPublished(let e):
            policies.append(
                (envelope.programme.rawValue, e.version, e.effectiveFrom, stored.position, e.policyHash.hex))
        case .paymentReceived(let e): add(stored, envelope, e.asset, payments: e.amount)
        case .commissionEarned(let e): add(stored, envelope, e.asset, rewards: e.amount)
        case .rewardGranted(let e) where e.asset.isMoney: add(stored, envelope, e.asset, rewards: e.amount)
        case .payoutSent(let e): add(stored, envelope, e.asset, payouts: e.net)
        case .commissionReversed, .rewardRevoked:
            // By the postings: what of it came from where does not matter here.
            var taken: [AssetNumber: Int64] = [:]
            for posting in stored.event.postings where posting.credit == .rewardExpense {
                taken[posting.asset, default: 0] &+= posting.amount
            }
            for (asset, amount) in taken { add(stored, envelope, asset, reversals: amount) }
        default: break
        }
    }

    private mutating func add(
        _ stored: StoredEvent, _ envelope: RecordEnvelope, _ asset: AssetNumber, payments: Int64 = 0,
        rewards: Int64 = 0, reversals: Int64 = 0, payouts: Int64 = 0
    ) {
        let at = stored.occurredAt
        first = min(first ?? at, at)
        last = max(last ?? at, at)
        if let from, at < from { return }
        if let through, at > through { return }
        let key = Key(
            programme: envelope.programme.rawValue, asset: asset.rawValue, start: start(of: at))
        func sum(_ a: Int64, _ b: Int64) -> Int64 { Int64(clamping: Int128(a) + Int128(b)) }
        var now = sums[key] ?? (0, 0, 0, 0)
        now = (
            sum(now.payments, payments), sum(now.rewards, rewards), sum(now.reversals, reversals),
            sum(now.payouts, payouts)
        )
        sums[key] = now
    }

    /// Seconds since 1970 of the stretch's first moment.
    private mutating func start(of moment: Timestamp) -> Int64 {
        var day = moment.nanoseconds / 86_400_000_000_000
        if moment.nanoseconds < 0, moment.nanoseconds % 86_400_000_000_000 != 0 { day -= 1 }
        if length == .day { return day * 86_400 }
        if lastDay.day == day { return lastDay.start }
        let date = CivilDate(daysSinceEpoch: Int(day))
        let first = CivilDate(year: date.year, month: date.month, day: 1) ?? date
        lastDay = (day, Int64(first.daysSinceEpoch) * 86_400)
        return lastDay.start
    }

    func finish(_ ids: [String]) -> LedgerActivity {
        func name(_ number: UInt16) -> String { Int(number) < ids.count ? ids[Int(number)] : "\(number)" }
        var activity = LedgerActivity()
        (activity.first, activity.last) = (first, last)
        activity.policies = policies.map { policy in
            PolicyVersion(
                programme: name(policy.programme), version: policy.version,
                effectiveFrom: policy.from.nanoseconds == .min ? nil : policy.from, hash: policy.hash,
                position: policy.at)
        }
        let keys = sums.keys.sorted {
            ($0.programme, $0.asset, $0.start) < ($1.programme, $1.asset, $1.start)
        }
        activity.buckets = keys.compactMap { key in
            guard let start = Timestamp(seconds: key.start), let sum = sums[key] else { return nil }
            var bucket = ActivityBucket(
                programme: name(key.programme), asset: AssetNumber(rawValue: key.asset), start: start)
            (bucket.payments, bucket.rewards) = (sum.payments, sum.rewards)
            (bucket.reversals, bucket.payouts) = (sum.reversals, sum.payouts)
            return bucket
        }
        return activity
    }
}

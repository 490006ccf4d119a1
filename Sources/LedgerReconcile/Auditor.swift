import LedgerDomain
import LedgerLog
import LedgerState

/// Checks of one subject. Each has this one form: it sees every event in log order and keeps what it must
/// know, from events alone; then it compares that with rows. What is wrong is added to the breaks, never
/// thrown: only a log that cannot be read is.
///
/// It takes nothing of the state for granted: a reference is followed only after its bounds.
protocol Auditor {
    /// An event, in log order. Texts are valid during the call only.
    mutating func see(
        _ stored: StoredEvent, _ envelope: RecordEnvelope, _ base: LogPosition, _ out: inout Breaks)
    /// The record is over.
    mutating func endRecord(_ envelope: RecordEnvelope, _ base: LogPosition, _ out: inout Breaks)
    /// After the last record, also of a log that cannot be folded: what needs a look back into it.
    mutating func settle(_ log: LogStore, _ out: inout Breaks) throws(LogError)
    /// After that, where the log could be folded: what the rows say.
    mutating func compare(_ state: borrowing CoreState, _ out: inout Breaks) throws(LogError)
}

extension Auditor {
    mutating func endRecord(_ envelope: RecordEnvelope, _ base: LogPosition, _ out: inout Breaks) {}
    mutating func settle(_ log: LogStore, _ out: inout Breaks) throws(LogError) {}
}

/// A payment and its commissions as the log has them, without the fold.
struct LoggedPayment {
    private(set) var payer = UserNumber(0)
    private(set) var amount: Int64 = 0
    /// Minor units by level.
    private(set) var legs: [UInt8: Int64] = [:]

    /// Nil where no payment stands at the position.
    init?(at position: LogPosition, in log: LogStore) throws(LogError) {
        guard let base = try log.baseOfRecord(holding: position), let record = try log.record(at: base) else {
            return nil
        }
        var payment: PaymentReceived?
        var legs: [UInt8: Int64] = [:]
        unsafe record.span.bytes.withUnsafeBytes { raw in
            _ = unsafe StoredRecord.walk(raw) { stored, _ in
                switch stored.event {
                case .paymentReceived(let e) where stored.position == position: payment = e
                case .commissionEarned(let e) where e.payment == position:
                    legs[e.level, default: 0] &+= e.amount
                default: break
                }
                return true
            }
        }
        guard let payment else { return nil }
        (payer, amount) = (payment.payer, payment.amount)
        self.legs = legs
    }
}

/// A user in a programme.
struct MemberKey: Hashable, Comparable {
    let programme: ProgrammeNumber
    let user: UserNumber
    init(_ programme: ProgrammeNumber, _ user: UserNumber) {
        self.programme = programme
        self.user = user
    }
    init(_ row: MemberRow) {
        self.init(ProgrammeNumber(row.programme), UserNumber(row.user))
    }
    static func < (a: MemberKey, b: MemberKey) -> Bool {
        (a.programme.rawValue, a.user.rawValue) < (b.programme.rawValue, b.user.rawValue)
    }
}

/// A user's accounts in an asset.
struct PurseKey: Hashable, Comparable {
    let member: MemberKey
    let asset: AssetNumber
    init(_ member: MemberKey, _ asset: AssetNumber) {
        self.member = member
        self.asset = asset
    }
    static func < (a: PurseKey, b: PurseKey) -> Bool {
        a.member == b.member ? a.asset < b.asset : a.member < b.member
    }
}

/// Who goes on for whom, by the merges seen so far.
struct MergeTrace {
    private var into: [MemberKey: MemberKey] = [:]

    mutating func see(_ e: UsersMerged, _ programme: ProgrammeNumber) {
        into[MemberKey(programme, e.from)] = MemberKey(programme, e.into)
    }

    /// The one that goes on for this one. A ring of merges ends where it began.
    func resolve(_ member: MemberKey) -> MemberKey {
        var (now, steps) = (member, 0)
        while let next = into[now], steps <= into.count {
            now = next
            steps += 1
        }
        return now
    }
}

/// What events say of an entity against what its row says.
struct FieldTexts {
    private var differing: [String] = []

    mutating func compare<Value: Equatable>(_ name: String, _ expected: Value, _ found: Value) {
        if expected != found { differing.append("\(name) is \(found), by the events \(expected)") }
    }
    /// “stage is active, by the events completed”; nil when nothing differs.
    var text: String? { differing.isEmpty ? nil : differing.joined(separator: "; ") }
}

/// Reading rows whose references may be wrong.
extension CoreState {
    /// A member's balances; what lies beyond the tables is left out.
    func auditedBalances(_ member: Int) -> [(asset: AssetNumber, balance: Balance, firstLot: UInt32)] {
        let profile = auditedProfile(members[member])
        var out: [(asset: AssetNumber, balance: Balance, firstLot: UInt32)] = []
        let row = money(of: member)
        if row.hasBalance {
            out.append((AssetNumber(rawValue: row.asset), row.balance, profile?.firstLot ?? 0))
        }
        var next = Int(profile?.extraAccount ?? 0)
        while next > 0, next <= accounts.count, out.count <= accounts.count + 1 {
            let account = accounts[next - 1]
            out.append((AssetNumber(rawValue: account.asset), account.balance, account.firstLot))
            next = Int(account.next)
        }
        return out
    }

    /// A member's profile; nil when it has none, or one that is not there.
    func auditedProfile(_ row: MemberRow) -> ProfileRow? {
        row.profile > 0 && Int(row.profile) <= profiles.count ? profiles[Int(row.profile) - 1] : nil
    }

    /// The member that goes on for this one; nil when following leads nowhere, or in a ring.
    func auditedResolve(_ member: Int) -> Int? {
        var (now, steps) = (member, 0)
        while now >= 0, now < members.count {
            let row = members[now]
            if !row.isMerged { return now }
            guard let into = auditedProfile(row)?.mergedInto, into > 0, steps <= members.count else {
                return nil
            }
            now = Int(into) - 1
            steps += 1
        }
        return nil
    }

    /// Sum of a list of lots; nil when it leads out of the table, or in a ring.
    func auditedLots(from first: UInt32) -> Int128? {
        var (next, steps, sum) = (Int(first), 0, Int128(0))
        while next > 0 {
            guard next <= lots.count, steps < lots.count else { return nil }
            sum += Int128(lots[next - 1].left)
            next = Int(lots[next - 1].next)
            steps += 1
        }
        return sum
    }
}

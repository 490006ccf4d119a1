import LedgerDomain
import LedgerLog
import LedgerState

/// What makes a reader one of business time: which events count, and where names, money and the events
/// themselves are read.
final class BusinessTime: Sendable {
    /// Events at it count.
    let moment: Timestamp
    /// The whole ledger that the state is of.
    let source: LedgerReader
    /// Users who had signed up, of the ledger.
    let users: Int
    /// Users who had signed up, by programme.
    let members: [Int]

    init(moment: Timestamp, source: LedgerReader, signups: Signups) {
        self.moment = moment
        self.source = source
        users = signups.users
        members = signups.members
    }

    /// Money is the sum of the postings, also of those whose causes are left out.
    var money: EffectiveReader { EffectiveReader(moment: moment, reader: source) }

    func members(in programme: Int) -> Int { programme < members.count ? members[programme] : 0 }

    var allMembers: Int { members.reduce(0, +) }

    func counts(_ stored: StoredEvent) -> Bool { stored.occurredAt <= moment }
}

/// Counts who had signed up by a moment.
struct Signups {
    private(set) var users = 0
    private(set) var members: [Int] = []
    /// By number: whether a signup of the user was seen.
    private var isKnown: [Bool] = []

    mutating func see(_ user: UserNumber, _ programme: ProgrammeNumber) {
        let (user, programme) = (Int(user.rawValue), Int(programme.rawValue))
        while members.count <= programme { members.append(0) }
        members[programme] += 1
        while isKnown.count <= user { isKnown.append(false) }
        if !isKnown[user] { users += 1 }
        isKnown[user] = true
    }
}

extension EffectiveReader {
    /// A reader of everything else by business time: users, trees, rewards, boards, queues, explanations, as a
    /// fold of the events at or before the moment, in the order of the log, makes them. Nothing is decided anew.
    ///
    /// Whoever signed up later is not known to it. An event whose predecessor is left out (a refund that is dated
    /// before its payment) moves money and changes nothing else. The state digest is that of the fold.
    ///
    /// ```swift
    /// let then = try ledger.effective(at: Timestamp("2026-12-31T23:59:59Z")).state()
    /// let board = try then.leaderboard(by: .conversions, limit: 10)
    /// ```
    /// Cost: a fold of the log from its beginning, and the memory of a second state, for as long as the reader is
    /// kept. It stands at the position at which it was made, and ends with the ledger. Safe from any thread.
    /// - Parameter progress: Told the position now and then.
    /// - Throws: `broken` when the log cannot be read.
    public func state(progress: (UInt64) -> Void = { _ in }) throws(LedgerError) -> LedgerReader {
        try reader.checkOpen()
        do throws(LogError) {
            return try fold(through: reader.fixed ?? reader.position, progress)
        } catch {
            throw LedgerError(error)
        }
    }

    private func fold(
        through end: LogPosition, _ progress: (UInt64) -> Void
    ) throws(LogError) -> LedgerReader {
        let seed: UInt64
        do { seed = try Crypto.randomWord() } catch { throw LogError(.inputOutput, error.message) }
        let store = reader.store
        var core = CoreState(records: RecordSource(store), hashSeed: seed)
        core.beginByBusinessTime()
        var views = ViewState(hashSeed: seed)
        var signups = Signups()
        var records = 0
        unsafe try store.scan(after: .start, through: end) { record, header throws(LogError) in
            do throws(FoldFault) {
                try unsafe core.apply(record: record, header: header, through: moment)
                try unsafe views.apply(record: record, header: header, through: moment)
            } catch {
                throw LogError(.broken, "\(error.check): \(error.message)", position: error.position)
            }
            unsafe StoredRecord.walk(record) { stored, envelope in
                if case .userSignedUp(let e) = stored.event, stored.occurredAt <= moment {
                    signups.see(e.user, envelope.programme)
                }
                return true
            }
            records += 1
            if records & 0xFFF == 0 { progress(header.basePosition.rawValue) }
            return true
        }
        core.records.release()
        let (box, viewBox) = (StateBox(core), ViewBox(views))
        let made = LedgerReader(
            store: store, box: box, viewBox: viewBox, tree: reader.tree, fixed: end,
            business: BusinessTime(moment: moment, source: reader, signups: signups))
        made.attach(digest: { () throws(LedgerError) in
            try PrivateDigest.compute(box, viewBox, store)
        })
        return reader.dependents.add(made)
    }
}

import LedgerDomain
import LedgerLog

/// Whom and what a command names, and whether it is the same as one before.
extension Decider {
    /// A user of a programme, through merges.
    struct Party {
        let member: Int
        let user: UserNumber
    }

    func party(_ userId: String, _ state: borrowing CoreState, _ now: Case) throws(LogError) -> Party? {
        try party(arena.text(userId), state, now)
    }

    /// The same.
    /// - Parameter candidate: a user's number that the id may be of, −1 for none.
    @inline(__always)
    func party(
        _ userId: BorrowedText, candidate: Int = -1, _ state: borrowing CoreState, _ now: Case
    ) throws(LogError) -> Party? {
        guard let user = try state.findUser(userId, candidate: candidate),
            let member = state.member(of: user, in: now.envelope.programme)
        else { return nil }
        let last = state.resolve(member)
        return Party(member: last, user: unsafe UserNumber(state.members.peek(last).pointee.user))
    }

    /// Whether an actor's or approver's name is a user's id that means this member, through merges.
    func isMember(_ name: BorrowedText, _ member: Int, _ state: borrowing CoreState, _ now: Case)
        throws(LogError) -> Bool
    {
        try ownMember(name, state, now).map { state.resolve($0) == member } ?? false
    }

    /// Whether two names of actors or approvers mean one person: they are one, or ids of one user.
    func isOnePerson(_ one: BorrowedText, _ other: BorrowedText, _ state: borrowing CoreState, _ now: Case)
        throws(LogError) -> Bool
    {
        if one.equals(other) { return true }
        guard let first = try ownMember(one, state, now), let second = try ownMember(other, state, now)
        else { return false }
        return state.resolve(first) == state.resolve(second)
    }

    /// Why those named may not approve what moves the money of some members; nil when they may. That there are one or
    /// two, and that their names differ, was judged by form.
    func refusal(
        ofApprovers names: [String], over members: [Int], _ state: borrowing CoreState, _ now: Case
    ) throws(LogError) -> Outcome? {
        for name in names {
            for member in members where try isMember(arena.text(name), member, state, now) {
                return now.refuse(.adjustApprovers, "approvers", "nobody approves for oneself")
            }
        }
        if names.count > 1,
            try isOnePerson(arena.text(names[0]), arena.text(names[1]), state, now)
        {
            return now.refuse(.adjustApprovers, "approvers", "the two who approve are one person")
        }
        return nil
    }

    /// The member that a user's id had at signup, whoever goes on for it after a merge.
    func ownMember(_ id: BorrowedText, _ state: borrowing CoreState, _ now: Case) throws(LogError) -> Int? {
        try state.findUser(id).flatMap { state.member(of: $0, in: now.envelope.programme) }
    }

    /// Whether an event's user is the one that a command names, through merges.
    func isSame(_ user: UserNumber, _ userId: String, _ state: borrowing CoreState, _ now: Case)
        throws(LogError)
        -> Bool
    {
        try isSame(user, arena.text(userId), state, now)
    }

    func isSame(_ user: UserNumber, _ userId: BorrowedText, _ state: borrowing CoreState, _ now: Case)
        throws(LogError) -> Bool
    {
        guard let named = try party(userId, state, now) else { return false }
        return state.holder(of: user, now.envelope.programme) == named.member
    }

    /// What an event of an earlier record says about a command with the same key.
    enum Likeness {
        /// Not the event that the command made.
        case other
        case same
        /// The first field that differs.
        case differs(String)

        static func compare(_ fields: (String, Bool)...) -> Likeness {
            for (name, isSame) in fields where !isSame { return .differs(name) }
            return .same
        }
    }

    /// What the explicit key says, for commands that have no natural one: nil to go on.
    func judgeKey(
        _ state: borrowing CoreState, _ now: Case, at moment: Timestamp,
        _ likeness: (StoredEvent) throws(LogError) -> Likeness
    ) throws(LogError) -> Outcome? {
        try judgeKey(state, now) { base throws(LogError) in
            try difference(from: base, state, at: moment, likeness)
        }
    }

    /// The first field in which a record differs from a command; nil when it is the command's own.
    func difference(
        from base: LogPosition, _ state: borrowing CoreState, at moment: Timestamp,
        _ likeness: (StoredEvent) throws(LogError) -> Likeness
    ) throws(LogError) -> String? {
        var answer: String?? = .none
        var failure: LogError?
        unsafe StoredRecord.walk(try state.record(base.rawValue)) { stored, _ in
            do throws(LogError) {
                switch try likeness(stored) {
                case .other: return true
                case .same: answer = .some(stored.occurredAt == moment ? nil : "at")
                case .differs(let field): answer = .some(field)
                }
            } catch {
                failure = error
            }
            return false
        }
        if let failure { throw failure }
        return answer ?? "type"
    }

    /// The grant of a name such as `r17`.
    func grantNumber(_ rewardId: String, _ state: borrowing CoreState, _ now: Case) -> Int? {
        guard let number = Self.number(rewardId, after: UInt8(ascii: "r")), number <= state.rewards.count,
            state.members[Int(state.rewards[number - 1].member)].programme == now.envelope.programme.rawValue
        else { return nil }
        return number - 1
    }

    /// The case of a review's name such as `f3`.
    func reviewCase(_ reviewId: String, _ state: borrowing CoreState, _ now: Case) -> Int? {
        guard let number = Self.number(reviewId, after: UInt8(ascii: "f")), number <= state.reviewCases.count
        else { return nil }
        let found = Int(state.reviewCases[number - 1])
        let member = state.members[Int(state.cases[found].subject)]
        return member.programme == now.envelope.programme.rawValue ? found : nil
    }

    /// A number from 1 after a letter: no sign, no leading zero.
    private static func number(_ text: String, after letter: UInt8) -> Int? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 2, bytes.count <= 12, bytes[0] == letter, bytes[1] != UInt8(ascii: "0") else {
            return nil
        }
        var value = 0
        for byte in bytes.dropFirst() {
            guard 0x30...0x39 ~= byte else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        return value
    }

    /// The symbol of a provider, defined in this record when it is new.
    func symbol(_ name: BorrowedText, _ state: inout CoreState, _ out: inout RecordBuilder) throws(LogError)
        -> SymbolNumber
    {
        if let known = try state.findSymbol(SymbolDefined.provider, name) { return known }
        return try define(name, &state, &out)
    }

    /// Ends a command's record.
    func accept(_ out: borrowing RecordBuilder, _ state: inout CoreState, _ now: Case) -> Outcome {
        .accepted(state.finish(out, now: now.inputs.now, in: now.group))
    }

    /// Whether the sums of an asset stay in range with so much more.
    func overflows(_ amount: Int64, _ asset: AssetNumber, _ state: borrowing CoreState, _ now: Case)
        -> Outcome?
    {
        state.hasRoom(for: amount, asset, now.envelope.programme)
            ? nil : now.refuse(.amountOverflow, "amount", "a sum would leave the range of 64 bits")
    }

    func seal(_ bytes: [UInt8], for user: UserNumber, _ now: Case) throws(LogError) -> BorrowedText {
        guard let key = try now.inputs.vault.key(of: user, create: true) else {
            throw LogError(.inputOutput, "no key for personal data can be made")
        }
        do {
            let bound = PersonalCodec.binding(now.inputs.ledgerId, user)
            return arena.text(try Crypto.seal(bytes, key: key, bound: bound))
        } catch {
            throw LogError(.inputOutput, error.message)
        }
    }

    /// Whether sealed bytes say what a command says. Once the key is erased nobody can tell: they do.
    func isSame(_ sealed: BorrowedText, _ text: String?, of user: UserNumber, _ now: Case) throws(LogError)
        -> Bool
    {
        guard let text else { return sealed.isEmpty }
        if sealed.isEmpty { return false }
        guard let key = try now.inputs.vault.key(of: user, create: false) else { return true }
        let bound = PersonalCodec.binding(now.inputs.ledgerId, user)
        guard let plain = unsafe Crypto.open(Array(sealed.utf8), key: key, bound: bound) else { return true }
        return plain.elementsEqual(text.utf8)
    }
}

extension CoreState {
    /// The member that holds what a user's number was given, through merges; −1 for none.
    func holder(of user: UserNumber, _ programme: ProgrammeNumber) -> Int {
        guard Int(user.rawValue) < users.count, let member = member(of: Int(user.rawValue), in: programme)
        else {
            return -1
        }
        return resolve(member)
    }

    /// Whether no account of an asset can overflow by so much more.
    func hasRoom(for amount: Int64, _ asset: AssetNumber, _ programme: ProgrammeNumber) -> Bool {
        for i in 0..<totals.count {
            let row = totals[i]
            guard row.programme == programme.rawValue, row.asset == asset.rawValue else { continue }
            var sum = amount.magnitude
            for part in [
                row.rewardExpense, row.pending, row.available, row.held, row.receivable, row.reserved,
                row.cash,
                row.funding, row.tax, row.fee, row.breakage, row.loss, row.fx, row.opening, row.issued,
                row.used,
            ] {
                let (next, overflow) = sum.addingReportingOverflow(part.magnitude)
                if overflow { return false }
                sum = next
            }
            return sum <= UInt64(Int64.max)
        }
        return true
    }

    /// A credit to a user's available balance: what repays the debt, and the rest.
    func credit(_ amount: Int64, _ member: Int, _ asset: AssetNumber) -> (available: Int64, receivable: Int64)
    {
        let repaid = min(amount, balance(member: member, asset: asset).receivable)
        return (amount - repaid, repaid)
    }
}

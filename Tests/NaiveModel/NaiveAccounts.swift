/// A user's account, or one of the programme's.
enum Account: Hashable {
    case pending(Int)
    case available(Int)
    case held(Int)
    case receivable(Int)
    case reserved(Int)
    case claimable(Int)
    case programme(String)

    static let expense = Account.programme("rewardExpense")
    static let issued = Account.programme("issued")
    static let used = Account.programme("used")
    static let breakage = Account.programme("breakage")

    var name: String {
        switch self {
        case .pending: "pending"
        case .available: "available"
        case .held: "held"
        case .receivable: "receivable"
        case .reserved: "reserved"
        case .claimable: "claimable"
        case .programme(let name): name
        }
    }

    var user: Int? {
        switch self {
        case .pending(let user), .available(let user), .held(let user): user
        case .receivable(let user), .reserved(let user), .claimable(let user): user
        case .programme: nil
        }
    }
}

/// What an event is called and when it was.
struct Moment {
    let kind: String
    let at: Int64

    init(_ kind: String, _ at: Int64) {
        self.kind = kind
        self.at = at
    }
}

// MARK: - Posting

extension NaiveLedger {
    /// Begins an event: what is posted from now on is its.
    func event(_ kind: String, at: Int64) {
        position += 1
        current = Moment(kind, at)
    }

    /// Debits one account and credits another.
    func post(_ debit: Account, _ credit: Account, _ amount: Int64, _ asset: String) {
        precondition(amount >= 0, "\(current.kind) posts \(amount)")
        if amount == 0 { return }
        change(debit, by: amount, asset)
        change(credit, by: -amount, asset)
    }

    /// Adds to the debit side of an account.
    private func change(_ account: Account, by debit: Int64, _ asset: String) {
        totals[account.name, default: [:]][asset, default: 0] += Int128(debit)
        guard let number = account.user else { return }
        let user = users[number]
        var balance = user.balances[asset] ?? NaiveBalance()
        let isNew = user.statement.last.map { $0.position != position || $0.entry.currency != asset } ?? true
        var entry =
            isNew
            ? NaiveEntry(occurredAt: current.at, kind: current.kind, currency: asset)
            : user.statement.removeLast().entry
        switch account {
        case .pending:
            balance.pending -= debit
            entry.pending -= debit
        case .available:
            balance.available -= debit
            entry.available -= debit
        case .held:
            balance.held -= debit
            entry.held -= debit
        case .receivable:
            balance.receivable += debit
            entry.receivable += debit
        case .reserved: balance.reserved -= debit
        case .claimable: balance.claimable -= debit
        case .programme: break
        }
        user.balances[asset] = balance
        user.statement.append((position: position, entry: entry))
    }

    func balance(_ user: Int, _ asset: String) -> NaiveBalance {
        users[user].balances[asset] ?? NaiveBalance()
    }

    // MARK: - What is available

    /// Credits a user: a debt first, then available, as a part of the lot.
    func credit(_ user: Int, _ asset: String, _ amount: Int64, from debit: Account, as lot: Lot) {
        let repaid = min(balance(user, asset).receivable, amount)
        post(debit, .receivable(user), repaid, asset)
        post(debit, .available(user), amount - repaid, asset)
        addLot(user, asset, amount - repaid, lot)
    }

    /// Credits a user with money that is nothing's rest: a lot of its own, of this event.
    func creditFresh(_ user: Int, _ asset: String, _ amount: Int64, from debit: Account) {
        let lot = Lot(maturesAt: current.at, position: position, reward: nil, amount: 0)
        credit(user, asset, amount, from: debit, as: lot)
    }

    /// Puts an amount where the lot stands or stood.
    func addLot(_ user: Int, _ asset: String, _ amount: Int64, _ lot: Lot) {
        if amount == 0 { return }
        var lots = users[user].lots[asset] ?? []
        if let index = lots.firstIndex(where: { $0.position == lot.position && $0.maturesAt == lot.maturesAt }
        ) {
            lots[index].amount += amount
        } else {
            lots.append(
                Lot(maturesAt: lot.maturesAt, position: lot.position, reward: lot.reward, amount: amount))
            lots.sort { ($0.maturesAt, $0.position) < ($1.maturesAt, $1.position) }
        }
        users[user].lots[asset] = lots
    }

    /// Takes an amount from the front of the lots; posts nothing.
    func takeLots(_ user: Int, _ asset: String, _ amount: Int64) -> [Lot] {
        var taken: [Lot] = []
        var rest = amount
        var lots = users[user].lots[asset] ?? []
        while rest > 0 {
            var part = lots[0]
            part.amount = min(part.amount, rest)
            taken.append(part)
            rest -= part.amount
            lots[0].amount -= part.amount
            if lots[0].amount == 0 { lots.removeFirst() }
        }
        users[user].lots[asset] = lots
        return taken
    }

    /// The lot of a reward.
    func lot(of reward: Reward) -> Lot {
        Lot(maturesAt: reward.maturesAt, position: reward.position, reward: reward, amount: 0)
    }

    /// What is available of a reward's own lot.
    func ownLot(_ reward: Reward) -> Int64 {
        let lots = users[reward.owner].lots[reward.asset] ?? []
        return lots.filter { $0.reward === reward }.reduce(0) { $0 + $1.amount }
    }

    /// Takes from a reward's own lot; posts nothing.
    func takeOwnLot(_ reward: Reward, _ amount: Int64) {
        var lots = users[reward.owner].lots[reward.asset] ?? []
        guard let index = lots.firstIndex(where: { $0.reward === reward }) else { return }
        lots[index].amount -= amount
        if lots[index].amount == 0 { lots.remove(at: index) }
        users[reward.owner].lots[reward.asset] = lots
    }

    // MARK: - Holds

    /// What of a reward a case may hold, or what may expire: its pending part or, once it has matured, its
    /// own lot.
    ///
    /// A clawback takes lots from the front, whosever they are. So a lot may be more than is left of its
    /// reward. The rules say "its own lot"; here never more than G − R − V − X − H, or H would pass it.
    func holdable(_ reward: Reward) -> Int64 {
        reward.isMatured ? min(ownLot(reward), reward.left - reward.held) : reward.pendingPart
    }

    /// `RewardHeld`.
    func hold(_ reward: Reward, _ amount: Int64, for reason: Case, at: Int64) {
        event("rewardHeld", at: at)
        if reward.isMatured {
            takeOwnLot(reward, amount)
            post(.available(reward.owner), .held(reward.owner), amount, reward.asset)
        } else {
            post(.pending(reward.owner), .held(reward.owner), amount, reward.asset)
        }
        reward.holds.append(Hold(reason: reason, amount: amount, position: position))
    }

    /// `RewardReleased` of everything that a case still holds, in the order in which it was held.
    func releaseAll(of reason: Case, at: Int64) {
        for reward in holds(of: reason) { _ = release(reward, of: reason, at: at) }
    }

    /// `RewardReleased` of the oldest hold that a case still has on a reward, and what disputes hold of that
    /// instead. The number of events.
    func release(_ reward: Reward, of reason: Case, at: Int64) -> Int {
        guard let index = reward.holds.firstIndex(where: { $0.reason === reason }) else { return 0 }
        let amount = reward.holds.remove(at: index).amount
        if amount == 0 { return 0 }
        event("rewardReleased", at: at)
        if reward.isMatured {
            credit(reward.owner, reward.asset, amount, from: .held(reward.owner), as: lot(of: reward))
        } else {
            post(.held(reward.owner), .pending(reward.owner), amount, reward.asset)
        }
        return 1 + holdForDisputes(reward, at: at)
    }

    /// What open disputes ask for of a commission that is free again: the oldest first, each as if it had just been
    /// opened after those before it. The sixteenth stands for all that came after it. The number of events.
    func holdForDisputes(_ leg: Reward, at: Int64) -> Int {
        guard leg.isCommission,
            let payment = payments.values.first(where: { $0.legs.contains { $0 === leg } }),
            !payment.isSetAside
        else { return 0 }
        let open = payment.disputes.filter { $0.decision == nil }
        var asked = Int128(payment.counted)
        var events = 0
        for (index, dispute) in open.enumerated() {
            asked += Int128(dispute.amount)
            if index >= 15 && index != open.count - 1 { continue }
            let counted = Int64(min(asked, Int128(payment.amount)))
            let wanted = target(leg, payment, counted: counted) - leg.reversed - leg.revoked - leg.held
            let amount = min(wanted, holdable(leg))
            if amount <= 0 { continue }
            hold(leg, amount, for: open[min(index, 15)].reason, at: at)
            events += 1
        }
        return events
    }

    /// What a case holds, in the order in which it was held.
    func holds(of reason: Case) -> [Reward] {
        var found: [(position: Int, reward: Reward)] = []
        for reward in rewards {
            for hold in reward.holds where hold.reason === reason && hold.amount > 0 {
                found.append((position: hold.position, reward: reward))
            }
        }
        return found.sorted { $0.position < $1.position }.map(\.reward)
    }

    // MARK: - Taking back

    /// Takes back an amount of a money reward, as one event; the caller books it as reversed or revoked.
    ///
    /// What makes room from withdrawals comes before the event; the caller holds again what of it is disputed.
    func take(_ reward: Reward, _ amount: Int64, for reason: Case?, as kind: String, at: Int64) {
        precondition(amount <= reward.left, "more is taken back than there is")
        let (owner, asset) = (reward.owner, reward.asset)
        var rest = amount
        func takeHold(_ index: Int) -> Int64 {
            let part = min(rest, reward.holds[index].amount)
            reward.holds[index].amount -= part
            rest -= part
            return part
        }
        let pendingBefore = reward.pendingPart
        var fromHeld: Int64 = 0
        for index in reward.holds.indices where reason != nil && reward.holds[index].reason === reason {
            fromHeld += takeHold(index)
        }
        let fromPending = min(rest, pendingBefore)
        rest -= fromPending
        for index in reward.holds.indices { fromHeld += takeHold(index) }
        reward.holds.removeAll { $0.amount == 0 }
        if rest > 0 { makeRoom(owner, asset, for: rest, at: at) }
        event(kind, at: at)
        post(.held(owner), .expense, fromHeld, asset)
        post(.pending(owner), .expense, fromPending, asset)
        takeAvailable(owner, asset, rest, to: .expense)
    }

    /// From available, lots from the front; what is not there becomes a debt.
    func takeAvailable(_ user: Int, _ asset: String, _ amount: Int64, to credit: Account) {
        let part = min(amount, balance(user, asset).available)
        _ = takeLots(user, asset, part)
        post(.available(user), credit, part, asset)
        post(.receivable(user), credit, amount - part, asset)
    }

    /// Makes room for a clawback from withdrawals that are not sent, the latest requested first.
    func makeRoom(_ user: Int, _ asset: String, for due: Int64, at: Int64) {
        let rule = policy.withdrawal.onClawback
        if rule == .owe { return }
        let unsent = withdrawals.filter { $0.owner == user && $0.currency == asset && $0.isUnsent }
        for withdrawal in unsent.sorted(by: { $0.position > $1.position }) {
            let shortfall = due - balance(user, asset).available
            if shortfall <= 0 { return }
            let part = rule == .cancel ? withdrawal.amount : min(shortfall, withdrawal.amount)
            if part == withdrawal.amount {
                giveBack(withdrawal, part, as: "withdrawalCancelled", at: at)
                withdrawal.state = .cancelled
            } else {
                giveBack(withdrawal, part, as: "withdrawalReduced", at: at)
            }
        }
    }

    /// Gives a part of an unsent withdrawal back: a debt first.
    ///
    /// The rules do not say which lots a reduced withdrawal gives back. Here: its last ones, so that it holds
    /// what it would hold had it been requested smaller.
    func giveBack(_ withdrawal: Withdrawal, _ amount: Int64, as kind: String, at: Int64) {
        event(kind, at: at)
        var rest = amount
        var back: [Lot] = []
        while rest > 0 {
            var part = withdrawal.lots.removeLast()
            if part.amount > rest {
                var kept = part
                kept.amount -= rest
                part.amount = rest
                withdrawal.lots.append(kept)
            }
            rest -= part.amount
            back.insert(part, at: 0)
        }
        withdrawal.amount -= amount
        returnLots(
            back, to: withdrawal.owner, withdrawal.currency, from: .reserved(withdrawal.owner),
            at: at)
    }

    /// Credits lots that come back from a withdrawal, from the front, in their old places. Those of rewards
    /// whose expiry is recorded are one fresh lot, last.
    ///
    /// The rules do not say which of them repay a debt. Here: the front ones, as a clawback takes them.
    func returnLots(_ lots: [Lot], to user: Int, _ asset: String, from debit: Account, at: Int64) {
        var fresh: Int64 = 0
        for lot in lots {
            let isOver = lot.reward?.expiresAt.map { $0 <= at } ?? false
            if isOver || lot.reward?.isExpiryRecorded == true {
                fresh += lot.amount
            } else {
                let owed = balance(user, asset).receivable
                credit(user, asset, lot.amount, from: debit, as: lot)
                if let leg = lot.reward, leg.isCommission, lot.amount > owed {
                    returned.append((leg: leg, at: at))
                }
            }
        }
        if fresh > 0 { creditFresh(user, asset, fresh, from: debit) }
    }

    /// What came back from withdrawals of commissions whose payments are disputed is held again: right after the
    /// event that gave it back or, where room was made for a clawback, after that. Up to 256 events a record.
    func holdReturned() {
        let back = returned
        returned = []
        for (leg, at) in back { _ = holdForDisputes(leg, at: at) }
    }
}

import LedgerDomain

/// Postings, applied: each event of the rarer kinds moves money by exactly the postings that it declares.
extension CoreState {
    /// A place for changing a member's profile, which is made when it is not there. Valid until the next
    /// change of any table.
    mutating func editProfile(_ member: Int) -> UnsafeMutablePointer<ProfileRow> {
        var number = unsafe members.peek(member).pointee.profile
        if number == 0 {
            var row = ProfileRow()
            row.member = UInt32(member)
            number = UInt32(further.profiles.append(row) + 1)
            unsafe members.edit(member, &undo).pointee.profile = number
        }
        return unsafe further.profiles.edit(Int(number) - 1, &undo)
    }

    /// A member's profile; one of zeros when it has none.
    public func profile(_ member: Int) -> ProfileRow {
        let number = unsafe members.peek(member).pointee.profile
        return number == 0 ? ProfileRow() : profiles[Int(number) - 1]
    }

    /// The member that goes on for this one after merges. Cost: the number of merges.
    @inline(__always)
    public func resolve(_ member: Int) -> Int {
        if unsafe members.peek(member).pointee.flags & MemberRow.merged == 0 { return member }
        return resolveMerged(member)
    }

    private func resolveMerged(_ member: Int) -> Int {
        var member = member
        while members[member].isMerged {
            let into = profile(member).mergedInto
            if into == 0 { break }
            member = Int(into) - 1
        }
        return member
    }

    /// Applies an event's postings. What each user's available balance and debt become must be what the
    /// postings say: a debt is repaid before anything is available, and made only when nothing is.
    mutating func applyPostings(_ event: Event, _ place: EventPlace) {
        let postings = event.postings
        var touched: [(member: Int, asset: AssetNumber, before: Balance)] = []
        for posting in postings {
            for account in [posting.debit, posting.credit] {
                guard let user = account.user else { continue }
                guard let member = member(user, place) else { return }
                if !touched.contains(where: { $0.member == member && $0.asset == posting.asset }) {
                    touched.append((member, posting.asset, balance(member: member, asset: posting.asset)))
                }
            }
        }
        for posting in postings {
            move(posting.debit, posting.asset, -posting.amount, place)
            move(posting.credit, posting.asset, posting.amount, place)
        }
        for (member, asset, before) in touched {
            let after = balance(member: member, asset: asset)
            var available = before.available
            var receivable = before.receivable
            for posting in postings where posting.asset == asset {
                for (account, sign) in [(posting.debit, -1 as Int64), (posting.credit, 1)] {
                    guard let user = account.user, Int(members[member].user) == Int(user.rawValue) else {
                        continue
                    }
                    switch account {
                    case .available, .claimable: available &+= sign &* posting.amount
                    case .receivable: receivable &-= sign &* posting.amount
                    default: break
                    }
                }
            }
            if after.pending < 0 || after.held < 0 || available != after.available
                || receivable != after.receivable
            {
                fail("posting.balance", "\(event.type.name) does not follow from the user's balance", place)
            }
        }
    }

    /// Credits an account, or debits it by an amount below zero.
    private mutating func move(
        _ account: LedgerAccount, _ asset: AssetNumber, _ credit: Int64, _ place: EventPlace
    ) {
        if let user = account.user, let member = member(user, place) {
            let balance = unsafe editBalance(member, asset)
            switch account {
            case .pending: unsafe add(&balance.pointee.pending, credit, place)
            case .held: unsafe add(&balance.pointee.held, credit, place)
            case .available, .claimable, .receivable: unsafe add(&balance.pointee.settled, credit, place)
            default: break
            }
        }
        if case .clearing(let provider) = account {
            return unsafe add(&editClearing(place.programme, provider, asset).pointee.balance, credit, place)
        }
        let sums = unsafe editTotals(place.programme, asset)
        switch account {
        case .pending: unsafe add(&sums.pointee.pending, credit, place)
        case .held: unsafe add(&sums.pointee.held, credit, place)
        case .available, .claimable: unsafe add(&sums.pointee.available, credit, place)
        case .receivable: unsafe add(&sums.pointee.receivable, -credit, place)
        case .reserved: unsafe add(&sums.pointee.reserved, credit, place)
        case .rewardExpense: unsafe add(&sums.pointee.rewardExpense, -credit, place)
        case .cash: unsafe add(&sums.pointee.cash, -credit, place)
        case .funding: unsafe add(&sums.pointee.funding, credit, place)
        case .tax: unsafe add(&sums.pointee.tax, credit, place)
        case .fee: unsafe add(&sums.pointee.fee, credit, place)
        case .breakage: unsafe add(&sums.pointee.breakage, credit, place)
        case .loss: unsafe add(&sums.pointee.loss, -credit, place)
        case .fx: unsafe add(&sums.pointee.fx, -credit, place)
        case .opening: unsafe add(&sums.pointee.opening, -credit, place)
        case .issued: unsafe add(&sums.pointee.issued, -credit, place)
        case .used: unsafe add(&sums.pointee.used, credit, place)
        case .clearing: break
        }
    }

    private mutating func editClearing(
        _ programme: ProgrammeNumber, _ provider: SymbolNumber, _ asset: AssetNumber
    ) -> UnsafeMutablePointer<ClearingRow> {
        for i in 0..<clearings.count {
            let row = clearings[i]
            if row.programme == programme.rawValue, row.provider == provider.rawValue,
                row.asset == asset.rawValue
            {
                return unsafe further.clearings.edit(i, &undo)
            }
        }
        var row = ClearingRow()
        row.programme = programme.rawValue
        row.provider = provider.rawValue
        row.asset = asset.rawValue
        return unsafe further.clearings.edit(further.clearings.append(row), &undo)
    }

    // MARK: Facts by natural key

    /// Remembers where the log says something about an entity.
    mutating func mark(_ kind: FactKind, _ subject: Int, _ place: EventPlace) {
        mark(kind, subject, at: place.base)
    }

    /// Remembers a record of before.
    mutating func mark(_ kind: FactKind, _ subject: Int, at base: LogPosition) {
        var row = FactRow()
        row.kind = kind.rawValue
        row.subject = UInt32(subject)
        row.position = base.rawValue
        further.keyIds.insert(factHash(kind, subject), further.facts.append(row), &undo)
    }

    /// The record that said it last; nil when none did.
    func marked(_ kind: FactKind, _ subject: Int) -> LogPosition? {
        var latest: Int?
        var probe = keyIds.probe(factHash(kind, subject))
        while let candidate = keyIds.next(&probe) {
            guard candidate < facts.count, facts[candidate].kind == kind.rawValue,
                Int(facts[candidate].subject) == subject
            else { continue }
            latest = max(latest ?? 0, candidate)
        }
        return latest.map { LogPosition(facts[$0].position) }
    }

    /// The records that said it, in log order.
    func allMarked(_ kind: FactKind, _ subject: Int) -> [LogPosition] {
        var found: [Int] = []
        var probe = keyIds.probe(factHash(kind, subject))
        while let candidate = keyIds.next(&probe) {
            guard candidate < facts.count, facts[candidate].kind == kind.rawValue,
                Int(facts[candidate].subject) == subject
            else { continue }
            found.append(candidate)
        }
        return found.sorted().map { LogPosition(facts[$0].position) }
    }

    /// How often it was said.
    func times(_ kind: FactKind, _ subject: Int) -> Int {
        var times = 0
        var probe = keyIds.probe(factHash(kind, subject))
        while let candidate = keyIds.next(&probe) {
            if candidate < facts.count, facts[candidate].kind == kind.rawValue,
                Int(facts[candidate].subject) == subject
            {
                times += 1
            }
        }
        return times
    }

    func factHash(_ kind: FactKind, _ subject: Int) -> UInt64 {
        var words = (UInt64(subject), UInt64(kind.rawValue))
        return unsafe withUnsafeBytes(of: &words) { raw in
            let text = unsafe BorrowedText(raw.baseAddress!.assumingMemoryBound(to: UInt8.self), count: 16)
            return hash(text, space: 10)
        }
    }
}

/// What is said about an entity, once or more often.
enum FactKind: UInt32 {
    /// Of a member: a code was applied after signup.
    case codeApplied = 1
    /// Of a case.
    case caseEnded
    /// Of a grant.
    case claimed, fulfilled, fulfilmentFailed
    /// Of a withdrawal.
    case decided, sent, settled, payoutFailed, returned
    /// Of a refund.
    case refundFailed
    /// Of a code.
    case codeReactivated
    /// Of a member.
    case suspended, kycApproved, closed
    /// Of a parked fact: it took effect.
    case unparked
    /// Of a fact in quarantine.
    case quarantined, releasedFact
    /// Of a member: a referral was moved by hand.
    case steppedByHand
}

import LedgerDomain
import LedgerLog
import LedgerState

/// Referrals and the tree, replayed from events alone. Memory: one entry a user.
struct ReferralAuditor: Auditor {
    struct Trace {
        /// The referrer, as the attribution names them.
        var parent: UserNumber?
        var stage = ReferralStage.none
        var isConverted = false
        var isMerged = false
        var referrals: UInt32 = 0
        var conversions: UInt32 = 0
        /// A row was compared with it.
        var isSeen = false
    }

    private var traces: [MemberKey: Trace] = [:]
    private var merges = MergeTrace()

    /// The way of a referral: this table is the specification's, and not the fold's.
    private static func follows(_ from: ReferralStage, _ to: ReferralStage) -> Bool {
        switch (from, to) {
        case (.pending, .registered), (.registered, .active), (.active, .qualified),
            (.qualified, .completed), (.reverted, .qualified):
            true
        default: false
        }
    }

    mutating func see(
        _ stored: StoredEvent, _ envelope: RecordEnvelope, _ base: LogPosition, _ out: inout Breaks
    ) {
        let programme = envelope.programme
        switch stored.event {
        case .userSignedUp(let e):
            let key = MemberKey(programme, e.user)
            if traces[key] != nil { step(key, stored, "signs up twice", &out) }
            traces[key] = traces[key] ?? Trace()
        case .referralAttributed(let e): attribute(e, stored, programme, &out)
        case .referralAdvanced(let e):
            let key = MemberKey(programme, e.referee)
            let stage = traces[key]?.stage ?? .none
            if e.from != stage || !Self.follows(e.from, e.to) {
                step(key, stored, "a step from \(e.from.name) to \(e.to.name) at stage \(stage.name)", &out)
            }
            traces[key, default: Trace()].stage = e.to
        case .referralExpired(let e):
            let key = MemberKey(programme, e.referee)
            let stage = traces[key]?.stage ?? .none
            if e.from != stage || ![.pending, .registered, .active, .qualified].contains(stage) {
                step(key, stored, "an expiry from \(e.from.name) at stage \(stage.name)", &out)
            }
            traces[key, default: Trace()].stage = .expired
        case .referralConverted(let e): convert(e, stored, programme, &out)
        case .referralReverted(let e): revert(e, stored, programme, &out)
        case .attributionCorrected(let e): correct(e, stored, programme, &out)
        case .usersMerged(let e): merge(e, stored, programme, &out)
        default: break
        }
    }

    private func step(_ key: MemberKey, _ stored: StoredEvent, _ message: String, _ out: inout Breaks) {
        out.add(
            .referralStep, message, position: stored.position, programme: key.programme, user: key.user)
    }

    private mutating func attribute(
        _ e: ReferralAttributed, _ stored: StoredEvent, _ programme: ProgrammeNumber, _ out: inout Breaks
    ) {
        let (key, referrer) = (MemberKey(programme, e.referee), MemberKey(programme, e.referrer))
        if traces[key]?.parent != nil { step(key, stored, "a second referrer", &out) }
        if traces[key] == nil { step(key, stored, "attributed before the signup", &out) }
        if key == referrer { step(key, stored, "refers themselves", &out) }
        traces[key, default: Trace()].parent = e.referrer
        traces[key, default: Trace()].stage = .pending
        traces[referrer, default: Trace()].referrals += 1
    }

    /// The referrer of now, merges followed.
    private func parent(of key: MemberKey) -> MemberKey? {
        traces[key]?.parent.map { merges.resolve(MemberKey(key.programme, $0)) }
    }

    private mutating func convert(
        _ e: ReferralConverted, _ stored: StoredEvent, _ programme: ProgrammeNumber, _ out: inout Breaks
    ) {
        let (key, referrer) = (MemberKey(programme, e.referee), MemberKey(programme, e.referrer))
        let trace = traces[key] ?? Trace()
        if trace.isConverted { step(key, stored, "converts twice", &out) }
        if trace.stage != .completed { step(key, stored, "converts at stage \(trace.stage.name)", &out) }
        if parent(of: key) != referrer { step(key, stored, "converts for another referrer", &out) }
        traces[key, default: Trace()].isConverted = true
        traces[referrer, default: Trace()].conversions &+= 1
    }

    private mutating func revert(
        _ e: ReferralReverted, _ stored: StoredEvent, _ programme: ProgrammeNumber, _ out: inout Breaks
    ) {
        let (key, referrer) = (MemberKey(programme, e.referee), MemberKey(programme, e.referrer))
        if traces[key]?.isConverted != true { step(key, stored, "reverts without a conversion", &out) }
        if parent(of: key) != referrer { step(key, stored, "reverts for another referrer", &out) }
        traces[key, default: Trace()].isConverted = false
        traces[key, default: Trace()].stage = .reverted
        traces[referrer, default: Trace()].conversions &-= 1
    }

    private mutating func correct(
        _ e: AttributionCorrected, _ stored: StoredEvent, _ programme: ProgrammeNumber, _ out: inout Breaks
    ) {
        let key = MemberKey(programme, e.referee)
        var trace = traces[key] ?? Trace()
        let conversions: UInt32 = trace.isConverted ? 1 : 0
        let had = e.flags & AttributionCorrected.hadReferrer != 0
        let former = had ? MemberKey(programme, e.former) : nil
        if parent(of: key) != former { step(key, stored, "a correction of another attribution", &out) }
        if trace.isConverted != (e.flags & AttributionCorrected.converted != 0) {
            step(key, stored, "a correction of another conversion", &out)
        }
        if let former {
            traces[former, default: Trace()].referrals &-= 1
            traces[former, default: Trace()].conversions &-= conversions
        }
        if e.flags & AttributionCorrected.hasReferrer != 0 {
            let referrer = MemberKey(programme, e.referrer)
            if referrer == key { step(key, stored, "refers themselves", &out) }
            trace.parent = e.referrer
            if !had { trace.stage = .pending }
            traces[referrer, default: Trace()].referrals &+= 1
            traces[referrer, default: Trace()].conversions &+= conversions
        } else {
            (trace.parent, trace.stage, trace.isConverted) = (nil, .none, false)
        }
        traces[key] = trace
    }

    private mutating func merge(
        _ e: UsersMerged, _ stored: StoredEvent, _ programme: ProgrammeNumber, _ out: inout Breaks
    ) {
        let (from, into) = (MemberKey(programme, e.from), MemberKey(programme, e.into))
        let gone = traces[from] ?? Trace()
        if gone.isMerged || traces[into]?.isMerged == true {
            step(from, stored, "merges with one who is merged already", &out)
        }
        merges.see(e, programme)
        var stays = traces[into] ?? Trace()
        if stays.parent == nil, gone.parent != nil {
            (stays.parent, stays.stage, stays.isConverted) = (gone.parent, gone.stage, gone.isConverted)
        }
        stays.referrals &+= gone.referrals
        stays.conversions &+= gone.conversions
        traces[into] = stays
        traces[from, default: Trace()].isMerged = true
    }

    // MARK: Against the rows

    mutating func compare(_ state: borrowing CoreState, _ out: inout Breaks) throws(LogError) {
        for number in 0..<state.members.count {
            let row = state.members[number]
            let key = MemberKey(row)
            guard let trace = traces[key] else {
                out.add(
                    .referralState, "a member without a signup", programme: key.programme, user: key.user)
                continue
            }
            compare(row, trace, key, state, &out)
            traces[key]?.isSeen = true
        }
        for (key, trace) in traces.sorted(by: { $0.key < $1.key }) where !trace.isSeen {
            out.add(
                .referralState, "a signup without a member", programme: key.programme, user: key.user)
        }
        Forest.compareEdges(state, &out)
        Forest.findCycles(state, &out)
    }

    private func compare(
        _ row: MemberRow, _ trace: Trace, _ key: MemberKey, _ state: borrowing CoreState,
        _ out: inout Breaks
    ) {
        var fields = FieldTexts()
        let parent = Int(row.parent)
        let known = parent > 0 && parent <= state.members.count
        let name = known ? "user \(state.members[parent - 1].user)" : parent == 0 ? "nobody" : "no member"
        fields.compare("the referrer", trace.parent.map { "user \($0.rawValue)" } ?? "nobody", name)
        fields.compare("the stage", trace.stage.name, row.referralStage.name)
        fields.compare("converted", trace.isConverted, row.isConverted)
        fields.compare("merged", trace.isMerged, row.isMerged)
        if let text = fields.text {
            out.add(.referralState, text, programme: key.programme, user: key.user)
        }
        var counts = FieldTexts()
        counts.compare("the number of referrals", trace.referrals, row.referrals)
        counts.compare("the number of conversions", trace.conversions, row.conversions)
        if let text = counts.text {
            out.add(.forestCounts, text, programme: key.programme, user: key.user)
        }
    }
}

/// The tree's rows against themselves. Memory: 5 bytes a user.
private enum Forest {
    /// Each edge on both sides, once. An edge to one who was merged is in the list of the one who stays.
    static func compareEdges(_ state: borrowing CoreState, _ out: inout Breaks) {
        let count = state.members.count
        var listed = [Bool](repeating: false, count: count)
        for number in 0..<count {
            var next = Int(state.members[number].firstChild)
            while next > 0 {
                let key = MemberKey(state.members[number])
                guard next <= count, !listed[next - 1] else {
                    out.add(
                        .forestEdges, "the list of referees leads to one who is listed already, or nowhere",
                        programme: key.programme, user: key.user)
                    break
                }
                let child = state.members[next - 1]
                listed[next - 1] = true
                let parent = Int(child.parent)
                if parent == 0 || state.auditedResolve(parent - 1) != number {
                    out.add(
                        .forestEdges, "lists user \(child.user), who names another referrer",
                        programme: key.programme, user: key.user)
                }
                next = Int(child.nextSibling)
            }
        }
        for number in 0..<count where state.members[number].parent != 0 && !listed[number] {
            let key = MemberKey(state.members[number])
            out.add(
                .forestEdges, "is in no referrer's list", programme: key.programme, user: key.user)
        }
    }

    static func findCycles(_ state: borrowing CoreState, _ out: inout Breaks) {
        let count = state.members.count
        // The walk that came by, + 1.
        var walks = [UInt32](repeating: 0, count: count)
        for number in 0..<count {
            var now: Int? = number
            while let at = now, walks[at] == 0 {
                walks[at] = UInt32(number + 1)
                let parent = Int(state.members[at].parent)
                now = parent > 0 && parent <= count ? state.auditedResolve(parent - 1) : nil
            }
            guard let at = now, walks[at] == UInt32(number + 1) else { continue }
            let key = MemberKey(state.members[at])
            out.add(
                .forestCycle, "stands above themselves", programme: key.programme, user: key.user)
        }
    }
}

import LedgerDomain
import LedgerLog

/// Folding records that were decoded together. As for the core, what they will touch starts being loaded before: a user's row first,
/// then what it names, then what that names.
extension ViewState {
    /// Records ahead, for a user's row, for what it names, and for the scores of week and month that its tally names: enough
    /// to overlap the misses, few enough to stay in the cache.
    private static let (aheadForUsers, aheadBehindUsers, aheadForScores) = (24, 16, 8)

    /// Folds a stretch of durable records, in order: as `apply(record:header:)` of each. The core has folded them before, so
    /// what they say holds.
    public mutating func apply(_ stretch: FoldStretch) throws(FoldFault) {
        for i in 0..<min(Self.aheadForUsers, stretch.count) {
            unsafe prefetchUsers(stretch.record(i), stretch)
        }
        for i in 0..<min(Self.aheadBehindUsers, stretch.count) {
            unsafe prefetchBehind(stretch.record(i), stretch)
        }
        for i in 0..<min(Self.aheadForScores, stretch.count) {
            unsafe prefetchScores(stretch.record(i), stretch)
        }
        for i in 0..<stretch.count {
            let (users, behind) = (i + Self.aheadForUsers, i + Self.aheadBehindUsers)
            if users < stretch.count { unsafe prefetchUsers(stretch.record(users), stretch) }
            if behind < stretch.count { unsafe prefetchBehind(stretch.record(behind), stretch) }
            let scores = i + Self.aheadForScores
            if scores < stretch.count { unsafe prefetchScores(stretch.record(scores), stretch) }
            let record = unsafe stretch.record(i)
            if unsafe record.pointee.first >= 0 {
                unsafe apply(record, stretch)
            } else {
                try unsafe apply(record: record.pointee.bytes, header: record.pointee.header)
            }
        }
    }

    @inline(__always)
    private mutating func apply(_ record: UnsafePointer<FoldStretch.Record>, _ stretch: FoldStretch) {
        let header = unsafe record.pointee.header
        let base = header.basePosition
        let programme = unsafe record.pointee.programme
        var event = unsafe stretch.events(record)
        for _ in 0..<header.eventCount {
            let user = unsafe event.pointee.user
            let moment = unsafe event.occurredAt(record.pointee.occurredAt)
            // All of these count.
            sequence += 1
            switch unsafe event.pointee.type {
            case .commissionEarned:
                let (asset, amount) = unsafe event.pointee.earned
                score(user, .earnings, asset.rawValue, amount, moment, programme)
                note(user.rawValue, base)
            case .referralAttributed:
                let referrer = unsafe event.pointee.referrer
                score(referrer, .referrals, 0, 1, moment, programme)
                note(user.rawValue, base)
                note(referrer.rawValue, base)
            case .referralConverted:
                let referrer = unsafe event.pointee.referrer
                score(referrer, .conversions, 0, 1, moment, programme)
                note(referrer.rawValue, base)
            default: note(user.rawValue, base)
            }
            unsafe event += Int(event.pointee.slots)
        }
        head = LogHead(
            position: header.lastPosition, records: header.ordinal + 1, recordedAt: header.recordedAt)
    }

    @inline(__always)
    private func prefetchUsers(_ record: UnsafePointer<FoldStretch.Record>, _ stretch: FoldStretch) {
        unsafe forEachUser(record, stretch) { prefetch(user: $0) }
    }

    @inline(__always)
    private func prefetchBehind(_ record: UnsafePointer<FoldStretch.Record>, _ stretch: FoldStretch) {
        unsafe forEachUser(record, stretch) { prefetch(behind: $0) }
    }

    @inline(__always)
    private func prefetchScores(_ record: UnsafePointer<FoldStretch.Record>, _ stretch: FoldStretch) {
        guard unsafe record.pointee.first >= 0 else { return }
        var event = unsafe stretch.events(record)
        for _ in unsafe 0..<record.pointee.eventCount {
            if unsafe event.pointee.type == .commissionEarned {
                unsafe prefetch(scoresOf: event.pointee.user.rawValue)
            }
            unsafe event += Int(event.pointee.slots)
        }
    }

    /// The users that a decoded record is about, but for those whose rows come one after the other anyway.
    @inline(__always)
    private func forEachUser(
        _ record: UnsafePointer<FoldStretch.Record>, _ stretch: FoldStretch, _ body: (UInt32) -> Void
    ) {
        guard unsafe record.pointee.first >= 0 else { return }
        let first = unsafe stretch.events(record)
        var event = unsafe first
        for _ in unsafe 0..<record.pointee.eventCount {
            switch unsafe event.pointee.type {
            case .paymentReceived, .commissionEarned, .rewardMatured: unsafe body(event.pointee.user.rawValue)
            case .referralAttributed, .referralConverted: unsafe body(event.pointee.referrer.rawValue)
            case .referralAdvanced: if unsafe event == first { unsafe body(event.pointee.user.rawValue) }
            default: break
            }
            unsafe event += Int(event.pointee.slots)
        }
    }
}

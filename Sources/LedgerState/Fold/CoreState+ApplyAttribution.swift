import LedgerDomain

/// Attributions that people put right. Source: Documentation/rules.md, "correctAttribution".
extension CoreState {
    mutating func applyCorrected(_ e: AttributionCorrected, _ place: EventPlace) {
        guard let referee = member(e.referee, place) else { return }
        let before = members[referee]
        let had = e.flags & AttributionCorrected.hadReferrer != 0
        let has = e.flags & AttributionCorrected.hasReferrer != 0
        guard had == (before.parent != 0), !before.isMerged,
            (e.flags & AttributionCorrected.converted != 0) == before.isConverted
        else { return fail("referral.corrected", "a correction of another attribution", place) }
        if had {
            guard let former = member(e.former, place), resolve(Int(before.parent) - 1) == former else {
                return fail("referral.corrected", "a correction of another attribution", place)
            }
            unlink(referee, from: former, place)
            let row = unsafe members.edit(former, &undo)
            unsafe row.pointee.referrals &-= 1
            if before.isConverted { unsafe row.pointee.conversions &-= 1 }
        }
        let child = unsafe members.edit(referee, &undo)
        unsafe child.pointee.parent = 0
        unsafe child.pointee.nextSibling = 0
        guard has else {
            unsafe child.pointee.attributedAt = 0
            unsafe child.pointee.convertedAt = 0
            unsafe child.pointee.stage = ReferralStage.none.rawValue
            unsafe child.pointee.flags &= ~(MemberRow.converted | MemberRow.convertedManually)
            return noteFact(place)
        }
        guard let referrer = member(e.referrer, place) else { return }
        guard referrer != referee, !members[referrer].isMerged, !isBelow(referrer, referee) else {
            return fail("referral.cycle", "the referrer is below the referee", place)
        }
        let elder = members[referrer].firstChild
        let edge = unsafe members.edit(referee, &undo)
        unsafe edge.pointee.parent = UInt32(referrer + 1)
        unsafe edge.pointee.nextSibling = elder
        unsafe edge.pointee.attributedAt = e.attributedAt.nanoseconds
        if !had { unsafe edge.pointee.stage = ReferralStage.pending.rawValue }
        let parent = unsafe members.edit(referrer, &undo)
        unsafe parent.pointee.firstChild = UInt32(referee + 1)
        unsafe parent.pointee.referrals &+= 1
        if before.isConverted { unsafe parent.pointee.conversions &+= 1 }
        if !had { scheduleReferralExpiry(referee, attributedAt: e.attributedAt, place) }
        noteFact(place)
    }

    /// Takes a referee out of a referrer's list. Cost: a walk over the list.
    private mutating func unlink(_ child: Int, from parent: Int, _ place: EventPlace) {
        let after = members[child].nextSibling
        var link = Int(members[parent].firstChild)
        if link == child + 1 {
            unsafe members.edit(parent, &undo).pointee.firstChild = after
            return
        }
        while link != 0 {
            let next = Int(members[link - 1].nextSibling)
            if next == child + 1 {
                unsafe members.edit(link - 1, &undo).pointee.nextSibling = after
                return
            }
            link = next
        }
        fail("referral.corrected", "the referee is not in the referrer's list", place)
    }
}

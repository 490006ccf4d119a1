import LedgerDomain
import LedgerLog

/// Balances that people correct, currencies, and the programme's own money.
extension CoreState {
    mutating func applyAdjustment(_ e: AdjustmentPosted, _ place: EventPlace) {
        guard let member = member(e.user, place) else { return }
        applyPostings(.adjustmentPosted(e), place)
        if e.flags & AdjustmentPosted.minus == 0 {
            addCredit(e.available, to: member, e.asset, place)
        } else {
            consumeLots(of: member, e.asset, e.available, place)
        }
        noteFact(place)
    }

    mutating func applyOpening(_ e: OpeningBalance, _ place: EventPlace) {
        guard let member = member(e.user, place) else { return }
        applyPostings(.openingBalance(e), place)
        addCredit(e.toAvailable, to: member, e.asset, place)
        noteFact(place)
    }

    mutating func applyRate(_ e: FxRateRecorded, _ place: EventPlace) {
        var row = RateRow()
        row.programme = place.programme.rawValue
        row.base = e.base.rawValue
        row.quote = e.quote.rawValue
        row.scale = e.scale
        row.mantissa = e.mantissa
        row.at = place.occurredAt.nanoseconds
        further.rates.append(row)
        further.ratePositions.append(place.position.rawValue)
        noteFact(place)
    }

    mutating func applyConverted(_ e: FxConverted, _ place: EventPlace) {
        guard let member = member(e.user, place) else { return }
        guard let rate = find(in: ratePositions, notAfter: e.rate.rawValue),
            ratePositions[rate] == e.rate.rawValue, rates[rate].base == e.from.rawValue,
            rates[rate].quote == e.to.rawValue
        else { return fail("fx.rate", "no such rate stands at \(e.rate)", place) }
        applyPostings(.fxConverted(e), place)
        consumeLots(of: member, e.from, e.amount, place)
        addCredit(e.toAvailable, to: member, e.to, place)
        noteFact(place)
    }

    /// The rate of a pair that rules a moment: the latest at or before it; of two the one recorded later.
    func rate(_ programme: ProgrammeNumber, _ base: AssetNumber, _ quote: AssetNumber, at moment: Timestamp)
        -> Int?
    {
        var best: Int?
        for i in 0..<rates.count {
            let row = rates[i]
            guard row.programme == programme.rawValue, row.base == base.rawValue, row.quote == quote.rawValue,
                row.at <= moment.nanoseconds
            else { continue }
            if let known = best, rates[known].at > row.at { continue }
            best = i
        }
        return best
    }
}

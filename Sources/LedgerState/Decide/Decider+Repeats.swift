import LedgerDomain
import LedgerLog

/// What may be said of one entity again and again, undone in between. Source: Documentation/rules.md,
/// "Idempotency and order of judgement".
extension Decider {
    /// Refuses what was said of an entity as often as it can be.
    ///
    /// Where the log says it is found by kind and entity, so all of them have one fingerprint in the id table, and stand in one
    /// block (`IdTable`): some eight thousand are as many as fit. Cost: a row for each.
    func timesFull(
        _ kind: FactKind, _ subject: Int, _ field: String, _ state: borrowing CoreState, _ now: Case
    ) -> Outcome? {
        guard state.times(kind, subject) >= LedgerBounds.repeatsOfAFact else { return nil }
        return now.refuse(
            .limitReached, field,
            "this was recorded \(LedgerBounds.repeatsOfAFact) times: as often as it can be")
    }
}

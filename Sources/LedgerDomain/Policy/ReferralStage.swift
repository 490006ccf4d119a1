/// How far a referral has come. Raw values are part of the log format.
///
/// pending → registered → active → qualified → completed, one step at a time; `expired` from any of the first
/// four, `reverted` from `completed`. Source: Documentation/rules.md, "Referral stages".
public enum ReferralStage: UInt8, Sendable, CaseIterable, BitwiseCopyable {
    /// No referral.
    case none = 0
    /// Attributed.
    case pending = 1
    /// Signed up.
    case registered = 2
    /// In use, for instance after a trial.
    case active = 3
    /// Meets the programme's conditions.
    case qualified = 4
    /// Converted.
    case completed = 5
    /// Not completed in time.
    case expired = 6
    /// Completed, and then taken back by a refund.
    case reverted = 7

    /// The name in policies, input lines and output: `pending`, `registered` …
    public var name: String {
        switch self {
        case .none: "none"
        case .pending: "pending"
        case .registered: "registered"
        case .active: "active"
        case .qualified: "qualified"
        case .completed: "completed"
        case .expired: "expired"
        case .reverted: "reverted"
        }
    }

    /// The stage of that name.
    public init?(name: String) {
        guard let stage = ReferralStage.allCases.first(where: { $0.name == name }) else { return nil }
        self = stage
    }
}

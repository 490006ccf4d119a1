import ReferralLedger

/// A story that a programme manager can read and the engine must make true: rules, commands in order, and
/// what must hold at places between them. Documentation/scenarios.md describes the text form.
public struct Scenario: Sendable, Equatable {
    /// What it says it shows.
    public var title: String
    /// Where it begins in its file, from 1.
    public var line: Int
    /// Id of the one programme.
    public var programme: String
    /// What lines without a currency mean.
    public var asset: Asset
    /// The first policy version.
    public var policy: Policy
    /// Commands and expectations, in the order of the text.
    public var steps: [Step]

    /// One thing that is done or checked.
    public enum Step: Sendable, Equatable {
        case command(CommandStep)
        /// The wall clock stands at this moment from here on.
        case wallClock(Timestamp)
        case expectation(Expectation)
    }

    /// A command and what must come of it.
    public struct CommandStep: Sendable, Equatable {
        /// Where it begins in its file, from 1.
        public var line: Int
        /// What is sent.
        public var command: Command
        /// What must come of it.
        public var outcome: ExpectedOutcome
    }

    /// What must come of a command.
    public enum ExpectedOutcome: Sendable, Equatable {
        case accepted
        case repeated
        case parked
        case refused(Refusal.Code)

        var text: String {
            switch self {
            case .accepted: "accepted"
            case .repeated: "repeated"
            case .parked: "parked"
            case .refused(let code): "refused \(code.rawValue)"
            }
        }
    }
}

/// Something that must hold at a place of a scenario.
public struct Expectation: Sendable, Equatable {
    /// Where it stands in its file, from 1.
    public var line: Int
    /// What must hold.
    public var kind: Kind

    /// What can be said. Amounts are in minor units.
    public enum Kind: Sendable, Equatable {
        case balance(user: String, asset: String, amounts: [Part<Bucket>])
        case trialBalance(asset: String, isWhole: Bool, amounts: [Part<String>])
        case withdrawal(id: String, state: WithdrawalState, asset: String?, amounts: [Part<PayoutPart>])
        case reward(id: String, state: RewardSummary.State, amount: Money?, user: String?)
        case tier(user: String, name: String)
        case badge(user: String, name: String, isHeld: Bool)
        case count(Count, user: String, Int)
        case stage(user: String, ReferralStage)
        case referrer(user: String, String?)
        case rejected(user: String, reason: AttributionRejection)
        case standing(user: String, String)
        case rank(user: String, rank: Int?, board: Board, score: Int64?)
        case dispute(id: String, state: String, held: Money?)
        case review(id: String, state: String, held: Money?)
        case parked(Int)
        case events(type: EventType, Int)
        case businessClock(Timestamp)
    }

    /// A named amount.
    public struct Part<Name: Sendable & Equatable>: Sendable, Equatable {
        var name: Name
        var amount: Int64
    }

    /// An amount and its asset's code.
    public struct Money: Sendable, Equatable {
        var amount: Int64
        var asset: String
    }

    /// What a user has of an asset.
    public enum Bucket: String, Sendable, CaseIterable {
        case pending, available, held, reserved, owed, claimable, earned
    }

    /// The amounts of a withdrawal.
    public enum PayoutPart: String, Sendable, CaseIterable {
        case of, fee, tax, net
    }

    /// What is counted of a user.
    public enum Count: String, Sendable, CaseIterable {
        case referrals, conversions, rewards
    }

    /// A leaderboard.
    public struct Board: Sendable, Equatable {
        var metric: LeaderboardMetric
        var asset: String?
        var period: LeaderboardPeriod
    }
}

/// Why a text is no scenario, and where.
public struct ScenarioProblem: Error, Sendable, Equatable, CustomStringConvertible {
    /// From 1.
    public var line: Int
    /// From 1, in Unicode scalars.
    public var column: Int
    /// One sentence for people.
    public var message: String

    /// `line 3, column 5: no command “sginup”`.
    public var description: String { "line \(line), column \(column): \(message)" }
}

/// Something in a scenario that did not hold.
public struct ScenarioFailure: Sendable, Equatable {
    /// Of the file, from 1; of what is always checked, the scenario's own.
    public var line: Int
    /// What is spoken of: `balance u-anna available`.
    public var subject: String
    /// What the scenario says.
    public var expected: String
    /// What the ledger says.
    public var actual: String
    /// Actual less expected, of an amount: `-5.00 GBP`.
    public var difference: String?
}

/// What came of a scenario.
public struct ScenarioResult: Sendable, Equatable {
    /// Commands sent.
    public var commands: Int
    /// Values checked, those that are always checked included.
    public var checks: Int
    /// What did not hold, in the order of the text.
    public var failures: [ScenarioFailure]
}

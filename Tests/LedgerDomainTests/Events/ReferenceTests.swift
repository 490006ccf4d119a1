import Foundation
import Testing

@testable import LedgerDomain

/// Documentation/reference.md is made from the code: refusal codes, accounts, and the postings of each event.
/// `LEDGER_WRITE_REFERENCE=1` writes it anew.
@Suite struct ReferenceTests {
    private static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Documentation/reference.md").path

    @Test func isAsTheCodeSays() throws {
        let made = Self.reference()
        if ProcessInfo.processInfo.environment["LEDGER_WRITE_REFERENCE"] == "1" {
            try made.write(toFile: Self.path, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOfFile: Self.path, encoding: .utf8) == made)
    }

    private static func reference() -> String {
        var out = """
            # Reference

            Made from the code by `LEDGER_WRITE_REFERENCE=1 swift test --filter ReferenceTests`; a test compares.

            ## Refusal codes

            In the order in which they are declared. A refusal is a result: nothing was recorded, nothing moved.

            | code | HTTP | meaning |
            |---|---|---|

            """
        for code in Refusal.Code.allCases {
            out += "| `\(code.rawValue)` | \(code.httpStatus) | \(code.meaning) |\n"
        }
        out += """

            ## Accounts

            Per programme and asset. Debit accounts grow by debits, credit accounts by credits; users' accounts exist once
            for each user, `clearing` once for each provider.

            | account | whose | usual side |
            |---|---|---|

            """
        let user = UserNumber(0)
        let accounts: [(LedgerAccount, String)] = [
            (.rewardExpense, "debit"), (.pending(user), "credit"), (.available(user), "credit"),
            (.held(user), "credit"), (.reserved(user), "credit"), (.receivable(user), "debit"),
            (.clearing(SymbolNumber(rawValue: 0)), "credit"), (.cash, "debit"), (.funding, "credit"),
            (.tax, "credit"), (.fee, "credit"), (.breakage, "credit"), (.loss, "debit"), (.fx, "either"),
            (.opening, "debit"), (.issued, "debit, of units"), (.claimable(user), "credit, of units"),
            (.used, "credit, of units"),
        ]
        for (account, side) in accounts {
            let whose =
                if account.user != nil { "user" } else if account.name == "clearing" { "provider" } else {
                    "programme"
                }
            out += "| `\(account.name)` | \(whose) | \(side) |\n"
        }
        out += """

            ## Postings

            What each event can post, debit → credit, found by drawing many events of each type. Events that are not listed
            post nothing.

            | event | money | units |
            |---|---|---|

            """
        for type in EventType.allCases {
            let (money, units) = postings(of: type)
            if money.isEmpty && units.isEmpty { continue }
            out += "| \(type.name) | \(money.joined(separator: "; ")) | \(units.joined(separator: "; ")) |\n"
        }
        return out
    }

    private static func postings(of type: EventType) -> (money: [String], units: [String]) {
        let keeper = TextKeeper()
        var random = RandomEvents(seed: 7 &+ UInt64(type.rawValue), keeper: keeper)
        var found: [Bool: Set<String>] = [:]
        for _ in 0..<600 {
            let context = RecordContext(
                basePosition: LogPosition(1_000_000), occurredAt: Timestamp(nanoseconds: 0))
            for posting in random.event(type, context).postings {
                found[posting.asset.isMoney, default: []].insert(
                    "\(posting.debit.name) → \(posting.credit.name)")
            }
        }
        // Some events are about money only: what they would do with units cannot happen.
        let isForUnits =
            switch type {
            case .rewardGranted, .rewardRevoked, .rewardClaimed, .fulfilmentFailed, .rewardExpired,
                .badgeAwarded,
                .badgeRevoked, .balanceMerged, .eventQuarantined, .eventReleased, .correctionApplied:
                true
            default: false
            }
        let isForMoney =
            switch type {
            case .rewardClaimed, .fulfilmentFailed, .badgeAwarded, .badgeRevoked: false
            default: true
            }
        return (
            isForMoney ? (found[true] ?? []).sorted() : [], isForUnits ? (found[false] ?? []).sorted() : []
        )
    }
}

import LedgerDomain
import ReferralLedger
import Testing

/// Policies that the tests of the main line start from: 20 % and 10 %, 14 days, nobody need approve.
func paying(_ change: (inout Policy) -> Void = { _ in }) -> Policy {
    twoLevel {
        $0.withdrawal.approvalRequired = false
        change(&$0)
    }
}

extension Policy.Amounts {
    /// Of one asset.
    static func usd(_ amount: Int64) -> Self { Self([Entry(asset: .usd, amount: amount)]) }
}

extension LedgerEvent {
    /// `RewardHeld pending:a→held:a 200`; the asset stands there when it is not the dollar.
    var said: String {
        let moves = postings.map { posting in
            let (debit, credit) = (Self.text(posting.debit), Self.text(posting.credit))
            let asset = posting.asset == .usd ? "" : " \(Asset(number: posting.asset)?.code ?? "badge")"
            return "\(debit)→\(credit) \(posting.amount)\(asset)"
        }
        return ([type.name] + moves).joined(separator: " ")
    }

    private static func text(_ name: AccountName) -> String {
        name.userId.map { "\(name.account):\($0)" } ?? name.account
    }
}

extension Bench {
    /// What is said after a position, but for the clock, closed periods and names.
    func said(after position: LogPosition) throws -> [String] {
        let events = try ledger.current.events(from: LogPosition(position.rawValue + 1))
        let noise: Set<EventType> = [.clockAdvanced, .periodClosed, .symbolDefined]
        return events.filter { !noise.contains($0.type) }.map(\.said)
    }

    /// Submits one command that must be recorded; what its events say.
    @discardableResult
    func tell(_ command: Command, sourceLocation: SourceLocation = #_sourceLocation) throws -> [String] {
        let before = ledger.current.position
        let outcome = try ledger.submit(command)
        #expect(
            outcome.name == "accepted" || outcome.name == "parked", "\(outcome)",
            sourceLocation: sourceLocation)
        return try said(after: before)
    }

    /// What comes of moving the clock.
    @discardableResult
    func advance(_ to: Timestamp, sourceLocation: SourceLocation = #_sourceLocation) throws -> [String] {
        let before = ledger.current.position
        #expect(try ledger.advance(to: to).refusal == nil, sourceLocation: sourceLocation)
        return try said(after: before)
    }

    /// The refusal of a command, as its code and field.
    func refusal(_ command: Command) throws -> String? {
        try ledger.submit(command).refusal.map { [$0.code.rawValue, $0.field ?? "-"].joined(separator: " ") }
    }

    /// pending, available, held, receivable.
    func purse(_ user: String, _ asset: AssetNumber = .usd) throws -> [Int64] {
        let balance = try ledger.current.balance(of: user, asset: asset)
        return balance.map { [$0.pending, $0.available, $0.held, $0.receivable] } ?? []
    }

    /// Credit of an account of the programme, summed up from the postings; minor units. A debit is below zero.
    func account(_ name: String, _ asset: AssetNumber = .usd) throws -> Int64 {
        var sum: Int64 = 0
        for event in try ledger.current.events(from: LogPosition(1), limit: 1_000_000) {
            for posting in event.postings where posting.asset == asset {
                if posting.credit.account == name { sum += posting.amount }
                if posting.debit.account == name { sum -= posting.amount }
            }
        }
        return sum
    }

    /// What must hold after any commands: nobody owes and has at once; the books balance, as `verify` sums them up
    /// apart from the fold; one digest however the state came to be. Closes the ledger.
    func sound(sourceLocation: SourceLocation = #_sourceLocation) throws {
        for user in try users() {
            for balance in try ledger.current.balances(of: user) ?? [] {
                #expect(
                    balance.available == 0 || balance.receivable == 0, "\(user): \(balance)",
                    sourceLocation: sourceLocation)
                #expect(
                    min(balance.pending, balance.available, balance.held, balance.receivable) >= 0,
                    "\(user): \(balance)", sourceLocation: sourceLocation)
            }
        }
        let digest = try ledger.current.digest().value
        ledger.close()
        let findings = try Ledger.verify(at: folder.path, options: testOptions()).findings
        #expect(findings.isEmpty, "\(findings)", sourceLocation: sourceLocation)
        let again = try Ledger.open(at: folder.path, options: testOptions())
        #expect(try again.current.digest().value == digest, sourceLocation: sourceLocation)
        again.close()
        let rebuilt = try Ledger.rebuild(at: folder.path, options: testOptions())
        #expect(rebuilt.stateDigest == digest, sourceLocation: sourceLocation)
    }

    private func users() throws -> [String] {
        try ledger.current.events(from: LogPosition(1), limit: 1_000_000).compactMap { event in
            if case .text(let id)? = event["userId"], event.type == .userSignedUp { id } else { nil }
        }
    }
}

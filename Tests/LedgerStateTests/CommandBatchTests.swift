import Testing

@testable import LedgerDomain
@testable import LedgerState

/// Payments laid out flat say what their commands say; what is of bad form is not laid out.
@Suite struct CommandBatchTests {
    private static func payment(
        _ id: String = "p-1", provider: String = "shop", user: String = "u-1", amount: Int64 = 1_000,
        asset: AssetNumber = AssetNumber(rawValue: 840), base: Int64? = nil
    ) -> Command.Action {
        .payment(
            Payment(
                paymentId: id, provider: provider, userId: user, amount: amount, asset: asset,
                at: Timestamp(nanoseconds: 77), commissionableBase: base))
    }

    private static func text(_ random: inout SplitMix) -> String {
        let alphabet = Array("abcXYZ019-_ .€äß𝄞")
        return String(
            (0..<Int.random(in: 1...60, using: &random)).map { _ in alphabet.randomElement(using: &random)! })
    }

    @Test func whatIsGivenComesBack() throws {
        let seed: UInt64 = 0x5EED_0B47
        var random = SplitMix(seed: seed)
        var commands: [Command] = []
        for _ in 0..<2_000 {
            func maybe() -> String? { Bool.random(using: &random) ? Self.text(&random) : nil }
            let amount = Int64.random(in: 0...1_000_000, using: &random)
            let action = Self.payment(
                Self.text(&random), provider: ["shop", "stripe"].randomElement(using: &random)!,
                user: Self.text(&random), amount: amount,
                base: Bool.random(using: &random) ? Int64.random(in: 0...amount, using: &random) : nil)
            commands.append(
                Command(
                    action, programme: maybe(), key: maybe(),
                    actor: .init(role: ActorRole.allCases.randomElement(using: &random)!, id: maybe()),
                    correlationId: maybe(), causation: maybe()))
        }
        let batch = CommandBatch(commands)
        var before: String?
        var programme: String?
        for (i, command) in commands.enumerated() {
            guard case .payment(let payment) = command.action else { continue }
            #expect(batch.isPayment(i), "seed \(seed), command \(i)")
            let (facts, sender) = (batch.payment(i), batch.sender(i))
            #expect(facts.paymentId.string == payment.paymentId)
            #expect(facts.userId.string == payment.userId)
            #expect(facts.provider.string == payment.provider)
            #expect(facts.amount == payment.amount)
            #expect(facts.base == payment.commissionableBase ?? payment.amount)
            #expect(facts.at == payment.at)
            #expect(facts.asset == payment.asset)
            #expect(facts.isOfSameProvider == (before == payment.provider))
            #expect(facts.isOfSameProgramme == (programme == command.programme))
            programme = command.programme
            #expect(sender.programme.string == command.programme ?? "")
            #expect(sender.key.string == command.key ?? "")
            #expect(sender.role == command.actor.role)
            #expect(sender.id.string == command.actor.id ?? "")
            #expect(sender.correlationId.string == command.correlationId ?? "")
            #expect(sender.causation.string == command.causation ?? "")
            before = payment.provider
        }
    }

    @Test(arguments: [
        payment(""), payment(String(repeating: "x", count: 256)), payment("a\u{7F}b"),
        payment("tab\t is long enough"),
        payment(provider: ""), payment(provider: "\u{85}"), payment(user: ""),
        payment(user: "12345678\u{1F}"),
        payment(amount: -1), payment(amount: LedgerBounds.amount + 1), payment(base: -1),
        payment(base: 1_001),
        payment(asset: AssetNumber(rawValue: 0)),
        .convert(Convert(userId: "u-1", at: Timestamp(nanoseconds: 0))),
    ])
    func badFormIsNotLaidOut(action: Command.Action) {
        let good = Command(Self.payment())
        let batch = CommandBatch([good, Command(action), good])
        #expect(batch.isPayment(0) && !batch.isPayment(1) && batch.isPayment(2))
        #expect(batch.payment(2).paymentId.string == "p-1")
    }

    @Test func badEnvelopesAreNotLaidOut() {
        let action = Self.payment()
        let bad = [
            Command(action, programme: ""), Command(action, key: "\n"),
            Command(action, actor: .init(role: .user, id: String(repeating: "é", count: 128))),
            Command(action, correlationId: "\u{0}"), Command(action, causation: ""),
        ]
        let batch = CommandBatch(bad)
        for i in bad.indices { #expect(!batch.isPayment(i), "\(bad[i])") }
        #expect(Command.Action.paymentTypeNumber == action.typeNumber)
    }

    /// An advance is taken alone: who takes commands asks whether one is among them.
    @Test func advancesAreTold() {
        let payment = Command(Self.payment())
        let advance = Command(.advance(Advance(to: Timestamp(nanoseconds: 5))))
        #expect(!CommandBatch([payment, Command(Self.payment(""))]).hasAdvance)
        #expect(CommandBatch([payment, advance, payment]).hasAdvance)
        #expect(CommandBatch(advance).hasAdvance && !CommandBatch(payment).hasAdvance)
        #expect(CommandBatch([payment, advance]).command(1) == advance)
        #expect(CommandBatch(joining: [CommandBatch(payment), CommandBatch(advance)]).hasAdvance)
        #expect(!CommandBatch(joining: [CommandBatch(payment)]).hasAdvance)
    }

    @Test func longestIds() {
        let id = String(repeating: "x", count: 255)
        let command = Command(
            Self.payment(id, provider: id, user: id), programme: id, key: id,
            actor: .init(role: .admin, id: id),
            correlationId: id, causation: id)
        let batch = CommandBatch(Array(repeating: command, count: 100))
        #expect(batch.sender(99).causation.string == id)
        #expect(batch.payment(99).isOfSameProvider && !batch.payment(0).isOfSameProvider)
    }

    /// One batch for one command after another says of each what a batch of its own says.
    @Test func laidAgain() throws {
        let seed: UInt64 = 0x5EED_0B48
        var random = SplitMix(seed: seed)
        let again = CommandBatch()
        let id = String(repeating: "x", count: 255)
        let others: [Command] = [
            Command(.convert(Convert(userId: "u-1", at: Timestamp(nanoseconds: 0)))),
            Command(Self.payment("")), Command(Self.payment(asset: AssetNumber(rawValue: 0))),
            Command(Self.payment(amount: -1)),
            Command(
                Self.payment(id, provider: id, user: id), programme: id, key: id,
                actor: .init(role: .admin, id: id), correlationId: id, causation: id),
        ]
        for round in 0..<2_000 {
            var command = others[round % others.count]
            if round % 3 > 0 {
                command = Command(
                    Self.payment(
                        Self.text(&random), provider: ["shop", "stripe"].randomElement(using: &random)!,
                        user: Self.text(&random), amount: Int64.random(in: 0...99, using: &random),
                        asset: AssetNumber(rawValue: [840, 978, 0].randomElement(using: &random)!)),
                    key: Bool.random(using: &random) ? Self.text(&random) : nil)
            }
            again.lay(command)
            let own = CommandBatch(command)
            #expect(
                again.count == 1 && again.isPayment(0) == own.isPayment(0), "seed \(seed), round \(round)")
            let (row, other) = (again.row(0), own.row(0))
            #expect(row.flags == other.flags && row.lengths == other.lengths && row.offset == other.offset)
            #expect(row.role == other.role)
            if own.isPayment(0) {
                #expect((row.amount, row.base, row.at) == (other.amount, other.base, other.at))
                #expect(row.asset == other.asset)
                let (some, same) = (again.payment(0), own.payment(0))
                #expect(some.paymentId.string == same.paymentId.string)
                #expect(some.userId.string == same.userId.string)
                #expect(some.provider.string == same.provider.string)
                #expect(again.sender(0).key.string == own.sender(0).key.string)
                #expect(again.sender(0).causation.string == own.sender(0).causation.string)
            } else {
                #expect(again.command(0) == command)
            }
            again.forget()
        }
    }

    @Test func otherBatchesAreLaidOutOnce() async {
        await #expect(processExitsWith: .failure) {
            let batch = CommandBatch(Command(Self.payment()))
            batch.lay(Command(Self.payment("p-2")))
        }
    }

    @Test func joinedBatchesAreOne() {
        func command(_ i: Int, _ provider: String) -> Command {
            Command(
                Self.payment("p-\(i)", provider: provider, user: "u-\(i)"),
                programme: i == 3 || i == 5 ? "beta" : nil, key: i % 3 == 0 ? "k-\(i)" : nil)
        }
        let bad = Command(Self.payment(""))
        func signup(_ i: Int) -> Command {
            Command(.signup(Signup(userId: "u-\(i)", at: Timestamp(nanoseconds: 7))))
        }
        let parts = [
            [command(1, "shop")], [], [command(2, "shop"), bad, command(3, "stripe")], [signup(1)],
            [command(4, "stripe")], [signup(2), signup(3), command(5, "stripe"), bad, signup(4)],
        ]
        // One command alone is laid out as a list of one is.
        let joined = CommandBatch(
            joining: parts.map { $0.count == 1 ? CommandBatch($0[0]) : CommandBatch($0) })
        let commands = parts.flatMap { $0 }
        let whole = CommandBatch(commands)
        #expect(joined.count == commands.count)
        for (i, command) in commands.enumerated() {
            #expect(joined.isPayment(i) == whole.isPayment(i))
            guard whole.isPayment(i) else {
                #expect(joined.command(i) == command && whole.command(i) == command)
                continue
            }
            let (one, other) = (joined.payment(i), whole.payment(i))
            #expect(
                one.paymentId.string == other.paymentId.string && one.userId.string == other.userId.string)
            #expect(one.provider.string == other.provider.string && one.flags == other.flags)
            #expect(joined.sender(i).key.string == whole.sender(i).key.string)
            #expect(joined.sender(i).programme.string == whole.sender(i).programme.string)
        }
        #expect(CommandBatch(joining: []).count == 0)
    }
}

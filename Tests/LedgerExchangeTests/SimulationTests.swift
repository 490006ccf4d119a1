import LedgerDomain
import Testing

@testable import LedgerExchange

@Suite struct SimulationTests {
    private func run(_ options: Simulation.Options) -> [UInt8] {
        var simulation = Simulation(options)
        var output: [UInt8] = []
        var before = 0
        var isLineByLine = true
        while simulation.next(into: &output) {
            isLineByLine = isLineByLine && output[before...].firstIndex(of: 0x0A) == output.count - 1
            before = output.count
        }
        #expect(isLineByLine && output.count == before)
        return output
    }

    /// FNV-1a.
    private func checksum(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    @Test func isTheSameEverywhere() {
        let options = Simulation.Options(users: 500, payments: 2_000, seed: 42, asset: pounds)
        let output = run(options)
        #expect(output == run(options))
        #expect(checksum(output) == 1_400_196_989_934_338_384)
        var other = options
        other.seed = 43
        #expect(output != run(other))
    }

    @Test(arguments: [
        ("GBP", Simulation.Interval.week, Simulation.Preset.twoLevel), ("JPY", .month, .premiumDays),
        ("KWD", .week, .tiered), ("POINT", .month, .twoLevel), ("GBP", .week, .premiumDays),
    ])
    func linesAreCanonicalCommands(
        _ code: String, _ interval: Simulation.Interval, _ preset: Simulation.Preset
    ) throws {
        let asset = try #require(Asset(code: code))
        let output = run(
            .init(
                users: 3_000, payments: 10_000, seed: 5, asset: asset, advance: interval, preset: preset,
                programme: "p\"q"))
        var decoder = CommandLineDecoder()
        var count: [String: Int] = [:]
        for line in output.split(separator: 0x0A) {
            let command = try decoder.decode(line)
            #expect(command.programme == "p\"q")
            #expect(try CommandLineWriter.line(command).dropLast().elementsEqual(line))
            count[command.action.typeName, default: 0] += 1
        }
        #expect(count["signup"] == 3_000)
        #expect(600...900 ~= count["issueCode"] ?? 0)
        #expect(10_020...10_200 ~= count["payment"] ?? 0)
        #expect(400...700 ~= count["refund"] ?? 0)
        #expect(count["applyCode"] ?? 0 > 0 && count["advanceReferral"] ?? 0 > 0)
        for type in ["dispute", "suspend", "adjust"] { #expect(count[type] ?? 0 > 0, "\(type)") }
        if preset == .premiumDays {
            for type in ["claim", "fulfil"] { #expect(count[type] ?? 0 > 50, "\(type)") }
        } else {
            for type in ["withdraw", "decideWithdrawal", "payout", "kyc"] {
                #expect(count[type] ?? 0 > 20, "\(type)")
            }
        }
        #expect(interval == .week ? 95...105 ~= count["advance"] ?? 0 : 22...26 ~= count["advance"] ?? 0)
    }

    /// What a ledger would refuse is not there: refunds above the payment, codes that clash, unknown payers.
    @Test func factsFitTogether() throws {
        let output = run(.init(users: 20_000, payments: 60_000, seed: 6, asset: pounds))
        var decoder = CommandLineDecoder()
        var users: Set<String> = []
        var referrals: [String: Int] = [:]
        var codes: [String: String] = [:]
        var payments: [String: Payment] = [:]
        var refunded: [String: Int64] = [:]
        var refundIds: Set<String> = []
        var (repeated, early, lost) = (0, 0, 0)
        var last = Timestamp.min
        for line in output.split(separator: 0x0A) {
            let command = try decoder.decode(line)
            switch command.action {
            case .signup(let signup):
                if let referrer = signup.referrerId {
                    #expect(users.contains(referrer))
                    referrals[referrer, default: 0] += 1
                }
                if let code = signup.referralCode, !code.hasPrefix("NOBODYS") { #expect(codes[code] != nil) }
                #expect(users.insert(signup.userId).inserted)
            case .issueCode(let issue):
                let code = try #require(issue.code)
                #expect(codes.updateValue(issue.userId, forKey: try CodeSkeleton(code).text) == nil)
                #expect(try CodeSkeleton(code).text == code && users.contains(issue.userId))
            case .applyCode(let apply): #expect(codes[apply.code] != nil && codes[apply.code] != apply.userId)
            case .payment(let payment):
                #expect(users.contains(payment.userId) && payment.amount >= 0)
                if let first = payments.updateValue(payment, forKey: payment.paymentId) {
                    #expect(first == payment)
                    repeated += 1
                }
            case .refund(let refund):
                guard refundIds.insert(refund.refundId).inserted else {
                    repeated += 1
                    continue
                }
                let id = try #require(refund.paymentId)
                if id.hasPrefix("lost-") { lost += 1 } else if payments[id] == nil { early += 1 }
                refunded[id, default: 0] += refund.amount
                #expect(refund.amount > 0)
                #expect((refund.refundedTotal ?? refunded[id]) == refunded[id])
                #expect((refund.refundedTotal != nil) == (refund.provider == "app"))
            case .advance(let advance):
                #expect(advance.to > last)
                last = advance.to
            default: break
            }
        }
        #expect(last < (try Timestamp("2026-01-01T00:00:00Z")))
        for (id, total) in refunded where !id.hasPrefix("lost-") {
            #expect(total <= payments[id]?.amount ?? -1)
        }
        #expect(payments.count == 60_000 && repeated > 300 && early > 100 && lost > 0)
        // A skewed tree: the first have hundreds, the usual referrer few.
        #expect(referrals.values.max() ?? 0 > 100)
        let amounts = payments.values.map(\.amount).sorted()
        #expect(1_500...3_500 ~= amounts[30_000] && amounts[59_999] > 20_000 && amounts[0] == 0)
    }

    @Test(arguments: [(0, 0), (0, 9), (1, 0), (1, 1), (2, 3)])
    func smallProgrammes(_ users: Int, _ payments: Int) {
        let output = run(.init(users: users, payments: payments, seed: 1, asset: pounds))
        let lines = output.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
        #expect(lines.count { $0.contains("\"signup\"") } == users)
        #expect(lines.count { $0.contains("\"payment\"") } >= (users == 0 ? 0 : payments))
        #expect(lines.last?.contains("\"advance\"") == true)
    }

    @Test func theLastLineOfAHugeProgrammeIsInThePast() throws {
        // Only the clock's arithmetic: the programme itself would take a while.
        let simulation = Simulation(.init(users: 1 << 30, payments: 1 << 30, seed: 1, asset: pounds))
        #expect(simulation.moment(ofStep: (2 << 30) - 1) + 15 * 86_400 < 731 * 86_400)
    }
}

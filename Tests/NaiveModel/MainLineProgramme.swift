import Foundation

/// Input lines of the whole main line, fixed by a seed and a policy: those of `RandomProgramme`, and
/// withdrawals, disputes, claims, the desks and the rest between them.
///
/// It plays every line into a model of its own, so as to aim well: at grants that can be claimed, at balances
/// that can be withdrawn. A part of the lines misses on purpose.
public struct MainLineProgramme: Sequence, CustomStringConvertible {
    let seed: UInt64
    let policy: RandomPolicy
    let count: Int
    /// Whether commissions are corrected among it all.
    let corrects: Bool

    /// The programme of a seed.
    public init(seed: UInt64, policy: RandomPolicy, lines: Int, corrects: Bool = false) {
        self.seed = seed
        self.policy = policy
        self.corrects = corrects
        count = lines
    }

    /// What to type to get the same lines.
    public var description: String {
        "MainLineProgramme(seed: \(seed), policy: .\(policy), lines: \(count)\(corrects ? ", corrects: true" : ""))"
    }

    /// All lines of a seed; prints the seed.
    public static func lines(
        seed: UInt64, policy: RandomPolicy, lines: Int, corrects: Bool = false
    ) -> [String] {
        let programme = MainLineProgramme(seed: seed, policy: policy, lines: lines, corrects: corrects)
        print(programme)
        return Array(programme)
    }

    /// A fresh start.
    public func makeIterator() -> Iterator {
        Iterator(seed: seed, policy: policy, count: count, corrects: corrects)
    }

    /// The lines, one after the other.
    public struct Iterator: IteratorProtocol {
        var base: RandomProgramme
        let shadow: NaiveLedger
        let count: Int
        let corrects: Bool
        var emitted = 0
        var serial = 0
        var refunds: [(id: String, provider: String)] = []
        /// Refunds that are said to have failed, and are not known yet.
        var failedAhead: [String] = []
        var disputes: [(id: String, payment: RandomProgramme.KnownPayment, amount: Int64)] = []
        var said: [RandomLine] = []
        /// Lines to say later, in any order.
        var later: [RandomLine] = []

        init(seed: UInt64, policy: RandomPolicy, count: Int, corrects: Bool) {
            var options = RandomProgramme.Options()
            options.lines = .max
            options.currencies = [policy.asset, "GBP", "INR", "JPY"]
            options.largestAmount = 1_000_000_000
            options.largestStepSeconds = 14_400
            options.chainPerMille = 150
            options.backdatedPerMille = 60
            base = RandomProgramme(seed: seed, options: options)
            shadow = NaiveLedger(policy: policy.naive)
            self.count = count
            self.corrects = corrects
        }

        /// The next line, without a newline.
        public mutating func next() -> String? {
            if emitted == count { return nil }
            emitted += 1
            let text = draw()
            _ = shadow.submit(line: text)
            return text
        }

        private mutating func draw() -> String {
            if base.users.count < 6 || base.random.chance(480) {
                var text = base.next() ?? ""
                if text.contains("\"type\":\"refund\""), !failedAhead.isEmpty, base.random.chance(300) {
                    text = renamed(text)
                }
                note(text)
                return text
            }
            base.clock += base.random.within(0...7_200) * 1_000_000_000
            if !said.isEmpty && base.random.chance(60) {
                let line = said[said.count - 1 - base.random.below(Swift.min(said.count, 60))]
                if base.random.chance(300) { return line.altered(&base.random).text }
                return base.random.chance(400) ? line.reworded(&base.random) : line.text
            }
            if corrects, base.random.chance(50), let line = correctRewards() {
                said.append(line)
                return line.text
            }
            var line =
                !later.isEmpty && base.random.chance(200)
                ? later.remove(at: base.random.below(later.count)) : fresh()
            if base.random.chance(30) && !line.fields.contains(where: { $0.name == "actor" }) {
                line.fields.append((name: "actor", value: .text("admin-1")))
                line.fields.append((name: "actorRole", value: .text("admin")))
            }
            said.append(line)
            return line.text
        }

        /// A refund whose failure was reported before it.
        private mutating func renamed(_ text: String) -> String {
            guard let start = text.range(of: "\"refundId\":\"r-"),
                let end = text[start.upperBound...].firstIndex(of: "\"")
            else { return text }
            let id = failedAhead.remove(at: base.random.below(failedAhead.count))
            return text.replacingCharacters(in: start.lowerBound..<end, with: "\"refundId\":\"\(id)")
        }

        /// Refunds are made by the base; it does not keep them.
        private mutating func note(_ text: String) {
            guard let object = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any],
                object["type"] as? String == "refund", let id = object["refundId"] as? String,
                let provider = object["provider"] as? String
            else { return }
            refunds.append((id: id, provider: provider))
        }

        private mutating func fresh() -> RandomLine {
            switch base.random.weighted([
                8, 12, 12, 20, 20, 20, 5, 6, 4, 4, 6, 4, 3, 2, 5, 1, 1, 2, 4, 6, 1, 2, 3, 6, 14, 9, 5, 4,
            ]) {
            case 0: refundFailed()
            case 1: dispute()
            case 2: claim()
            case 3: withdraw()
            case 4: decide()
            case 5: payout()
            case 6: kyc()
            case 7: adjust()
            case 8: writeOff()
            case 9: money("openingBalance")
            case 10: fxConvert()
            case 11: fxRate()
            case 12: cash("fund")
            case 13: cash("remitTax")
            case 14: suspend()
            case 15: cash("recordCost")
            case 16: closeUser()
            case 17: mergeUsers()
            case 18: flag()
            case 19: review()
            case 20: riskScore()
            case 21: setBudget()
            case 22: code()
            case 23: fulfil()
            case 25: quarantine()
            case 26: release()
            case 27: correct()
            default: RandomLine("advance", [("to", .moment(base.clock))])
            }
        }
    }
}

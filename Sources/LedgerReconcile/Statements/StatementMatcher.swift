import LedgerDomain
import LedgerLog

/// Finds the fact of each line, rung by rung, the surest first; then says what does not agree.
///
/// Pure and deterministic: lines in the order of the file, facts in the order of the log.
struct StatementMatcher {
    let statement: ProviderStatement
    let options: StatementOptions
    let facts: [StatementFact]
    let recordsFees: Bool
    let from: Timestamp
    let through: Timestamp
    let asOf: Timestamp
    private(set) var found: [StatementBreak] = []
    /// Fact of each line, and line of each fact.
    private var factOfLine: [Int?]
    private var linesOfFact: [[Int]]
    private var isRepeated: [Bool]
    private var rungs: [MatchKey: Int] = [:]

    init(
        _ statement: ProviderStatement, _ options: StatementOptions, _ facts: StatementFacts,
        _ period: ClosedRange<Timestamp>, asOf: Timestamp
    ) {
        self.statement = statement
        self.options = options
        self.facts = facts.facts
        recordsFees = facts.recordsFees
        (from, through) = (period.lowerBound, period.upperBound)
        self.asOf = asOf
        factOfLine = Array(repeating: nil, count: statement.lines.count)
        linesOfFact = Array(repeating: [], count: facts.facts.count)
        isRepeated = Array(repeating: false, count: statement.lines.count)
    }

    /// Kinds of line that a fact can belong to.
    static let factual: Set<StatementKind> = [.payment, .refund, .dispute, .payout, .fee]

    mutating func run() -> StatementReport {
        findRepeated()
        for key in MatchKey.allCases where options.keys.contains(key) { match(by: key) }
        matchFollowUps()
        judgeLines()
        judgeFacts()
        let settlements = SettlementSums(statement.lines, isRepeated, factOfLine)
        judgeSettlements(settlements)
        judgeArithmetic()
        return report(settlements.settlements)
    }

    // MARK: Finding

    /// Lines that say again what an earlier line has said.
    private mutating func findRepeated() {
        var seen: Set<String> = []
        for (index, line) in statement.lines.enumerated() where !line.isFollowUp {
            let name = line.id.isEmpty ? (line.lineId.isEmpty ? nil : "line " + line.lineId) : line.id
            guard let name, line.kind != .other else { continue }
            if !seen.insert(line.kind.rawValue + " " + name).inserted { isRepeated[index] = true }
        }
    }

    private func isOpen(_ index: Int) -> Bool {
        let line = statement.lines[index]
        return factOfLine[index] == nil && !isRepeated[index] && !line.isFollowUp
            && Self.factual.contains(line.kind)
    }

    /// What a line or fact is looked up by on a rung.
    private func keys(of line: ProviderLine, by key: MatchKey) -> [String] {
        switch key {
        case .id: return line.id.isEmpty ? [] : ["\(line.kind.rawValue) \(line.id)"]
        case .reference:
            let names = line.references + (line.lineId.isEmpty ? [] : [line.lineId])
            return names.filter { !$0.isEmpty }.map { "\(line.kind.rawValue) \($0)" }
        case .payment:
            guard line.kind == .refund || line.kind == .dispute else { return [] }
            return line.paymentIds.map {
                "\(line.kind.rawValue) \($0) \(line.asset.rawValue) \(line.amount)"
            }
        case .amountDay:
            return ["\(line.kind.rawValue) \(line.asset.rawValue) \(line.amount) \(Self.day(line.at))"]
        case .amountNear: return ["\(line.kind.rawValue) \(line.asset.rawValue) \(line.amount)"]
        }
    }

    private func keys(of fact: StatementFact, by key: MatchKey) -> [String] {
        switch key {
        case .id: return fact.id.isEmpty ? [] : ["\(fact.kind.rawValue) \(fact.id)"]
        case .reference: return fact.names.map { "\(fact.kind.rawValue) \($0)" }
        case .payment:
            guard let payment = fact.paymentId else { return [] }
            return ["\(fact.kind.rawValue) \(payment) \(fact.asset.rawValue) \(fact.amount)"]
        case .amountDay:
            return ["\(fact.kind.rawValue) \(fact.asset.rawValue) \(fact.amount) \(Self.day(fact.at))"]
        case .amountNear: return ["\(fact.kind.rawValue) \(fact.asset.rawValue) \(fact.amount)"]
        }
    }

    private static func day(_ moment: Timestamp) -> Int64 {
        let (quotient, remainder) = moment.nanoseconds.quotientAndRemainder(dividingBy: 86_400_000_000_000)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// On sure rungs the first fact; on loose ones the nearest in time, of equals the first in the log.
    private mutating func match(by key: MatchKey) {
        var places: [String: [Int]] = [:]
        for (index, fact) in facts.enumerated() where linesOfFact[index].isEmpty {
            for name in keys(of: fact, by: key) { places[name, default: []].append(index) }
        }
        for index in statement.lines.indices where isOpen(index) {
            let line = statement.lines[index]
            var best: (fact: Int, distance: UInt64)?
            for name in keys(of: line, by: key) {
                for fact in places[name] ?? [] where linesOfFact[fact].isEmpty {
                    let distance = Self.distance(line.at, facts[fact].at)
                    if key == .amountNear, distance > UInt64(options.timingSeconds) * 1_000_000_000 {
                        continue
                    }
                    if best.map({ distance < $0.distance }) ?? true { best = (fact, distance) }
                }
            }
            guard let best else { continue }
            factOfLine[index] = best.fact
            linesOfFact[best.fact].append(index)
            rungs[key, default: 0] += 1
        }
    }

    private static func distance(_ a: Timestamp, _ b: Timestamp) -> UInt64 {
        let (difference, overflow) = a.nanoseconds.subtractingReportingOverflow(b.nanoseconds)
        return overflow ? .max : difference.magnitude
    }

    /// The end of a thing: found by any of its names, whether a line has told of its beginning or not.
    private mutating func matchFollowUps() {
        var places: [String: Int] = [:]
        for (index, fact) in facts.enumerated() {
            for name in fact.names {
                let key = "\(fact.kind.rawValue) \(name)"
                if places[key] == nil { places[key] = index }
            }
            if let payment = fact.paymentId {
                let key = "\(fact.kind.rawValue) of \(payment) \(fact.asset.rawValue) \(fact.amount)"
                if places[key] == nil { places[key] = index }
            }
        }
        for (index, line) in statement.lines.enumerated()
        where line.isFollowUp && Self.factual.contains(line.kind) {
            var names = line.names.map { "\(line.kind.rawValue) \($0)" }
            names += line.paymentIds.map {
                "\(line.kind.rawValue) of \($0) \(line.asset.rawValue) \(line.amount)"
            }
            guard let fact = names.lazy.compactMap({ places[$0] }).first else { continue }
            factOfLine[index] = fact
            linesOfFact[fact].append(index)
            rungs[.id, default: 0] += 1
        }
    }

    // MARK: Judging

    private func isYoung(_ moment: Timestamp) -> Bool {
        Self.distance(asOf, moment) <= UInt64(options.graceSeconds) * 1_000_000_000 || moment > asOf
    }

    private mutating func add(
        _ check: StatementCheck, isIncomplete: Bool = false, _ about: StatementKind, _ name: String,
        _ message: String, line: ProviderLine? = nil, fact: StatementFact? = nil, expected: Int64? = nil,
        found amount: Int64? = nil, since: Timestamp
    ) {
        let asset = expected == nil && amount == nil ? nil : line?.asset ?? fact?.asset
        found.append(
            StatementBreak(
                code: check.code, kind: isIncomplete ? .incomplete : .mismatch,
                subject: Self.subject(about, name), message: message, about: about, line: line?.number,
                position: fact?.position, asset: asset, expected: expected, found: amount, since: since,
                ageSeconds: max(0, (asOf.nanoseconds - since.nanoseconds) / 1_000_000_000)))
    }

    /// At most 255 bytes, as an input line takes it.
    static func subject(_ about: StatementKind, _ name: String) -> String {
        let text = "\(about.rawValue) \(name)"
        if text.utf8.count <= 255 { return text }
        var short = text
        while short.utf8.count > 214 { short.removeLast() }
        return short + "… " + String(SHA256Hasher().hash(Array(text.utf8)).hex.prefix(32))
    }

    private mutating func judgeLines() {
        for (index, line) in statement.lines.enumerated() {
            if line.kind == .other {
                add(
                    .unknown, isIncomplete: true, .other, line.label,
                    "a line of type “\(line.typeName)”, of which the ledger has no facts", line: line,
                    found: line.amount, since: line.at)
                continue
            }
            guard Self.factual.contains(line.kind) else { continue }
            if isRepeated[index] {
                add(
                    .duplicateThere, line.kind, line.label, "the statement has it twice", line: line,
                    found: line.amount, since: line.at)
            } else if let fact = factOfLine[index] {
                if line.isFollowUp { judgeEnd(line, facts[fact]) } else { judge(line, facts[fact]) }
            } else if line.kind == .fee, !recordsFees {
                // Fees are no facts of this ledger: they are summed.
                continue
            } else {
                let young = isYoung(line.at)
                add(
                    .missingHere, isIncomplete: young, line.kind, line.label,
                    young
                        ? "the statement has it, the ledger not yet" : "the statement has it, the ledger not",
                    line: line, found: line.amount, since: line.at)
            }
        }
    }

    private mutating func judge(_ line: ProviderLine, _ fact: StatementFact) {
        if fact.isParked {
            add(
                .parked, isIncomplete: true, line.kind, fact.label,
                "it is recorded and waits, and has moved nothing",
                line: line, fact: fact, expected: fact.amount, found: line.amount, since: line.at)
        }
        if line.asset != fact.asset {
            add(
                .currency, line.kind, fact.label, "the ledger has it in another currency", line: line,
                fact: fact, since: line.at)
        } else {
            let (difference, overflow) = line.amount.subtractingReportingOverflow(fact.amount)
            if overflow || difference.magnitude > options.tolerance.magnitude {
                add(
                    .amount, line.kind, fact.label, "the amounts differ", line: line, fact: fact,
                    expected: fact.amount, found: line.amount, since: line.at)
            }
        }
        if Self.distance(line.at, fact.at) > UInt64(options.timingSeconds) * 1_000_000_000 {
            add(
                .timing, line.kind, fact.label,
                "the statement has it at \(line.at), the ledger at \(fact.at)",
                line: line, fact: fact, expected: fact.amount, found: line.amount, since: line.at)
        }
        judgeEnd(line, fact)
    }

    /// What the line says has become of it, against what the ledger says.
    private mutating func judgeEnd(_ line: ProviderLine, _ fact: StatementFact) {
        guard let status = line.status else { return }
        let holds: Bool
        switch (line.kind, status) {
        case (.payout, .pending): holds = fact.end == .none
        case (.payout, .done): holds = fact.end == .settled || fact.end == .returned
        case (.payout, .failed), (.payout, .returned): holds = fact.end == .failed || fact.end == .returned
        case (.refund, .failed): holds = fact.end == .failed
        case (.dispute, .returned): holds = fact.end == .won
        case (.dispute, .done): holds = fact.end == .lost
        default: return
        }
        if holds { return }
        // What has ended there and not here may still be told; what has ended otherwise may not.
        let young = fact.end == .none && isYoung(line.at)
        add(
            .state, isIncomplete: young, line.kind, fact.label,
            "by the statement it is \(Self.words(line.kind, status)), by the ledger \(Self.words(fact))",
            line: line, fact: fact, expected: fact.amount, found: line.amount, since: line.at)
    }

    private static func words(_ kind: StatementKind, _ status: StatementStatus) -> String {
        switch status {
        case .pending: "on its way"
        case .done: kind == .dispute ? "lost" : "paid"
        case .failed: "failed"
        case .returned: kind == .dispute ? "won" : "returned"
        }
    }

    private static func words(_ fact: StatementFact) -> String {
        switch fact.end {
        case .none: fact.kind == .payout ? "sent" : "open"
        case .failed: "failed"
        case .returned: "returned"
        case .settled: "settled"
        case .won: "won"
        case .lost: "lost"
        }
    }

    private mutating func judgeFacts() {
        var names: [String: Int] = [:]
        for (index, line) in statement.lines.enumerated() where factOfLine[index] != nil && !line.isFollowUp {
            for name in line.names { names["\(line.kind.rawValue) \(name)"] = index }
        }
        for (index, fact) in facts.enumerated() {
            guard statement.covers.contains(fact.kind) else { continue }
            let told = linesOfFact[index].map { statement.lines[$0] }
            if told.contains(where: { !$0.isFollowUp }) {
                judgeUntold(fact, told)
                continue
            }
            if !told.isEmpty || fact.isParked || fact.kind == .fee && fact.id.isEmpty { continue }
            if let line = fact.names.lazy.compactMap({ names["\(fact.kind.rawValue) \($0)"] }).first {
                add(
                    .duplicateHere, fact.kind, fact.label,
                    "a second fact of what stands in the statement once", line: statement.lines[line],
                    fact: fact, expected: fact.amount, since: fact.at)
                continue
            }
            // What moves no money is in no settlement file.
            guard fact.at >= from, fact.at <= through, fact.amount != 0 else { continue }
            let young = isYoung(fact.at)
            add(
                .missingThere, isIncomplete: young, fact.kind, fact.label,
                young
                    ? "the ledger has it, the statement not yet" : "the ledger has it, the statement not",
                fact: fact, expected: fact.amount, since: fact.at)
        }
    }

    /// An end that the ledger has in the period, and that the file would list.
    private mutating func judgeUntold(_ fact: StatementFact, _ told: [ProviderLine]) {
        let isListed: Bool
        switch (fact.kind, fact.end) {
        case (.refund, .failed), (.dispute, .won): isListed = true
        case (.payout, .failed), (.payout, .returned):
            // A file that gives a status has been judged by it.
            isListed = told.allSatisfy { $0.status == nil || $0.isFollowUp }
        default: isListed = false
        }
        guard isListed, let ended = fact.endedAt, ended >= from, ended <= through,
            !told.contains(where: \.isFollowUp)
        else { return }
        add(
            .state, isIncomplete: isYoung(ended), fact.kind, fact.label,
            "by the ledger it is \(Self.words(fact)), which the statement does not say", line: told.first,
            fact: fact, expected: fact.amount, since: ended)
    }

    private mutating func judgeSettlements(_ sums: SettlementSums) {
        for settlement in sums.settlements {
            // A file of transfers alone has none of their lines.
            guard settlement.lines > 0, let transferred = settlement.transferred,
                let line = sums.lineOf[settlement.id], transferred != settlement.net
            else { continue }
            let at = statement.lines[line].at
            // Lines of the first transfers may stand in the statement before.
            let isCut = Self.distance(at, from) <= UInt64(options.graceSeconds) * 1_000_000_000
            add(
                .settlement, isIncomplete: isCut, .settlement, settlement.id,
                "its \(settlement.lines) lines do not sum to what was transferred",
                line: statement.lines[line], expected: settlement.net, found: transferred, since: at)
        }
    }

    private mutating func judgeArithmetic() {
        for (index, line) in statement.lines.enumerated() where !isRepeated[index] {
            guard let net = line.net else { continue }
            let gross = Int128(line.isCredit ? line.amount : -line.amount)
            let due = gross - Int128(line.fee)
            if due != Int128(net) {
                add(
                    .arithmetic, line.kind, line.label, "its net is not its gross less its fee", line: line,
                    expected: Int64(clamping: due), found: net, since: line.at)
            }
        }
    }

    // MARK: Report

    private func report(_ settlements: [StatementReport.Settlement]) -> StatementReport {
        var report = StatementReport(
            provider: statement.provider, format: statement.format, statement: statement.digest, from: from,
            through: through, asOf: asOf)
        report.covers = statement.covers
        report.settlements = settlements
        report.matchedBy = MatchKey.allCases.map { ($0, rungs[$0, default: 0]) }
        report.sums = sums()
        for (index, line) in statement.lines.enumerated() where Self.factual.contains(line.kind) {
            if line.kind == .fee, !recordsFees { continue }
            report.lines += 1
            if factOfLine[index] != nil { report.matched += 1 }
        }
        let broken = Set(found.map(\.subject))
        for (index, line) in statement.lines.enumerated() {
            guard let fact = factOfLine[index] else { continue }
            for name in [line.label, facts[fact].label] {
                let subject = Self.subject(line.kind, name)
                if !broken.contains(subject) { report.agreed.insert(subject) }
            }
        }
        StatementOutcome.fill(&report, found, options)
        return report
    }

    private func sums() -> [StatementReport.Sum] {
        var order: [String: Int] = [:]
        var sums: [StatementReport.Sum] = []
        func place(_ kind: StatementKind, _ asset: AssetNumber) -> Int {
            let key = "\(kind.rawValue) \(asset.rawValue)"
            if let known = order[key] { return known }
            order[key] = sums.count
            sums.append(.init(kind: kind, asset: asset))
            return sums.count - 1
        }
        func add(_ a: Int64, _ b: Int64) -> Int64 { Int64(clamping: Int128(a) + Int128(b)) }
        for (index, line) in statement.lines.enumerated() {
            let at = place(line.kind, line.asset)
            sums[at].lines += 1
            // What came back is taken off.
            sums[at].amount = add(sums[at].amount, line.isFollowUp ? -line.amount : line.amount)
            if line.fee != 0, !recordsFees {
                let fees = place(.fee, line.asset)
                sums[fees].amount = add(sums[fees].amount, line.fee)
            }
            if let fact = factOfLine[index] {
                sums[at].matched += 1
                let known = facts[fact]
                if known.asset != line.asset { continue }
                if !line.isFollowUp {
                    sums[at].ledger = add(sums[at].ledger, known.amount)
                } else if known.end == .failed || known.end == .returned || known.end == .won {
                    sums[at].ledger = add(sums[at].ledger, -known.amount)
                }
            }
        }
        let kinds = StatementKind.allCases
        return sums.sorted { a, b in
            let (x, y) = (kinds.firstIndex(of: a.kind) ?? 0, kinds.firstIndex(of: b.kind) ?? 0)
            return x == y ? a.asset < b.asset : x < y
        }
    }
}

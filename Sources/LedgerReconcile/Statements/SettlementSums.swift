import LedgerDomain
import LedgerLog

/// The settlements of a statement, in the order of their first line.
struct SettlementSums {
    private(set) var settlements: [StatementReport.Settlement] = []
    /// The line that says what was transferred.
    private(set) var lineOf: [String: Int] = [:]

    init(_ lines: [ProviderLine], _ isRepeated: [Bool], _ factOfLine: [Int?]) {
        var places: [String: Int] = [:]
        func place(_ id: String, _ asset: AssetNumber, _ all: inout [StatementReport.Settlement]) -> Int {
            let key = "\(id) \(asset.rawValue)"
            if let known = places[key] { return known }
            places[key] = all.count
            all.append(.init(id: id, asset: asset))
            return all.count - 1
        }
        // Made of another line's fee: its net has it already.
        func isOwnFee(_ line: ProviderLine) -> Bool {
            line.kind == .fee && line.id.isEmpty && line.lineId.isEmpty
        }
        for (index, line) in lines.enumerated() where !isRepeated[index] {
            if line.kind == .settlement {
                let at = place(line.label, line.asset, &settlements)
                if line.isFollowUp {
                    // It came to nothing: its lines are the balance's again.
                    lineOf[line.label] = nil
                } else {
                    settlements[at].transferred = line.amount
                    lineOf[line.label] = index
                }
            } else if let id = line.settlementId, id != line.id, !isOwnFee(line) {
                let at = place(id, line.asset, &settlements)
                settlements[at].lines += 1
                let net = line.net ?? (line.isCredit ? line.amount : -line.amount)
                settlements[at].net = Int64(clamping: Int128(settlements[at].net) + Int128(net))
            }
        }
    }
}

/// Sorts what was found, gives it names, counts it.
enum StatementOutcome {
    static func fill(_ report: inout StatementReport, _ found: [StatementBreak], _ options: StatementOptions)
    {
        var order: [String: Int] = [:]
        for (place, check) in StatementCheck.all.enumerated() { order[check.code] = place }
        func isBefore(_ a: StatementBreak, _ b: StatementBreak) -> Bool {
            let (x, y) = (order[a.code] ?? 0, order[b.code] ?? 0)
            if x != y { return x < y }
            if a.since != b.since { return a.since < b.since }
            if a.subject != b.subject { return a.subject.utf8.lexicographicallyPrecedes(b.subject.utf8) }
            return (a.line ?? 0, a.position ?? .start) < (b.line ?? 0, b.position ?? .start)
        }
        var all = found.sorted(by: isBefore)
        let hasher = SHA256Hasher()
        var seen: [String: Int] = [:]
        for index in all.indices {
            let b = all[index]
            let content = "\(report.provider)\n\(b.code)\n\(b.kind.rawValue)\n\(b.subject)"
            let number = seen[content, default: 0]
            seen[content] = number + 1
            all[index].id = String(hasher.hash(Array("\(content)\n\(number)".utf8)).hex.prefix(32))
        }
        var ages = StatementReport.buckets()
        for b in all {
            let days = Int(b.ageSeconds / 86_400)
            let bucket = ages.lastIndex { $0.fromDays <= days } ?? 0
            if b.kind == .mismatch { ages[bucket].mismatches += 1 } else { ages[bucket].incomplete += 1 }
        }
        report.ages = ages
        report.counts = StatementCheck.all.map { check in
            let own = all.filter { $0.code == check.code }
            let wrong = own.count { $0.kind == .mismatch }
            return (check, wrong, own.count - wrong)
        }
        let parts =
            [
                "\(report.provider)", report.statement, "\(report.lines)", "\(report.matched)",
                "\(report.asOf)",
            ]
            + all.map(\.id)
        report.runId = String(hasher.hash(Array(parts.joined(separator: "\n").utf8)).hex.prefix(32))
        var listed: [String: Int] = [:]
        report.breaks = all.filter { b in
            listed[b.code, default: 0] += 1
            return listed[b.code, default: 0] <= options.limit
        }
    }
}

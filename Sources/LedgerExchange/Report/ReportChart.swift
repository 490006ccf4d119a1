import LedgerDomain
import ReferralLedger

/// Charts as inline SVG. Drawing is the one place where numbers are floating: nothing is decided by it.
enum ReportChart {
    private struct Series: Sendable {
        let name: String
        let style: String
        let value: @Sendable (ActivityBucket) -> Int64
    }

    private static let series = [
        Series(name: "payments", style: "s1") { $0.payments },
        Series(name: "rewards", style: "s2") { $0.rewards },
        Series(name: "taken back", style: "s3") { $0.reversals },
        Series(name: "paid out", style: "s4") { $0.payouts },
    ]

    /// A chart for each programme and asset: four bars a stretch of time.
    static func activity(
        _ buckets: [ActivityBucket], _ codes: AssetCodes, isDaily: Bool, to out: inout HTMLWriter
    ) {
        var rest = buckets[...]
        while let first = rest.first {
            let own = rest.prefix { $0.programme == first.programme && $0.asset == first.asset }
            rest = rest.dropFirst(own.count)
            bars(Array(own), codes.code(first.asset), isDaily, to: &out)
        }
    }

    /// The last so many stretches; more cannot be told apart.
    private static let most = 62

    private static func bars(
        _ all: [ActivityBucket], _ code: String, _ isDaily: Bool, to out: inout HTMLWriter
    ) {
        let buckets = filled(Array(all.suffix(most)), isDaily)
        guard let first = buckets.first else { return }
        let (width, height, left, bottom, top) = (720.0, 220.0, 76.0, 24.0, 8.0)
        let highest = max(1, buckets.map { b in series.map { $0.value(b) }.max() ?? 0 }.max() ?? 1)
        let ceiling = niceCeiling(Double(highest))
        let (plot, slot) = (height - bottom - top, (width - left - 4) / Double(buckets.count))
        func y(_ value: Double) -> Double { top + plot * (1 - value / ceiling) }
        let title = "\(first.programme), \(code)"
        out.markup("<figure><figcaption>")
        out.text("\(title)\(all.count > most ? ", the last \(most) of \(all.count)" : "")")
        out.markup("</figcaption><svg viewBox=\"0 0 720 220\" role=\"img\" aria-label=\"")
        out.text(
            "Payments, rewards, what was taken back and what was paid out by \(isDaily ? "day" : "month"): \(title)"
        )
        out.markup("\">")
        for step in 0...4 {
            let value = ceiling * Double(step) / 4
            out.markup(
                "<line class=\"grid\" x1=\"\(number(left))\" x2=\"716\" y1=\"\(number(y(value)))\" y2=\"\(number(y(value)))\"/>"
            )
            out.markup(
                "<text class=\"tick\" x=\"\(number(left - 6))\" y=\"\(number(y(value) + 4))\" text-anchor=\"end\">"
            )
            out.text(ReportNumber.amount(Int64(value.rounded()), first.asset))
            out.markup("</text>")
        }
        let bar = max(0.8, min(14, slot * 0.8 / Double(series.count)))
        let every = max(1, Int((Double(buckets.count) * 64 / (width - left)).rounded(.up)))
        for (index, bucket) in buckets.enumerated() {
            let x = left + slot * Double(index) + (slot - bar * Double(series.count)) / 2
            for (place, series) in series.enumerated() {
                let value = series.value(bucket)
                if value <= 0 { continue }
                let at = y(Double(value))
                out.markup(
                    "<rect class=\"\(series.style)\" x=\"\(number(x + bar * Double(place)))\" y=\"\(number(at))\" width=\"\(number(bar * 0.9))\" height=\"\(number(max(0.5, top + plot - at)))\"><title>"
                )
                out.text(
                    "\(label(bucket.start, isDaily)): \(series.name) \(ReportNumber.amount(value, bucket.asset)) \(code)"
                )
                out.markup("</title></rect>")
            }
            if index % every == 0 {
                // What would stand over the edge ends there.
                let middle = left + slot * (Double(index) + 0.5)
                let isLast = middle > width - 30
                out.markup(
                    "<text class=\"tick\" x=\"\(number(isLast ? width - 4 : middle))\" y=\"214\" text-anchor=\"\(isLast ? "end" : "middle")\">"
                )
                out.text(label(bucket.start, isDaily))
                out.markup("</text>")
            }
        }
        out.markup("</svg><ul class=\"legend\">")
        for series in series {
            let sum = all.reduce(Int128(0)) { $0 + Int128(series.value($1)) }
            out.markup("<li><i class=\"\(series.style)\"></i>")
            out.text("\(series.name) \(ReportNumber.amount(Int64(clamping: sum), first.asset)) \(code)")
            out.markup("</li>")
        }
        out.markup("</ul></figure>\n")
    }

    /// With the stretches in between in which nothing happened.
    private static func filled(_ buckets: [ActivityBucket], _ isDaily: Bool) -> [ActivityBucket] {
        guard let first = buckets.first, let last = buckets.last else { return [] }
        var out: [ActivityBucket] = []
        var (next, start) = (0, first.start)
        while start <= last.start, out.count < 400 {
            if next < buckets.count, buckets[next].start == start {
                out.append(buckets[next])
                next += 1
            } else {
                out.append(ActivityBucket(programme: first.programme, asset: first.asset, start: start))
            }
            guard let following = isDaily ? start.adding(days: 1) : nextMonth(start) else { break }
            start = following
        }
        return Array(out.suffix(most))
    }

    private static func nextMonth(_ start: Timestamp) -> Timestamp? {
        let date = CivilDate(daysSinceEpoch: Int(start.nanoseconds / 86_400_000_000_000))
        return date.month == 12
            ? Timestamp(year: date.year + 1, month: 1, day: 1)
            : Timestamp(year: date.year, month: date.month + 1, day: 1)
    }

    /// Balances by account as bars that lie, one chart for each programme and asset.
    static func balances(_ lines: [TrialBalanceLine], _ codes: AssetCodes, to out: inout HTMLWriter) {
        var rest = lines.filter { $0.debit != $0.credit }[...]
        while let first = rest.first {
            let own = rest.prefix { $0.programme == first.programme && $0.asset == first.asset }
            rest = rest.dropFirst(own.count)
            let highest = max(1, own.map { max($0.debit, $0.credit) }.max() ?? 1)
            let height = 22 * own.count + 4
            let title = "\(first.programme), \(codes.code(first.asset))"
            out.markup("<figure><figcaption>")
            out.text(title)
            out.markup("</figcaption><svg viewBox=\"0 0 720 \(height)\" role=\"img\" aria-label=\"")
            out.text("Balances by account: \(title)")
            out.markup("\">")
            for (index, line) in own.enumerated() {
                let (value, isDebit) = line.debit > 0 ? (line.debit, true) : (line.credit, false)
                let (at, width) = (index * 22, 380 * Double(value) / Double(highest))
                out.markup("<text class=\"name\" x=\"176\" y=\"\(at + 15)\" text-anchor=\"end\">")
                out.text(shortened(line.account + (line.provider.map { " \($0)" } ?? ""), to: 26))
                out.markup(
                    "</text><rect class=\"\(isDebit ? "s1" : "s2")\" x=\"184\" y=\"\(at + 3)\" width=\"\(number(max(0.5, width)))\" height=\"16\"/><text class=\"tick\" x=\"\(number(190 + width))\" y=\"\(at + 15)\">"
                )
                out.text("\(ReportNumber.amount(value, line.asset)) \(isDebit ? "debit" : "credit")")
                out.markup("</text>")
            }
            out.markup("</svg></figure>\n")
        }
    }

    private static func shortened(_ text: String, to limit: Int) -> String {
        text.count <= limit ? text : text.prefix(limit - 1) + "…"
    }

    private static func label(_ start: Timestamp, _ isDaily: Bool) -> String {
        String(start.description.prefix(isDaily ? 10 : 7))
    }

    /// The least of 1, 2, 2.5, 5 × 10ⁿ that is not below.
    private static func niceCeiling(_ value: Double) -> Double {
        var power = 1.0
        while power * 10 <= value { power *= 10 }
        for factor in [1.0, 2, 2.5, 4, 5, 8, 10] where factor * power >= value { return factor * power }
        return value
    }

    private static func number(_ value: Double) -> String {
        let tenths = Int64((value * 10).rounded())
        return "\(tenths / 10).\(abs(tenths % 10))"
    }
}

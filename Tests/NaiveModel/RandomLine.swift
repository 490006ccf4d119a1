/// A line before it is text, so that it can be said again in other words, or changed.
struct RandomLine {
    enum Value {
        case text(String)
        case moment(Int64)
        case amount(Int64, exponent: Int)
        case number(Int)
        case raw(String)
    }

    var fields: [(name: String, value: Value)]

    init(_ type: String, _ fields: [(String, Value)]) {
        self.fields = [("type", .text(type))] + fields.map { (name: $0.0, value: $0.1) }
    }

    /// The plain form.
    var text: String {
        "{" + fields.map { "\(quoted($0.name)):\(literal($0.value))" }.joined(separator: ",") + "}"
    }

    /// The same content in other words: order of fields, blanks, time offset, zeros of amounts.
    func reworded(_ random: inout SplitMix64) -> String {
        var rest = fields
        var parts: [String] = []
        while !rest.isEmpty {
            let field = rest.remove(at: random.below(rest.count))
            parts.append("\(quoted(field.name)) : \(literal(field.value, &random))")
        }
        return "{ " + parts.joined(separator: ", ") + " }"
    }

    /// Another content under the same ids: a moment, an amount or a text is changed.
    func altered(_ random: inout SplitMix64) -> RandomLine {
        var copy = self
        let names = ["at", "to", "amount", "country", "userId", "expiresInDays"]
        let candidates = fields.indices.filter { names.contains(fields[$0].name) }
        if candidates.isEmpty { return self }
        let index = random.pick(candidates)
        switch copy.fields[index].value {
        case .moment(let moment): copy.fields[index].value = .moment(moment + 1_000_000_000)
        case .amount(let amount, let exponent):
            copy.fields[index].value = .amount(amount + 1, exponent: exponent)
        case .number(let number): copy.fields[index].value = .number(number + 1)
        case .text(let text): copy.fields[index].value = .text(text + "x")
        case .raw: break
        }
        return copy
    }

    private func literal(_ value: Value) -> String {
        switch value {
        case .text(let text): return quoted(text)
        case .moment(let moment): return quoted(momentText(moment))
        case .amount(let amount, let exponent): return quoted(amountText(amount, exponent: exponent))
        case .number(let number): return String(number)
        case .raw(let json): return json
        }
    }

    private func literal(_ value: Value, _ random: inout SplitMix64) -> String {
        switch value {
        case .moment(let moment):
            let minutes = random.pick([0, 330, -90, 60])
            return quoted(momentText(moment, offsetMinutes: minutes))
        case .amount(let amount, let exponent):
            var text = amountText(amount, exponent: exponent)
            while text.contains("."), text.last == "0" || text.last == "." {
                if text.removeLast() == "." { break }
            }
            return quoted(text)
        default: return literal(value)
        }
    }
}

func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        if scalar == "\"" || scalar == "\\" { result += "\\" }
        if scalar.value < 0x20 {
            let hex = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
        } else {
            result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}

/// RFC 3339, with as many fraction digits as there are.
func momentText(_ moment: Int64, offsetMinutes: Int = 0) -> String {
    func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let local = moment + Int64(offsetMinutes) * 60_000_000_000
    let (year, month) = yearAndMonth(local)
    let day = dayNumber(local) - daysSinceEpoch(year: year, month: month, day: 1) + 1
    let inDay = Int(local - Int64(dayNumber(local)) * dayNanoseconds)
    let second = inDay / 1_000_000_000
    var text = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T"
    text += "\(padded(second / 3_600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
    var fraction = padded(inDay % 1_000_000_000, 9)
    while fraction.last == "0" { fraction.removeLast() }
    if !fraction.isEmpty { text += "." + fraction }
    if offsetMinutes == 0 { return text + "Z" }
    let size = abs(offsetMinutes)
    return text + (offsetMinutes < 0 ? "-" : "+") + padded(size / 60, 2) + ":" + padded(size % 60, 2)
}

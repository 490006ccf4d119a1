import Foundation
import Testing

@testable import LedgerDomain

/// The tables of events on the pages log-format.md and events.md: no event is missing, none stands there that is not, and the
/// stored fields are those of the code, in its order.
@Suite struct DocumentedEventsTests {
    /// Number, name and the rest of each row `| 52 | RewardMatured | … |` of a part of a page.
    private static func rows(
        _ page: String, from start: String, to end: String
    ) throws -> [(number: UInt8, name: String, text: String)] {
        let text = try String(contentsOf: repositoryFile("Documentation/\(page)"), encoding: .utf8)
        let from = try #require(text.range(of: start)).upperBound
        let to = try #require(text.range(of: end, range: from..<text.endIndex)).lowerBound
        return text[from..<to].split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard line.hasPrefix("| "), cells.count >= 3, let number = UInt8(cells[0]) else { return nil }
            return (number, cells[1], cells[2...].joined(separator: "|"))
        }
    }

    private static let known = EventType.allCases.sorted { $0.rawValue < $1.rawValue }
        .map { "\($0.rawValue) \($0.name)" }

    @Test("every event in use has its row on both pages, in the order of numbers")
    func names() throws {
        let stored = try Self.rows("log-format.md", from: "## 4. Events", to: "### 50 CommissionEarned")
        #expect(stored.map { "\($0.number) \($0.name)" } == Self.known)
        let meant = try Self.rows("events.md", from: "## In use", to: "## Reserved")
        #expect(meant.map { "\($0.number) \($0.name)" } == Self.known)
    }

    @Test("no number in use is among those reserved or free")
    func numbers() throws {
        let text = try String(contentsOf: repositoryFile("Documentation/events.md"), encoding: .utf8)
        let start = try #require(text.range(of: "## Reserved")).upperBound
        var given: Set<UInt8> = []
        for line in text[start...].split(separator: "\n") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            if line.hasPrefix("| "), let first = cells.first {
                for word in first.components(separatedBy: ", ") { if let n = UInt8(word) { given.insert(n) } }
            } else if line.hasPrefix("Free: "), let list = line.split(separator: ".").first?.dropFirst(6) {
                for word in list.components(separatedBy: ", ") {
                    let ends = word.components(separatedBy: "–").compactMap { UInt8($0) }
                    if ends.count == 2 { given.formUnion(ends[0]...ends[1]) } else { given.formUnion(ends) }
                }
            }
        }
        let used = Set(EventType.allCases.map(\.rawValue))
        #expect(used.isDisjoint(with: given))
        #expect(used.union(given) == Set(1...126))
    }

    @Test("the fields of each row are those of the code")
    func fields() throws {
        let kinds: Set<String> = [
            "flags", "u8", "uleb", "user", "symbol", "asset", "money", "rate", "time", "position", "stage",
            "text", "blob", "hash",
        ]
        for row in try Self.rows("log-format.md", from: "## 4. Events", to: "### 50 CommissionEarned")
        where row.text != "see below" {
            let type = try #require(EventType(rawValue: row.number))
            let said = row.text.components(separatedBy: "`").filter { kinds.contains($0) }
            #expect(said == LayoutCoder.longest(of: type), "\(row.name)")
            for value in LayoutCoder.flags(of: type) {
                #expect(row.text.contains("\(value) "), "\(row.name): flag \(value) is not explained")
            }
        }
    }
}

/// Notes the kinds of an event's fields, for one value of its flags.
private struct LayoutCoder: EventCoder {
    var context = RecordContext(basePosition: LogPosition(100), occurredAt: Timestamp(nanoseconds: 0))
    let chosen: UInt8
    var known: UInt8 = 0
    var kinds: [String] = []

    /// The fields when as many as can be are there.
    static func longest(of type: EventType) -> [String] {
        var best: [String] = []
        for value in UInt8.min...UInt8.max {
            let kinds = walk(type, value).kinds
            if kinds.count > best.count { best = kinds }
        }
        return best
    }

    /// Each flag that the event knows, where they hold no level.
    static func flags(of type: EventType) -> [UInt8] {
        let known = walk(type, 0).known
        return (0..<8).map { UInt8(1) << $0 }.filter { known & $0 != 0 && known < 0x80 }
    }

    private static func walk(_ type: EventType, _ flags: UInt8) -> LayoutCoder {
        var coder = LayoutCoder(chosen: flags)
        var event = Event.empty(type)
        event.code(&coder)
        return coder
    }

    mutating func flags(_ value: inout UInt8, known: UInt8) {
        self.known = known
        value = chosen & known
        kinds.append("flags")
    }
    mutating func inFlags(_ name: StaticString, _ value: UInt8) {}
    mutating func require(_ condition: Bool, _ name: StaticString) {}
    mutating func byte(_ name: StaticString, _ value: inout UInt8) { kinds.append("u8") }
    mutating func count(_ name: StaticString, _ value: inout UInt64) { kinds.append("uleb") }
    mutating func user(_ name: StaticString, _ value: inout UserNumber) { kinds.append("user") }
    mutating func symbol(_ name: StaticString, _ value: inout SymbolNumber) { kinds.append("symbol") }
    mutating func asset(_ name: StaticString, _ value: inout AssetNumber) { kinds.append("asset") }
    mutating func money(_ name: StaticString, _ value: inout Int64) { kinds.append("money") }
    mutating func rate(_ name: StaticString, _ value: inout UInt32) { kinds.append("rate") }
    mutating func time(_ name: StaticString, _ value: inout Timestamp) { kinds.append("time") }
    mutating func position(_ name: StaticString, _ value: inout LogPosition) { kinds.append("position") }
    mutating func stage(_ name: StaticString, _ value: inout ReferralStage) { kinds.append("stage") }
    mutating func text(_ name: StaticString, _ value: inout BorrowedText) { kinds.append("text") }
    mutating func blob(_ name: StaticString, _ value: inout BorrowedText) { kinds.append("blob") }
    mutating func hash(_ name: StaticString, _ value: inout Bytes16) { kinds.append("hash") }
}

import LedgerExchange
import ReferralLedger
import StrictJSON

// What both ends say. Source: Documentation/Decisions/0005-writer-socket.md.

/// Numbers and words of the protocol.
enum SocketProtocol {
    /// Changes when an end of an earlier number would misunderstand.
    static let version = 1
    /// A line of a client's that begins so asks for an import.
    static let importPrefix: StaticString = "{\"import\":"
}

/// What the writer says first.
public struct SocketHello: Sendable, Equatable {
    /// A programme, and the asset of its facts that name none.
    public struct Programme: Sendable, Equatable {
        /// The id.
        public var id: String
        /// The asset's number; its code in `assetCode`.
        public var asset: AssetNumber
        /// The asset's code.
        public var assetCode: String
    }
    /// The ledger's id, 32 hexadecimal digits.
    public var ledgerId: String
    /// The process that writes.
    public var processId: Int32
    /// The program's version, for people.
    public var program: String
    /// The log's last position when the connection was made.
    public var position: LogPosition
    /// The programmes at that time, in the order in which they were created.
    public var programmes: [Programme]

    /// A ledger as it is now.
    init(_ ledger: Ledger, program: String, processId: Int32) throws(LedgerError) {
        ledgerId = ledger.id.hex
        self.program = program
        self.processId = processId
        position = ledger.current.position
        programmes = []
        for id in try ledger.current.programmeIds() {
            guard let number = try ledger.current.defaultAsset(programme: id) else { continue }
            programmes.append(
                Programme(id: id, asset: number, assetCode: Asset(number: number)?.code ?? "ASSET"))
        }
    }

    /// The line, its break included.
    var line: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.member("referralLedger", SocketProtocol.version)
        json.member("program", program)
        json.member("ledgerId", ledgerId)
        json.member("processId", processId)
        json.member("position", position.rawValue)
        json.key("programmes")
        json.beginArray()
        for programme in programmes {
            json.beginObject()
            json.member("programme", programme.id)
            json.member("asset", programme.assetCode)
            json.member("assetNumber", programme.asset.rawValue)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        json.endLine()
        return json.bytes
    }

    /// Reads the line.
    init(_ answer: SocketAnswer) throws(SocketError) {
        if let code = answer.text("error") {
            throw SocketError(
                code == SocketError.Code.busy.rawValue ? .busy : .version, answer.text("reason") ?? code)
        }
        guard let version = answer.number("referralLedger") else { throw .strange("no greeting") }
        guard version == UInt64(SocketProtocol.version) else {
            throw .strange("version \(version), not \(SocketProtocol.version)")
        }
        ledgerId = answer.text("ledgerId") ?? ""
        program = answer.text("program") ?? ""
        processId = Int32(truncatingIfNeeded: answer.number("processId") ?? 0)
        position = LogPosition(answer.number("position") ?? 0)
        programmes = []
        for entry in answer.list("programmes") {
            guard let id = entry.text("programme"), let number = entry.number("assetNumber") else {
                throw .strange("a programme without its asset")
            }
            programmes.append(
                Programme(
                    id: id, asset: AssetNumber(rawValue: UInt16(truncatingIfNeeded: number)),
                    assetCode: entry.text("asset") ?? ""))
        }
    }
}

/// A line of the other end's: one JSON object.
struct SocketAnswer {
    private let members: [JSONValue.Member]

    /// Parses a line.
    init(_ bytes: [UInt8]) throws(SocketError) {
        guard let value = try? JSONValue.parse(bytes), case .object(let members) = value.kind else {
            throw .strange("no JSON object")
        }
        self.members = members
    }

    private init(_ members: [JSONValue.Member]) { self.members = members }

    private func kind(_ name: String) -> JSONValue.Kind? { members.first { $0.key == name }?.value.kind }

    func text(_ name: String) -> String? {
        guard case .string(let text) = kind(name) else { return nil }
        return text
    }

    func number(_ name: String) -> UInt64? {
        guard case .number(let text) = kind(name) else { return nil }
        return UInt64(text)
    }

    func bool(_ name: String) -> Bool {
        guard case .bool(let value) = kind(name) else { return false }
        return value
    }

    /// An object inside; nil when there is none.
    func object(_ name: String) -> SocketAnswer? {
        guard case .object(let members) = kind(name) else { return nil }
        return SocketAnswer(members)
    }

    /// The objects of an array.
    func list(_ name: String) -> [SocketAnswer] {
        guard case .array(let elements) = kind(name) else { return [] }
        return elements.compactMap {
            guard case .object(let members) = $0.kind else { return nil }
            return SocketAnswer(members)
        }
    }
}

extension JSONWriter {
    /// Members of an outcome: `outcome`, then `position` and `events`, or `code`, `field` and `reason`.
    public mutating func outcome(_ outcome: Outcome) {
        member("outcome", outcome.name)
        switch outcome {
        case .accepted(let receipt), .repeated(let receipt), .parked(let receipt):
            member("position", receipt.position.rawValue)
            member("events", receipt.events)
        case .refused(let refusal):
            member("code", refusal.code.rawValue)
            if let field = refusal.field { member("field", field) }
            member("reason", refusal.message)
        }
    }

    /// Members of a line that could not be decoded.
    mutating func problem(_ problem: LineProblem) {
        member("error", problem.code.rawValue)
        if let field = problem.field { member("field", field) }
        member("column", problem.column)
        member("reason", problem.message)
    }

    /// Members of a failure of the ledger's.
    mutating func failure(_ error: LedgerError) {
        member("error", error.code.rawValue)
        member("reason", error.message)
    }

    /// Members of counts.
    mutating func counts(_ counts: ImportCounts) {
        member("accepted", counts.accepted)
        member("repeated", counts.repeated)
        member("parked", counts.parked)
        member("refused", counts.refused)
    }
}

extension SocketAnswer {
    /// The outcome of a command.
    /// - Throws: what stood in its place.
    func outcome() throws(SocketError) -> Outcome {
        let receipt = Receipt(
            position: LogPosition(number("position") ?? 0), events: Int(clamping: number("events") ?? 0))
        switch text("outcome") {
        case "accepted": return .accepted(receipt)
        case "repeated": return .repeated(receipt)
        case "parked": return .parked(receipt)
        case "refused":
            guard let name = text("code"), let code = Refusal.Code(rawValue: name) else {
                throw .strange("an unknown refusal")
            }
            return .refused(Refusal(code, field: text("field"), text("reason") ?? ""))
        default: throw .strange("neither an outcome nor an error")
        }
    }

    /// The counts of an import.
    var counts: ImportCounts {
        var counts = ImportCounts()
        counts.accepted = number("accepted") ?? 0
        counts.repeated = number("repeated") ?? 0
        counts.parked = number("parked") ?? 0
        counts.refused = number("refused") ?? 0
        return counts
    }

    /// The line's problem; nil when the answer tells of none.
    var problem: LineProblem? {
        guard let name = text("error"), let code = LineProblem.Code(rawValue: name) else { return nil }
        return LineProblem(
            code, field: text("field"), column: Int(clamping: number("column") ?? 1), text("reason") ?? "")
    }

    /// The ledger's failure; nil when the answer tells of none.
    var failure: LedgerError? {
        guard let name = text("error"), let code = LedgerError.Code(rawValue: name) else { return nil }
        return LedgerError(code, text("reason") ?? "")
    }
}

extension CommandLineDecoder {
    /// A decoder that knows what lines without a currency mean in this ledger.
    public init(of reader: LedgerReader) throws(LedgerError) {
        let ids = try reader.programmeIds()
        var assets: [String: Asset] = [:]
        for id in ids {
            let number = try reader.defaultAsset(programme: id)
            if let asset = number.flatMap({ Asset(number: $0) }) { assets[id] = asset }
        }
        self.init(defaultAsset: ids.count == 1 ? assets[ids[0]] : nil, programmeAssets: assets)
    }

    /// The same from what the writer says of its ledger.
    public init(of hello: SocketHello) {
        var assets: [String: Asset] = [:]
        for programme in hello.programmes {
            if let asset = Asset(number: programme.asset) { assets[programme.id] = asset }
        }
        let ids = hello.programmes.map(\.id)
        self.init(defaultAsset: ids.count == 1 ? assets[ids[0]] : nil, programmeAssets: assets)
    }
}

extension LineProblem {
    /// The decoder's own words for a line that is longer than a line may be.
    static let aboveLimit = LineProblem(
        .lineTooLong, column: 1, "longer than \(CommandLineDecoder.maximumLineBytes) bytes")
}

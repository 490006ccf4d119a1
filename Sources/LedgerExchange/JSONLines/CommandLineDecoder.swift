import LedgerDomain
import StrictJSON

/// Decodes input lines into commands, strictly: unknown fields, names given twice, `null` and numbers where
/// an amount is due are refused.
///
/// It judges the form alone. Whether an id is well-formed, an amount may be negative or a programme exists is
/// for the ledger to decide, so that every way in gives the same refusals. Use one for a whole import: it
/// keeps its memory, and a line then costs no allocation but those of the command's own strings above 15
/// bytes. Isolation: a value, for one task at a time. Cost: about one pass over the line.
public struct CommandLineDecoder: Sendable {
    /// The longest line, in bytes, its line break not counted (64 KiB).
    public static let maximumLineBytes = 65_536

    /// The most elements of an array of strings.
    public static let maximumTexts = 8

    /// Gives a zone's rules for a line that publishes a policy.
    public typealias ZoneLoader = @Sendable (_ name: String) throws(ZoneProblem) -> ZoneRules

    private let defaultAsset: Asset?
    private let programmeAssets: [String: Asset]
    private let loadZone: ZoneLoader
    private let fieldIndex = FieldIndex.shared
    private let shapes = LineShape.all

    var scanner = JSONObjectScanner()
    /// Which fields the last line had, and the node of each.
    private var found: FieldSet = []
    private var nodes = InlineArray<128, Int32>(repeating: 0)
    /// The currency of the last amount: most files have one.
    private var lastAsset: Asset?
    /// The last line's shape: nearly always that of the next.
    private var lastShape = 0

    /// Makes a decoder.
    /// - Parameters:
    ///   - defaultAsset: what a line without `currency` and without `programme` means; nil: such a line is
    ///   refused. Its code is known in lines also when a ledger has defined it.
    ///   - programmeAssets: what a line without `currency` means by the programme it names.
    ///   - loadZone: by default the system's data.
    public init(
        defaultAsset: Asset? = nil, programmeAssets: [String: Asset] = [:],
        loadZone: @escaping ZoneLoader = { (name) throws(ZoneProblem) in try ZoneRules.load(name) }
    ) {
        self.defaultAsset = defaultAsset
        self.programmeAssets = programmeAssets
        self.loadZone = loadZone
    }

    /// Decodes one line, given without its line break.
    /// - Throws: what is wrong first: the grammar, the type, a field that the type does not have, a missing
    ///   one, then values in the order of ``lineTypes``.
    public mutating func decode(_ line: UnsafeBufferPointer<UInt8>) throws(LineProblem) -> Command {
        if line.count > Self.maximumLineBytes { throw .tooLong }
        do throws(LineFault) {
            return try unsafe decodeUnbounded(line)
        } catch {
            throw unsafe error.problem(in: line)
        }
    }

    /// Decodes one line; see ``decode(_:)-(UnsafeBufferPointer<UInt8>)``.
    public mutating func decode(_ line: Span<UInt8>) throws(LineProblem) -> Command {
        try unsafe line.withUnsafeBufferPointer { (bytes) throws(LineProblem) in try unsafe decode(bytes) }
    }

    /// Decodes one line; see ``decode(_:)-(UnsafeBufferPointer<UInt8>)``.
    public mutating func decode(_ line: String) throws(LineProblem) -> Command {
        try decode(line.utf8.span)
    }

    /// Decodes text of any length.
    mutating func decodeUnbounded(_ line: UnsafeBufferPointer<UInt8>) throws(LineFault) -> Command {
        do throws(JSONError) {
            try unsafe scanner.scan(line)
        } catch {
            throw unsafe LineFault(error, in: line)
        }
        return try interpret()
    }

    // MARK: Shape

    private mutating func interpret() throws(LineFault) -> Command {
        found = []
        var unknown: Int?
        for child in scanner.members() {
            let name = scanner[child].key
            if let field = unsafe scanner.withUTF8(of: name, { unsafe fieldIndex.field($0) }) {
                found.formUnion(FieldSet(field))
                nodes[Int(field.rawValue)] = Int32(truncatingIfNeeded: child)
            } else if unknown == nil {
                unknown = child
            }
        }
        let shape = try self.shape()
        if let unknown {
            let key = scanner[unknown].key
            throw unknownField(scanner.string(key), of: shape, at: Int(key.offset) - 1)
        }
        if let field = found.subtracting(shape.allowed).first {
            throw unknownField(field.name, of: shape, at: Int(node(field).key.offset) - 1)
        }
        if let field = shape.required.subtracting(found).first { throw missing(field.name) }
        let action = try self.action(shape.name)
        return try envelope(of: action)
    }

    private mutating func shape() throws(LineFault) -> LineShape {
        guard found.contains(.type) else { throw LineFault(.typeMissing, field: "type", at: 0, "no type") }
        let node = node(.type)
        guard node.kind == .string else { throw wrongKind(.type, "a string") }
        if isName(of: lastShape, node.text) { return shapes[lastShape] }
        for i in shapes.indices where isName(of: i, node.text) {
            lastShape = i
            return shapes[i]
        }
        throw LineFault(
            .typeUnknown, field: "type", at: Int(node.offset), "no command “\(scanner.string(node.text))”")
    }

    @inline(__always)
    private func isName(of shape: Int, _ text: JSONText) -> Bool {
        unsafe scanner.withUTF8(of: text) { unsafe shapes[shape].nameBytes.elementsEqual($0) }
    }

    private func unknownField(_ name: String, of shape: LineShape, at offset: Int) -> LineFault {
        LineFault(.fieldUnknown, field: name, at: offset, "\(shape.name) has no field “\(name)”")
    }

    func missing(_ name: String) -> LineFault {
        LineFault(.fieldMissing, field: name, at: 0, "“\(name)” is missing")
    }

    private func envelope(of action: Command.Action) throws(LineFault) -> Command {
        var command = Command(action)
        // Nearly every line has none of these.
        if found.isDisjoint(with: Self.envelopeFields) { return command }
        command.key = try optionalText(.key)
        if case .createProgramme = action {} else { command.programme = try optionalText(.programme) }
        command.actor.id = try optionalText(.actor)
        if found.contains(.actorRole) {
            command.actor.role = try choice(.actorRole, ActorRole.allCases, \.name)
        } else if found.contains(.actor) {
            command.actor.role = action.usualActorRole
        }
        command.correlationId = try optionalText(.correlationId)
        command.causation = try optionalText(.causation)
        return command
    }

    private static let envelopeFields = FieldSet([
        .key, .programme, .actor, .actorRole, .correlationId, .causation,
    ])

    // MARK: Values

    /// - Precondition: the line has the field.
    func index(of field: FieldID) -> Int { Int(nodes[Int(field.rawValue)]) }

    /// - Precondition: the line has the field.
    func node(_ field: FieldID) -> JSONNode { scanner[index(of: field)] }

    func has(_ field: FieldID) -> Bool { found.contains(field) }

    func wrongKind(_ field: FieldID, _ due: String) -> LineFault {
        let kind = node(field).kind
        let hint = kind == .null ? "; leave the field out instead" : ""
        return LineFault(
            .fieldType, field: field.name, at: Int(node(field).offset),
            "\(field.name): \(due) is due, not \(kind.words)\(hint)")
    }

    /// - Precondition: the line has the field.
    func text(_ field: FieldID) throws(LineFault) -> String {
        let node = node(field)
        guard node.kind == .string else { throw wrongKind(field, "a string") }
        return scanner.string(node.text)
    }

    func optionalText(_ field: FieldID) throws(LineFault) -> String? {
        has(field) ? try text(field) : nil
    }

    func choice<Value>(
        _ field: FieldID, _ values: [Value], _ name: KeyPath<Value, String>
    ) throws(LineFault) -> Value {
        let text = try text(field)
        for value in values where value[keyPath: name] == text { return value }
        let names = values.map { $0[keyPath: name] }.joined(separator: ", ")
        throw LineFault(
            .fieldChoice, field: field.name, at: Int(node(field).offset),
            "\(field.name): “\(text)” is none of \(names)")
    }

    func time(_ field: FieldID) throws(LineFault) -> Timestamp {
        let node = node(field)
        guard node.kind == .string else { throw wrongKind(field, "a string with a time") }
        do throws(TimestampProblem) {
            return try unsafe scanner.withUTF8(of: node.text) { (utf8) throws(TimestampProblem) in
                try unsafe Timestamp(utf8)
            }
        } catch {
            throw LineFault(
                error == .outOfRange ? .timeOutOfRange : .timeInvalid, field: field.name,
                at: Int(node.offset), "\(field.name): \(error.message)")
        }
    }

    func optionalInteger(_ field: FieldID) throws(LineFault) -> Int? {
        guard has(field) else { return nil }
        let node = node(field)
        guard node.kind == .number else { throw wrongKind(field, "a whole number") }
        if let value = scanner.integer(node) { return Int(value) }
        let digits = scanner.bytes(of: node.text).drop { $0 == UInt8(ascii: "-") }
        let isWhole = digits.allSatisfy { 0x30...0x39 ~= $0 } && digits.first != UInt8(ascii: "0")
        throw LineFault(
            isWhole ? .fieldRange : .fieldType, field: field.name, at: Int(node.offset),
            "\(field.name): \(isWhole ? "this number is too large" : "a whole number is due")")
    }

    /// - Precondition: the line has the field.
    func integer(_ field: FieldID) throws(LineFault) -> Int {
        guard let value = try optionalInteger(field) else { preconditionFailure("a field is required") }
        return value
    }

    /// The strings of an array, at most ``maximumTexts``; none where the line does not have the field.
    func texts(_ field: FieldID) throws(LineFault) -> [String] {
        guard has(field) else { return [] }
        guard node(field).kind == .array else { throw wrongKind(field, "an array of strings") }
        var texts: [String] = []
        for child in scanner.members(of: index(of: field)) {
            let element = scanner[child]
            guard element.kind == .string else {
                throw LineFault(
                    .fieldType, field: field.name, at: Int(element.offset),
                    "\(field.name): an array of strings is due, with \(element.kind.words) in it")
            }
            if texts.count == Self.maximumTexts {
                throw LineFault(
                    .fieldRange, field: field.name, at: Int(element.offset),
                    "\(field.name): more than \(Self.maximumTexts) are given")
            }
            texts.append(scanner.string(element.text))
        }
        return texts
    }

    func amount(_ field: FieldID, exponent: Int) throws(LineFault) -> Int64 {
        let node = node(field)
        guard node.kind == .string else {
            if node.kind != .number { throw wrongKind(field, "a decimal string") }
            throw LineFault(
                .amountFloat, field: field.name, at: Int(node.offset),
                "\(field.name): an amount is a string, such as \"49.99\"")
        }
        do throws(DecimalProblem) {
            return try unsafe scanner.withUTF8(of: node.text) { (utf8) throws(DecimalProblem) in
                try unsafe DecimalText.parse(utf8, exponent: exponent)
            }
        } catch {
            throw LineFault(error, field: field.name, at: Int(node.offset), exponent: exponent)
        }
    }

    func optionalAmount(_ field: FieldID, exponent: Int) throws(LineFault) -> Int64? {
        has(field) ? try amount(field, exponent: exponent) : nil
    }

    /// The line's currency, or what the programme has instead.
    mutating func currency() throws(LineFault) -> (number: AssetNumber, exponent: Int) {
        let asset: Asset
        if has(.currency) {
            asset = try self.asset(.currency)
        } else if has(.programme) {
            guard let known = programmeAssets[try text(.programme)] else { throw missing("currency") }
            asset = known
        } else {
            guard let known = defaultAsset else { throw missing("currency") }
            asset = known
        }
        return (asset.number, asset.exponent)
    }

    mutating func asset(_ field: FieldID) throws(LineFault) -> Asset {
        let node = node(field)
        guard node.kind == .string else { throw wrongKind(field, "a currency code") }
        let isLast = unsafe scanner.withUTF8(of: node.text) { code in
            unsafe lastAsset?.code.utf8.elementsEqual(code) ?? false
        }
        if isLast, let lastAsset { return lastAsset }
        let code = scanner.bytes(of: node.text)
        let number = unsafe scanner.withUTF8(of: node.text) { unsafe Asset.number(code: $0) }
        if let asset = number.flatMap({ Asset(number: $0) }) {
            lastAsset = asset
            return asset
        }
        if let defaultAsset, defaultAsset.code.utf8.elementsEqual(code) { return defaultAsset }
        throw LineFault(
            .currencyUnknown, field: field.name, at: Int(node.offset),
            "\(field.name): no currency or unit “\(scanner.string(node.text))”")
    }

    func rules(ofZone name: String, at offset: Int) throws(LineFault) -> ZoneRules {
        do throws(ZoneProblem) {
            return try loadZone(name)
        } catch {
            throw LineFault(.zoneUnknown, field: "policy", at: offset, "policy: \(error)")
        }
    }
}

extension Command.Action {
    /// Who an actor without a role is: decisions are a person's, all else the system's.
    var usualActorRole: ActorRole {
        switch self {
        case .decideWithdrawal, .review: .admin
        default: .system
        }
    }
}

extension LineProblem {
    static let tooLong = LineProblem(
        .lineTooLong, column: 1, "longer than \(CommandLineDecoder.maximumLineBytes) bytes")
}

extension LineFault {
    fileprivate init(_ problem: DecimalProblem, field: String, at offset: Int, exponent: Int) {
        switch problem {
        case .empty, .notDecimal:
            self.init(.amountNotDecimal, field: field, at: offset, "\(field): not a decimal such as 49.99")
        case .tooManyDigits:
            self.init(
                .amountTooManyDigits, field: field, at: offset,
                "\(field): the currency has \(exponent) fraction digits; more are not rounded")
        case .overflow:
            self.init(.amountOverflow, field: field, at: offset, "\(field): too large")
        }
    }
}

extension JSONKind {
    /// For a message to a person.
    var words: String {
        switch self {
        case .null: "null"
        case .false, .true: "true or false"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

import StrictJSON

extension Policy {
    /// The longest text of a policy, in bytes.
    public static let maximumByteCount = 65_536

    /// The ranges of the numbers, as the documentation and the JSON Schema give them.
    enum Limits {
        static let days = 0...3650
        static let lifeDays = 1...3650
        static let codeLength = 4...50
        static let alphabetLength = 8...32
        static let levelCount = 1...8
        static let ratePpm = 0...1_000_000
        static let graceHours = 0...8784
        static let toleranceSeconds = 0...86_400
    }

    /// How many days a referral has by default when a policy does not say.
    static let defaultExpiryDays = 90

    /// Reads a policy's JSON form; Documentation/policy.md describes it.
    ///
    /// Whether the system knows the time zone is not looked up here (``ZoneRules/load(_:directory:)`` does),
    /// so that the same text is judged the same everywhere.
    /// - Throws: every problem of the content at once, or the first of the grammar.
    public static func parse(_ json: [UInt8]) throws(PolicyProblems) -> Policy {
        var reader = PolicyReader(bytes: json)
        guard json.count <= maximumByteCount else {
            reader.report(.syntax, at: 0, path: "$", "longer than \(maximumByteCount) bytes")
            throw PolicyProblems(problems: reader.problems)
        }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue.parse(json)
        } catch {
            reader.report(.syntax, at: error.byteOffset, path: "$", "not JSON: \(error.reason.rawValue)")
            throw PolicyProblems(problems: reader.problems)
        }
        let policy = Policy(value, reader: &reader)
        let problems = reader.problems
        if !problems.isEmpty { throw PolicyProblems(problems: problems) }
        return policy
    }

    /// The policy that is left when each field with a problem is given its default.
    private init(_ document: JSONValue, reader: inout PolicyReader) {
        let root = reader.root(document)
        name = reader.string("name", of: root) { text in
            IdentifierRules.validate(text).map { "not an id: \($0.rawValue)" }
        }
        timeZone = reader.string("timeZone", of: root, default: "UTC") { text in
            ZoneName.isValid(text) ? nil : "“\(text)” is not the name of a time zone"
        }
        let weekdays = Weekday.allCases.map { ($0.name, $0) }
        weekStart = reader.choice("weekStart", of: root, among: weekdays, default: .monday)
        attribution = Attribution(reader.group("attribution", of: root), reader: &reader)
        codes = Codes(reader.group("codes", of: root), reader: &reader)
        if document["commission"] == nil, case .object = document.kind {
            reader.reportMissing("commission", of: root)
            commission = Commission(levels: [0], maxDepth: 1, rounding: .halfEven, holdingDays: 0)
        } else {
            commission = Commission(reader.group("commission", of: root), reader: &reader)
        }
        workflow = Workflow(reader.group("workflow", of: root), reader: &reader)
        periods = Periods(
            graceHours: reader.integer(
                "graceHours", of: reader.group("periods", of: root), in: Limits.graceHours, default: 24))
        withdrawal = Withdrawal(
            approvalRequired: reader.bool(
                "approvalRequired", of: reader.group("withdrawal", of: root), default: true))
        clockToleranceSeconds = reader.integer(
            "clockToleranceSeconds", of: root, in: Limits.toleranceSeconds, default: 300)
    }
}

extension Policy.Attribution {
    fileprivate init(_ object: PolicyObject, reader: inout PolicyReader) {
        applyWindowDays = reader.optionalInteger(
            "applyWindowDays", of: object, in: Policy.Limits.days, default: nil)
        rejectSharedSignals = reader.bool("rejectSharedSignals", of: object, default: true)
    }
}

extension Policy.Codes {
    fileprivate init(_ object: PolicyObject, reader: inout PolicyReader) {
        length = reader.integer("length", of: object, in: Policy.Limits.codeLength, default: 8)
        alphabet = reader.string(
            "alphabet", of: object, default: Policy.defaultAlphabet, problem: Self.alphabetProblem)
        ttlDays = reader.optionalInteger("ttlDays", of: object, in: Policy.Limits.lifeDays, default: nil)
        oneActive = reader.bool("oneActive", of: object, default: false)
    }

    /// Codes are unique by their skeleton, so characters with one skeleton would make draws collide.
    private static func alphabetProblem(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        guard bytes.allSatisfy({ 0x41...0x5A ~= $0 || 0x30...0x39 ~= $0 }) else {
            return "only the capitals A to Z and the digits 0 to 9 may be drawn"
        }
        let range = Policy.Limits.alphabetLength
        guard range.contains(bytes.count) else {
            return "\(range.lowerBound) to \(range.upperBound) characters are due, not \(bytes.count)"
        }
        var owners: [UInt8: UInt8] = [:]
        for byte in bytes {
            if let other = owners.updateValue(byte, forKey: CodeSkeleton.fold(byte)) {
                let pair = [other, byte].map { String(UnicodeScalar($0)) }
                return other == byte
                    ? "“\(pair[0])” stands twice" : "“\(pair[0])” and “\(pair[1])” look alike"
            }
        }
        return nil
    }
}

extension Policy.Commission {
    fileprivate init(_ object: PolicyObject, reader: inout PolicyReader) {
        levels = Self.levels(of: object, reader: &reader)
        maxDepth = reader.integer("maxDepth", of: object, in: 1...levels.count, default: levels.count)
        let modes = Rounding.allCases.map { ($0.name, $0) }
        rounding = reader.choice("rounding", of: object, among: modes, default: .halfEven)
        // Without the object there is one problem already.
        holdingDays = reader.integer(
            "holdingDays", of: object, in: Policy.Limits.days, default: object.value == nil ? 0 : nil)
    }

    /// At least one rate, whatever the text.
    private static func levels(of object: PolicyObject, reader: inout PolicyReader) -> [UInt32] {
        guard let value = object.value?["levels"] else {
            if object.value != nil { reader.reportMissing("levels", of: object) }
            return [0]
        }
        let path = "\(object.path).levels"
        guard case .array(let elements) = value.kind else {
            reader.report(.wrongType, at: value.offset, path: path, "an array is due, not \(value.kindName)")
            return [0]
        }
        let range = Policy.Limits.levelCount
        guard range.contains(elements.count) else {
            reader.report(
                .outOfRange, at: value.offset, path: path,
                "\(range.lowerBound) to \(range.upperBound) levels are due, not \(elements.count)")
            return [0]
        }
        let rates = elements.enumerated().map { index, element in
            let level = reader.object(
                element, path: "\(path)[\(index)]", offset: element.offset, fields: "\(path)[]")
            return reader.integer(
                "ratePpm", of: level, in: Policy.Limits.ratePpm, default: level.value == nil ? 0 : nil)
        }
        let sum = rates.reduce(0, +)
        if sum > Policy.Limits.ratePpm.upperBound {
            reader.report(
                .outOfRange, at: value.offset, path: path,
                "the rates add up to \(sum), which is above 1000000")
        }
        return rates.map { UInt32($0) }
    }
}

extension Policy.Workflow {
    fileprivate init(_ object: PolicyObject, reader: inout PolicyReader) {
        let stages = [ReferralStage.active, .qualified, .completed].map { ($0.name, $0) }
        paymentAdvancesTo = reader.choice(
            "paymentAdvancesTo", of: object, among: stages, default: .completed)
        zeroPaymentAdvancesTo = reader.optionalChoice(
            "zeroPaymentAdvancesTo", of: object, among: stages, default: .active)
        _ = reader.choice(
            "conversionStep", of: object, among: [(ReferralStage.completed.name, ReferralStage.completed)],
            default: .completed)
        expiryDays = reader.optionalInteger(
            "expiryDays", of: object, in: Policy.Limits.lifeDays, default: Policy.defaultExpiryDays)
    }
}

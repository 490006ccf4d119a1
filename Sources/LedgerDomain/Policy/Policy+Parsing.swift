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
        static let levelCount = 0...8
        static let ratePpm = 0...1_000_000
        static let months = 1...1200
        static let itemCount = 0...16
        static let bonusCount = 0...4
        static let tierNameLength = 1...64
        static let badgeNameLength = 1...40
        static let threshold = 0...1_000_000_000
        static let badgeThreshold = 1...1_000_000_000
        static let chargePpm = 0...999_999
        static let kycLevel = 0...9
        static let attributionsPerDay = 1...1_000_000
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
            reader.report(.syntax, at: error.byteOffset, path: "$", "not JSON: \(error.reason.message)")
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
            IdentifierRules.validate(text).map { "not an id: \($0.message)" }
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
            commission = Commission(levels: [], maxDepth: 0, rounding: .halfEven, holdingDays: 0)
        } else {
            commission = Commission(reader.group("commission", of: root), reader: &reader)
        }
        workflow = Workflow(reader.group("workflow", of: root), reader: &reader)
        periods = Periods(
            graceHours: reader.integer(
                "graceHours", of: reader.group("periods", of: root), in: Limits.graceHours, default: 24))
        tiers = Tiers(reader.group("tiers", of: root), reader: &reader)
        rewards = Rewards(
            reader.group("rewards", of: root), tierCount: Self.tierCount(root),
            holdingDays: commission.holdingDays, reader: &reader)
        badges = reader.objects("badges", of: root, in: Limits.itemCount, uniqueBy: ["name"])
            .map { Badge($0, reader: &reader) }
        let capGroup = reader.group("caps", of: root)
        caps = reader.objects(
            "limits", of: capGroup, in: Limits.itemCount, uniqueBy: ["scope", "asset", "period"]
        ).map { Cap($0, reader: &reader) }
        capExcess = reader.choice("excess", of: capGroup, default: .clamp)
        capReversalsFree = reader.bool("reversalsFree", of: capGroup, default: false)
        withdrawal = Withdrawal(reader.group("withdrawal", of: root), reader: &reader)
        adjustmentSecondApproverAbove = reader.amounts(
            "secondApproverAbove", of: reader.group("adjustment", of: root), isMoney: true)
        fraudAttributionsPerDay = reader.optionalInteger(
            "attributionsPerDay", of: reader.group("fraud", of: root), in: Limits.attributionsPerDay,
            default: nil)
        closure = reader.choice("closure", of: root, default: .hold)
        clockToleranceSeconds = reader.integer(
            "clockToleranceSeconds", of: root, in: Limits.toleranceSeconds, default: 300)
    }

    /// How many amounts `tierAmounts` takes; nil when the text's tiers are no array, which is one problem
    /// already.
    private static func tierCount(_ root: PolicyObject) -> Int? {
        switch root.value?["tiers"]?["levels"]?.kind {
        case nil: 0
        case .array(let elements): elements.count
        default: nil
        }
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
        let rates = Self.rates(of: object, reader: &reader)
        levels = rates ?? []
        // Without rates that can be read, nothing is known to be too deep.
        let depths: ClosedRange =
            switch rates?.count {
            case nil: Policy.Limits.levelCount
            case 0: 0...0
            case .some(let count): 1...count
            }
        maxDepth = reader.integer("maxDepth", of: object, in: depths, default: levels.count)
        let modes = Rounding.allCases.map { ($0.name, $0) }
        rounding = reader.choice("rounding", of: object, among: modes, default: .halfEven)
        holdingDays = reader.integer("holdingDays", of: object, in: Policy.Limits.days)
        months = reader.optionalInteger("months", of: object, in: Policy.Limits.months, default: nil)
    }

    /// Nil when the text does not have them, or too many.
    private static func rates(of object: PolicyObject, reader: inout PolicyReader) -> [UInt32]? {
        let range = Policy.Limits.levelCount
        guard let levels = reader.array("levels", of: object, in: range, isRequired: true) else { return nil }
        let rates = reader.objects(levels, path: "\(object.path).levels").map {
            reader.integer("ratePpm", of: $0, in: Policy.Limits.ratePpm)
        }
        let sum = rates.reduce(0, +)
        if sum > Policy.Limits.ratePpm.upperBound {
            reader.report(
                .outOfRange, at: object.value?["levels"]?.offset ?? object.offset,
                path: "\(object.path).levels", "the rates add up to \(sum), which is above 1000000")
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

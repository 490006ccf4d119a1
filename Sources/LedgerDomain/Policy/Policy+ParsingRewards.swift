import StrictJSON

extension Policy.Rewards {
    /// - Parameters:
    ///   - tierCount: How many tiers the text has; nil when it cannot be told.
    ///   - holdingDays: What a rule that names none takes.
    init(_ object: PolicyObject, tierCount: Int?, holdingDays: Int, reader: inout PolicyReader) {
        rules = reader.objects(
            "rules", of: object, in: Policy.Limits.itemCount, uniqueBy: ["stage", "side", "asset"]
        ).map { Rule($0, tierCount: tierCount, holdingDays: holdingDays, reader: &reader) }
        revokeOnRevert = reader.bool("revokeOnRevert", of: object, default: true)
        usedUnits = reader.choice("usedUnits", of: object, default: .keep)
    }
}

extension Policy.Rewards.Rule {
    fileprivate init(
        _ object: PolicyObject, tierCount: Int?, holdingDays days: Int, reader: inout PolicyReader
    ) {
        let stages = [ReferralStage.registered, .active, .qualified, .completed].map { ($0.name, $0) }
        stage = reader.choice("stage", of: object, among: stages, default: .completed, isRequired: true)
        side = reader.choice("side", of: object, default: .referrer, isRequired: true)
        let known = reader.asset("asset", of: object)
        asset = known?.number ?? .point
        amount = Self.amount(of: object, in: known, tierCount: tierCount, reader: &reader)
        holdingDays = reader.integer("holdingDays", of: object, in: Policy.Limits.days, default: days)
        expiryDays = reader.optionalInteger(
            "expiryDays", of: object, in: Policy.Limits.lifeDays, default: nil)
    }

    /// `amount` or `tierAmounts`, of which there must be one.
    private static func amount(
        of object: PolicyObject, in asset: Asset?, tierCount: Int?, reader: inout PolicyReader
    ) -> Policy.Rewards.Amount {
        guard let byTier = object.value?["tierAmounts"] else {
            return .fixed(reader.amount("amount", of: object, in: asset, least: 1))
        }
        let path = "\(object.path).tierAmounts"
        if object.value?["amount"] != nil {
            reader.report(.invalidValue, at: byTier.offset, path: path, "amount or tierAmounts, not both")
            return .byTier([])
        }
        guard let elements = reader.array("tierAmounts", of: object, in: Policy.Limits.itemCount) else {
            return .byTier([])
        }
        if let tierCount, tierCount == 0 || elements.count != tierCount {
            reader.report(
                .outOfRange, at: byTier.offset, path: path,
                tierCount == 0
                    ? "the policy has no tiers"
                    : "one amount a tier is due, \(tierCount), not \(elements.count)")
        }
        return .byTier(
            elements.enumerated().map { index, element in
                reader.amount(element, path: "\(path)[\(index)]", in: asset, least: 0)
            })
    }
}

extension Policy.Tiers {
    init(_ object: PolicyObject, reader: inout PolicyReader) {
        let objects = reader.objects("levels", of: object, in: Policy.Limits.itemCount, uniqueBy: ["name"])
        levels = objects.map { Level($0, reader: &reader) }
        Self.judgeThresholds(objects, reader: &reader)
        if let first = objects.first, !levels[0].bonuses.entries.isEmpty {
            reader.report(
                .invalidValue, at: first.value?["bonuses"]?.offset ?? first.offset,
                path: "\(first.path).bonuses", "everybody begins at the first tier: it has no bonus")
        }
        downgrade = reader.choice("downgrade", of: object, default: .never)
        bonusClawback = reader.bool("bonusClawback", of: object, default: false)
    }

    /// The first is 0, and each is above the one before. What is no threshold at all is passed over: it is
    /// one problem already.
    private static func judgeThresholds(_ levels: [PolicyObject], reader: inout PolicyReader) {
        var before: Int64?
        for (index, level) in levels.enumerated() {
            guard let value = level.value?["threshold"], let threshold = value.integer,
                Policy.Limits.threshold.contains(Int(threshold))
            else { continue }
            let path = "\(level.path).threshold"
            if index == 0, threshold != 0 {
                reader.report(
                    .outOfRange, at: value.offset, path: path,
                    "the first tier is everybody's: 0 is due, not \(threshold)")
            } else if let before, threshold <= before {
                reader.report(
                    .outOfRange, at: value.offset, path: path,
                    "\(threshold) is not above \(before), the threshold before")
            }
            before = threshold
        }
    }
}

extension Policy.Tiers.Level {
    fileprivate init(_ object: PolicyObject, reader: inout PolicyReader) {
        name = reader.string("name", of: object) { text in
            let range = Policy.Limits.tierNameLength
            if text.utf8.count > range.upperBound { return "longer than \(range.upperBound) bytes" }
            return IdentifierRules.validate(text).map { "not a name: \($0.message)" }
        }
        threshold = reader.integer("threshold", of: object, in: Policy.Limits.threshold)
        bonuses = reader.amounts("bonuses", of: object, isMoney: false, least: 1)
        let range = Policy.Limits.bonusCount
        if let value = object.value?["bonuses"], case .object(let members) = value.kind,
            !range.contains(members.count)
        {
            reader.report(
                .outOfRange, at: value.offset, path: "\(object.path).bonuses",
                "\(range.lowerBound) to \(range.upperBound) entries are due, not \(members.count)")
        }
    }
}

extension Policy.Badge {
    init(_ object: PolicyObject, reader: inout PolicyReader) {
        name = reader.string("name", of: object) { text in
            let isPlain = text.utf8.allSatisfy {
                0x61...0x7A ~= $0 || 0x30...0x39 ~= $0 || $0 == UInt8(ascii: "-")
            }
            let range = Policy.Limits.badgeNameLength
            if isPlain, range.contains(text.utf8.count) { return nil }
            return "\(range.lowerBound) to \(range.upperBound) small letters, digits and hyphens are due"
        }
        threshold = reader.integer("threshold", of: object, in: Policy.Limits.badgeThreshold)
        revocable = reader.bool("revocable", of: object, default: false)
    }
}

extension Policy.Cap {
    init(_ object: PolicyObject, reader: inout PolicyReader) {
        scope = reader.choice("scope", of: object, default: .user, isRequired: true)
        let known = reader.asset("asset", of: object)
        asset = known?.number ?? .point
        amount = reader.amount("amount", of: object, in: known, least: 0)
        let periods = BudgetPeriod.allCases.map { ($0.name, $0) }
        period = reader.choice("period", of: object, among: periods, default: .ever, isRequired: true)
    }
}

extension Policy.Withdrawal {
    init(_ object: PolicyObject, reader: inout PolicyReader) {
        approvalRequired = reader.bool("approvalRequired", of: object, default: true)
        approvalAbove = reader.amounts("approvalAbove", of: object, isMoney: true)
        secondApproverAbove = reader.amounts("secondApproverAbove", of: object, isMoney: true)
        minimum = reader.amounts("minimum", of: object, isMoney: true)
        let fee = reader.group("fee", of: object)
        feePpm = UInt32(reader.integer("ratePpm", of: fee, in: Policy.Limits.chargePpm, default: 0))
        fixedFee = reader.amounts("fixed", of: fee, isMoney: true)
        taxPpm = UInt32(reader.integer("taxPpm", of: object, in: Policy.Limits.chargePpm, default: 0))
        kycLevel = reader.integer("kycLevel", of: object, in: Policy.Limits.kycLevel, default: 0)
        expiryDays = reader.optionalInteger(
            "expiryDays", of: object, in: Policy.Limits.lifeDays, default: nil)
        onClawback = reader.choice("onClawback", of: object, default: .reduce)
        // Something must be left to be sent.
        let charges = Int(feePpm) + Int(taxPpm)
        if charges > Policy.Limits.chargePpm.upperBound {
            reader.report(
                .outOfRange, at: object.offset, path: object.path,
                "fee.ratePpm and taxPpm add up to \(charges), which is above 999999")
        }
    }
}

/// The fields of a policy's JSON form: the one list that reading, "did you mean" and the documentation's
/// tests go by.
enum PolicyFields {
    /// Field names by the path of their object, in the order in which they are written.
    static let byPath: KeyValuePairs<String, [String]> = [
        "$": [
            "name", "timeZone", "weekStart", "attribution", "codes", "commission", "workflow", "periods",
            "rewards", "tiers", "badges", "caps", "withdrawal", "adjustment", "fraud", "closure",
            "clockToleranceSeconds",
        ],
        "$.attribution": ["applyWindowDays", "rejectSharedSignals"],
        "$.codes": ["length", "alphabet", "ttlDays", "oneActive"],
        "$.commission": ["levels", "maxDepth", "rounding", "holdingDays", "months"],
        "$.commission.levels[]": ["ratePpm"],
        "$.workflow": ["paymentAdvancesTo", "zeroPaymentAdvancesTo", "conversionStep", "expiryDays"],
        "$.periods": ["graceHours"],
        "$.rewards": ["rules", "revokeOnRevert", "usedUnits"],
        "$.rewards.rules[]": [
            "stage", "side", "asset", "amount", "tierAmounts", "holdingDays", "expiryDays",
        ],
        "$.tiers": ["levels", "downgrade", "bonusClawback"],
        "$.tiers.levels[]": ["name", "threshold", "bonuses"],
        "$.badges[]": ["name", "threshold", "revocable"],
        "$.caps": ["limits", "excess", "reversalsFree"],
        "$.caps.limits[]": ["scope", "asset", "amount", "period"],
        "$.withdrawal": [
            "approvalRequired", "approvalAbove", "secondApproverAbove", "minimum", "fee", "taxPpm",
            "kycLevel", "expiryDays", "onClawback",
        ],
        "$.withdrawal.fee": ["ratePpm", "fixed"],
        "$.adjustment": ["secondApproverAbove"],
        "$.fraud": ["attributionsPerDay"],
    ]

    /// The fields of the object at a path, whose array indices are left out: `$.commission.levels[]`.
    static func names(at path: String) -> [String] {
        byPath.first { $0.key == path }?.value ?? []
    }

    /// What somebody who wrote `name` into the object at `path` probably meant: a name there that is at most
    /// two typing errors away, else the path of that very name in another object.
    static func suggestion(for name: String, at path: String) -> String? {
        let limit = name.utf8.count < 6 ? 1 : 2
        let near = names(at: path).map { (name: $0, distance: distance(lowercased($0), lowercased(name))) }
        if let best = near.min(by: { $0.distance < $1.distance }), best.distance <= limit { return best.name }
        return byPath.first { $0.key != path && $0.value.contains(name) }.map { "\($0.key).\(name)" }
    }

    private static func lowercased(_ text: String) -> [UInt8] {
        text.utf8.prefix(64).map { 0x41...0x5A ~= $0 ? $0 + 0x20 : $0 }
    }

    /// Levenshtein's distance.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (index, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for other in right.indices {
                let replaced = diagonal + (right[other] == byte ? 0 : 1)
                diagonal = row[other + 1]
                row[other + 1] = min(replaced, diagonal + 1, row[other] + 1)
            }
        }
        return row[right.count]
    }
}

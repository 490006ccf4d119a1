import StrictJSON
import Testing

@testable import LedgerDomain

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What ships beside the code says what the code does.
@Suite struct PolicyDocumentsTests {
    /// A file of the repository, found from this one.
    private func bytes(of path: String) throws -> [UInt8] {
        let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let file = try #require(unsafe fopen("/\(root)/\(path)", "r"), "\(path)")
        defer { unsafe fclose(file) }
        var bytes: [UInt8] = []
        while true {
            let byte = unsafe fgetc(file)
            if byte == EOF { return bytes }
            bytes.append(UInt8(truncatingIfNeeded: byte))
        }
    }

    private func keys(_ value: JSONValue?) -> [String] {
        guard case .object(let members)? = value?.kind else { return [] }
        return members.map(\.key)
    }

    private func text(_ value: JSONValue?) -> String? {
        guard case .string(let text)? = value?.kind else { return nil }
        return text
    }

    private func strings(_ value: JSONValue?) -> [String] {
        guard case .array(let elements)? = value?.kind else { return [] }
        return elements.map { text($0) ?? "null" }
    }

    @Test(arguments: Policy.presetNames)
    func shippedPresetsAreThoseCompiledIn(name: String) throws {
        let file = try bytes(of: "Fixtures/programmes/\(name).json")
        let preset = try #require(Policy.preset(named: name))
        #expect(try Policy.parse(file) == preset)
        #expect(file == preset.prettyJSON(), "the file is in the form of `policy show`")
    }

    /// The schema's object for a path of ``PolicyFields``.
    private func schema(at path: String, in root: JSONValue) -> JSONValue? {
        var value: JSONValue? = root
        for part in path.split(separator: ".").dropFirst() {
            let isArray = part.hasSuffix("[]")
            value = value?["properties"]?[String(isArray ? part.dropLast(2) : part)]
            if isArray { value = value?["items"] }
        }
        return value
    }

    @Test func theSchemaHasTheParsersFields() throws {
        let root = try JSONValue.parse(bytes(of: "Documentation/policy.schema.json"))
        for (path, names) in PolicyFields.byPath {
            let object = try #require(schema(at: path, in: root), "\(path)")
            #expect(keys(object["properties"]) == names, "\(path)")
            #expect(object["additionalProperties"]?.kind == .bool(false), "\(path)")
            #expect(text(object["type"]) == "object")
        }
        #expect(strings(root["required"]) == ["name", "commission"])
        #expect(strings(schema(at: "$.commission", in: root)?["required"]) == ["levels", "holdingDays"])
        #expect(strings(schema(at: "$.commission.levels[]", in: root)?["required"]) == ["ratePpm"])
        let rule = schema(at: "$.rewards.rules[]", in: root)
        #expect(strings(rule?["required"]) == ["stage", "side", "asset"])
        #expect(strings(schema(at: "$.tiers.levels[]", in: root)?["required"]) == ["name", "threshold"])
        #expect(strings(schema(at: "$.badges[]", in: root)?["required"]) == ["name", "threshold"])
        let cap = schema(at: "$.caps.limits[]", in: root)
        #expect(strings(cap?["required"]) == ["scope", "asset", "amount", "period"])
    }

    @Test func theSchemaHasTheParsersRanges() throws {
        let root = try JSONValue.parse(bytes(of: "Documentation/policy.schema.json"))
        let ranges: [(String, ClosedRange<Int>)] = [
            ("$.attribution.applyWindowDays", Policy.Limits.days),
            ("$.codes.length", Policy.Limits.codeLength),
            ("$.codes.ttlDays", Policy.Limits.lifeDays), ("$.commission.maxDepth", Policy.Limits.levelCount),
            ("$.commission.holdingDays", Policy.Limits.days),
            ("$.workflow.expiryDays", Policy.Limits.lifeDays),
            ("$.periods.graceHours", Policy.Limits.graceHours),
            ("$.clockToleranceSeconds", Policy.Limits.toleranceSeconds),
            ("$.commission.months", Policy.Limits.months),
            ("$.rewards.rules[].holdingDays", Policy.Limits.days),
            ("$.rewards.rules[].expiryDays", Policy.Limits.lifeDays),
            ("$.tiers.levels[].threshold", Policy.Limits.threshold),
            ("$.badges[].threshold", Policy.Limits.badgeThreshold),
            ("$.withdrawal.fee.ratePpm", Policy.Limits.chargePpm),
            ("$.withdrawal.taxPpm", Policy.Limits.chargePpm),
            ("$.withdrawal.kycLevel", Policy.Limits.kycLevel),
            ("$.withdrawal.expiryDays", Policy.Limits.lifeDays),
            ("$.fraud.attributionsPerDay", Policy.Limits.attributionsPerDay),
        ]
        for (path, range) in ranges {
            let field = schema(at: path, in: root)
            #expect(field?["minimum"]?.integer == Int64(range.lowerBound), "\(path)")
            #expect(field?["maximum"]?.integer == Int64(range.upperBound), "\(path)")
        }
        let rate = schema(at: "$.commission.levels[]", in: root)?["properties"]?["ratePpm"]
        #expect(rate?["maximum"]?.integer == Int64(Policy.Limits.ratePpm.upperBound))
        let lengths: [(String, String, ClosedRange<Int>)] = [
            ("$.commission.levels", "Items", Policy.Limits.levelCount),
            ("$.codes.alphabet", "Length", Policy.Limits.alphabetLength),
            ("$.rewards.rules", "Items", Policy.Limits.itemCount),
            ("$.tiers.levels", "Items", Policy.Limits.itemCount),
            ("$.badges", "Items", Policy.Limits.itemCount),
            ("$.caps.limits", "Items", Policy.Limits.itemCount),
            ("$.tiers.levels[].name", "Length", Policy.Limits.tierNameLength),
            ("$.badges[].name", "Length", Policy.Limits.badgeNameLength),
        ]
        for (path, unit, range) in lengths {
            let field = schema(at: path, in: root)
            #expect(field?["min\(unit)"]?.integer == Int64(range.lowerBound), "\(path)")
            #expect(field?["max\(unit)"]?.integer == Int64(range.upperBound), "\(path)")
        }
        let bonuses = schema(at: "$.tiers.levels[].bonuses", in: root)
        #expect(bonuses?["maxProperties"]?.integer == Int64(Policy.Limits.bonusCount.upperBound))
    }

    @Test func theSchemaHasTheParsersNames() throws {
        let root = try JSONValue.parse(bytes(of: "Documentation/policy.schema.json"))
        let enumerations: [(String, [String])] = [
            ("$.weekStart", Weekday.allCases.map(\.name)),
            ("$.commission.rounding", Rounding.allCases.map(\.name)),
            ("$.rewards.rules[].side", Policy.Rewards.Side.allCases.map(\.rawValue)),
            ("$.rewards.usedUnits", Policy.Rewards.UsedUnits.allCases.map(\.rawValue)),
            ("$.tiers.downgrade", Policy.Tiers.Downgrade.allCases.map(\.rawValue)),
            ("$.caps.limits[].scope", Policy.Cap.Scope.allCases.map(\.rawValue)),
            ("$.caps.limits[].period", BudgetPeriod.allCases.map(\.name)),
            ("$.caps.excess", Policy.CapExcess.allCases.map(\.rawValue)),
            ("$.withdrawal.onClawback", Policy.Withdrawal.OnClawback.allCases.map(\.rawValue)),
            ("$.closure", Policy.Closure.allCases.map(\.rawValue)),
        ]
        for (path, names) in enumerations {
            #expect(strings(schema(at: path, in: root)?["enum"]) == names, "\(path)")
        }
        let tables: [(String, String)] = [
            ("$.tiers.levels[].bonuses", "amounts"), ("$.withdrawal.approvalAbove", "money"),
            ("$.withdrawal.secondApproverAbove", "money"), ("$.withdrawal.minimum", "money"),
            ("$.withdrawal.fee.fixed", "money"), ("$.adjustment.secondApproverAbove", "money"),
        ]
        for (path, definition) in tables {
            let reference = text(schema(at: path, in: root)?["$ref"])
            #expect(reference == "#/$defs/\(definition)", "\(path)")
            #expect(root["$defs"]?[definition] != nil)
        }
    }

    /// A policy of the required fields alone holds what the schema gives as defaults.
    @Test func theSchemaHasTheParsersDefaults() throws {
        let root = try JSONValue.parse(bytes(of: "Documentation/policy.schema.json"))
        let least = #"{"name":"x","commission":{"levels":[{"ratePpm":0}],"holdingDays":0}}"#
        let policy: JSONValue? = try JSONValue.parse(Policy.parse(Array(least.utf8)).canonicalJSON())
        var compared = 0
        for (path, names) in PolicyFields.byPath where !path.hasSuffix("[]") {
            let group = path.split(separator: ".").dropFirst().reduce(policy) { $0?[String($1)] }
            for name in names {
                guard let value = schema(at: "\(path).\(name)", in: root)?["default"] else { continue }
                #expect(group?[name]?.kind == value.kind, "\(path).\(name)")
                compared += 1
            }
        }
        #expect(compared == 39)
    }

    @Test func thePageNamesEveryField() throws {
        let page = String(decoding: try bytes(of: "Documentation/policy.md"), as: UTF8.self)
        for (path, names) in PolicyFields.byPath {
            let prefix = path == "$" ? "" : path.dropFirst(2).filter { $0 != "[" && $0 != "]" } + "."
            for name in names {
                let isGroup = PolicyFields.byPath.contains { $0.key == "\(path).\(name)" }
                if isGroup { continue }
                #expect(page.contains("| `\(prefix)\(name)` |"), "\(prefix)\(name)")
            }
        }
    }
}

import StrictJSON

/// Lists, assets and amounts.
extension PolicyReader {
    // MARK: Lists

    /// The elements of a list, or nil when it is no list or of another length; what is left out is empty
    /// unless it is required.
    mutating func array(
        _ name: String, of object: PolicyObject, in range: ClosedRange<Int>, isRequired: Bool = false
    ) -> [JSONValue]? {
        guard let value = field(name, of: object, isRequired: isRequired) else {
            return isRequired ? nil : []
        }
        let path = "\(object.path).\(name)"
        guard case .array(let elements) = value.kind else {
            report(.wrongType, at: value.offset, path: path, "an array is due, not \(value.kindName)")
            return nil
        }
        guard range.contains(elements.count) else {
            report(
                .outOfRange, at: value.offset, path: path,
                "\(range.lowerBound) to \(range.upperBound) entries are due, not \(elements.count)")
            return nil
        }
        return elements
    }

    /// The elements of a list of objects.
    mutating func objects(_ elements: [JSONValue], path: String) -> [PolicyObject] {
        elements.enumerated().map { index, element in
            object(element, path: "\(path)[\(index)]", offset: element.offset, fields: "\(path)[]")
        }
    }

    /// The elements of a list of objects that may be left out. No two may have the same values in the fields
    /// of `uniqueBy`.
    mutating func objects(
        _ name: String, of parent: PolicyObject, in range: ClosedRange<Int>, uniqueBy fields: [String]
    ) -> [PolicyObject] {
        let elements = array(name, of: parent, in: range) ?? []
        let objects = objects(elements, path: "\(parent.path).\(name)")
        var seen: [[JSONValue.Kind]] = []
        for object in objects {
            let key = fields.compactMap { object.value?[$0]?.kind }
            guard key.count == fields.count else { continue }
            if seen.contains(key) {
                report(
                    .invalidValue, at: object.offset, path: object.path,
                    "an earlier entry has the same \(fields.joined(separator: ", "))")
            }
            seen.append(key)
        }
        return objects
    }

    /// One of an enumeration's raw values.
    mutating func choice<Value: RawRepresentable<String> & CaseIterable>(
        _ name: String, of object: PolicyObject, default fallback: Value, isRequired: Bool = false
    ) -> Value {
        choice(
            name, of: object, among: Value.allCases.map { ($0.rawValue, $0) }, default: fallback,
            isRequired: isRequired)
    }

    // MARK: Assets and amounts

    /// A required code of a currency or unit; nil when it is none.
    mutating func asset(_ name: String, of object: PolicyObject) -> Asset? {
        guard let value = field(name, of: object, isRequired: true) else { return nil }
        let path = "\(object.path).\(name)"
        guard case .string(let code) = value.kind else {
            report(.wrongType, at: value.offset, path: path, "a string is due, not \(value.kindName)")
            return nil
        }
        return asset(code, at: value.offset, path: path)
    }

    private mutating func asset(_ code: String, at offset: Int, path: String) -> Asset? {
        if let asset = Asset(code: code) { return asset }
        let capitals = code.utf8.map { 0x61...0x7A ~= $0 ? $0 - 0x20 : $0 }
        report(
            .invalidValue, at: offset, path: path, "“\(code)” is no currency or unit",
            suggestion: Asset(code: String(decoding: capitals, as: UTF8.self))?.code)
        return nil
    }

    /// A required amount of an asset, at least `least` minor units. Of an unknown asset only the kind is
    /// judged.
    mutating func amount(_ name: String, of object: PolicyObject, in asset: Asset?, least: Int64) -> Int64 {
        guard let value = field(name, of: object, isRequired: true) else { return least }
        return amount(value, path: "\(object.path).\(name)", in: asset, least: least)
    }

    /// An amount of an asset, at least `least` minor units.
    mutating func amount(_ value: JSONValue, path: String, in asset: Asset?, least: Int64) -> Int64 {
        guard case .string(let text) = value.kind else {
            report(
                .wrongType, at: value.offset, path: path,
                "an amount in quotation marks is due, not \(value.kindName)")
            return least
        }
        guard let asset else { return least }
        let problem: DecimalProblem
        do {
            let minor = try DecimalText.parse(text, exponent: asset.exponent)
            if minor >= least { return minor }
            let limit = DecimalText.format(minor: least, exponent: asset.exponent)
            report(.outOfRange, at: value.offset, path: path, "“\(text)” is less than \(limit)")
            return least
        } catch {
            problem = error
        }
        switch problem {
        case .empty, .notDecimal:
            report(.invalidValue, at: value.offset, path: path, "“\(text)” is no amount such as 49.99")
        case .tooManyDigits:
            let digits = "more than \(asset.exponent) digits after the point"
            report(.invalidValue, at: value.offset, path: path, "“\(text)” has \(digits) of \(asset.code)")
        case .overflow:
            report(.outOfRange, at: value.offset, path: path, "“\(text)” is too large to be counted")
        }
        return least
    }

    /// A table of amounts by asset code, in any order; what is left out is empty.
    /// - Parameter isMoney: Whether only currencies and points may stand there.
    mutating func amounts(
        _ name: String, of object: PolicyObject, isMoney: Bool, least: Int64 = 0
    ) -> Policy.Amounts {
        guard let value = field(name, of: object, isRequired: false) else { return .init() }
        let path = "\(object.path).\(name)"
        guard case .object(let members) = value.kind else {
            report(.wrongType, at: value.offset, path: path, "an object is due, not \(value.kindName)")
            return .init()
        }
        var entries: [Policy.Amounts.Entry] = []
        for member in members {
            let path = "\(path).\(member.key)"
            guard let asset = asset(member.key, at: member.keyOffset, path: path) else { continue }
            if isMoney, !asset.number.isMoney {
                report(
                    .invalidValue, at: member.keyOffset, path: path,
                    "\(asset.code) is no money: only currencies and POINT may stand here")
                continue
            }
            let minor = amount(member.value, path: path, in: asset, least: least)
            entries.append(.init(asset: asset.number, amount: minor))
        }
        return .init(entries)
    }
}

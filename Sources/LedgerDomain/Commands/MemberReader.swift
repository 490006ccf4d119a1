import StrictJSON

/// Takes the members of an object one by one, so that what is left over is known.
public struct MemberReader {
    private var members: [JSONValue.Member]

    /// - Parameter what: for the message, where it is no object.
    public init(_ value: JSONValue, _ what: String) throws(CorrectionProblem) {
        guard case .object(let members) = value.kind else {
            throw CorrectionProblem("\(what): an object is due, not \(value.kindName)")
        }
        self.members = members
    }

    /// A member that may not be there.
    public mutating func optional(_ name: String) -> JSONValue? {
        guard let index = members.firstIndex(where: { $0.key == name }) else { return nil }
        return members.remove(at: index).value
    }

    /// A member.
    public mutating func value(_ name: String) throws(CorrectionProblem) -> JSONValue {
        guard let value = optional(name) else { throw CorrectionProblem("\(name) is missing") }
        return value
    }

    /// A string.
    public mutating func text(_ name: String) throws(CorrectionProblem) -> String {
        let value = try value(name)
        guard case .string(let text) = value.kind else {
            throw CorrectionProblem("\(name): a string is due, not \(value.kindName)")
        }
        return text
    }

    /// A string that may not be there.
    public mutating func optionalText(_ name: String) throws(CorrectionProblem) -> String? {
        guard let value = optional(name) else { return nil }
        guard case .string(let text) = value.kind else {
            throw CorrectionProblem("\(name): a string is due, not \(value.kindName)")
        }
        return text
    }

    /// A whole number.
    public mutating func integer(_ name: String) throws(CorrectionProblem) -> Int64 {
        let value = try value(name)
        guard let integer = value.integer else {
            throw CorrectionProblem("\(name): a whole number is due, not \(value.kindName)")
        }
        return integer
    }

    /// True or false.
    public mutating func bool(_ name: String) throws(CorrectionProblem) -> Bool {
        let value = try value(name)
        guard case .bool(let bool) = value.kind else {
            throw CorrectionProblem("\(name): true or false is due, not \(value.kindName)")
        }
        return bool
    }

    /// A moment that may not be there.
    public mutating func time(_ name: String) throws(CorrectionProblem) -> Timestamp? {
        guard let value = optional(name) else { return nil }
        guard case .string(let text) = value.kind, let time = try? Timestamp(text) else {
            throw CorrectionProblem("\(name): not an RFC 3339 time")
        }
        return time
    }

    /// The asset that the member `asset` names.
    public mutating func asset() throws(CorrectionProblem) -> Asset {
        let code = try text("asset")
        guard let asset = Asset(code: code) else { throw CorrectionProblem("asset: no asset “\(code)”") }
        return asset
    }

    /// A decimal of the asset, in minor units.
    public mutating func amount(_ name: String, _ asset: Asset) throws(CorrectionProblem) -> Int64 {
        let text = try text(name)
        guard let amount = try? DecimalText.parse(text, exponent: asset.exponent) else {
            throw CorrectionProblem("\(name): not a decimal of \(asset.code)")
        }
        return amount
    }

    /// Nothing may be left.
    public func end() throws(CorrectionProblem) {
        if let first = members.first { throw CorrectionProblem("there is no field “\(first.key)”") }
    }
}

import Foundation

/// One input line, decoded: its fields, and a canonical text of its content for comparing repeats.
struct Fields {
    private let values: [String: Any]
    /// `name=value` of all fields read so far, in canonical form.
    private(set) var content: [String: String] = [:]

    /// Decodes a line and checks that it is one object.
    init(_ line: String) throws(Refusal) {
        guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)),
            let values = object as? [String: Any]
        else { throw Refusal("line.undecodable") }
        self.values = values
    }

    func has(_ name: String) -> Bool { values[name] != nil }

    /// Refuses fields that the type does not have.
    func allow(_ names: String) throws(Refusal) {
        let envelope = ["type", "key", "programme", "actor", "actorRole", "correlationId"]
        let allowed = Set(names.split(separator: " ").map { String($0) } + envelope)
        if !allowed.isSuperset(of: values.keys) { throw Refusal("field.unknown") }
    }

    /// Who says it: the id, and whether the role may approve. A line without a role is the system's.
    var actor: (id: String?, mayApprove: Bool) {
        let role = values["actorRole"] as? String ?? "system"
        return (values["actor"] as? String, role == "system" || role == "admin")
    }

    func checkEnvelope() throws(Refusal) {
        if let id = try plain("actor") { try Fields.checkID(id) }
        if let role = try plain("actorRole"), !["system", "user", "admin", "auditor"].contains(role) {
            throw Refusal("actor.role")
        }
        if let id = try plain("correlationId") { try Fields.checkID(id) }
    }

    /// A text that is not part of the content (`type`, `key`).
    func plain(_ name: String) throws(Refusal) -> String? {
        guard let value = values[name] else { return nil }
        guard let text = value as? String else { throw Refusal("field.type") }
        return text
    }

    /// An optional text.
    mutating func text(_ name: String) throws(Refusal) -> String? {
        let value = try plain(name)
        content[name] = value
        return value
    }

    /// An optional id: 1 to 255 bytes, no control characters.
    mutating func optionalID(_ name: String) throws(Refusal) -> String? {
        guard let value = try text(name) else { return nil }
        try Fields.checkID(value)
        return value
    }

    mutating func id(_ name: String) throws(Refusal) -> String {
        guard let value = try optionalID(name) else { throw Refusal("field.missing") }
        return value
    }

    static func checkID(_ text: String) throws(Refusal) {
        guard (1...255).contains(text.utf8.count), !hasControlCharacter(text) else {
            throw Refusal("id.invalid")
        }
    }

    mutating func moment(_ name: String) throws(Refusal) -> Int64 {
        guard let text = try plain(name) else { throw Refusal("field.missing") }
        let value = try parseMoment(text)
        content[name] = String(value)
        return value
    }

    /// An optional whole number.
    mutating func number(_ name: String) throws(Refusal) -> Int? {
        guard let value = values[name] else { return nil }
        guard let number = value as? Int else { throw Refusal("field.type") }
        content[name] = String(number)
        return number
    }

    /// A currency, by default the programme's.
    mutating func currency(_ name: String = "currency", default asset: String) throws(Refusal) -> String {
        let code = try plain(name) ?? asset
        guard exponents[code] != nil else {
            throw Refusal(Fields.isUnit(code) ? "asset.not_money" : "currency.unknown")
        }
        content[name] = code
        return code
    }

    /// A currency or a unit.
    mutating func asset(_ name: String) throws(Refusal) -> String {
        guard let code = try text(name) else { throw Refusal("field.missing") }
        guard exponents[code] != nil || Fields.isUnit(code) else { throw Refusal("currency.unknown") }
        return code
    }

    static func isUnit(_ code: String) -> Bool { unitNames.contains(code) || code.hasPrefix("BADGE:") }

    /// A text of 1 to 255 bytes that must be there.
    mutating func words(_ name: String) throws(Refusal) -> String {
        guard let value = try text(name) else { throw Refusal("field.missing") }
        guard (1...255).contains(value.utf8.count) else { throw Refusal("field.range") }
        return value
    }

    /// One of a few words.
    mutating func choice(_ name: String, _ words: String, default word: String? = nil) throws(Refusal)
        -> String
    {
        guard let value = try text(name) ?? word else { throw Refusal("field.missing") }
        guard words.split(separator: " ").contains(where: { $0 == value }) else {
            throw Refusal("field.value")
        }
        content[name] = value
        return value
    }

    /// A whole number in a range.
    mutating func number(_ name: String, in range: ClosedRange<Int>) throws(Refusal) -> Int {
        guard let value = try number(name) else { throw Refusal("field.missing") }
        if !range.contains(value) { throw Refusal("field.range") }
        return value
    }

    /// An optional number of days, at least 1.
    mutating func days(_ name: String) throws(Refusal) -> Int? {
        guard let value = try number(name) else { return nil }
        if value < 1 { throw Refusal("field.range") }
        return value
    }

    /// An amount above zero.
    mutating func positive(_ name: String, in currency: String) throws(Refusal) -> Int64 {
        guard let amount = try amount(name, in: currency) else { throw Refusal("field.missing") }
        if amount == 0 { throw Refusal("amount.zero") }
        return amount
    }

    /// An amount of any sign but not zero.
    mutating func signed(_ name: String, in currency: String) throws(Refusal) -> Int64 {
        guard let value = values[name] else { throw Refusal("field.missing") }
        guard let text = value as? String else { throw Refusal("amount.text") }
        let amount = try parseAmount(text, exponent: exponents[currency] ?? 0)
        if amount == 0 { throw Refusal("amount.zero") }
        if amount.magnitude > 10_000_000_000_000_000 { throw Refusal("amount.limit") }
        content[name] = String(amount)
        return amount
    }

    /// One or two ids that differ.
    mutating func approvers() throws(Refusal) -> [String] {
        guard let value = values["approvers"] else { throw Refusal("field.missing") }
        guard let ids = value as? [String] else { throw Refusal("field.type") }
        for id in ids { try Fields.checkID(id) }
        guard (1...2).contains(ids.count), Set(ids.map { Exact($0) }).count == ids.count else {
            throw Refusal("adjust.approvers")
        }
        content["approvers"] = Fields.canonical(ids)
        return ids
    }

    /// An optional amount of at least zero.
    mutating func amount(_ name: String, in currency: String) throws(Refusal) -> Int64? {
        guard let value = values[name] else { return nil }
        guard let text = value as? String else { throw Refusal("amount.text") }
        let amount = try parseAmount(text, exponent: exponents[currency] ?? 0)
        if amount < 0 { throw Refusal("amount.negative") }
        if amount > 10_000_000_000_000_000 { throw Refusal("amount.limit") }
        content[name] = String(amount)
        return amount
    }

    /// An optional object of texts.
    mutating func texts(_ name: String) throws(Refusal) -> [String: String] {
        guard let value = values[name] else { return [:] }
        guard let texts = value as? [String: String] else { throw Refusal("field.type") }
        content[name] = Fields.canonical(texts)
        return texts
    }

    /// An object that must be there; no content by itself.
    func object(_ name: String) throws(Refusal) -> [String: Any] {
        guard let value = values[name] else { throw Refusal("field.missing") }
        guard let object = value as? [String: Any] else { throw Refusal("field.type") }
        return object
    }

    /// Any value at all; only its content counts.
    mutating func anything(_ name: String) {
        guard let value = values[name] else { return }
        content[name] = Fields.canonical([value])
    }

    /// What is no content here.
    mutating func forget(_ names: String...) { for name in names { content[name] = nil } }

    /// A value the line leaves out but means.
    mutating func imply(_ name: String, _ value: String) { content[name] = value }

    private static func canonical(_ value: Any) -> String {
        let data = try? JSONSerialization.data(withJSONObject: value, options: [.sortedKeys])
        return String(decoding: data ?? Data(), as: UTF8.self)
    }
}

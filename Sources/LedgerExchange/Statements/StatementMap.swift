import LedgerDomain
import ReferralLedger
import StrictJSON

/// Which column of a provider's file is what. Source: Documentation/reconcile.md, "Statements".
public struct StatementMap: Sendable {
    /// What a line can be read from.
    enum Field: String, CaseIterable {
        case type, id, lineId, references, paymentIds, amount, debit, credit, fee, net, currency, at
        case settlementId, status, disputeId

        /// Whether it takes several columns: names are gathered, fees summed, of moments the first is taken.
        var takesSeveral: Bool { [.references, .paymentIds, .fee, .at].contains(self) }
    }

    /// What a type of line means.
    struct Meaning: Equatable {
        var kind: StatementKind
        var status: StatementStatus?
        var isFollowUp = false
        /// Not to be looked at.
        var isIgnored = false

        /// The names that a map uses.
        static let named: [(name: String, meaning: Meaning)] = [
            ("payment", .init(kind: .payment)), ("refund", .init(kind: .refund)),
            ("refundFailed", .init(kind: .refund, status: .failed, isFollowUp: true)),
            ("dispute", .init(kind: .dispute)),
            ("disputeWon", .init(kind: .dispute, status: .returned, isFollowUp: true)),
            ("disputeLost", .init(kind: .dispute, status: .done, isFollowUp: true)),
            ("payout", .init(kind: .payout)),
            ("payoutFailed", .init(kind: .payout, status: .failed, isFollowUp: true)),
            ("payoutReturned", .init(kind: .payout, status: .returned, isFollowUp: true)),
            ("fee", .init(kind: .fee)), ("settlement", .init(kind: .settlement)),
            ("settlementFailed", .init(kind: .settlement, status: .failed, isFollowUp: true)),
            ("other", .init(kind: .other)), ("ignore", .init(kind: .other, isIgnored: true)),
        ]
    }

    var provider: String
    var format: String
    /// Columns of each field; of a file without one of them it is passed over, unless `isStrict`.
    var columns: [Field: [String]] = [:]
    /// For every line, where its cell is empty or there is no column.
    var constants: [Field: String] = [:]
    /// By the type's text in small letters.
    var types: [String: Meaning] = [:]
    /// By the status's text in small letters.
    var statuses: [String: StatementStatus] = [:]
    var covers: Set<StatementKind> = []
    var zone: ZoneRules = .utc
    /// `31/12/2026`, not `12/31/2026`.
    var isDayFirst = true
    /// Whether amounts above zero are money that came in, whatever the type.
    var isSigned = false
    /// Whether a column that is named must be there.
    var isStrict = false
    /// Where the map names each column.
    var places: [String: (line: UInt64, column: Int)] = [:]

    init(provider: String, format: String) {
        self.provider = provider
        self.format = format
    }

    /// Names of the forms that are known without a map.
    public static let knownFormats = [
        "stripe-balance", "stripe-itemized", "stripe-payouts", "razorpay-settlement",
    ]

    /// The known form that a header has; nil when it has none.
    static func recognised(_ header: [String], provider: String?) throws(StatementProblem) -> StatementMap? {
        let names = Set(header)
        func has(_ columns: String...) -> Bool { columns.allSatisfy(names.contains) }
        var map: StatementMap
        if has("balance_transaction_id", "reporting_category", "gross", "net") {
            map = has("payout_id", "payout_status") ? stripePayouts : stripeItemized(header)
        } else if has("payout_id", "payout_status", "gross") {
            map = stripePayouts
        } else if has("id", "Type", "Source", "Amount", "Fee", "Net", "Currency") {
            map = stripeBalance
        } else if has("entity_id", "debit", "credit", "settlement_id"),
            has("transaction_entity") || has("type")
        {
            map = try razorpay(hasNetFee: has("fee (exclusive tax)"))
        } else {
            return nil
        }
        if let provider { map.provider = provider }
        return map
    }

    private static func meanings(_ names: [String: [String]]) -> [String: Meaning] {
        var out: [String: Meaning] = [:]
        for (meaning, types) in names {
            guard let known = Meaning.named.first(where: { $0.name == meaning }) else {
                preconditionFailure("no meaning is called \(meaning)")
            }
            for type in types { out[type] = known.meaning }
        }
        return out
    }

    /// The dashboard's export of the balance's history.
    private static var stripeBalance: StatementMap {
        var map = StatementMap(provider: "stripe", format: "stripe-balance")
        map.columns = [
            .type: ["Type"], .id: ["Source"], .lineId: ["id"], .references: ["Description"],
            .amount: ["Amount"], .fee: ["Fee"], .net: ["Net"], .currency: ["Currency"],
            .at: ["Created (UTC)", "Created"], .settlementId: ["Transfer"],
        ]
        map.types = meanings([
            "payment": ["charge", "payment"], "refund": ["refund", "payment_refund"],
            "refundFailed": ["refund_failure"],
            "fee": ["stripe_fee", "stripe_fx_fee", "tax_fee", "network_cost"], "settlement": ["payout"],
            "settlementFailed": ["payout_failure", "payout_cancel", "payout_reversal"],
            "payout": ["transfer"], "payoutFailed": ["transfer_failure", "transfer_cancel"],
            "payoutReturned": ["transfer_refund", "transfer_reversal"],
        ])
        map.isSigned = true
        map.covers = [.payment, .refund, .dispute, .payout, .fee]
        return map
    }

    /// The reports “balance change from activity” and “payout reconciliation”, itemized.
    private static func stripeItemized(_ header: [String]) -> StatementMap {
        var map = StatementMap(provider: "stripe", format: "stripe-itemized")
        let metadata = header.filter { $0.hasPrefix("payment_metadata[") || $0.hasPrefix("refund_metadata[") }
        map.columns = [
            .type: ["reporting_category"], .id: ["source_id"], .lineId: ["balance_transaction_id"],
            .references: [
                "payment_intent_id", "charge_id", "invoice_id", "invoice_number", "order_id", "description",
            ] + metadata,
            .paymentIds: ["charge_id", "payment_intent_id", "invoice_id", "order_id"], .amount: ["gross"],
            .fee: ["fee"], .net: ["net"], .currency: ["currency"], .at: ["created_utc", "created"],
            .settlementId: ["automatic_payout_id"],
        ]
        map.types = meanings([
            "payment": ["charge"], "refund": ["refund"], "refundFailed": ["refund_failure"],
            "dispute": ["dispute"], "disputeWon": ["dispute_reversal"],
            "fee": ["fee", "tax", "network_cost"], "settlement": ["payout"],
            "settlementFailed": ["payout_reversal"], "payout": ["transfer"],
            "payoutReturned": ["transfer_reversal"],
        ])
        map.isSigned = true
        map.covers = [.payment, .refund, .dispute, .fee]
        return map
    }

    /// The report “payouts”, itemized.
    private static var stripePayouts: StatementMap {
        var map = StatementMap(provider: "stripe", format: "stripe-payouts")
        map.columns = [
            .id: ["payout_id"], .lineId: ["balance_transaction_id"],
            .references: ["description", "payout_description"], .amount: ["gross"], .fee: ["fee"],
            .net: ["net"], .currency: ["currency"], .at: ["effective_at_utc", "effective_at"],
            .status: ["payout_status"],
        ]
        map.constants = [.type: "payout"]
        map.types = meanings(["settlement": ["payout"]])
        map.statuses = [
            "pending": .pending, "in_transit": .pending, "paid": .done, "failed": .failed,
            "canceled": .failed,
        ]
        map.isSigned = true
        map.covers = [.payout]
        return map
    }

    /// Razorpay's “settlement recon” report. Its times are India's.
    ///
    /// - Parameter hasNetFee: Whether the fee's column is without the tax on it, as in the dashboard's file; the
    ///   fee of the API's rows includes it.
    private static func razorpay(hasNetFee: Bool) throws(StatementProblem) -> StatementMap {
        var map = StatementMap(provider: "razorpay", format: "razorpay-settlement")
        map.columns = [
            .type: ["transaction_entity", "type"], .id: ["entity_id"],
            .references: ["order_id", "order_receipt", "entity_description"], .paymentIds: ["payment_id"],
            .amount: ["amount"], .debit: ["debit"], .credit: ["credit"],
            .fee: hasNetFee ? ["fee (exclusive tax)", "tax"] : ["fee"], .currency: ["currency"],
            .at: ["entity_created_at", "created_at"], .settlementId: ["settlement_id"],
            .disputeId: ["dispute_id"],
        ]
        map.types = meanings([
            "payment": ["payment"], "refund": ["refund"], "payout": ["payout", "transfer"],
            "dispute": ["dispute"], "settlement": ["settlement"],
        ])
        map.covers = [.payment, .refund, .dispute, .fee]
        do throws(ZoneProblem) { map.zone = try ZoneRules.load("Asia/Kolkata") } catch {
            throw StatementProblem(.unknownZone, line: 1, column: 1, "\(error)")
        }
        return map
    }
}

extension StatementMap {
    /// Reads a map and checks all of it that can be checked without the file.
    /// - Parameters:
    ///   - json: The map's text.
    ///   - loadZone: By default the system's data.
    public static func parse(
        _ json: [UInt8],
        loadZone: CommandLineDecoder.ZoneLoader = { (name) throws(ZoneProblem) in try ZoneRules.load(name) }
    ) throws(StatementProblem) -> StatementMap {
        try StatementMapParser(text: json).parse(loadZone)
    }
}

/// Reads one map.
private struct StatementMapParser {
    let text: [UInt8]

    private static let members = [
        "provider", "columns", "constants", "types", "statuses", "covers", "timeZone", "dayFirst", "signed",
    ]

    func parse(_ loadZone: CommandLineDecoder.ZoneLoader) throws(StatementProblem) -> StatementMap {
        let root: JSONValue
        do throws(JSONError) { root = try JSONValue.parse(text) } catch {
            throw problem(.syntax, "", at: error.byteOffset, "not JSON: \(error.reason.rawValue)")
        }
        for member in try members(root, "") where !Self.members.contains(member.key) {
            throw problem(.unknownMember, member.key, at: member.keyOffset, "a map has no such member")
        }
        guard let provider = root["provider"] else {
            throw problem(.missingMember, "provider", at: root.offset, "required, but missing")
        }
        let name = try string(provider, "provider")
        if let reason = IdentifierRules.validate(name) {
            throw problem(.identifier, "provider", at: provider.offset, "provider: \(reason.rawValue)")
        }
        var map = StatementMap(provider: name, format: "csv")
        map.isStrict = true
        try readColumns(root, &map)
        for member in try optionalMembers(root, "constants") {
            map.constants[try field(member, "constants")] = try string(
                member.value, "constants.\(member.key)")
        }
        try readMeanings(root, &map)
        try readRest(root, &map, loadZone)
        for due in [StatementMap.Field.type, .currency, .at]
        where map.columns[due] == nil && map.constants[due] == nil {
            throw problem(
                .missingMember, "columns.\(due.rawValue)", at: root["columns"]?.offset ?? root.offset,
                "neither a column nor a constant is given for it")
        }
        let hasSides = map.columns[.debit] != nil && map.columns[.credit] != nil
        if map.columns[.amount] == nil, !hasSides {
            throw problem(
                .missingMember, "columns.amount", at: root["columns"]?.offset ?? root.offset,
                "amount, or debit and credit, must have a column")
        }
        return map
    }

    private func readColumns(_ root: JSONValue, _ map: inout StatementMap) throws(StatementProblem) {
        guard let value = root["columns"] else {
            throw problem(.missingMember, "columns", at: root.offset, "required, but missing")
        }
        for member in try members(value, "columns") {
            let field = try field(member, "columns")
            let name = "columns.\(member.key)"
            var columns: [String] = []
            if case .array(let elements) = member.value.kind, field.takesSeveral {
                for element in elements { columns.append(try string(element, name)) }
            } else {
                columns = [try string(member.value, name)]
            }
            map.columns[field] = columns
            let place = JSONPosition(byteOffset: member.keyOffset, in: text.span)
            for column in columns { map.places[column] = (UInt64(place.line), place.column) }
        }
    }

    private func readMeanings(_ root: JSONValue, _ map: inout StatementMap) throws(StatementProblem) {
        let known = StatementMap.Meaning.named
        if root["types"] == nil {
            for (name, meaning) in known { map.types[name.lowercased()] = meaning }
        }
        for member in try optionalMembers(root, "types") {
            let name = "types.\(member.key)"
            let text = try string(member.value, name)
            guard let meaning = known.first(where: { $0.name == text })?.meaning else {
                throw problem(
                    .wrongType, name, at: member.value.offset,
                    "“\(text)” is none of: \(known.map(\.name).joined(separator: ", "))")
            }
            map.types[member.key.lowercased()] = meaning
        }
        for member in try optionalMembers(root, "statuses") {
            let name = "statuses.\(member.key)"
            let text = try string(member.value, name)
            guard let status = StatementStatus(rawValue: text) else {
                let all = StatementStatus.allCases.map(\.rawValue).joined(separator: ", ")
                throw problem(.wrongType, name, at: member.value.offset, "“\(text)” is none of: \(all)")
            }
            map.statuses[member.key.lowercased()] = status
        }
    }

    private func readRest(
        _ root: JSONValue, _ map: inout StatementMap, _ loadZone: CommandLineDecoder.ZoneLoader
    ) throws(StatementProblem) {
        if let value = root["covers"] {
            guard case .array(let elements) = value.kind else {
                throw wrongKind("covers", value, "an array of kinds")
            }
            for element in elements {
                let text = try string(element, "covers")
                guard let kind = StatementKind(rawValue: text), kind != .other, kind != .settlement else {
                    throw problem(
                        .wrongType, "covers", at: element.offset,
                        "“\(text)” is none of: payment, refund, dispute, payout, fee")
                }
                map.covers.insert(kind)
            }
        } else {
            // What the map has a type for.
            map.covers = Set(map.types.values.filter { !$0.isIgnored }.map(\.kind))
                .intersection([.payment, .refund, .dispute, .payout, .fee])
        }
        if let value = root["timeZone"], value.kind != .null {
            let name = try string(value, "timeZone")
            do throws(ZoneProblem) { map.zone = try loadZone(name) } catch {
                throw problem(.unknownZone, "timeZone", at: value.offset, "\(error)")
            }
        }
        if let value = root["dayFirst"] { map.isDayFirst = try flag(value, "dayFirst") }
        if let value = root["signed"] { map.isSigned = try flag(value, "signed") }
    }

    // MARK: Members

    private func members(_ value: JSONValue, _ name: String) throws(StatementProblem) -> [JSONValue.Member] {
        guard case .object(let members) = value.kind else { throw wrongKind(name, value, "an object") }
        return members
    }

    private func optionalMembers(
        _ root: JSONValue, _ name: String
    ) throws(StatementProblem) -> [JSONValue.Member] {
        guard let value = root[name] else { return [] }
        return try members(value, name)
    }

    private func field(
        _ member: JSONValue.Member, _ name: String
    ) throws(StatementProblem) -> StatementMap.Field {
        if let field = StatementMap.Field(rawValue: member.key) { return field }
        let all = StatementMap.Field.allCases.map(\.rawValue).joined(separator: ", ")
        throw problem(
            .unknownMember, "\(name).\(member.key)", at: member.keyOffset,
            "a statement has no such field; it has: \(all)")
    }

    private func string(_ value: JSONValue, _ name: String) throws(StatementProblem) -> String {
        guard case .string(let text) = value.kind else { throw wrongKind(name, value, "a string") }
        return text
    }

    private func flag(_ value: JSONValue, _ name: String) throws(StatementProblem) -> Bool {
        guard case .bool(let flag) = value.kind else { throw wrongKind(name, value, "true or false") }
        return flag
    }

    private func wrongKind(_ member: String, _ value: JSONValue, _ due: String) -> StatementProblem {
        problem(.wrongType, member, at: value.offset, "\(due) is due, not \(value.kindName)")
    }

    private func problem(
        _ code: StatementProblem.Code, _ member: String, at offset: Int, _ message: String
    ) -> StatementProblem {
        let place = JSONPosition(byteOffset: offset, in: text.span)
        return StatementProblem(
            code, inMap: true, line: UInt64(place.line), column: place.column, field: member, message)
    }
}

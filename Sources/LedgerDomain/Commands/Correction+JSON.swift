import StrictJSON

/// What is wrong with a correction's JSON.
public struct CorrectionProblem: Error, Sendable, Equatable, CustomStringConvertible {
    /// One sentence, naming the field.
    public var message: String
    /// Memberwise.
    public init(_ message: String) { self.message = message }
    /// For messages.
    public var description: String { message }
}

extension Correction {
    /// Writes what an input line carries in `correction`, with the members in one order and no white space.
    public func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("proposal", proposal)
        json.member("part", part)
        json.member("parts", parts)
        json.member("approvedBy", approvedBy)
        if let expectedHead { json.member("expectHead", expectedHead.rawValue) }
        json.key("entries")
        Self.write(entries, to: &json)
        json.endObject()
    }

    /// Writes entries as an array: the form whose SHA-256 names a proposal.
    public static func write(_ entries: [CorrectionEntry], to json: inout JSONWriter) {
        json.beginArray()
        for entry in entries {
            json.beginObject()
            entry.writeMembers(to: &json)
            json.endObject()
        }
        json.endArray()
    }

    /// Reads what ``write(to:)`` wrote, strictly: unknown members are refused.
    public init(_ value: JSONValue, at moment: Timestamp) throws(CorrectionProblem) {
        var reader = try MemberReader(value, "correction")
        let part = Int(clamping: try reader.integer("part"))
        let parts = Int(clamping: try reader.integer("parts"))
        let head = reader.optional("expectHead")
        if let head, head.integer ?? -1 < 0 { throw CorrectionProblem("expectHead: a position is due") }
        self.init(
            proposal: try reader.text("proposal"), part: part, parts: parts,
            approvedBy: try reader.text("approvedBy"),
            entries: try Self.entries(try reader.value("entries")), at: moment,
            expectedHead: head?.integer.map { LogPosition(UInt64($0)) })
        try reader.end()
    }

    /// Reads an array of entries.
    public static func entries(_ value: JSONValue) throws(CorrectionProblem) -> [CorrectionEntry] {
        guard case .array(let elements) = value.kind else {
            throw CorrectionProblem("entries: an array is due, not \(value.kindName)")
        }
        var entries: [CorrectionEntry] = []
        for (index, element) in elements.enumerated() {
            do throws(CorrectionProblem) {
                entries.append(try CorrectionEntry(element))
            } catch {
                throw CorrectionProblem("entry \(index + 1): \(error.message)")
            }
        }
        return entries
    }
}

extension CorrectionEntry {
    /// Writes the entry's members into an object that is begun.
    public func writeMembers(to json: inout JSONWriter) {
        switch self {
        case .commission(let c):
            json.member("kind", "commission")
            json.member("provider", c.provider)
            json.member("paymentId", c.paymentId)
            json.member("level", c.level)
            json.member("userId", c.userId)
            json.amounts(c.asset, [("granted", c.granted), ("reversed", c.reversed), ("revoked", c.revoked)])
            json.time("maturesAt", c.maturesAt)
        case .grants(let g):
            json.member("kind", "grants")
            json.member("refereeId", g.refereeId)
            json.member("userId", g.userId)
            json.member("cause", g.cause.name)
            json.member("side", g.isReferee ? "referee" : "referrer")
            json.member("detail", g.detail)
            json.amounts(g.asset, [("entitled", g.entitled)])
            json.time("earnedAt", g.earnedAt)
            json.time("maturesAt", g.maturesAt)
            json.time("expiresAt", g.expiresAt)
        case .tier(let t):
            json.member("kind", "tier")
            json.member("userId", t.userId)
            json.member("tier", t.tier)
        case .badge(let b):
            json.member("kind", "badge")
            json.member("userId", b.userId)
            json.member("badge", b.badge)
            json.member("held", b.isHeld)
        }
    }

    /// Reads an entry, strictly.
    public init(_ value: JSONValue) throws(CorrectionProblem) {
        var reader = try MemberReader(value, "an entry")
        switch try reader.text("kind") {
        case "commission": self = .commission(try CorrectedCommission(&reader))
        case "grants": self = .grants(try CorrectedGrants(&reader))
        case "tier":
            self = .tier(
                CorrectedTier(
                    userId: try reader.text("userId"), tier: Int(clamping: try reader.integer("tier"))))
        case "badge":
            self = .badge(
                CorrectedBadge(
                    userId: try reader.text("userId"), badge: try reader.text("badge"),
                    isHeld: try reader.bool("held")))
        case let other: throw CorrectionProblem("no kind “\(other)”")
        }
        try reader.end()
    }
}

extension CorrectedCommission {
    fileprivate init(_ reader: inout MemberReader) throws(CorrectionProblem) {
        let asset = try reader.asset()
        self.init(
            provider: try reader.text("provider"), paymentId: try reader.text("paymentId"),
            level: Int(clamping: try reader.integer("level")), userId: try reader.text("userId"),
            asset: asset.number, granted: try reader.amount("granted", asset),
            reversed: try reader.amount("reversed", asset), revoked: try reader.amount("revoked", asset),
            maturesAt: try reader.time("maturesAt"))
    }
}

extension CorrectedGrants {
    fileprivate init(_ reader: inout MemberReader) throws(CorrectionProblem) {
        let asset = try reader.asset()
        let name = try reader.text("cause")
        guard let cause = RewardCause.allCases.first(where: { $0.name == name }) else {
            throw CorrectionProblem("cause: “\(name)” is none")
        }
        let side = try reader.text("side")
        guard side == "referrer" || side == "referee" else {
            throw CorrectionProblem("side: “\(side)” is neither referrer nor referee")
        }
        guard let detail = UInt8(exactly: try reader.integer("detail")) else {
            throw CorrectionProblem("detail: 0 to 255")
        }
        guard let earnedAt = try reader.time("earnedAt") else {
            throw CorrectionProblem("earnedAt is missing")
        }
        self.init(
            refereeId: try reader.text("refereeId"), userId: try reader.text("userId"), cause: cause,
            isReferee: side == "referee", detail: detail, asset: asset.number,
            entitled: try reader.amount("entitled", asset), earnedAt: earnedAt,
            maturesAt: try reader.time("maturesAt"), expiresAt: try reader.time("expiresAt"))
    }
}

extension JSONWriter {
    /// An asset and amounts in it.
    fileprivate mutating func amounts(_ number: AssetNumber, _ amounts: [(String, Int64)]) {
        // Rewards are in assets that every ledger knows: see Policy.
        let asset = Asset(number: number)
        member("asset", asset?.code ?? "\(number.rawValue)")
        for (name, amount) in amounts {
            member(name, DecimalText.format(minor: amount, exponent: asset?.exponent ?? 0))
        }
    }

    fileprivate mutating func time(_ name: String, _ moment: Timestamp?) {
        if let moment { member(name, moment.description) }
    }
}

import LedgerDomain
import LedgerLog
import StrictJSON

/// What is wrong with a proposal's file.
public struct ProposalProblem: Error, Sendable, Equatable, CustomStringConvertible {
    /// Stable codes.
    public enum Code: String, Sendable, CaseIterable {
        /// No JSON, or not of this form.
        case form = "proposal.form"
        /// The hash is not that of the content: it was edited.
        case edited = "proposal.edited"
        /// Its legs do not sum to zero in each asset.
        case unbalanced = "proposal.unbalanced"
        /// It was made for another ledger.
        case ledger = "proposal.ledger"
        /// Its entries do not move what its legs say.
        case legs = "proposal.legs"
    }
    /// What kind.
    public let code: Code
    /// One sentence.
    public let message: String
    /// Memberwise.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
    /// For messages.
    public var description: String { "\(code.rawValue): \(message)" }
}

/// What `re-decide` proposes and `correct` appends: entries that make rewards right, and the money that they
/// move, which sums to zero in each asset.
public struct CorrectionProposal: Sendable, Equatable {
    /// A side of what moves: debits above zero.
    public struct Leg: Sendable, Equatable {
        /// `rewardExpense`, `issued`, or `user`.
        public let account: String
        /// Of `user`: whose.
        public let userId: String?
        public let asset: AssetNumber
        /// Minor units; a debit above zero, a credit below.
        public let amount: Int64
    }

    /// The form of the file.
    public static let format = "referral-ledger proposal 1"

    /// The ledger's id, hexadecimal.
    public var ledgerId: String
    public var programme: String
    /// Where the log ended when it was made.
    public var position: LogPosition
    /// From which position facts were decided anew.
    public var from: LogPosition
    /// SHA-256 of the policy that ruled instead, hexadecimal; nil: the recorded ones.
    public var policyHash: String?
    /// Its name.
    public var policyName: String?
    /// The business moment of the correction.
    public var at: Timestamp
    /// What makes it right, in log order.
    public var entries: [CorrectionEntry]
    /// What moves.
    public var legs: [Leg]

    /// From differences: entries of those that have one, and the sums of what changes.
    public init(
        ledgerId: String, programme: String, position: LogPosition, from: LogPosition,
        policy: Policy?, at: Timestamp, differences: [RewardDifference]
    ) {
        self.ledgerId = ledgerId
        self.programme = programme
        self.position = position
        self.from = from
        policyHash = policy.map { SHA256Hasher().hash($0.canonicalJSON()).hex }
        policyName = policy?.name
        self.at = at
        entries = differences.compactMap(\.entry)
        legs = Self.legs(differences)
    }

    private static func legs(_ differences: [RewardDifference]) -> [Leg] {
        var users: [(userId: String, asset: AssetNumber, amount: Int64)] = []
        var places: [String: Int] = [:]
        var sums: [AssetNumber: Int64] = [:]
        for difference in differences {
            guard let asset = difference.asset, difference.change != 0, !difference.isQuarantined else {
                continue
            }
            let key = "\(asset.rawValue) \(difference.userId)"
            if let place = places[key] {
                users[place].amount &+= difference.change
            } else {
                places[key] = users.count
                users.append((difference.userId, asset, difference.change))
            }
            sums[asset, default: 0] &+= difference.change
        }
        var legs: [Leg] = []
        for asset in sums.keys.sorted() {
            let account = asset.isMoney ? "rewardExpense" : "issued"
            legs.append(Leg(account: account, userId: nil, asset: asset, amount: sums[asset] ?? 0))
            for user in users where user.asset == asset && user.amount != 0 {
                legs.append(Leg(account: "user", userId: user.userId, asset: asset, amount: 0 &- user.amount))
            }
        }
        return legs.filter { $0.amount != 0 || $0.userId == nil }
    }

    /// SHA-256 of the content in its one form, hexadecimal: the proposal's name.
    public var hash: String {
        var json = JSONWriter()
        json.beginObject()
        writeMembers(to: &json)
        json.endObject()
        return SHA256Hasher().hash(json.bytes).hex
    }

    /// Entries in the parts that become one command each.
    public func corrections(approvedBy: String, expectedHead: LogPosition?) -> [Command] {
        let name = hash
        let size = Correction.maximumEntries
        let parts = max(1, (entries.count + size - 1) / size)
        return (0..<parts).map { index in
            let part = Array(entries[(index * size)..<min(entries.count, (index + 1) * size)])
            let correction = Correction(
                proposal: name, part: index + 1, parts: parts, approvedBy: approvedBy, entries: part,
                at: at, expectedHead: expectedHead)
            return Command(
                .correct(correction), programme: programme,
                key: Correction.key(proposal: name, part: index + 1),
                actor: Command.Actor(role: .admin, id: approvedBy))
        }
    }

    // MARK: JSON

    private func writeMembers(to json: inout JSONWriter) {
        json.member("format", Self.format)
        json.member("ledgerId", ledgerId)
        json.member("programme", programme)
        json.member("position", position.rawValue)
        json.member("from", from.rawValue)
        if let policyHash { json.member("policyHash", policyHash) }
        if let policyName { json.member("policyName", policyName) }
        json.member("at", at.description)
        json.key("entries")
        Correction.write(entries, to: &json)
        json.key("legs")
        json.beginArray()
        for leg in legs {
            let asset = Asset(number: leg.asset)
            json.beginObject()
            json.member("account", leg.account)
            if let userId = leg.userId { json.member("userId", userId) }
            json.member("asset", asset?.code ?? "\(leg.asset.rawValue)")
            json.member("amount", DecimalText.format(minor: leg.amount, exponent: asset?.exponent ?? 0))
            json.endObject()
        }
        json.endArray()
    }

    /// The file: one JSON document for people to read, its hash in it.
    public func document() -> [UInt8] {
        var json = JSONWriter(pretty: true)
        json.beginObject()
        writeMembers(to: &json)
        json.member("hash", hash)
        json.endObject()
        json.endLine()
        return json.bytes
    }

    /// Reads a file that ``document()`` made.
    /// - Throws: when it is of another form, was edited since, or does not balance.
    public init(document: [UInt8]) throws(ProposalProblem) {
        let value: JSONValue
        do throws(JSONError) { value = try JSONValue.parse(document) } catch {
            throw ProposalProblem(.form, "\(error)")
        }
        let claimed: String
        do throws(CorrectionProblem) {
            var reader = try MemberReader(value, "a proposal")
            guard try reader.text("format") == Self.format else {
                throw CorrectionProblem("format: “\(Self.format)” is due")
            }
            ledgerId = try reader.text("ledgerId")
            programme = try reader.text("programme")
            position = LogPosition(UInt64(max(0, try reader.integer("position"))))
            from = LogPosition(UInt64(max(0, try reader.integer("from"))))
            policyHash = try reader.optionalText("policyHash")
            policyName = try reader.optionalText("policyName")
            guard let at = try reader.time("at") else { throw CorrectionProblem("at is missing") }
            self.at = at
            entries = try Correction.entries(try reader.value("entries"))
            legs = try Self.legs(try reader.value("legs"))
            claimed = try reader.text("hash")
            try reader.end()
        } catch {
            throw ProposalProblem(.form, error.message)
        }
        if claimed != hash {
            throw ProposalProblem(.edited, "the proposal was changed after it was made: its hash is \(hash)")
        }
        var sums: [AssetNumber: Int64] = [:]
        for leg in legs { sums[leg.asset, default: 0] &+= leg.amount }
        if let bad = sums.first(where: { $0.value != 0 }) {
            throw ProposalProblem(.unbalanced, "its legs in asset \(bad.key.rawValue) do not sum to zero")
        }
    }

    private static func legs(_ value: JSONValue) throws(CorrectionProblem) -> [Leg] {
        guard case .array(let elements) = value.kind else {
            throw CorrectionProblem("legs: an array is due, not \(value.kindName)")
        }
        var legs: [Leg] = []
        for element in elements {
            var reader = try MemberReader(element, "a leg")
            let asset = try reader.asset()
            legs.append(
                Leg(
                    account: try reader.text("account"), userId: try reader.optionalText("userId"),
                    asset: asset.number, amount: try reader.amount("amount", asset)))
            try reader.end()
        }
        return legs
    }
}

import LedgerDomain
import StrictJSON

extension CommandLineDecoder {
    /// The line's action; its required fields are there and it has no foreign ones.
    mutating func action(_ type: String) throws(LineFault) -> Command.Action {
        switch type {
        case "payment": return .payment(try payment())
        case "refund": return .refund(try refund())
        case "signup": return .signup(try signup())
        case "issueCode": return .issueCode(try issueCode())
        case "applyCode":
            return .applyCode(ApplyCode(userId: try text(.userId), code: try text(.code), at: try time(.at)))
        case "advanceReferral":
            let stage = try choice(.to, ReferralStage.allCases, \.name)
            return .advanceReferral(
                AdvanceReferral(userId: try text(.userId), to: stage, at: try time(.at)))
        case "convert": return .convert(Convert(userId: try text(.userId), at: try time(.at)))
        case "advance": return .advance(Advance(to: try time(.to)))
        case "publishPolicy": return .publishPolicy(try publishPolicy())
        case "createProgramme": return .createProgramme(try createProgramme())
        default:
            if let action = try moneyAction(type) { return action }
            if let action = try payoutAction(type) { return action }
            if let action = try peopleAction(type) { return action }
            if let action = try repairAction(type) { return action }
            if let action = try reconciliationAction(type) { return action }
            preconditionFailure("a line type without an action: \(type)")
        }
    }

    private mutating func payment() throws(LineFault) -> Payment {
        let (asset, exponent) = try currency()
        return Payment(
            paymentId: try text(.paymentId), provider: try text(.provider), userId: try text(.userId),
            amount: try amount(.amount, exponent: exponent), asset: asset, at: try time(.at),
            commissionableBase: try optionalAmount(.commissionableBase, exponent: exponent))
    }

    private mutating func refund() throws(LineFault) -> Refund {
        let (asset, exponent) = try currency()
        return Refund(
            refundId: try text(.refundId), provider: try text(.provider),
            paymentId: try optionalText(.paymentId), amount: try amount(.amount, exponent: exponent),
            asset: asset, at: try time(.at),
            refundedTotal: try optionalAmount(.refundedTotal, exponent: exponent))
    }

    private func signup() throws(LineFault) -> Signup {
        var signup = Signup(userId: try text(.userId), at: try time(.at))
        signup.country = try optionalText(.country)
        signup.referrerId = try optionalText(.referrerId)
        signup.referralCode = try optionalText(.referralCode)
        signup.personal.email = try optionalText(.email)
        signup.personal.phone = try optionalText(.phone)
        signup.personal.name = try optionalText(.name)
        if has(.metadata) { signup.personal.metadata = try metadata() }
        if has(.signals) { signup.signals = try signals() }
        if has(.signalHashes) { signup.signalHashes = try signalHashes() }
        return signup
    }

    private func issueCode() throws(LineFault) -> IssueCode {
        IssueCode(
            userId: try text(.userId), at: try time(.at), code: try optionalText(.code),
            expiresInDays: try optionalInteger(.expiresInDays))
    }

    // MARK: Objects

    private func signals() throws(LineFault) -> Signup.Signals {
        let object = node(.signals)
        guard object.kind == .object else { throw wrongKind(.signals, "an object") }
        var signals = Signup.Signals()
        for child in scanner.members(of: index(of: .signals)) {
            let member = scanner[child]
            let field = "signals." + scanner.string(member.key)
            let target: WritableKeyPath<Signup.Signals, String?>
            switch field {
            case "signals.ip": target = \.ip
            case "signals.device": target = \.device
            case "signals.paymentMethod": target = \.paymentMethod
            default:
                let offset = Int(member.key.offset) - 1
                throw LineFault(.fieldUnknown, field: field, at: offset, "there is no field “\(field)”")
            }
            guard member.kind == .string else {
                let found = member.kind.words
                throw LineFault(
                    .fieldType, field: field, at: Int(member.offset),
                    "\(field): a string is due, not \(found)")
            }
            signals[keyPath: target] = scanner.string(member.text)
        }
        return signals
    }

    /// Hashes by kind, in the order of the kinds.
    private func signalHashes() throws(LineFault) -> [SignalHash] {
        let object = node(.signalHashes)
        guard object.kind == .object else { throw wrongKind(.signalHashes, "an object") }
        var hashes: [SignalHash] = []
        for child in scanner.members(of: index(of: .signalHashes)) {
            let member = scanner[child]
            let name = scanner.string(member.key)
            let field = "signalHashes." + name
            guard let kind = SignalKind.allCases.first(where: { $0.name == name }) else {
                let offset = Int(member.key.offset) - 1
                throw LineFault(.fieldUnknown, field: field, at: offset, "there is no field “\(field)”")
            }
            guard member.kind == .string, let hash = Bytes16(hex: scanner.bytes(of: member.text)) else {
                throw LineFault(
                    .fieldType, field: field, at: Int(member.offset),
                    "\(field): 32 small hexadecimal digits are due")
            }
            hashes.append(SignalHash(kind: kind, hash: hash))
        }
        return hashes.sorted { $0.kind.rawValue < $1.kind.rawValue }
    }

    /// The object in one way of writing, members by name, so that a host's order of members is not content.
    private func metadata() throws(LineFault) -> String {
        guard node(.metadata).kind == .object else { throw wrongKind(.metadata, "an object") }
        var writer = JSONWriter()
        scanner.writeSorted(index(of: .metadata), to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    // MARK: Policies

    private mutating func publishPolicy() throws(LineFault) -> PublishPolicy {
        let (policy, rules) = try policy()
        return PublishPolicy(policy: policy, effectiveFrom: try time(.effectiveFrom), zoneRules: rules)
    }

    private mutating func createProgramme() throws(LineFault) -> CreateProgramme {
        let asset = try asset(.asset)
        let at = try time(.at)
        let (policy, rules) = try policy()
        return CreateProgramme(
            programmeId: try optionalText(.programme) ?? policy.name, asset: asset.number, at: at,
            policy: policy, zoneRules: rules)
    }

    private func policy() throws(LineFault) -> (Policy, ZoneRules) {
        if has(.policy), has(.preset) {
            let offset = Int(node(.preset).offset)
            throw LineFault(.fieldConflict, field: "preset", at: offset, "policy or preset, not both")
        }
        if has(.preset) {
            let name = try choice(.preset, Policy.presetNames, \.self)
            guard let policy = Policy.preset(named: name) else { preconditionFailure("a preset is known") }
            return (policy, try rules(ofZone: policy.timeZone, at: Int(node(.preset).offset)))
        }
        guard has(.policy) else {
            throw LineFault(.fieldMissing, field: "policy", at: 0, "“policy” or “preset” is missing")
        }
        let object = node(.policy)
        guard object.kind == .object else { throw wrongKind(.policy, "an object") }
        let offset = Int(object.offset)
        var writer = JSONWriter()
        scanner.write(index(of: .policy), to: &writer)
        let policy: Policy
        do throws(PolicyProblems) {
            policy = try Policy.parse(writer.bytes)
        } catch {
            let first = error.problems.first.map { "\($0.path): \($0.reason)" } ?? "invalid"
            throw LineFault(.policyInvalid, field: "policy", at: offset, "policy: \(first)")
        }
        return (policy, try rules(ofZone: policy.timeZone, at: offset))
    }
}

extension JSONObjectScanner {
    /// Writes a value with the members of its objects in the order of their names' bytes.
    func writeSorted(_ index: Int, to writer: inout JSONWriter) {
        switch self[index].kind {
        case .object:
            let children = members(of: index).sorted {
                bytes(of: self[$0].key).lexicographicallyPrecedes(bytes(of: self[$1].key))
            }
            writer.beginObject()
            for child in children {
                unsafe withUTF8(of: self[child].key) { unsafe writer.key($0) }
                writeSorted(child, to: &writer)
            }
            writer.endObject()
        case .array:
            writer.beginArray()
            for child in members(of: index) { writeSorted(child, to: &writer) }
            writer.endArray()
        default: write(index, to: &writer)
        }
    }
}

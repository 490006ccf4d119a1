import LedgerDomain
import StrictJSON

/// Writes commands as their canonical input lines: `type`, then the fields in the order of
/// ``CommandLineDecoder/lineTypes``, no white space, what is absent left out. Decoding the line gives the
/// command back.
///
/// Two things a line cannot say: zone rules, which the reader's system gives by the policy's zone, and the
/// programme of a command that creates one.
public enum CommandLineWriter {
    /// An amount in an asset that has no known code, or in none.
    public struct UnknownAsset: Error, Sendable, Equatable {
        /// Its number; 0 of an amount without an asset.
        public var number: AssetNumber
    }

    /// Writes one line, its line break included.
    /// - Parameters:
    ///   - command: `metadata` is taken to be JSON, as the decoder left it.
    ///   - writer: at the beginning of a line; left so unless an error is thrown, when half a line is there.
    ///   - asset: gives the codes of assets; by default of the fixed ones.
    public static func write(
        _ command: Command, to writer: inout JSONWriter,
        asset: (AssetNumber) -> Asset? = { Asset(number: $0) }
    ) throws(UnknownAsset) {
        writer.beginObject()
        writer.member("type", command.action.typeName)
        try append(command.action, to: &writer, asset: asset)
        writer.text(.key, command.key)
        if case .createProgramme = command.action {} else { writer.text(.programme, command.programme) }
        writer.text(.actor, command.actor.id)
        let usual = command.actor.id == nil ? .system : command.action.usualActorRole
        if command.actor.role != usual { writer.text(.actorRole, command.actor.role.name) }
        writer.text(.correlationId, command.correlationId)
        writer.text(.causation, command.causation)
        writer.endObject()
        writer.endLine()
    }

    /// One line, its line break included; see ``write(_:to:asset:)``.
    public static func line(
        _ command: Command, asset: (AssetNumber) -> Asset? = { Asset(number: $0) }
    ) throws(UnknownAsset) -> [UInt8] {
        var writer = JSONWriter()
        try write(command, to: &writer, asset: asset)
        return writer.bytes
    }

    private static func append(
        _ action: Command.Action, to writer: inout JSONWriter, asset: (AssetNumber) -> Asset?
    ) throws(UnknownAsset) {
        switch action {
        case .signup(let signup): append(signup, to: &writer)
        case .issueCode(let issue):
            writer.text(.userId, issue.userId)
            writer.time(.at, issue.at)
            writer.text(.code, issue.code)
            writer.integer(.expiresInDays, issue.expiresInDays)
        case .applyCode(let apply):
            writer.text(.userId, apply.userId)
            writer.text(.code, apply.code)
            writer.time(.at, apply.at)
        case .advanceReferral(let step):
            writer.text(.userId, step.userId)
            writer.text(.to, step.to.name)
            writer.time(.at, step.at)
        case .convert(let convert):
            writer.text(.userId, convert.userId)
            writer.time(.at, convert.at)
        case .payment(let payment): try append(payment, to: &writer, asset: asset)
        case .refund(let refund): try append(refund, to: &writer, asset: asset)
        case .advance(let advance): writer.time(.to, advance.to)
        case .createProgramme(let create):
            writer.text(.programme, create.programmeId)
            writer.text(.asset, try known(create.asset, asset).code)
            writer.time(.at, create.at)
            writer.policy(create.policy)
        case .publishPolicy(let publish):
            writer.policy(publish.policy)
            writer.time(.effectiveFrom, publish.effectiveFrom)
        default:
            if append(people: action, to: &writer) { return }
            if append(repair: action, to: &writer) { return }
            if try append(reconciliation: action, to: &writer, asset: asset) { return }
            if try append(payout: action, to: &writer, asset: asset) { return }
            try append(money: action, to: &writer, asset: asset)
        }
    }

    private static func append(_ signup: Signup, to writer: inout JSONWriter) {
        writer.text(.userId, signup.userId)
        writer.time(.at, signup.at)
        writer.text(.country, signup.country)
        writer.text(.referrerId, signup.referrerId)
        writer.text(.referralCode, signup.referralCode)
        writer.text(.email, signup.personal.email)
        writer.text(.phone, signup.personal.phone)
        writer.text(.name, signup.personal.name)
        if let metadata = signup.personal.metadata {
            writer.key(FieldID.metadata.name)
            writer.raw(metadata.utf8)
        }
        if !signup.signals.isEmpty {
            writer.key(FieldID.signals.name)
            writer.beginObject()
            if let ip = signup.signals.ip { writer.member("ip", ip) }
            if let device = signup.signals.device { writer.member("device", device) }
            if let method = signup.signals.paymentMethod { writer.member("paymentMethod", method) }
            writer.endObject()
        }
        if !signup.signalHashes.isEmpty {
            writer.key(FieldID.signalHashes.name)
            writer.beginObject()
            for hash in signup.signalHashes { writer.member(hash.kind.name, hash.hash.hex) }
            writer.endObject()
        }
    }

    private static func append(
        _ payment: Payment, to writer: inout JSONWriter, asset: (AssetNumber) -> Asset?
    ) throws(UnknownAsset) {
        let asset = try known(payment.asset, asset)
        writer.text(.paymentId, payment.paymentId)
        writer.text(.provider, payment.provider)
        writer.text(.userId, payment.userId)
        writer.amount(.amount, payment.amount, asset)
        writer.text(.currency, asset.code)
        writer.time(.at, payment.at)
        writer.amount(.commissionableBase, payment.commissionableBase, asset)
    }

    private static func append(
        _ refund: Refund, to writer: inout JSONWriter, asset: (AssetNumber) -> Asset?
    ) throws(UnknownAsset) {
        let asset = try known(refund.asset, asset)
        writer.text(.refundId, refund.refundId)
        writer.text(.provider, refund.provider)
        writer.text(.paymentId, refund.paymentId)
        writer.amount(.amount, refund.amount, asset)
        writer.text(.currency, asset.code)
        writer.time(.at, refund.at)
        writer.amount(.refundedTotal, refund.refundedTotal, asset)
    }

    static func known(
        _ number: AssetNumber, _ asset: (AssetNumber) -> Asset?
    ) throws(UnknownAsset) -> Asset {
        guard let known = asset(number) else { throw UnknownAsset(number: number) }
        return known
    }
}

extension JSONWriter {
    mutating func text(_ field: FieldID, _ text: String?) {
        if let text { member(field.name, text) }
    }

    mutating func time(_ field: FieldID, _ time: Timestamp) {
        member(field.name, time.description)
    }

    mutating func amount(_ field: FieldID, _ minor: Int64?, _ asset: Asset) {
        guard let minor else { return }
        member(field.name, DecimalText.format(minor: minor, exponent: asset.exponent))
    }

    mutating func integer(_ field: FieldID, _ value: Int?) {
        if let value { member(field.name, value) }
    }

    mutating func texts(_ field: FieldID, _ texts: [String]) {
        key(field.name)
        beginArray()
        for text in texts { string(text) }
        endArray()
    }

    mutating func policy(_ policy: Policy) {
        key(FieldID.policy.name)
        policy.write(to: &self)
    }
}

import StrictJSON

extension Policy {
    /// The one JSON form of this policy: every field, in a fixed order, no white space. Equal policies have
    /// equal bytes, and ``parse(_:)`` gives the policy back. Hashes of a policy are over these bytes.
    public func canonicalJSON() -> [UInt8] {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.bytes
    }

    /// The same for a person: two spaces a level and a U+000A at the end. The shipped presets are in this
    /// form.
    public func prettyJSON() -> [UInt8] {
        var writer = JSONWriter(pretty: true)
        write(to: &writer)
        writer.endLine()
        return writer.bytes
    }

    /// Writes the policy as one value, for instance into a larger answer.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", name)
        writer.member("timeZone", timeZone)
        writer.member("weekStart", weekStart.name)
        writer.object("attribution") {
            $0.member("applyWindowDays", attribution.applyWindowDays)
            $0.member("rejectSharedSignals", attribution.rejectSharedSignals)
        }
        writer.object("codes") {
            $0.member("length", codes.length)
            $0.member("alphabet", codes.alphabet)
            $0.member("ttlDays", codes.ttlDays)
            $0.member("oneActive", codes.oneActive)
        }
        writer.object("commission") {
            $0.key("levels")
            $0.beginArray()
            for rate in commission.levels {
                $0.beginObject()
                $0.member("ratePpm", rate)
                $0.endObject()
            }
            $0.endArray()
            $0.member("maxDepth", commission.maxDepth)
            $0.member("rounding", commission.rounding.name)
            $0.member("holdingDays", commission.holdingDays)
        }
        writer.object("workflow") {
            $0.member("paymentAdvancesTo", workflow.paymentAdvancesTo.name)
            $0.key("zeroPaymentAdvancesTo")
            if let stage = workflow.zeroPaymentAdvancesTo { $0.string(stage.name) } else { $0.null() }
            $0.member("conversionStep", workflow.conversionStep.name)
            $0.member("expiryDays", workflow.expiryDays)
        }
        writer.object("periods") { $0.member("graceHours", periods.graceHours) }
        writer.object("withdrawal") { $0.member("approvalRequired", withdrawal.approvalRequired) }
        writer.member("clockToleranceSeconds", clockToleranceSeconds)
        writer.endObject()
    }
}

extension JSONWriter {
    /// Writes a member that is an object.
    fileprivate mutating func object(_ name: String, _ body: (inout JSONWriter) -> Void) {
        key(name)
        beginObject()
        body(&self)
        endObject()
    }
}

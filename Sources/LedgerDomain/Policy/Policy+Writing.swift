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
            $0.objects("levels", of: commission.levels) { $0.member("ratePpm", $1) }
            $0.member("maxDepth", commission.maxDepth)
            $0.member("rounding", commission.rounding.name)
            $0.member("holdingDays", commission.holdingDays)
            $0.member("months", commission.months)
        }
        writer.object("workflow") {
            $0.member("paymentAdvancesTo", workflow.paymentAdvancesTo.name)
            $0.key("zeroPaymentAdvancesTo")
            if let stage = workflow.zeroPaymentAdvancesTo { $0.string(stage.name) } else { $0.null() }
            $0.member("conversionStep", workflow.conversionStep.name)
            $0.member("expiryDays", workflow.expiryDays)
        }
        writer.object("periods") { $0.member("graceHours", periods.graceHours) }
        writeRewards(to: &writer)
        writeCaps(to: &writer)
        writeWithdrawal(to: &writer)
        writer.object("adjustment") {
            $0.member("secondApproverAbove", adjustmentSecondApproverAbove)
        }
        writer.object("fraud") { $0.member("attributionsPerDay", fraudAttributionsPerDay) }
        writer.member("closure", closure.rawValue)
        writer.member("clockToleranceSeconds", clockToleranceSeconds)
        writer.endObject()
    }

    private func writeRewards(to writer: inout JSONWriter) {
        writer.object("rewards") {
            $0.objects("rules", of: rewards.rules) { $1.write(to: &$0) }
            $0.member("revokeOnRevert", rewards.revokeOnRevert)
            $0.member("usedUnits", rewards.usedUnits.rawValue)
        }
        writer.object("tiers") {
            $0.objects("levels", of: tiers.levels) {
                $0.member("name", $1.name)
                $0.member("threshold", $1.threshold)
                $0.member("bonuses", $1.bonuses)
            }
            $0.member("downgrade", tiers.downgrade.rawValue)
            $0.member("bonusClawback", tiers.bonusClawback)
        }
        writer.objects("badges", of: badges) {
            $0.member("name", $1.name)
            $0.member("threshold", $1.threshold)
            $0.member("revocable", $1.revocable)
        }
    }

    private func writeCaps(to writer: inout JSONWriter) {
        writer.object("caps") {
            $0.objects("limits", of: caps) {
                let asset = Asset(ofPolicy: $1.asset)
                $0.member("scope", $1.scope.rawValue)
                $0.member("asset", asset.code)
                $0.member("amount", asset.text($1.amount))
                $0.member("period", $1.period.name)
            }
            $0.member("excess", capExcess.rawValue)
            $0.member("reversalsFree", capReversalsFree)
        }
    }

    private func writeWithdrawal(to writer: inout JSONWriter) {
        writer.object("withdrawal") {
            $0.member("approvalRequired", withdrawal.approvalRequired)
            $0.member("approvalAbove", withdrawal.approvalAbove)
            $0.member("secondApproverAbove", withdrawal.secondApproverAbove)
            $0.member("minimum", withdrawal.minimum)
            $0.object("fee") {
                $0.member("ratePpm", withdrawal.feePpm)
                $0.member("fixed", withdrawal.fixedFee)
            }
            $0.member("taxPpm", withdrawal.taxPpm)
            $0.member("kycLevel", withdrawal.kycLevel)
            $0.member("expiryDays", withdrawal.expiryDays)
            $0.member("onClawback", withdrawal.onClawback.rawValue)
        }
    }
}

extension Policy.Rewards.Rule {
    fileprivate func write(to writer: inout JSONWriter) {
        let asset = Asset(ofPolicy: asset)
        writer.member("stage", stage.name)
        writer.member("side", side.rawValue)
        writer.member("asset", asset.code)
        switch amount {
        case .fixed(let minor): writer.member("amount", asset.text(minor))
        case .byTier(let amounts):
            writer.key("tierAmounts")
            writer.beginArray()
            for minor in amounts { writer.string(asset.text(minor)) }
            writer.endArray()
        }
        writer.member("holdingDays", holdingDays)
        writer.member("expiryDays", expiryDays)
    }
}

extension Asset {
    /// The fixed asset of that number. A policy made in memory may name another: its number stands for the
    /// code then, which no reader takes.
    fileprivate init(ofPolicy number: AssetNumber) {
        self = Asset(number: number) ?? Asset(number: number, code: "\(number.rawValue)", exponent: 0)
    }

    fileprivate func text(_ minor: Int64) -> String { DecimalText.format(minor: minor, exponent: exponent) }
}

extension JSONWriter {
    /// Writes a member that is an object.
    fileprivate mutating func object(_ name: String, _ body: (inout JSONWriter) -> Void) {
        key(name)
        beginObject()
        body(&self)
        endObject()
    }

    /// Writes a member that is an array of objects.
    fileprivate mutating func objects<Element>(
        _ name: String, of elements: [Element], _ body: (inout JSONWriter, Element) -> Void
    ) {
        key(name)
        beginArray()
        for element in elements {
            beginObject()
            body(&self, element)
            endObject()
        }
        endArray()
    }

    /// Writes a member that is a table of amounts.
    fileprivate mutating func member(_ name: String, _ amounts: Policy.Amounts) {
        object(name) {
            for entry in amounts.entries {
                let asset = Asset(ofPolicy: entry.asset)
                $0.member(asset.code, asset.text(entry.amount))
            }
        }
    }
}

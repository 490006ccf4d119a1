import ReferralLedger
import StrictJSON

/// `diff`: two states of views.
enum DiffVerb {
    static let sides = "views, views.next, views.old, fresh (the log alone), or another ledger's folder"

    static let verb = Verb(
        "diff", abstract: "Compares two states: views with views, or with a fresh fold.",
        discussion: """
            A and B are each one of \(sides). Both are taken to the last position that both have. What differs \
            of users is listed with the last event that concerns them, and the sums in money. Ends with 1 when \
            something differs; the hash is what 'swap --approve' takes.
            """,
        section: "Audit",
        examples: [
            .init("Is the rebuild as the live views are?", "referral-ledger diff views views.next"),
            .init("Are the views as the log says?", "referral-ledger diff views fresh"),
        ],
        arguments: [
            .init("A", "The state before."), .init("B", "The state after."),
        ],
        options: [
            .init("to", "POS", "At an earlier position.", kind: .integer(0...Int.max)),
            .init(
                "limit", "N", "Lines listed as text; totals are always whole.", kind: .integer(0...1_000_000),
                default: "50"),
        ],
        action: { (invocation) throws(CLIError) in
            let directory = try invocation.directory()
            let progress = ProgressCell("diff", total: nil, invocation.output)
            let diff: ViewsDiff
            do throws(LedgerError) {
                diff = try Ledger.diff(
                    at: directory, ViewsSide(invocation.parsed.argument("A") ?? ""),
                    ViewsSide(invocation.parsed.argument("B") ?? ""),
                    position: invocation.parsed.int("to").map { LogPosition(UInt64($0)) },
                    progress: { progress.update($0) })
            } catch {
                progress.finish()
                throw CLIError(views: error)
            }
            progress.finish()
            for (name, checkpoint) in [("A", diff.checkpoints.before), ("B", diff.checkpoints.after)] {
                let side = ViewsSide(invocation.parsed.argument(name) ?? "")
                if side == .fresh || checkpoint != nil || diff.position == .start { continue }
                invocation.output.message(
                    "\(name): no checkpoint there can be used; folded from the log alone\n")
            }
            if invocation.isJSON {
                try invocation.output.json { json throws(CLIError) in write(diff, to: &json) }
            } else {
                show(diff, invocation.output, limit: invocation.parsed.int("limit") ?? 50)
            }
            return diff.isEqual ? .done : .differences
        })

    static func show(_ diff: ViewsDiff, _ output: Output, limit: Int) {
        guard let found = diff.difference else {
            output.line(output.style.green("Equal at position \(diff.position): \(diff.after)."))
            return
        }
        if !found.lines.isEmpty, limit > 0 {
            var table = TextTable([
                .text("user"), .text("what"), .text("before"), .text("after"), .number("last event"),
            ])
            for line in found.lines.prefix(limit) {
                table.add([
                    line.key, line.field, line.before, line.after, line.lastEvent.map { "\($0)" } ?? "",
                ])
            }
            output.write(table.text(style: output.style))
            if found.lines.count > limit {
                output.line("\(NumberText.grouped(found.lines.count - limit)) more")
            }
            output.line()
        }
        for sum in found.sums {
            func text(_ minor: Int64) -> String { DecimalText.format(minor: minor, exponent: sum.exponent) }
            output.line(
                DisplayText.safe(
                    "\(sum.programme) \(sum.account): \(text(sum.before)) → \(text(sum.after)) \(sum.asset)"))
        }
        for table in found.tables {
            output.line(
                "table \(table.name): \(Plural.text(table.differing, "row")) differ, "
                    + "\(NumberText.grouped(table.before)) before, \(NumberText.grouped(table.after)) after")
        }
        output.line("before \(diff.before)")
        output.line("after  \(diff.after)")
        output.line("diff   \(diff.hash) at position \(diff.position)")
    }

    static func write(_ diff: ViewsDiff, to json: inout JSONWriter) {
        json.member("position", diff.position)
        json.member("equal", diff.isEqual)
        json.member("before", diff.before)
        json.member("after", diff.after)
        json.member("diffHash", diff.hash)
        json.member("checkpointBefore", diff.checkpoints.before?.rawValue)
        json.member("checkpointAfter", diff.checkpoints.after?.rawValue)
        json.list("users", diff.difference?.lines ?? []) { json, line in
            json.member("key", line.key)
            json.member("field", line.field)
            json.member("before", line.before)
            json.member("after", line.after)
            json.member("lastEvent", line.lastEvent?.rawValue)
        }
        json.list("sums", diff.difference?.sums ?? []) { json, sum in
            json.member("programme", sum.programme)
            json.member("account", sum.account)
            json.member("asset", sum.asset)
            json.member("before", DecimalText.format(minor: sum.before, exponent: sum.exponent))
            json.member("after", DecimalText.format(minor: sum.after, exponent: sum.exponent))
        }
        json.list("tables", diff.difference?.tables ?? []) { json, table in
            json.member("name", table.name)
            json.member("differing", table.differing)
            json.member("before", table.before)
            json.member("after", table.after)
        }
    }
}

/// `swap`: rebuilt views take the place of the live ones.
enum SwapVerb {
    static let verb = Verb(
        "swap", abstract: "Puts rebuilt views in the place of the live ones, if they may.",
        discussion: """
            In one step, while no process writes the ledger. --require-equal: only when both lead to the same \
            state. --approve HASH: when they differ in just what 'diff views views.next' showed. The live ones \
            are kept in views.old/; --back puts them back. Ends with 1 when the gate stays shut.
            """,
        section: "Audit",
        examples: [
            .init("When nothing differs", "referral-ledger swap --require-equal"),
            .init("And back", "referral-ledger swap --back"),
        ],
        options: [.init("approve", "HASH", "The hash that diff has shown.")],
        flags: [
            .init("require-equal", "Only when nothing differs."),
            .init("back", "Puts back what the last swap has put aside."),
        ],
        exclusive: [["approve", "require-equal", "back"]],
        action: { (invocation) throws(CLIError) in
            let directory = try invocation.directory()
            let allows =
                invocation.parsed.flag("back") || invocation.parsed.flag("require-equal")
                || invocation.parsed.string("approve") != nil
            guard allows else {
                throw .usage("nothing allows the swap", hint: "Give --require-equal or --approve HASH.")
            }
            let report: SwapReport
            do throws(LedgerError) {
                if invocation.parsed.flag("back") {
                    report = try Ledger.swapViewsBack(at: directory)
                } else if let hash = invocation.parsed.string("approve") {
                    report = try Ledger.swapViews(at: directory, .approved(hash))
                } else {
                    report = try Ledger.swapViews(at: directory, .equal)
                }
            } catch {
                throw CLIError(views: error)
            }
            if invocation.isJSON {
                try invocation.output.json { json throws(CLIError) in
                    json.member("swapped", report.isSwapped)
                    if let diff = report.diff { DiffVerb.write(diff, to: &json) }
                }
            } else {
                if let diff = report.diff { DiffVerb.show(diff, invocation.output, limit: 50) }
                invocation.output.line(
                    report.isSwapped ? "Swapped: what was there is in views.old." : "Not swapped.")
            }
            return report.isSwapped ? .done : .differences
        })
}

/// `bisect`: where two folds part.
enum BisectVerb {
    static let verb = Verb(
        "bisect", abstract: "Finds the first event at which two states part.",
        discussion: """
            A and B are each one of \(DiffVerb.sides). By halving, from past checkpoints: about 2 × log₂ n folds. \
            Shows the record there in both, and both states. Ends with 1 when they part.
            """,
        section: "Audit",
        examples: [
            .init("Where did the views go wrong?", "referral-ledger bisect views fresh"),
            .init("Where do two ledgers part?", "referral-ledger bisect fresh /var/lib/other"),
        ],
        arguments: [.init("A", "The one state."), .init("B", "The other.")],
        action: { (invocation) throws(CLIError) in
            let directory = try invocation.directory()
            for name in ["A", "B"] {
                try refuseOtherPositions(invocation.parsed.argument(name) ?? "", of: directory)
            }
            let progress = ProgressCell("bisect", total: nil, invocation.output)
            let found: Divergence?
            do throws(LedgerError) {
                found = try Ledger.bisect(
                    at: directory, ViewsSide(invocation.parsed.argument("A") ?? ""),
                    ViewsSide(invocation.parsed.argument("B") ?? ""), progress: { progress.update($0) })
            } catch {
                progress.finish()
                throw CLIError(views: error)
            }
            progress.finish()
            if invocation.isJSON {
                try invocation.output.json { json throws(CLIError) in
                    json.member("equal", found == nil)
                    json.member("position", (found?.event ?? found?.position)?.rawValue)
                    json.member("recordEnd", found?.position.rawValue)
                    json.member("folds", found?.folds)
                    write("eventsBefore", found?.before ?? [], to: &json)
                    write("eventsAfter", found?.after ?? [], to: &json)
                    if let found {
                        json.key("diff")
                        json.beginObject()
                        DiffVerb.write(found.diff, to: &json)
                        json.endObject()
                    }
                }
            } else {
                show(found, invocation.output)
            }
            return found == nil ? .done : .differences
        })

    /// Halving needs positions that mean the same in both logs.
    private static func refuseOtherPositions(_ side: String, of directory: String) throws(CLIError) {
        guard case .ledger(let folder) = ViewsSide(side), let origin = ReDecidedOrigin.read(at: folder),
            !origin.isAligned, ReDecidedOrigin.read(at: directory) != origin
        else { return }
        let why =
            origin.policyHash.map { "was decided under other rules (policy \($0.prefix(12))…)" }
            ?? "holds the facts of this log without what is none, such as the progress of imports"
        throw CLIError(
            .badInput, "\(folder) \(why): its positions are not those of \(directory)",
            hint: "What differs is what 're-decide --policy FILE' lists, fact by fact; "
                + "'user ID --ledger \(folder)' and the like show that state.")
    }

    /// A field's value in one word.
    private static func plain(_ value: LedgerEvent.Value) -> String {
        switch value {
        case .text(let text), .user(let text): text
        case .integer(let number): "\(number)"
        case .amount(let minor, let asset): "\(asset.decimal(minor)) \(asset.code)"
        case .rate(let rate): "\(rate) ppm"
        case .time(let time): "\(time)"
        case .position(let position): "\(position)"
        case .bytes(let count): "\(count) bytes"
        }
    }

    private static func write(_ name: String, _ events: [LedgerEvent], to json: inout JSONWriter) {
        json.list(name, events) { json, event in
            json.member("position", event.position)
            json.member("occurredAt", event.occurredAt.description)
            json.member("type", event.type.name)
        }
    }

    private static func show(_ found: Divergence?, _ output: Output) {
        guard let found else {
            output.line(output.style.green("They agree wherever both have a log."))
            return
        }
        output.line(
            "They part at position \((found.event ?? found.position)), "
                + "found with \(Plural.text(found.folds, "fold")).")
        for (name, events) in [("A", found.before), ("B", found.after)] {
            let types = events.map { "\($0.type.name) at \($0.position)" }.joined(separator: ", ")
            output.line("\(name): \(types.isEmpty ? "no record there" : types)")
        }
        if let place = found.event {
            for (name, events) in [("A", found.before), ("B", found.after)] {
                for event in events where event.position == place {
                    let fields = event.fields.map { "\($0.name) \(DisplayText.safe(plain($0.value)))" }
                    output.line("\(name) at \(place): \(fields.joined(separator: ", "))")
                }
            }
        } else {
            output.line("The records say the same: the states differ by how they were folded.")
        }
        output.line()
        DiffVerb.show(found.diff, output, limit: 50)
    }
}

extension CLIError {
    /// What is missing may be views, and not the ledger.
    fileprivate init(views error: LedgerError) {
        if error.code == .noLedger, error.message.contains("views") {
            self.init(
                .notFound, error.message,
                hint:
                    "'referral-ledger rebuild --side-by-side' makes views.next, a swap puts views.old aside.")
        } else {
            self.init(error)
        }
    }
}

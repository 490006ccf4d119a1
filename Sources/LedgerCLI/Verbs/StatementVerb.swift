import ReferralLedger
import StrictJSON

/// `statement`: every line of a user's account.
enum StatementVerb {
    static let verb = Verb(
        "statement", abstract: "Shows every change of a user's money, oldest first.",
        discussion: "Each line has the change and, behind it, the balance after it.",
        section: "Read",
        examples: [
            .init("All of it", "referral-ledger statement u-13047"),
            .init(
                "As it stood, in one currency", "referral-ledger statement u-13047 --asset GBP --at 125000"),
        ],
        arguments: [.init("ID", "The user.")],
        options: [CommonOptions.at, CommonOptions.programme, CommonOptions.asset],
        action: { (invocation) throws(CLIError) in
            let asset = try invocation.asset()
            return try invocation.withReader { reader throws(CLIError) in
                let programme = try reader.programmeId(invocation.programme)
                let id = invocation.parsed.argument("ID") ?? ""
                let lines = try calling { () throws(LedgerError) in
                    try reader.statement(of: id, asset: asset, programme: programme)
                }
                guard let lines else { throw .unknownUser(id, programme) }
                if invocation.isJSON {
                    try invocation.output.json { json throws(CLIError) in
                        json.member("position", reader.position)
                        json.member("programme", programme)
                        json.member("userId", id)
                        json.list("lines", lines) { json, line in write(line, to: &json) }
                    }
                } else {
                    show(lines, invocation.output)
                }
                return .done
            }
        })

    private static func show(_ lines: [StatementLine], _ output: Output) {
        if lines.isEmpty { return output.line("No money yet.") }
        let owes = lines.contains { $0.receivable != 0 }
        var columns: [TextTable.Column] = [
            .number("position"), .text("time"), .text("what", maxColumns: 60), .text("asset"),
            .number("pending"), .number("→"), .number("available"), .number("→"),
        ]
        if owes { columns += [.number("owed"), .number("→")] }
        var table = TextTable(columns)
        for line in lines {
            let asset = line.asset
            var cells = [
                "\(line.position)", "\(line.occurredAt)", line.text, asset.code,
                asset.change(line.pending), asset.decimal(line.pendingAfter),
                asset.change(line.available), asset.decimal(line.availableAfter),
            ]
            if owes { cells += [asset.change(line.receivable), asset.decimal(line.receivableAfter)] }
            table.add(cells)
        }
        output.write(table.text(style: output.style))
    }

    private static func write(_ line: StatementLine, to json: inout JSONWriter) {
        let asset = line.asset
        json.member("position", line.position)
        json.member("occurredAt", line.occurredAt.description)
        json.member("type", line.type)
        json.member("text", line.text)
        json.member("asset", asset.code)
        json.member("pending", asset.decimal(line.pending))
        json.member("available", asset.decimal(line.available))
        json.member("receivable", asset.decimal(line.receivable))
        json.member("pendingAfter", asset.decimal(line.pendingAfter))
        json.member("availableAfter", asset.decimal(line.availableAfter))
        json.member("receivableAfter", asset.decimal(line.receivableAfter))
    }
}

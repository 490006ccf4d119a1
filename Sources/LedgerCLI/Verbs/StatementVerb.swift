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
            .init(
                "Up to a business time", "referral-ledger statement u-13047 --effective 2011-06-30T23:59:59Z"),
        ],
        arguments: [.init("ID", "The user.")],
        options: [
            CommonOptions.at, CommonOptions.effective, CommonOptions.programme, CommonOptions.asset,
        ],
        action: { (invocation) throws(CLIError) in
            return try invocation.withReader { reader throws(CLIError) in
                let codes = try reader.codes()
                let asset = try invocation.asset(codes)
                let programme = try reader.programmeId(invocation.programme)
                let id = invocation.parsed.argument("ID") ?? ""
                let effective = try invocation.effective(reader)
                let lines = try calling { () throws(LedgerError) -> [StatementLine]? in
                    if let effective {
                        return try effective.statement(of: id, asset: asset, programme: programme)
                    }
                    return try reader.statement(of: id, asset: asset, programme: programme)
                }
                guard let lines else { throw .unknownUser(id, programme) }
                if invocation.isJSON {
                    try invocation.output.json { json throws(CLIError) in
                        json.member("position", reader.position)
                        json.member("effective", effective?.moment)
                        json.member("programme", programme)
                        json.member("userId", id)
                        json.list("lines", lines) { json, line in write(line, codes, to: &json) }
                    }
                } else {
                    show(lines, codes, invocation.output)
                }
                return .done
            }
        })

    /// A kind of money: its change and what it is after a line.
    private typealias Kind = (
        title: String, change: @Sendable (StatementLine) -> Int64, after: @Sendable (StatementLine) -> Int64
    )

    /// Pending and available always; the rest where any line changes it.
    private static let kinds: [Kind] = [
        ("pending", { $0.pending }, { $0.pendingAfter }),
        ("available", { $0.available }, { $0.availableAfter }),
        ("held", { $0.held }, { $0.heldAfter }),
        ("reserved", { $0.reserved }, { $0.reservedAfter }),
        ("owed", { $0.receivable }, { $0.receivableAfter }),
    ]

    private static func show(_ lines: [StatementLine], _ codes: AssetCodes, _ output: Output) {
        if lines.isEmpty { return output.line("No money yet.") }
        let kinds = kinds.enumerated().filter { index, kind in
            index < 2 || lines.contains { kind.change($0) != 0 }
        }.map(\.element)
        var columns: [TextTable.Column] = [
            .number("position"), .text("time"), .text("what", maxColumns: 60), .text("asset"),
        ]
        for kind in kinds { columns += [.number(kind.title), .number("→")] }
        var table = TextTable(columns)
        for line in lines {
            let asset = line.asset
            var cells = ["\(line.position)", "\(line.occurredAt)", line.text, codes.code(asset)]
            for kind in kinds { cells += [asset.change(kind.change(line)), asset.decimal(kind.after(line))] }
            table.add(cells)
        }
        output.write(table.text(style: output.style))
    }

    private static func write(_ line: StatementLine, _ codes: AssetCodes, to json: inout JSONWriter) {
        let asset = line.asset
        json.member("position", line.position)
        json.member("occurredAt", line.occurredAt.description)
        json.member("type", line.type)
        json.member("text", line.text)
        json.member("asset", codes.code(asset))
        json.member("pending", asset.decimal(line.pending))
        json.member("available", asset.decimal(line.available))
        json.member("held", asset.decimal(line.held))
        json.member("reserved", asset.decimal(line.reserved))
        json.member("receivable", asset.decimal(line.receivable))
        json.member("pendingAfter", asset.decimal(line.pendingAfter))
        json.member("availableAfter", asset.decimal(line.availableAfter))
        json.member("heldAfter", asset.decimal(line.heldAfter))
        json.member("reservedAfter", asset.decimal(line.reservedAfter))
        json.member("receivableAfter", asset.decimal(line.receivableAfter))
    }
}

import ReferralLedger
import StrictJSON

/// `tree`: who referred whom.
enum TreeVerb {
    static let verb = Verb(
        "tree", abstract: "Draws the users below a user.",
        discussion:
            "Each line has a user, the stage of the user's own referral, and how many the user referred.",
        section: "Read",
        examples: [
            .init("Three levels", "referral-ledger tree u-13047 --depth 3"),
            .init("A picture", "referral-ledger tree u-13047 --format dot | dot -Tsvg > tree.svg"),
        ],
        arguments: [.init("ID", "The user at the top.")],
        options: [
            .init("depth", "N", "Levels below the user; else all.", kind: .integer(0...1_000_000)),
            .init("width", "N", "Referees drawn of one user; else all.", kind: .integer(0...1_000_000_000)),
            .init(
                "format", "NAME", "How it is written.", kind: .choice(["text", "dot", "json"]),
                default: "text"),
            CommonOptions.at, CommonOptions.effective, CommonOptions.programme,
        ],
        action: { (invocation) throws(CLIError) in
            try invocation.withState { reader throws(CLIError) in
                let programme = try reader.programmeId(invocation.programme)
                let id = invocation.parsed.argument("ID") ?? ""
                let depth = invocation.parsed.int("depth")
                let nodes = try calling { () throws(LedgerError) in
                    try reader.tree(of: id, maximumDepth: depth, limit: .max, programme: programme)
                }
                guard let nodes, !nodes.isEmpty else {
                    throw .unknownUser(id, programme, by: reader.effectiveMoment)
                }
                let format = invocation.isJSON ? "json" : invocation.parsed.string("format")
                switch format {
                case "dot": writeDot(nodes, invocation.output)
                case "json": try writeJSON(nodes, reader, programme, invocation.output)
                default: try draw(nodes, invocation)
                }
                return .done
            }
        })

    private static func draw(_ nodes: [TreeNode], _ invocation: Invocation) throws(CLIError) {
        let output = invocation.output
        let drawing = TreeDrawing<Int>(
            depthLimit: invocation.parsed.int("depth"), childLimit: invocation.parsed.int("width") ?? .max,
            label: { index throws(CLIError) in label(nodes[index]) },
            children: { index, limit throws(CLIError) in
                let node = nodes[index]
                // At the depth limit the children are only counted.
                if node.children.isEmpty { return ([], limit == 0 ? node.referrals : 0) }
                return (Array(node.children.prefix(limit)), node.children.count)
            })
        try drawing.draw(0) { line throws(CLIError) in
            output.line(line)
            return !output.isReaderGone
        }
    }

    private static func label(_ node: TreeNode) -> String {
        var text = node.userId
        if node.stage != .none { text += " · \(node.stage.name)" }
        if node.referrals > 0 { text += " · \(Plural.text(node.referrals, "referral"))" }
        return text
    }

    private static func writeDot(_ nodes: [TreeNode], _ output: Output) {
        func quoted(_ text: String) -> String {
            var escaped = ""
            for character in DisplayText.safe(text) {
                if character == "\"" || character == "\\" { escaped.append("\\") }
                escaped.append(character)
            }
            return "\"\(escaped)\""
        }
        output.line("digraph referrals {")
        output.line("    node [shape=box, style=rounded];")
        for node in nodes {
            output.line("    \(quoted(node.userId)) [tooltip=\(quoted(node.stage.name))];")
            for child in node.children {
                output.line("    \(quoted(node.userId)) -> \(quoted(nodes[child].userId));")
            }
        }
        output.line("}")
    }

    private static func writeJSON(
        _ nodes: [TreeNode], _ reader: LedgerReader, _ programme: String, _ output: Output
    ) throws(CLIError) {
        var parents = [Int?](repeating: nil, count: nodes.count)
        for (index, node) in nodes.enumerated() {
            for child in node.children { parents[child] = index }
        }
        try output.json { json throws(CLIError) in
            json.member("position", reader.position)
            json.member("effective", reader.effectiveMoment)
            json.member("programme", programme)
            json.list("nodes", nodes.indices) { json, index in
                let node = nodes[index]
                json.member("userId", node.userId)
                json.member("parentId", parents[index].map { nodes[$0].userId })
                json.member("depth", node.depth)
                json.member("stage", node.stage.name)
                json.member("referrals", node.referrals)
            }
        }
    }
}

/// Draws a tree with box characters, one node a line.
///
/// Walks depth first and asks for a node's children only when they are drawn, so a tree of millions is drawn
/// as far as its limits reach and no further. It does not recurse: a chain may be as long as it likes.
struct TreeDrawing<Node> {
    /// The line of a node; made safe to show.
    let label: (Node) throws(CLIError) -> String
    /// The children of a node in order, to at most `limit`, and how many there are in all.
    let children: (_ node: Node, _ limit: Int) throws(CLIError) -> (first: [Node], count: Int)
    /// Levels drawn below the root; nil is all. What lies below is told as "… n more".
    var depthLimit: Int?
    /// Children drawn of one node; the others are told as "… n more".
    var childLimit = Int.max

    /// A drawing of nodes that are found by closures.
    init(
        depthLimit: Int? = nil, childLimit: Int = .max,
        label: @escaping (Node) throws(CLIError) -> String,
        children: @escaping (_ node: Node, _ limit: Int) throws(CLIError) -> (first: [Node], count: Int)
    ) {
        precondition(childLimit >= 0 && depthLimit ?? 0 >= 0, "limits are not negative")
        self.depthLimit = depthLimit
        self.childLimit = childLimit
        self.label = label
        self.children = children
    }

    /// A line that waits to be drawn.
    private enum Pending {
        case node(Node, indent: String, depth: Int, isLast: Bool)
        case more(Int, indent: String)
    }

    /// Hands the lines to `emit` from the root down, without newlines. `emit` says whether to go on.
    func draw(_ root: Node, emit: (String) throws(CLIError) -> Bool) throws(CLIError) {
        guard try emit(DisplayText.safe(try label(root))) else { return }
        var pending = try expand(root, indent: "", depth: 0)
        while let next = pending.popLast() {
            switch next {
            case .more(let count, let indent):
                guard try emit("\(indent)└─ … \(count) more") else { return }
            case .node(let node, let indent, let depth, let isLast):
                let text = DisplayText.safe(try label(node))
                guard try emit("\(indent)\(isLast ? "└─" : "├─") \(text)") else { return }
                pending += try expand(node, indent: indent + (isLast ? "   " : "│  "), depth: depth)
            }
        }
    }

    /// The lines under a node, the first on top of the stack.
    private func expand(_ node: Node, indent: String, depth: Int) throws(CLIError) -> [Pending] {
        let limit = depthLimit.map { depth >= $0 } ?? false ? 0 : childLimit
        let (first, count) = try children(node, limit)
        precondition(
            first.count == min(limit, count), "children must give as many as are asked for and there")
        let hidden = count - first.count
        var lines: [Pending] = hidden > 0 ? [.more(hidden, indent: indent)] : []
        for (offset, child) in first.enumerated().reversed() {
            let isLast = hidden == 0 && offset == first.count - 1
            lines.append(.node(child, indent: indent, depth: depth + 1, isLast: isLast))
        }
        return lines
    }
}

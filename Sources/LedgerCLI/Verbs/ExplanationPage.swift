import ReferralLedger

extension Explanation {
    /// `balance of u-1`, `request req-7f3a`.
    var title: String { kind == "request" ? "request \(key)" : "\(kind) of \(key)" }
}

/// An explanation as one HTML page: no script, no outside assets; on screen, on paper, light and dark.
enum ExplanationPage {
    static func html(_ found: Explanation) -> String {
        let title = found.title
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="generator" content="\(escaped(Program.nameAndVersion))">
            <title>\(escaped(title))</title>
            <style>
            \(style)
            </style>
            </head>
            <body>
            <main>
            <h1>\(escaped(title))</h1>
            <p>Programme \(escaped(found.programme)), as of position \(found.position)\
            \(found.effective.map { ", of what had happened by \($0)" } ?? "").</p>
            <dl>
            \(found.facts.map { "<dt>\(escaped($0.name))</dt><dd>\(escaped($0.value))</dd>" }.joined(separator: "\n"))
            </dl>
            <h2>How it came to be</h2>
            <table>
            <thead><tr><th scope="col">When</th><th scope="col">What</th><th scope="col">Change</th>\
            <th scope="col">Rule</th><th scope="col">Event</th></tr></thead>
            <tbody>
            \(found.steps.map(row).joined(separator: "\n"))
            </tbody>
            </table>
            <h2>Rules</h2>
            <ul>
            \(found.policies.map(policy).joined(separator: "\n"))
            </ul>
            <h2>Proof</h2>
            <p>Each event stands in a record that is a leaf of the log's hash tree (RFC 6962) of \
            \(found.treeSize) leaves with root <code>\(escaped(found.logRoot))</code>. The hashes below lead from each leaf to that root: the leaf's \
            own hash first, then each sibling on the way up.</p>
            \(found.proofs.map(proof).joined(separator: "\n"))
            </main>
            </body>
            </html>

            """
    }

    private static func row(_ step: Explanation.Step) -> String {
        let changes = step.changes.map(escaped).joined(separator: "<br>")
        let version = step.policyVersion == 0 ? "" : "policy \(step.policyVersion): "
        return "<tr id=\"e\(step.position)\"><td><time>\(step.occurredAt)</time></td>"
            + "<td>\(escaped(step.text))</td><td class=\"change\">\(changes)</td>"
            + "<td>\(version)\(escaped(step.rule))</td>"
            + "<td>\(step.type.name) at \(step.position), <a href=\"#l\(step.leaf)\">leaf \(step.leaf)</a></td></tr>"
    }

    private static func proof(_ proof: Explanation.Proof) -> String {
        let hashes = ([proof.leafHash] + proof.path).map { "<li><code>\($0.hex)</code></li>" }.joined()
        return
            "<details id=\"l\(proof.leaf)\"><summary>Leaf \(proof.leaf)</summary><ol>\(hashes)</ol></details>"
    }

    private static func policy(_ policy: Explanation.PolicyCited) -> String {
        let from = policy.effectiveFrom.map { "from \($0)" } ?? "from the beginning"
        return
            "<li>Version \(policy.version), \(escaped(policy.name)), \(from): <code>\(policy.hash)</code></li>"
    }

    /// Text as HTML: nothing in it is taken for markup.
    static func escaped(_ text: String) -> String {
        var out = ""
        for character in DisplayText.safe(text).unicodeScalars {
            switch character {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            default: out.unicodeScalars.append(character)
            }
        }
        return out
    }

    private static let style = """
        :root { color-scheme: light dark; }
        body { font: 16px/1.5 system-ui, sans-serif; margin: 0; }
        main { max-width: 72rem; margin: 0 auto; padding: 1.5rem; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.5rem; }
        dt { opacity: .7; }
        dd { margin: 0; font-weight: 600; }
        table { border-collapse: collapse; width: 100%; font-size: .9rem; }
        th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid #8884; }
        time { white-space: nowrap; }
        .change { white-space: nowrap; font-variant-numeric: tabular-nums; }
        code { overflow-wrap: anywhere; }
        details { margin: .25rem 0; } summary { cursor: pointer; } ol { font-size: .8rem; }
        @media (max-width: 48rem) { table, tbody, tr, td { display: block; } thead { display: none; }
        tr { padding: .6rem 0; border-bottom: 1px solid #8888; } td { border: 0; padding: .1rem 0; } }
        @media print { main { padding: 0; max-width: none; } tr { break-inside: avoid; } }
        """
}

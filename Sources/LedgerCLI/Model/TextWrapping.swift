/// Breaking text into lines of at most a number of columns.
enum TextWrapping {
    /// The words of `text` in lines of at most `width` columns; a longer word stands alone. Empty text gives
    /// no line.
    static func wrap(_ text: String, width: Int) -> [String] {
        fill(text.split(whereSeparator: \.isWhitespace).map(String.init), width: width)
    }

    /// Unbreakable parts, parted by one blank, in lines of at most `width` columns.
    static func fill(_ parts: [String], width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        var columns = 0
        for part in parts {
            let partColumns = DisplayText.columns(part)
            if columns > 0, columns + 1 + partColumns > width {
                lines.append(line)
                line = ""
                columns = 0
            }
            if columns > 0 {
                line += " "
                columns += 1
            }
            line += part
            columns += partColumns
        }
        if columns > 0 { lines.append(line) }
        return lines
    }

    /// Paragraphs parted by empty lines, each wrapped; lines that begin with a blank are kept as they are.
    static func paragraphs(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var pending: [Substring] = []
        func flush() {
            lines += wrap(pending.joined(separator: " "), width: width)
            pending = []
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty || line.hasPrefix(" ") {
                flush()
                lines.append(String(line))
            } else {
                pending.append(line)
            }
        }
        flush()
        return lines
    }

    /// Without the blanks at the end.
    static func trimmingEnd(_ line: String) -> String {
        String(line.reversed().drop { $0 == " " }.reversed())
    }
}

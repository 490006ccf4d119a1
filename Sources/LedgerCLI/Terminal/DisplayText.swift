/// Text as a terminal shows it: how wide it is, and made safe to show.
enum DisplayText {
    /// The number of terminal columns that `text` fills.
    ///
    /// Good enough rather than exact: combining marks fill none, East Asian wide letters and emoji two, all
    /// else one; what a joined emoji sequence fills differs from terminal to terminal, two is the common
    /// answer.
    static func columns(_ text: String) -> Int {
        // Nearly everything is ASCII without control characters; styled text is measured before it is styled.
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
        return text.reduce(into: 0) { sum, character in
            sum += character.unicodeScalars.reduce(0) { max($0, columns($1)) }
        }
    }

    /// `text` cut to at most `limit` columns, with "…" for what is missing.
    static func truncated(_ text: String, to limit: Int) -> String {
        guard columns(text) > limit else { return text }
        guard limit > 0 else { return "" }
        var kept = ""
        var used = 0
        for character in text {
            let width = columns(String(character))
            guard used + width <= limit - 1 else { break }
            kept.append(character)
            used += width
        }
        return kept + "…"
    }

    /// `text` padded with blanks to `width` columns; longer text stays as it is.
    static func padded(_ text: String, to width: Int, right: Bool = false) -> String {
        let blanks = String(repeating: " ", count: max(0, width - columns(text)))
        return right ? blanks + text : text + blanks
    }

    /// `text` with every character that could move the cursor, change colours or turn the writing direction
    /// shown as `\u{…}` instead. What users typed into a name must not draw on an operator's screen.
    static func safe(_ text: String, keepingNewlines: Bool = false) -> String {
        func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar.value {
            case 0x0A: !keepingNewlines
            case 0..<0x20, 0x7F..<0xA0: true
            // Bidirectional controls, line and paragraph separators.
            case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
            default: false
            }
        }
        guard text.unicodeScalars.contains(where: isHarmful) else { return text }
        var shown = ""
        for scalar in text.unicodeScalars {
            if isHarmful(scalar) {
                shown += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }

    private static func columns(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: break
        }
        // U+FE0F is a nonspacing mark, so "©️" counts one; that is what most terminals do, too.
        if scalar.properties.isEmojiPresentation { return 2 }
        return wide.contains { $0.contains(scalar.value) } ? 2 : 1
    }

    /// The blocks whose letters are wide or full-width by Unicode's East Asian Width (UAX #11).
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
        0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
        0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
    ]
}

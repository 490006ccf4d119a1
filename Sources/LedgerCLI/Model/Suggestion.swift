/// "Did you mean": the nearest of some known words.
enum Suggestion {
    /// The candidate nearest to `word`, or nil when none is near.
    ///
    /// Near is at most one slip for words up to four letters, two up to eight, three above; or `word` is the
    /// beginning of exactly one candidate. On a tie the candidate that stands first wins. Letter case does
    /// not count.
    static func nearest(to word: String, among candidates: [String]) -> String? {
        let word = word.lowercased()
        guard !word.isEmpty else { return nil }
        let limit = word.count <= 4 ? 1 : (word.count <= 8 ? 2 : 3)
        var best: (distance: Int, candidate: String)?
        for candidate in candidates {
            let distance = distance(word, candidate.lowercased())
            // Nothing of the word left is no likeness, however short both are.
            guard distance <= limit, distance < max(word.count, candidate.count) else { continue }
            if best.map({ distance < $0.distance }) ?? true { best = (distance, candidate) }
        }
        if let best { return best.candidate }
        let begun = candidates.filter { $0.lowercased().hasPrefix(word) }
        return begun.count == 1 ? begun[0] : nil
    }

    /// The least number of letters inserted, deleted, replaced or swapped with a neighbour that turn one word
    /// into the other, no letter touched twice (restricted Damerau–Levenshtein).
    ///
    /// Cost: product of the lengths; words beyond 64 letters are not compared and count as wholly different.
    static func distance(_ first: String, _ second: String) -> Int {
        let a = Array(first)
        let b = Array(second)
        guard a.count <= 64, b.count <= 64 else { return max(a.count, b.count) }
        var beforeLast = [Int](repeating: 0, count: b.count + 1)
        var last = Array(0...b.count)
        for i in 0..<a.count {
            var row = [i + 1]
            for j in 0..<b.count {
                var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    cost = min(cost, beforeLast[j - 1] + 1)
                }
                row.append(cost)
            }
            beforeLast = last
            last = row
        }
        return last[b.count]
    }
}

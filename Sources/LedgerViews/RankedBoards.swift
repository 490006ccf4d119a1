import LedgerDomain
import LedgerState

/// Boards in order, kept until their scores change.
///
/// A ranked copy is made when a board is first asked for after a change: O(n log n) in its scores; after that
/// an entry or rank
/// is a look-up or a binary search. Not thread-safe; used under the views' lock.
public struct RankedBoards {
    /// A place on a board.
    public struct Place: Sendable {
        /// The user's number.
        public var user: UserNumber
        /// A count, or minor units.
        public var score: Int64
        var reached: UInt64
        /// Competition rank: 1 + number of members with a higher score.
        public var rank: Int
    }

    private struct Ranked {
        var changes: UInt32
        var places: [Place]
    }
    private var boards: [Int: Ranked] = [:]

    /// With the defaults.
    public init() {}

    /// The places of a board with scores above zero, best first.
    public mutating func places(of board: Int, _ views: borrowing ViewState) -> [Place] {
        let row = views.boards[board]
        if let known = boards[board], known.changes == row.changes { return known.places }
        var places: [Place] = []
        places.reserveCapacity(Int(row.scores))
        var next = row.first
        while next != 0 {
            let score = views.scores[Int(next) - 1]
            if score.score > 0 {
                places.append(
                    Place(user: UserNumber(score.user), score: score.score, reached: score.reached, rank: 0))
            }
            next = score.next
        }
        places.sort { a, b in
            if a.score != b.score { return a.score > b.score }
            return a.reached != b.reached ? a.reached < b.reached : a.user.rawValue < b.user.rawValue
        }
        for i in places.indices {
            places[i].rank = i > 0 && places[i].score == places[i - 1].score ? places[i - 1].rank : i + 1
        }
        // A bound on memory: the boards of old periods are seldom asked for twice.
        if boards.count >= 64 { boards.removeAll() }
        boards[board] = Ranked(changes: row.changes, places: places)
        return places
    }

    /// A user's rank: from the score, by binary search. Nil when the score is not above zero.
    public mutating func rank(of user: UserNumber, on board: Int, _ views: borrowing ViewState) -> Place? {
        guard let number = views.findScore(board, user) else { return nil }
        let score = views.scores[number]
        guard score.score > 0 else { return nil }
        let places = places(of: board, views)
        var low = 0
        var high = places.count
        while low < high {
            let middle = (low + high) / 2
            if places[middle].score > score.score { low = middle + 1 } else { high = middle }
        }
        return Place(user: user, score: score.score, reached: score.reached, rank: low + 1)
    }
}

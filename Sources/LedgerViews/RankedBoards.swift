import LedgerDomain
import LedgerState
import Platform

/// A board in order, as it was at one position. Never changes: readers need no lock, and go on with theirs
/// while the next one is made.
///
/// Memory: 20 bytes a place, and four for each user of the ledger.
public final class RankedBoard: Sendable {
    /// A place on a board.
    public struct Place: Sendable {
        /// The user's number.
        public var user: UserNumber
        /// A count, or minor units.
        public var score: Int64
        /// Competition rank: 1 + number of members with a higher score.
        public var rank: Int
    }

    /// The same places, whoever asks at which position.
    final class Order: Sendable {
        let users: [UInt32]
        let scores: [Int64]
        let reached: [UInt64]
        /// By user: index + 1.
        let places: [UInt32]
        /// Texts of the first users, as far as they were asked for.
        let names = NameCache()

        var byteCount: Int { users.count * 20 + places.count * 4 }

        init(users: [UInt32], scores: [Int64], reached: [UInt64], places: [UInt32]) {
            self.users = users
            self.scores = scores
            self.reached = reached
            self.places = places
        }
    }

    let order: Order
    /// Where the log stood.
    public let position: LogPosition

    init(_ order: Order, _ position: LogPosition) {
        self.order = order
        self.position = position
    }

    /// Members with a score above zero.
    public var size: Int { order.users.count }

    /// A place by index, from 0. Cost: a binary search.
    public func place(_ index: Int) -> Place {
        Place(
            user: UserNumber(order.users[index]), score: order.scores[index],
            rank: rank(of: order.scores[index]))
    }

    /// A user's place; nil when the score is not above zero. Cost: a look-up and a binary search.
    public func place(of user: UserNumber) -> Place? {
        guard Int(user.rawValue) < order.places.count else { return nil }
        let index = Int(order.places[Int(user.rawValue)]) - 1
        if index < 0 { return nil }
        let score = order.scores[index]
        return Place(user: user, score: score, rank: rank(of: score))
    }

    private func rank(of score: Int64) -> Int {
        var low = 0
        var high = order.scores.count
        while low < high {
            let middle = (low + high) / 2
            if order.scores[middle] > score { low = middle + 1 } else { high = middle }
        }
        return low + 1
    }

    /// The ids of the first `count` users; `read` is asked for those that nobody has asked for yet.
    public func names<E: Error>(
        first count: Int, _ read: (Range<Int>) throws(E) -> [String]
    ) throws(E) -> [String] {
        let wanted = min(max(0, count), size)
        let known = order.names.first(wanted)
        if known.count == wanted { return known }
        let all = try known + read(known.count..<wanted)
        order.names.keep(all)
        return all
    }

    /// Texts that were read once.
    final class NameCache: @unchecked Sendable {
        // Proof of Sendable: `names` is only touched with `lock` held.
        /// More than this is read again: few ask for it.
        private static let bound = 1_000
        private let lock = Lock()
        private var names: [String] = []

        func first(_ count: Int) -> [String] {
            lock.locked { names.count >= count ? Array(names.prefix(count)) : names }
        }
        func keep(_ more: [String]) {
            lock.locked { if more.count > names.count, more.count <= Self.bound { names = more } }
        }
    }
}

/// Boards in order, made when first asked for and kept up by what has changed since.
///
/// The first time costs O(n log n) in the scores of a board. After that the changed users are sorted and
/// merged with the order that was: O(n + k log k). Not thread-safe; used under the views' lock. The boards it
/// gives are safe from any thread.
public struct RankedBoards {
    /// Bounds on memory: boards of old periods are seldom asked for twice.
    private static let bound = 64
    private static let byteBound = 256 << 20

    private struct Kept {
        var board: Int
        var series: Int
        var ranked: RankedBoard
    }
    private var kept: [BoardKey: Kept] = [:]

    /// With the defaults.
    public init() {}

    /// A board as of where the views stand.
    public mutating func board(_ key: BoardKey, _ views: inout ViewState) -> RankedBoard {
        let position = views.head.position
        if let known = kept[key] {
            if known.ranked.position != position { refresh(known.series, &views) }
            return kept[key]!.ranked
        }
        guard let number = views.findBoard(key) else {
            return RankedBoard(.init(users: [], scores: [], reached: [], places: []), position)
        }
        let bytes = kept.values.reduce(0) { $0 + $1.ranked.order.byteCount }
        if kept.count >= Self.bound || bytes > Self.byteBound { dropAll(&views) }
        let series = views.series(of: number)
        views.watch(series)
        let ranked = RankedBoard(Self.sorted(number, views), position)
        kept[key] = Kept(board: number, series: series, ranked: ranked)
        return ranked
    }

    /// Lets go of all of them.
    public mutating func dropAll(_ views: inout ViewState) {
        kept.removeAll()
        views.unwatchAll()
    }

    /// Whether any is kept.
    public var isEmpty: Bool { kept.isEmpty }

    /// Brings the kept boards of a series to where the views stand.
    private mutating func refresh(_ series: Int, _ views: inout ViewState) {
        let position = views.head.position
        let changed = views.takeChanges(series)
        let users = changed.map { Array(Set($0)).sorted() }
        for (key, old) in kept where old.series == series {
            let order: RankedBoard.Order
            if let users {
                order =
                    users.isEmpty ? old.ranked.order : Self.merged(old.ranked.order, users, old.board, views)
            } else {
                order = Self.sorted(old.board, views)
            }
            kept[key]!.ranked = RankedBoard(order, position)
        }
    }

    private struct Entry {
        var user: UInt32
        var score: Int64
        var reached: UInt64

        /// Higher scores first; then who reached it earlier; then the older user.
        func precedes(_ other: Entry) -> Bool {
            if score != other.score { return score > other.score }
            return reached != other.reached ? reached < other.reached : user < other.user
        }
    }

    private static func sorted(_ board: Int, _ views: borrowing ViewState) -> RankedBoard.Order {
        var entries: [Entry] = []
        views.visitScores(of: board) { user, score, reached in
            if score > 0 { entries.append(Entry(user: user, score: score, reached: reached)) }
        }
        entries.sort { $0.precedes($1) }
        var builder = OrderBuilder(entries.count, users: Int(entries.map(\.user).max().map { $0 + 1 } ?? 0))
        for entry in entries { builder.add(entry.user, entry.score, entry.reached) }
        return builder.order()
    }

    /// The order that was, without the users that have changed, and with what these have now.
    private static func merged(
        _ old: RankedBoard.Order, _ users: [UInt32], _ board: Int, _ views: borrowing ViewState
    ) -> RankedBoard.Order {
        var fresh: [Entry] = []
        var stays = [Bool](repeating: true, count: old.users.count)
        for user in users {
            if Int(user) < old.places.count, old.places[Int(user)] != 0 {
                stays[Int(old.places[Int(user)]) - 1] = false
            }
            if let now = views.standing(of: UserNumber(user), on: board), now.score > 0 {
                fresh.append(Entry(user: user, score: now.score, reached: now.reached))
            }
        }
        fresh.sort { $0.precedes($1) }
        var builder = OrderBuilder(
            old.users.count + fresh.count, users: max(old.places.count, Int(users.last ?? 0) + 1))
        var next = 0
        for i in old.users.indices where stays[i] {
            let entry = Entry(user: old.users[i], score: old.scores[i], reached: old.reached[i])
            while next < fresh.count, fresh[next].precedes(entry) {
                builder.add(fresh[next].user, fresh[next].score, fresh[next].reached)
                next += 1
            }
            builder.add(entry.user, entry.score, entry.reached)
        }
        for entry in fresh[next...] { builder.add(entry.user, entry.score, entry.reached) }
        return builder.order()
    }

    /// Collects places, best first.
    private struct OrderBuilder {
        private var users: [UInt32] = []
        private var scores: [Int64] = []
        private var reached: [UInt64] = []
        private var places: [UInt32]

        init(_ capacity: Int, users count: Int) {
            users.reserveCapacity(capacity)
            scores.reserveCapacity(capacity)
            reached.reserveCapacity(capacity)
            places = [UInt32](repeating: 0, count: count)
        }

        @inline(__always)
        mutating func add(_ user: UInt32, _ score: Int64, _ at: UInt64) {
            users.append(user)
            scores.append(score)
            reached.append(at)
            places[Int(user)] = UInt32(users.count)
        }

        func order() -> RankedBoard.Order {
            RankedBoard.Order(users: users, scores: scores, reached: reached, places: places)
        }
    }
}

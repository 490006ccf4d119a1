import Foundation
import LedgerDomain
import NaiveModel
import Testing

@testable import LedgerState
@testable import ReferralLedger

/// Views beside the live ones; where two states part.
@Suite struct ViewsTests {
    private final class Folder {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("views-\(UUID().uuidString)")
            .path
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private static func options() -> LedgerOptions {
        var options = LedgerOptions()
        (options.logMapBytes, options.viewsMapBytes) = (1 << 32, 1 << 32)
        options.checkpointEvents = 0
        return options
    }

    private static let day0: Int64 = 1_767_225_600_000_000_000

    private static func at(_ hours: Int) -> Timestamp {
        Timestamp(nanoseconds: day0 + Int64(hours) * 3_600_000_000_000)
    }

    /// A chain of ten users who pay in turn.
    private static func commands(_ range: Range<Int>) -> [Command] {
        range.map { number in
            if number < 10 {
                return Command(
                    .signup(
                        Signup(
                            userId: "u\(number)", at: at(0), referrerId: number == 0 ? nil : "u\(number - 1)")
                    ))
            }
            return Command(
                .payment(
                    Payment(
                        paymentId: "p\(number)", provider: "shop", userId: "u\(number % 10)",
                        amount: 100_00 + Int64(number), asset: .usd, at: at(number))))
        }
    }

    private func ledger(_ folder: Folder, _ commands: [Command]) throws -> Ledger {
        let ledger = try Ledger.create(
            at: folder.path, programme: ProgrammeSetup(id: "p", asset: "USD", preset: "two-level"),
            options: Self.options())
        for outcome in try ledger.submit(commands) where outcome.name != "accepted" {
            Issue.record("\(outcome)")
        }
        return ledger
    }

    /// Changes a row behind the ledger's back: as a fault in a fold would.
    private func plant(_ ledger: Ledger, member: Int) {
        ledger.writer.atBoundary { core in
            core.members.edit(member, &core.undo).pointee.conversions += 1
        }
    }

    @Test("a rebuild beside is equal, takes the place of the live views, and gives it back")
    func swap() throws {
        let folder = Folder()
        let ledger = try ledger(folder, Self.commands(0..<200))
        // The ledger goes on while it is made.
        let report = try ledger.rebuildBeside(stretch: 100, options: Self.options())
        #expect(report.stateDigest == (try ledger.current.digest().value))
        #expect(throws: LedgerError.self, "the ledger is being written") {
            try Ledger.swapViews(at: folder.path, .equal, options: Self.options())
        }
        ledger.close()
        let diff = try Ledger.diff(at: folder.path, .live, .next, options: Self.options())
        #expect(diff.isEqual && diff.difference == nil)
        #expect(try Ledger.swapViews(at: folder.path, .equal, options: Self.options()).isSwapped)
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/views.next"))
        let again = try Ledger.open(at: folder.path, options: Self.options())
        #expect(try again.current.digest().value == report.stateDigest)
        again.close()
        #expect(try Ledger.swapViewsBack(at: folder.path).isSwapped)
        #expect(try Ledger.verify(at: folder.path, options: Self.options()).isClean)
    }

    @Test("views of which no checkpoint can be used are not put in place, forth or back")
    func unusable() throws {
        let (folder, other) = (Folder(), Folder())
        try ledger(folder, Self.commands(0..<60)).close()
        try ledger(other, Self.commands(0..<60)).close()
        // Stretches shorter than a record end, too.
        _ = try Ledger.rebuildBeside(at: folder.path, stretch: 1, options: Self.options())
        let next = folder.path + "/views.next/data.mdb"
        let mine = try Data(contentsOf: URL(fileURLWithPath: next))
        let foreign = try Data(contentsOf: URL(fileURLWithPath: other.path + "/views/data.mdb"))
        try foreign.write(to: URL(fileURLWithPath: next))
        let diff = try Ledger.diff(at: folder.path, .live, .next, options: Self.options())
        #expect(diff.isEqual && diff.checkpoints.before != nil && diff.checkpoints.after == nil)
        func broken(_ body: () throws -> Void) {
            #expect(performing: body, throws: { ($0 as? LedgerError)?.code == .broken })
        }
        for gate in [SwapGate.equal, .approved(diff.hash)] {
            broken { _ = try Ledger.swapViews(at: folder.path, gate, options: Self.options()) }
        }
        try mine.write(to: URL(fileURLWithPath: next))
        // A wrong hash opens nothing, even where nothing differs.
        #expect(
            !(try Ledger.swapViews(at: folder.path, .approved("other"), options: Self.options()).isSwapped))
        #expect(try Ledger.swapViews(at: folder.path, .equal, options: Self.options()).isSwapped)
        try foreign.write(to: URL(fileURLWithPath: folder.path + "/views.old/data.mdb"))
        broken { _ = try Ledger.swapViewsBack(at: folder.path) }
    }

    @Test("a rebuild that was stopped goes on from its last checkpoint", arguments: [1, 2])
    func resume(threads: Int) throws {
        let folder = Folder()
        let ledger = try ledger(folder, Self.commands(0..<150))
        let first = try ledger.rebuildBeside(stretch: 64, options: Self.options())
        _ = try ledger.submit(Self.commands(150..<400))
        var seen: [UInt64] = []
        let second = try ledger.rebuildBeside(
            resume: true, threads: threads, stretch: 64, options: Self.options()
        ) { done, _ in seen.append(done) }
        #expect(seen.allSatisfy { $0 > first.position.rawValue } && seen.count > 3)
        #expect(second.stateDigest == (try ledger.current.digest().value))
        ledger.close()
        #expect(try Ledger.diff(at: folder.path, .fresh, .next, options: Self.options()).isEqual)
    }

    @Test("a fault in the views: found by diff, kept out by the gate, let in with its hash, found by bisect")
    func planted() throws {
        let folder = Folder()
        let ledger = try ledger(folder, Self.commands(0..<300))
        try ledger.checkpoint()
        plant(ledger, member: 3)
        _ = try ledger.submit(Self.commands(300..<500))
        let faulty = ledger.current.position
        try ledger.checkpoint()
        _ = try ledger.submit(Self.commands(500..<700))
        ledger.close()
        _ = try Ledger.rebuildBeside(at: folder.path, options: Self.options())
        let diff = try Ledger.diff(at: folder.path, .live, .next, options: Self.options())
        #expect(!diff.isEqual)
        #expect(
            diff.difference?.lines.map(\.key) == ["p/u3"]
                && diff.difference?.lines.map(\.field) == ["conversions"])
        #expect(diff.difference?.tables.map(\.name) == ["members"] && diff.difference?.sums == [])
        let found = try #require(try Ledger.bisect(at: folder.path, .live, .fresh, options: Self.options()))
        // Before its checkpoint the state is folded from the sound one.
        #expect(found.position == faulty)
        let bound = 2 * (UInt64.bitWidth - (diff.position.rawValue - 1).leadingZeroBitCount) + 6
        #expect(found.folds <= bound, "\(found.folds) folds of at most \(bound)")
        #expect(found.before.map(\.type) == found.after.map(\.type) && !found.before.isEmpty)
        #expect(!(try Ledger.swapViews(at: folder.path, .equal, options: Self.options()).isSwapped))
        #expect(
            !(try Ledger.swapViews(at: folder.path, .approved("other"), options: Self.options()).isSwapped))
        #expect(
            try Ledger.swapViews(at: folder.path, .approved(diff.hash), options: Self.options()).isSwapped)
        #expect(try Ledger.diff(at: folder.path, .live, .fresh, options: Self.options()).isEqual)
        #expect(!(try Ledger.diff(at: folder.path, .old, .fresh, options: Self.options()).isEqual))
    }

    @Test("two ledgers that part at a planted payment: found in O(log n) folds", arguments: [11, 250, 699])
    func bisect(parting: Int) throws {
        let (one, other) = (Folder(), Folder())
        let a = try ledger(one, Self.commands(0..<700))
        var commands = Self.commands(0..<700)
        if case .payment(var payment) = commands[parting].action {
            payment.amount += 1_00
            commands[parting].action = .payment(payment)
        }
        let b = try ledger(other, commands)
        let end = a.current.position
        for ledger in [a, b] { ledger.close() }
        let found = try #require(
            try Ledger.bisect(at: one.path, .fresh, .ledger(other.path), options: Self.options()))
        let paid = found.after.first(where: { $0.type == .paymentReceived })
        #expect(paid?["paymentId"] == .text("p\(parting)"), "\(found.position)")
        #expect(found.folds <= 2 * (UInt64.bitWidth - (end.rawValue - 1).leadingZeroBitCount) + 6)
        #expect(
            found.diff.difference?.sums.contains { $0.account == "paid" && $0.after - $0.before == 1_00 }
                == true)
        #expect(try Ledger.bisect(at: one.path, .fresh, .ledger(one.path), options: Self.options()) == nil)
    }

    @Test("what is not there")
    func edges() throws {
        let folder = Folder()
        let ledger = try ledger(folder, Self.commands(0..<20))
        ledger.close()
        #expect(throws: LedgerError.self) { try Ledger.swapViews(at: folder.path, .equal) }
        #expect(throws: LedgerError.self) { try Ledger.swapViewsBack(at: folder.path) }
        #expect(throws: LedgerError.self) { try Ledger.diff(at: folder.path, .live, .next) }
        #expect(throws: LedgerError.self) { try Ledger.rebuildBeside(at: "/nonexistent") }
    }
}

import ReferralLedger
import Synchronization

extension Scenario {
    /// Plays the scenario in a fresh ledger and says what did not hold.
    ///
    /// Nothing depends on the machine's clock or on chance: the wall clock stands at the latest time that a
    /// line has named (or where a `clock` line puts it), and drawn codes count up. After the last step the
    /// books must sum to zero in each asset, the log must pass `verify`, and views that are folded anew must
    /// have the same digest.
    /// Cost: about a sync of the folder's disk a command.
    /// - Parameter directory: A folder that does not exist; it is left there.
    public func run(in directory: String) throws(LedgerError) -> ScenarioResult {
        let clock = ScenarioClock(first)
        let ledger = try Ledger.create(
            at: directory, programme: ProgrammeSetup(id: programme, asset: asset.code, policy: policy),
            options: clock.options)
        var check = ScenarioCheck(ledger)
        do throws(LedgerError) {
            for step in steps {
                switch step {
                case .command(let step):
                    clock.reach(step.command.action.occurredAt)
                    check.record(step, try ledger.submit(step.command))
                case .wallClock(let moment): clock.stand(at: moment)
                case .expectation(let expectation): try check.hold(expectation)
                }
            }
            try check.booksBalance(line)
        } catch {
            ledger.close()
            throw error
        }
        let digest = try ledger.current.digest().value
        ledger.close()
        try check.logHolds(line, directory, digest, clock.options)
        return check.result
    }

    /// As ``run(in:)``, in a folder of its own that is gone afterwards.
    public func run() throws(LedgerError) -> ScenarioResult {
        let folder = try TemporaryFolder()
        return try run(in: folder.path + "/ledger")
    }

    /// The earliest moment that counts: the first command's.
    private var first: Timestamp {
        for step in steps {
            switch step {
            case .command(let step): return step.command.action.occurredAt
            case .wallClock(let moment): return moment
            case .expectation: continue
            }
        }
        return Timestamp(nanoseconds: 0)
    }
}

/// The wall clock of a scenario.
private final class ScenarioClock: Sendable {
    private let now: Atomic<Int64>
    private let isFixed = Atomic<Bool>(false)
    private let codes = Atomic<UInt64>(0)

    init(_ first: Timestamp) { now = Atomic(first.nanoseconds) }

    func reach(_ moment: Timestamp) {
        if isFixed.load(ordering: .relaxed) { return }
        now.max(moment.nanoseconds, ordering: .sequentiallyConsistent)
    }

    func stand(at moment: Timestamp) {
        isFixed.store(true, ordering: .relaxed)
        now.store(moment.nanoseconds, ordering: .sequentiallyConsistent)
    }

    var options: LedgerOptions {
        var options = LedgerOptions()
        options.logMapBytes = 1 << 30
        options.viewsMapBytes = 1 << 30
        options.clock = { self.now.load(ordering: .sequentiallyConsistent) }
        options.drawCode = { length, alphabet in
            var rest = self.codes.add(1, ordering: .sequentiallyConsistent).newValue
            var code = [UInt8](repeating: alphabet[0], count: length)
            for place in code.indices.reversed() where rest > 0 {
                code[place] = alphabet[Int(rest % UInt64(alphabet.count))]
                rest /= UInt64(alphabet.count)
            }
            return code
        }
        return options
    }
}

/// A folder that goes with its owner: under `TMPDIR`; without it in memory where `/dev/shm` can be written, as
/// nothing of it need outlive the process; else under `/tmp`.
struct TemporaryFolder: ~Copyable {
    let path: String

    init() throws(LedgerError) { path = try ScratchFolders.make(in: ["/dev/shm", "/tmp"]) }

    deinit { ScratchFolders.remove(path) }
}

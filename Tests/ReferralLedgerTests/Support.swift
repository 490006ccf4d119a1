import Foundation
import LedgerDomain
import LedgerExchange
import NaiveModel
import ReferralLedger
import Testing

/// A folder that goes away with the value.
final class TemporaryFolder {
    let path: String
    init() {
        path =
            FileManager.default.temporaryDirectory.appendingPathComponent("ledger-\(UUID().uuidString)").path
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Options for tests: a clock that stands still unless told, no background checkpoints.
func testOptions(_ change: (inout LedgerOptions) -> Void = { _ in }) -> LedgerOptions {
    var options = LedgerOptions()
    options.logMapBytes = 1 << 32
    options.viewsMapBytes = 1 << 32
    options.checkpointEvents = 0
    change(&options)
    return options
}

/// A fresh two-level ledger in a folder of its own.
func makeLedger(
    _ folder: TemporaryFolder, asset: String = "USD", policy: Policy? = nil,
    options: LedgerOptions = testOptions()
) throws -> Ledger {
    let rules = policy ?? Policy.preset(named: "two-level")!
    return try Ledger.create(
        at: folder.path, programme: ProgrammeSetup(id: "two-level", asset: asset, policy: rules),
        options: options)
}

/// A ledger with 350 lines of a random programme.
func makeRandomLedger(_ folder: TemporaryFolder, policyName: String, seed: UInt64) throws -> Ledger {
    let policy = try #require(RandomPolicy.all.first { $0.name == policyName })
    let ledger = try makeLedger(
        folder, asset: policy.asset, policy: try Policy.parse(Array(policy.json.utf8)))
    var feeder = LineFeeder(ledger, asset: policy.asset)
    for line in MainLineProgramme.lines(seed: seed, policy: policy, lines: 350) {
        _ = try feeder.submit(line)
    }
    return ledger
}

/// Decodes and submits lines one by one; what cannot be decoded is reported as such.
struct LineFeeder {
    var decoder: CommandLineDecoder
    let ledger: Ledger

    init(_ ledger: Ledger, asset: String = "USD") {
        self.ledger = ledger
        decoder = CommandLineDecoder(defaultAsset: Asset(code: asset)!)
    }

    /// The outcome's name, and the code of a refusal.
    mutating func submit(_ line: String) throws -> (name: String, code: String?) {
        let command: Command
        do {
            command = try decoder.decode(line)
        } catch {
            return ("refused", error.code.rawValue)
        }
        let outcome = try ledger.submit(command)
        if case .refused(let refusal) = outcome { return ("refused", refusal.code.rawValue) }
        return (outcome.name, nil)
    }
}

func at(_ text: String) -> Timestamp { try! Timestamp(text) }

/// What tests do to a ledger's files.
enum Folders {
    static func removeViews(of folder: TemporaryFolder) throws {
        try FileManager.default.removeItem(atPath: folder.path + "/views")
    }
}

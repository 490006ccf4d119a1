import Foundation
import Testing

/// The programme of `Fixtures/everything`: every event that moves money, and names that no other program would
/// take as they are.
enum Everything {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Fixtures/everything")

    /// A sandbox with all of it imported.
    static func sandbox() throws -> Sandbox {
        let box = try Sandbox()
        let policy = folder.appendingPathComponent("policy.json").path
        let made = try box.run("init", "--asset", "GBP", "--policy", policy)
        try #require(made.code == 0, "\(made.err)")
        let run = try box.run("import", folder.appendingPathComponent("facts.jsonl").path, "--json")
        try #require(run.code == 0, "\(run.out)\(run.err)")
        #expect(try run.number("parked") == 1)
        return box
    }
}

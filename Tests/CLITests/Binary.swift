import Foundation
import Testing

/// The built program, and what a run of it gave.
enum Binary {
    /// Beside the test binary, where the build puts both.
    static let path: String = {
        let own = try! FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let beside = URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent(
            "referral-ledger")
        if FileManager.default.isExecutableFile(atPath: beside.path) { return beside.path }
        // A runner of the toolchain's loads the tests as a bundle: its path is among the arguments.
        let bundle = CommandLine.arguments.first { $0.contains(".xctest") } ?? ""
        var folder = URL(fileURLWithPath: bundle).deletingLastPathComponent()
        while folder.path != "/" {
            let candidate = folder.appendingPathComponent("referral-ledger")
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: candidate.path, isDirectory: &isFolder),
                !isFolder.boolValue
            {
                return candidate.path
            }
            folder = folder.deletingLastPathComponent()
        }
        fatalError("no built referral-ledger beside \(own)")
    }()
}

/// How a run ended, and what it wrote.
struct Run {
    let code: Int32
    let out: String
    let err: String

    /// The one JSON object of stdout.
    var json: [String: Any] {
        get throws {
            try #require(JSONSerialization.jsonObject(with: Data(out.utf8)) as? [String: Any], "\(out)\(err)")
        }
    }

    /// A member that is a number.
    func number(_ name: String) throws -> Int {
        try #require(try json[name] as? Int, "\(name) in \(out)\(err)")
    }

    /// A member that is a text.
    func text(_ name: String) throws -> String {
        try #require(try json[name] as? String, "\(name) in \(out)\(err)")
    }
}

/// A folder of a test's own with a ledger in it, and runs of the program there.
final class Sandbox {
    let folder: URL
    /// The ledger's folder.
    var ledger: URL { folder.appendingPathComponent("ledger") }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("cli-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Writes a file of this folder and gives its path.
    @discardableResult
    func file(_ name: String, _ text: String) throws -> String { try file(name, Data(text.utf8)) }

    @discardableResult
    func file(_ name: String, _ data: Data) throws -> String {
        let url = folder.appendingPathComponent(name)
        try data.write(to: url)
        return url.path
    }

    /// Starts the program. Its output goes to files, so that no pipe fills up.
    func start(
        _ words: [String], input: Any? = FileHandle.nullDevice, program: String = Binary.path,
        ledger: URL? = nil, name: String = UUID().uuidString, environment more: [String: String] = [:]
    ) throws -> Started {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = words
        var environment = ProcessInfo.processInfo.environment
        environment["REFERRAL_LEDGER_DIR"] = (ledger ?? self.ledger).path
        environment["NO_COLOR"] = "1"
        environment.merge(more) { $1 }
        process.environment = environment
        process.standardInput = input
        let out = folder.appendingPathComponent("\(name).out")
        let err = folder.appendingPathComponent("\(name).err")
        for url in [out, err] { _ = FileManager.default.createFile(atPath: url.path, contents: nil) }
        process.standardOutput = try FileHandle(forWritingTo: out)
        process.standardError = try FileHandle(forWritingTo: err)
        try process.run()
        return Started(process: process, out: out, err: err)
    }

    /// Runs the program to its end.
    @discardableResult
    func run(_ words: String..., ledger: URL? = nil) throws -> Run {
        try start(words, ledger: ledger).finish()
    }

    /// Runs a line of bash, with the program as `$0`.
    func shell(_ line: String, _ words: String...) throws -> Run {
        try start(["-c", line, Binary.path] + words, program: "/bin/bash").finish()
    }

    /// Creates the ledger and checks that it worked.
    func initialise(asset: String = "GBP") throws {
        let run = try run("init", "--asset", asset)
        try #require(run.code == 0, "\(run.err)")
    }

    /// A made-up programme as a file.
    func simulated(users: Int, payments: Int, seed: Int = 1) throws -> String {
        let run = try run("simulate", "--users", "\(users)", "--payments", "\(payments)", "--seed", "\(seed)")
        try #require(run.code == 0, "\(run.err)")
        return try file("facts-\(seed).jsonl", run.out)
    }

    /// The state digest of a ledger.
    func digest(_ ledger: URL? = nil) throws -> String {
        try run("status", "--json", ledger: ledger).text("stateDigest")
    }
}

/// A run that may still go on.
struct Started {
    let process: Process
    let out: URL
    let err: URL

    /// Waits for its end; a run that takes minutes hangs, and is ended.
    func finish() throws -> Run {
        let identifier = process.processIdentifier
        let watch = DispatchWorkItem { kill(identifier, SIGKILL) }
        DispatchQueue.global().asyncAfter(deadline: .now() + 120, execute: watch)
        process.waitUntilExit()
        watch.cancel()
        let code = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        return Run(
            code: code, out: String(decoding: try Data(contentsOf: out), as: UTF8.self),
            err: String(decoding: try Data(contentsOf: err), as: UTF8.self))
    }
}

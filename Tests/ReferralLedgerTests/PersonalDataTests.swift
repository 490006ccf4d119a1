import Foundation
import LedgerDomain
import ReferralLedger
import Testing

/// What erasure must be able to destroy is sealed, and what is compared is hashed.
@Suite struct PersonalDataTests {
    static let personal = Signup.PersonalData(
        email: "Grace.Hopper@example.org", phone: "+1-555-0100-SECRET", name: "Grace Brewster Murray",
        metadata: #"{"shoe":"size-forty-one"}"#)
    static let signals = Signup.Signals(
        ip: "203.0.113.77", device: "device-ABCDEF", paymentMethod: "card-4242424242")

    static func signup(_ id: String, _ change: (inout Signup) -> Void = { _ in }) -> Command {
        var signup = Signup(userId: id, at: day(0), personal: personal, signals: signals)
        change(&signup)
        return Command(.signup(signup))
    }

    @Test func nothingInClear() throws {
        let bench = try Bench()
        try bench.run([Self.signup("opaque-user")])
        #expect(try Data(contentsOf: URL(fileURLWithPath: bench.folder.path + "/keys/data.mdb")).count > 0)
        bench.ledger.close()
        let secrets = [
            "Hopper", "hopper@example", "0100-SECRET", "Brewster", "forty-one", "203.0.113", "device-ABCDEF",
            "4242424242",
        ]
        var sawId = false
        for folder in ["log", "views", "keys"] {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(bench.folder.path)/\(folder)/data.mdb"))
            for secret in secrets {
                #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(secret) in \(folder)")
            }
            if bytes.range(of: Data("opaque-user".utf8)) != nil { sawId = sawId || folder == "log" }
        }
        #expect(sawId, "the search finds what is there")
        let archive = try LedgerArchive.open(at: bench.folder.path, options: testOptions())
        defer { archive.close() }
        let text = try archive.current.events().map { "\($0)" }.joined()
        for secret in secrets { #expect(!text.contains(secret)) }
    }

    /// A repeat is compared in clear, field by field, also after opening again: the key is on disk with the record.
    @Test func repeatsCompare() throws {
        let bench = try Bench()
        try bench.run([Self.signup("u")])
        bench.ledger.close()
        let ledger = try Ledger.open(at: bench.folder.path, options: testOptions())
        defer { ledger.close() }
        #expect(try ledger.submit(Self.signup("u")).name == "repeated")
        let rows: [(String, (inout Signup) -> Void)] = [
            ("email", { $0.personal.email = "other@example.org" }), ("email", { $0.personal.email = nil }),
            ("phone", { $0.personal.phone = "+1-555-0101" }), ("name", { $0.personal.name = "Grace" }),
            ("metadata", { $0.personal.metadata = "{}" }), ("email", { $0.personal = .init() }),
            ("signals.ip", { $0.signals.ip = "203.0.113.78" }),
            ("signals.device", { $0.signals.device = nil }),
            ("signals.paymentMethod", { $0.signals.paymentMethod = "card" }),
        ]
        for (field, change) in rows {
            let refusal = try ledger.submit(Self.signup("u", change)).refusal
            #expect(
                refusal?.code == .signupConflict && refusal?.field == field,
                "\(field): \(String(describing: refusal))")
        }
    }

    /// Each signal by itself shows that two are one; the kinds are not mixed up.
    @Test func sharedSignalsReject() throws {
        let bench = try Bench()
        try bench.run([Self.signup("a"), Say.issue("a", "AAAA", key: "1")])
        let rows: [(String, Signup.PersonalData, Signup.Signals, Bool)] = [
            ("mail", .init(email: "grace.hopper@EXAMPLE.org"), .init(), true),
            ("phone", .init(phone: "+1-555-0100-SECRET"), .init(), true),
            ("name", .init(name: "Grace Brewster Murray"), .init(), false),
            ("ip", .init(), .init(ip: "203.0.113.77"), true),
            ("device", .init(), .init(device: "device-ABCDEF"), true),
            ("card", .init(), .init(paymentMethod: "card-4242424242"), true),
            ("crossed", .init(), .init(ip: "device-ABCDEF", device: "203.0.113.77"), false),
        ]
        for (id, personal, signals, isShared) in rows {
            try bench.run([
                Command(
                    .signup(
                        Signup(userId: id, at: day(0), referrerId: "a", personal: personal, signals: signals))
                ),
                Command(.signup(Signup(userId: id + "2", at: day(0), personal: personal, signals: signals))),
            ])
            #expect((try bench.ledger.current.user(id)?.referrerId == nil) == isShared, "\(id)")
            let refusal = try bench.ledger.submit(Say.apply(id + "2", "AAAA")).refusal
            #expect((refusal?.code == .attributionSharedSignal) == isShared, "\(id)")
        }
    }

    /// Keys and seals differ from user to user and ledger to ledger; the digest does not.
    @Test func digestKnowsNothingOfIt() throws {
        let one = try Bench()
        try one.run([Self.signup("u"), Say.signup("v")])
        let two = try Bench()
        try two.run([Self.signup("u") { $0.personal.email = "x@y" }, Say.signup("v")])
        #expect(try one.ledger.current.digest().value == two.ledger.current.digest().value)
    }
}

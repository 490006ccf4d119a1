import Foundation
import LedgerExchange
import Testing

@testable import LedgerDomain
@testable import LedgerLog
@testable import LedgerState
@testable import ReferralLedger

/// A folder that goes away with the value.
final class TemporaryFolder {
    let path: String
    init() {
        path =
            FileManager.default.temporaryDirectory.appendingPathComponent("recon-\(UUID().uuidString)").path
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
}

func testOptions() -> LedgerOptions {
    var options = LedgerOptions()
    options.logMapBytes = 1 << 32
    options.viewsMapBytes = 1 << 32
    options.checkpointEvents = 0
    return options
}

/// A ledger of two programmes in which a little of everything has happened.
final class Shop {
    let folder = TemporaryFolder()
    private(set) var ledger: Ledger

    /// Lines of `two-level`; what differs is in the text. Members: a 0, b 1, c 2, d 3, e 4, x 5, y 6.
    static let lines = [
        #"{"type":"signup","userId":"a","at":"2024-01-01T00:00:00Z","email":"a@example.com"}"#,
        #"{"type":"signup","userId":"b","referrerId":"a","at":"2024-01-01T00:00:00Z"}"#,
        #"{"type":"signup","userId":"c","referrerId":"b","at":"2024-01-01T00:00:00Z"}"#,
        #"{"type":"signup","userId":"d","referrerId":"a","at":"2024-01-01T00:00:00Z"}"#,
        #"{"type":"signup","userId":"e","at":"2024-01-01T00:00:00Z"}"#,
        #"{"type":"signup","userId":"x","referrerId":"b","at":"2024-01-01T00:00:00Z"}"#,
        #"{"type":"signup","userId":"y","at":"2024-01-01T00:00:00Z"}"#,
        #"{"type":"issueCode","userId":"a","code":"FRIEND","key":"k1","at":"2024-01-01T00:00:00Z"}"#,
        #"{"type":"applyCode","userId":"e","code":"FRIEND","at":"2024-01-01T12:00:00Z"}"#,
        pay("p1", "c", "100.00", "2024-01-02"), pay("p2", "c", "50.00", "2024-01-02"),
        pay("p3", "b", "200.00", "2024-01-02"), pay("p4", "d", "80.00", "2024-01-02"),
        #"{"type":"advance","to":"2024-02-01T00:00:00Z"}"#,
        pay("p5", "c", "100.00", "2024-02-02"), pay("p6", "c", "60.00", "2024-02-02"),
        refund("r1", "p1", "10.00"), refund("r2", "p2", "5.00"), refund("r3", "p-none", "7.00"),
        #"{"type":"refundFailed","refundId":"r2","provider":"shop","at":"2024-02-04T00:00:00Z"}"#,
        dispute("d1", "p5", "opened"), dispute("d2", "p4", "opened"), dispute("d2", "p4", "won"),
        withdraw("w1", "a", "10.00"), withdraw("w2", "a", "5.00"), withdraw("w3", "b", "3.00"),
        withdraw("w4", "b", "2.00"), decide("w1", "approve"), decide("w3", "approve"),
        decide("w4", "reject"), payout("w1", "sent"), payout("w3", "sent"), payout("w3", "settled"),
        #"{"type":"suspend","userId":"d","reason":"test","key":"s1","at":"2024-02-06T00:00:00Z"}"#,
        #"{"type":"flag","userId":"e","rule":"odd","severity":"low","key":"f1","at":"2024-02-06T00:00:00Z"}"#,
        #"{"type":"review","reviewId":"f1","decision":"clear","actor":"boss","at":"2024-02-07T00:00:00Z"}"#,
        #"{"type":"adjust","userId":"x","amount":"1.00","currency":"USD","reason":"sorry","approvers":["boss"],"key":"j1","at":"2024-02-07T00:00:00Z"}"#,
        #"{"type":"mergeUsers","userId":"x","intoUserId":"y","approvers":["boss"],"key":"m1","at":"2024-02-08T00:00:00Z"}"#,
        #"{"type":"advance","to":"2024-02-10T00:00:00Z"}"#,
    ]

    /// Lines of `days`. Members: a 7, h 8, i 9.
    static let dayLines = [
        #"{"type":"signup","userId":"a","at":"2024-01-01T00:00:00Z"}"#,
        #"{"type":"signup","userId":"h","referrerId":"a","at":"2024-01-01T00:00:00Z"}"#,
        #"{"type":"signup","userId":"i","referrerId":"a","at":"2024-01-01T00:00:00Z"}"#,
        #"{"type":"convert","userId":"h","at":"2024-01-02T00:00:00Z"}"#,
        #"{"type":"convert","userId":"i","at":"2024-01-02T00:00:00Z"}"#,
        #"{"type":"claim","rewardId":"r1","userId":"a","at":"2024-01-03T00:00:00Z"}"#,
        #"{"type":"fulfil","rewardId":"r1","status":"fulfilled","at":"2024-01-04T00:00:00Z"}"#,
    ]

    static func pay(_ id: String, _ user: String, _ amount: String, _ day: String) -> String {
        #"{"type":"payment","paymentId":"\#(id)","provider":"shop","userId":"\#(user)","amount":"\#(amount)","currency":"USD","at":"\#(day)T00:00:00Z"}"#
    }
    static func refund(_ id: String, _ payment: String, _ amount: String) -> String {
        #"{"type":"refund","refundId":"\#(id)","provider":"shop","paymentId":"\#(payment)","amount":"\#(amount)","currency":"USD","at":"2024-02-03T00:00:00Z"}"#
    }
    static func dispute(_ id: String, _ payment: String, _ status: String) -> String {
        let amount = status == "opened" ? #","amount":"40.00","currency":"USD""# : ""
        return
            #"{"type":"dispute","disputeId":"\#(id)","provider":"shop","paymentId":"\#(payment)","status":"\#(status)"\#(amount),"at":"2024-02-04T00:00:00Z"}"#
    }
    static func withdraw(_ id: String, _ user: String, _ amount: String) -> String {
        #"{"type":"withdraw","withdrawalId":"\#(id)","userId":"\#(user)","amount":"\#(amount)","currency":"USD","method":"bank:1","at":"2024-02-05T00:00:00Z"}"#
    }
    static func decide(_ id: String, _ decision: String) -> String {
        #"{"type":"decideWithdrawal","withdrawalId":"\#(id)","decision":"\#(decision)","actor":"boss","at":"2024-02-05T01:00:00Z"}"#
    }
    static func payout(_ id: String, _ status: String) -> String {
        #"{"type":"payout","withdrawalId":"\#(id)","status":"\#(status)","provider":"bank","providerRef":"ref-\#(id)","at":"2024-02-05T02:00:00Z"}"#
    }

    init() throws {
        ledger = try Ledger.create(
            at: folder.path,
            programme: ProgrammeSetup(
                id: "two-level", asset: "USD", policy: Policy.preset(named: "two-level")!),
            options: testOptions())
        let create = CreateProgramme(
            programmeId: "days", asset: .premiumDay, at: try Timestamp("2024-01-01T00:00:00Z"),
            policy: Policy.preset(named: "premium-days")!, zoneRules: .utc)
        try ledger.submit(Command(.createProgramme(create)))
        try play(Self.lines, "two-level")
        try play(Self.dayLines, "days")
    }

    deinit { ledger.close() }

    func play(_ lines: [String], _ programme: String) throws {
        var decoder = CommandLineDecoder(defaultAsset: Asset(code: "USD")!)
        for line in lines {
            var command = try decoder.decode(line)
            command.programme = programme
            let outcome = try ledger.submit(command)
            if case .refused(let refusal) = outcome { Issue.record("\(line): \(refusal)") }
        }
    }

    /// Changes the live state's rows behind its back.
    func corrupt(_ body: (inout CoreState) -> Void) { ledger.current.box.read { body(&$0) } }

    /// Closes the ledger and checks the folder.
    func reconcileClosed(limit: Int = 100) throws -> ReconcileReport {
        ledger.close()
        return try Ledger.reconcile(at: folder.path, limit: limit, options: testOptions())
    }

    /// The position of the n-th event of a type, from 0.
    func position(of type: EventType, _ number: Int = 0) throws -> LogPosition {
        var found: [LogPosition] = []
        try ledger.store.scan(after: .start) { record, _ in
            StoredRecord.walk(record) { stored, _ in
                if stored.event.type == type { found.append(stored.position) }
                return true
            }
            return true
        }
        return try #require(found.dropFirst(number).first, "no \(type.name) \(number)")
    }

    /// Closes the ledger and appends a record that no command would make.
    func append(_ events: [Event], programme: UInt16 = 0, at: String = "2024-02-11T00:00:00Z") throws {
        ledger.close()
        let store = try LogStore.open(
            directory: folder.path + "/log", readOnly: false, mapSizeBytes: 1 << 32)
        defer { store.close() }
        let head = try store.head()
        var envelope = RecordEnvelope()
        envelope.programme = ProgrammeNumber(programme)
        envelope.policyVersion = 1
        envelope.occurredAt = try Timestamp(at)
        let group = RecordGroup()
        let region = group.reserve()
        let base = LogPosition(head.position.rawValue + 1)
        let body = UnsafeMutableRawBufferPointer(rebasing: region[RecordHeader.size...])
        var encoder = EventEncoder(
            region: body, context: RecordContext(basePosition: base, occurredAt: envelope.occurredAt))
        encoder.prelude(envelope)
        for event in events {
            var event = event
            encoder.event(&event, occurredAt: envelope.occurredAt, recordOccurredAt: envelope.occurredAt)
        }
        let length = UnsafeMutableRawPointer(encoder.cursor) - region.baseAddress!
        let header = RecordHeader(
            ordinal: head.records, basePosition: base, eventCount: events.count,
            recordedAt: Timestamp(nanoseconds: head.recordedAt.nanoseconds + 1), length: length)
        RecordHeader.write(header, into: UnsafeMutableRawBufferPointer(rebasing: region[..<length]))
        group.commit(length: length, base: base)
        try store.append(group, expecting: head)
    }
}

/// Texts of hand-made events; they live as long as the process.
func lasting(_ text: StaticString) -> BorrowedText {
    BorrowedText(text.utf8Start, count: text.utf8CodeUnitCount)
}

extension ReconcileReport {
    /// Codes of checks that found something.
    var codes: Set<String> { Set(results.filter { $0.count > 0 }.map(\.check.code)) }
    /// For messages of tests.
    var text: String {
        breaks.map {
            "\($0.code) \($0.position?.rawValue ?? 0) \($0.userId ?? "") \($0.message) \($0.expected ?? 0) \($0.found ?? 0)"
        }.joined(separator: "\n")
    }
}

import Testing

@testable import LedgerDomain

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite struct ZoneCodingTests {
    @Test(arguments: GoldenOffsets.zones.map(\.name) + ["UTC", "Etc/GMT+5", "Africa/Casablanca"])
    func rulesRoundTrip(name: String) throws {
        let zone = try ZoneRules.load(name)
        var bytes: [UInt8] = []
        zone.encode(into: &bytes)
        #expect(ZoneRules(bytes: bytes) == zone)
        #expect(bytes.count < 16_384)
        for length in Set([0, 1, 2, 5, bytes.count / 2, bytes.count - 1]) {
            #expect(ZoneRules(bytes: Array(bytes[..<length])) == nil)
        }
        #expect(ZoneRules(bytes: bytes + [0]) == nil)
    }

    @Test func theLayoutIsFixed() {
        var bytes: [UInt8] = []
        ZoneRules(
            name: "A/B", initialOffset: -75,
            transitions: [.init(second: 1, offset: 0), .init(second: 258, offset: 3600)]
        ).encode(into: &bytes)
        #expect(
            bytes == [
                1, 3, 0x41, 0x2F, 0x42, 0xB5, 0xFF, 0xFF, 0xFF, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0, 0, 0,
                0, 0, 0, 0, 0,
                0, 0, 0x10, 0x0E, 0, 0,
            ])
        for (index, byte) in [(0, 2), (2, 0x2E), (9, 3), (19, 1), (34, 0x10), (8, 0)] as [(Int, UInt8)] {
            var damaged = bytes
            damaged[index] = byte
            if index == 19 { damaged[20] = 0 }
            #expect(ZoneRules(bytes: damaged) == nil, "byte \(index)")
        }
    }

    @Test func theTailIsExpandedToTheEndOfTime() throws {
        let london = try ZoneRules.load("Europe/London")
        #expect(london.transitions.count > 2 * (2262 - 1972))
        let last = try #require(london.transitions.last)
        #expect(
            last.second == Timestamp(year: 2262, month: 3, day: 30, hour: 1)?.secondsAndNanosecond.seconds)
        #expect(london.offsetSeconds(at: .max) == 3600)
        #expect(london.offsetSeconds(at: .min) == -75)
    }

    @Test(arguments: [
        "", "/etc/passwd", "../../etc/passwd", "Europe/../London", "Europe//London", "Europe/", ".", "..",
        "Europe/London ",
        "Europe/London\u{0}", "zone.tab", "-x", "Europe/.hidden", "é", String(repeating: "a", count: 65),
    ])
    func namesThatCouldLeaveTheFolderAreRefused(name: String) {
        #expect(throws: ZoneProblem(reason: .invalidName, name: name)) { try ZoneRules.load(name) }
    }

    @Test func otherProblemsAreTold() {
        #expect(throws: ZoneProblem(reason: .unknownZone, name: "Europe/Atlantis")) {
            try ZoneRules.load("Europe/Atlantis")
        }
        #expect(throws: ZoneProblem(reason: .unknownZone, name: "Europe")) { try ZoneRules.load("Europe") }
        #expect(throws: ZoneProblem(reason: .unknownZone, name: "Europe/London")) {
            try ZoneRules.load("Europe/London", directory: "/nonexistent")
        }
        #expect(throws: ZoneProblem(reason: .invalidFile, name: "passwd")) {
            try ZoneRules.load("passwd", directory: "/etc")
        }
    }

    @Test func theEnvironmentMayNameTheFolder() async {
        await #expect(processExitsWith: .success) {
            _ = unsafe setenv("TZDIR", "/usr/share/zoneinfo/Europe", 1)
            let found = (try? ZoneRules.load("London")) != nil
            let missed = (try? ZoneRules.load("Europe/London")) == nil
            exit(found && missed ? 0 : 1)
        }
    }

    // MARK: Hand-made files

    private func file(times: [Int64], types: [UInt8], offsets: [Int32], footer: String, leap: Int = 0)
        -> [UInt8]
    {
        func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
            (0..<value.bitWidth / 8).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        func header(_ counts: [Int]) -> [UInt8] {
            Array("TZif2".utf8) + Array(repeating: 0, count: 15) + counts.flatMap { bigEndian(Int32($0)) }
        }
        var bytes = header([0, 0, 0, 0, 1, 1]) + [0, 0, 0, 0, 0, 0, 0]
        bytes += header([0, 0, leap, times.count, offsets.count, 1])
        bytes += times.flatMap { bigEndian($0) } + types
        bytes += offsets.flatMap { bigEndian($0) + [0, 0] } + [0]
        bytes += Array(repeating: 0, count: leap * 12)
        return bytes + Array("\n\(footer)\n".utf8)
    }

    @Test func readsAHandMadeFile() throws {
        let zone = try #require(
            TZif.rules(
                name: "X",
                file: file(times: [100, 200, 300], types: [1, 1, 0], offsets: [60, 120], footer: "")))
        #expect(zone.initialOffset == 60)
        #expect(zone.transitions == [.init(second: 100, offset: 120), .init(second: 300, offset: 60)])
    }

    @Test func refusesDamagedFiles() {
        let good = file(times: [100, 200], types: [1, 0], offsets: [60, 120], footer: "<A>-1")
        #expect(TZif.rules(name: "X", file: good) != nil)
        for length in 0..<good.count { #expect(TZif.rules(name: "X", file: Array(good[..<length])) == nil) }
        let bad = [
            file(times: [200, 100], types: [1, 0], offsets: [60, 120], footer: ""),
            file(times: [100], types: [2], offsets: [60, 120], footer: ""),
            file(times: [], types: [], offsets: [], footer: ""),
            file(times: [], types: [], offsets: [200_000], footer: ""),
            file(times: [], types: [], offsets: [0], footer: "nonsense,"),
            file(times: [], types: [], offsets: [0], footer: "", leap: 1),
        ]
        for bytes in bad { #expect(TZif.rules(name: "X", file: bytes) == nil) }
    }

    @Test(arguments: [
        ("GMT0BST,M3.5.0/1,M10.5.0", "2024-03-31T01:00:00Z", "2024-10-27T01:00:00Z"),
        ("EST5EDT,M3.2.0,M11.1.0", "2024-03-10T07:00:00Z", "2024-11-03T06:00:00Z"),
        ("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2024-04-06T15:00:00Z", "2024-10-05T15:30:00Z"),
        ("IST-1GMT0,M10.5.0,M3.5.0/1", "2024-03-31T01:00:00Z", "2024-10-27T01:00:00Z"),
        ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2024-03-31T01:00:00Z", "2024-10-27T01:00:00Z"),
        ("AAA0BBB,J60/0,J365", "2024-03-01T00:00:00Z", "2024-12-31T01:00:00Z"),
        ("AAA0BBB,59/0,365", "2024-02-29T00:00:00Z", "2024-12-31T01:00:00Z"),
    ])
    func rulesForTheFuture(rule: String, first: String, second: String) throws {
        let parsed = try #require(POSIXRule(Array(rule.utf8)))
        let start = try Timestamp("2024-01-01T12:00:00Z").secondsAndNanosecond.seconds
        let changes = parsed.transitions(after: start).prefix(2).map {
            Timestamp(seconds: $0.second)?.description
        }
        #expect(changes == [first, second])
    }

    @Test(arguments: [
        "", "GMT", "GM0", "GMT0BST", "GMT0BST,M3.5.0", "GMT0BST,M13.1.0,M10.5.0", "GMT0BST,M3.6.0,M10.5.0",
        "GMT0BST,M3.5.7,M10.5.0", "GMT0BST,J0,J1", "GMT0BST,366,1", "GMT26", "GMT0BST,M3.5.0/168,M10.5.0",
        "<GMT0",
        "GMT0BST,M3.5.0,M10.5.0x", "GMT0:60",
    ])
    func malformedRules(rule: String) { #expect(POSIXRule(Array(rule.utf8)) == nil) }

    @Test func summerTimeAllYearNeverChanges() throws {
        let parsed = try #require(POSIXRule(Array("XXX3EDT4,0/0,J365/23".utf8)))
        let zone = ZoneRules(name: "X", initialOffset: 0, transitions: parsed.transitions(after: nil))
        #expect(zone.offsetSeconds(at: Timestamp(nanoseconds: 0)) == -14_400)
        #expect(zone.transitions.count <= 1)
    }
}

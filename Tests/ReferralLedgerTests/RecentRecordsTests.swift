import LedgerDomain
import NaiveModel
import Testing

@testable import LedgerLog
@testable import ReferralLedger

/// Records that come one by one reach the hash tree without a look at the log.
@Suite struct RecentRecordsTests {
    /// A group of records of one event each; their bytes say where they stand.
    private static func group(_ positions: Range<UInt64>) -> RecordGroup {
        let group = RecordGroup()
        for position in positions {
            let header = RecordHeader(
                ordinal: position - 1, basePosition: LogPosition(position), eventCount: 1,
                recordedAt: Timestamp(nanoseconds: Int64(position)), length: RecordHeader.size + 8)
            let region = UnsafeMutableRawBufferPointer(
                rebasing: group.reserve()[..<(RecordHeader.size + 8)])
            RecordHeader.write(header, into: region)
            region.storeBytes(of: position, toByteOffset: RecordHeader.size, as: UInt64.self)
            group.commit(length: RecordHeader.size + 8, base: LogPosition(position))
        }
        return group
    }

    private static func positions(_ group: RecordGroup?) -> [UInt64] {
        guard let group else { return [] }
        return (0..<group.count).map { i in
            #expect(
                group[i].loadUnaligned(fromByteOffset: RecordHeader.size, as: UInt64.self)
                    == group.base(i).rawValue)
            return group.base(i).rawValue
        }
    }

    @Test("small groups that follow on each other are kept until they are taken")
    func taking() throws {
        let recent = RecentRecords()
        #expect(recent.take() == nil)
        for position in UInt64(5)..<9 { recent.add(Self.group(position..<(position + 1))) }
        recent.add(Self.group(9..<25))
        let taken = try #require(recent.take())
        #expect(Self.positions(taken) == Array(5..<25))
        // Others go on beside who has taken them; only one at a time has.
        recent.add(Self.group(25..<26))
        #expect(recent.take() == nil)
        #expect(Self.positions(taken) == Array(5..<25))
        recent.giveBack(taken)
        #expect(Self.positions(recent.take()) == [25])
    }

    @Test("large groups, and what comes after a gap, are not")
    func gaps() throws {
        let recent = RecentRecords()
        recent.add(Self.group(1..<18))
        recent.add(RecordGroup())
        #expect(recent.take() == nil)
        recent.add(Self.group(18..<20))
        recent.add(Self.group(20..<37))
        recent.add(Self.group(37..<38))
        let taken = try #require(recent.take())
        #expect(Self.positions(taken) == [18, 19])
        recent.giveBack(taken)
        recent.add(Self.group(38..<39))
        #expect(Self.positions(recent.take()) == [38])
    }

    @Test("no more than a bound")
    func bound() throws {
        let recent = RecentRecords()
        for position in UInt64(1)...9_000 { recent.add(Self.group(position..<(position + 1))) }
        #expect(Self.positions(recent.take()) == Array(1...8_192))
    }

    /// One by one, in groups, and both; the tree asked now and then, for less than there is, too.
    @Test("the tree is that of the log, however records came", arguments: UInt64(1)...4)
    func tree(_ seed: UInt64) throws {
        let bench = try Bench()
        var random = SplitMix64(seed: seed)
        var user = 0
        for _ in 0..<60 {
            switch random.next() % 4 {
            case 0:
                let count = 1 + Int(random.next() % 40)
                try bench.run((user..<(user + count)).map { Say.signup("u\($0)") })
                user += count
            case 1:
                let head = bench.ledger.current.position.rawValue
                try bench.ledger.keeper.hashTree.catchUp(
                    through: LogPosition(head - min(head, random.next() % 30)))
            default:
                for _ in 0..<(1 + random.next() % 25) {
                    try bench.ledger.submit(Say.signup("u\(user)"))
                    user += 1
                }
            }
        }
        let status = try bench.ledger.current.status()
        bench.ledger.close()
        let report = try Ledger.verify(at: bench.folder.path, options: testOptions())
        #expect(report.isClean, "seed \(seed)")
        #expect(
            report.treeSize == status.treeSize && report.logRoot == status.logRoot, "seed \(seed)")
    }
}

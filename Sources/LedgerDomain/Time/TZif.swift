/// Reads compiled time zone files: RFC 8536, versions 2 to 4.
enum TZif {
    /// Offsets stay below this, in seconds: 26 h (RFC 8536 §3.2 asks readers to take at least −25 h to +26
    /// h).
    static let greatestOffset: UInt32 = 26 * 3600 + 1

    /// The counts of a header, in the order of the file (RFC 8536 §3.1).
    private struct Counts {
        var isUTC: Int
        var isStandard: Int
        var leap: Int
        var time: Int
        var type: Int
        var character: Int

        func blockByteCount(timeByteCount: Int) -> Int {
            time * timeByteCount + time + type * 6 + character + leap * (timeByteCount + 4) + isStandard
                + isUTC
        }
    }

    /// The rules in a file, its footer expanded to the end of ``Timestamp``'s range; nil when it is no such
    /// file, is damaged, or counts leap seconds.
    static func rules(name: String, file: [UInt8]) -> ZoneRules? {
        guard let first = header(file, at: 0) else { return nil }
        let second = 44 + first.blockByteCount(timeByteCount: 4)
        guard let counts = header(file, at: second), counts.leap == 0, counts.type > 0 else { return nil }
        let times = second + 44
        let types = times + counts.time * 9
        let footer = times + counts.blockByteCount(timeByteCount: 8)
        guard footer < file.count, file[footer] == 0x0A else { return nil }

        var offsets: [Int32] = []
        for index in 0..<counts.type {
            let offset = Int32(truncatingIfNeeded: bigEndian(file, at: types + index * 6, count: 4))
            guard offset.magnitude < greatestOffset else { return nil }
            offsets.append(offset)
        }
        var transitions: [ZoneRules.Transition] = []
        for index in 0..<counts.time {
            let type = Int(file[times + counts.time * 8 + index])
            let second = Int64(bitPattern: bigEndian(file, at: times + index * 8, count: 8))
            guard type < offsets.count, transitions.last.map({ $0.second < second }) ?? true else {
                return nil
            }
            transitions.append(ZoneRules.Transition(second: second, offset: offsets[type]))
        }
        guard let end = file[(footer + 1)...].firstIndex(of: 0x0A) else { return nil }
        if end > footer + 1 {
            guard let rule = POSIXRule(Array(file[(footer + 1)..<end])) else { return nil }
            transitions += rule.transitions(after: transitions.last?.second)
        }
        return ZoneRules(name: name, initialOffset: offsets[0], transitions: transitions)
    }

    private static func header(_ file: [UInt8], at start: Int) -> Counts? {
        guard file.count >= start + 44, file[start..<start + 4].elementsEqual("TZif".utf8),
            file[start + 4] >= UInt8(ascii: "2")
        else { return nil }
        let counts = (0..<6).map { Int(bigEndian(file, at: start + 20 + $0 * 4, count: 4)) }
        // A file is at most 64 KiB, so larger counts are damage, and sums of these cannot overflow.
        guard counts.allSatisfy({ $0 <= 65_536 }) else { return nil }
        return Counts(
            isUTC: counts[0], isStandard: counts[1], leap: counts[2], time: counts[3], type: counts[4],
            character: counts[5])
    }

    private static func bigEndian(_ file: [UInt8], at start: Int, count: Int) -> UInt64 {
        file[start..<start + count].reduce(0) { $0 << 8 | UInt64($1) }
    }
}

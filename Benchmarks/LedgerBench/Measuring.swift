import Glibc
import Platform

/// One figure as it is printed.
enum FigureValue {
    case count(Int)
    case number(Double)
    case text(String)
    /// Printed as it is.
    case json(String)

    static func list(_ list: [Figures]) -> FigureValue {
        .json("[" + list.map(\.json).joined(separator: ",") + "]")
    }
}

/// Named figures in the order in which they are printed.
struct Figures {
    private var members: [(name: String, value: FigureValue)]

    init(_ members: [(String, FigureValue)] = []) { self.members = members.map { (name: $0.0, value: $0.1) } }

    mutating func add(_ name: String, _ value: FigureValue) { members.append((name, value)) }
    mutating func add(_ name: String, _ value: Int) { add(name, .count(value)) }
    mutating func add(_ name: String, _ value: Double) { add(name, .number(value)) }
    mutating func add(_ name: String, _ value: String) { add(name, .text(value)) }

    var json: String {
        "{" + members.map { "\"\($0.name)\":\(Self.json($0.value))" }.joined(separator: ",") + "}"
    }

    private static func json(_ value: FigureValue) -> String {
        switch value {
        case .count(let number): return String(number)
        case .number(let number): return number.isFinite ? String(number) : "null"
        case .json(let json): return json
        case .text(let text):
            var escaped = ""
            for scalar in text.unicodeScalars {
                switch scalar {
                case "\"", "\\": escaped += "\\\(scalar)"
                case _ where scalar.value < 0x20: escaped += " "
                default: escaped.unicodeScalars.append(scalar)
                }
            }
            return "\"\(escaped)\""
        }
    }
}

/// Seconds since a moment of the monotonic clock.
func seconds(since begin: UInt64) -> Double { Double(Clock.monotonicNanoseconds() - begin) / 1e9 }

/// What was written before the clock runs is on disk, so that its writing back disturbs nobody's fsync.
func settleDisk() { sync() }

/// The process's memory, in bytes, as the kernel counts it.
enum ProcessMemory {
    /// Anonymous resident memory, after the allocator has given back what it does not use.
    static func anonymous() throws(BenchFailure) -> Int {
        // By name, as Glibc's module does not show it.
        if let trim = dlsym(nil, "malloc_trim") {
            _ = unsafeBitCast(trim, to: (@convention(c) (Int) -> Int32).self)(0)
        }
        // `smaps_rollup` walks the page tables; the counter in `status` may be some pages off for each thread.
        return try field("Anonymous:", of: "/proc/self/smaps_rollup")
    }

    /// The most that was ever resident, the mapped files' pages included.
    static func peak() throws(BenchFailure) -> Int { try field("VmHWM:", of: "/proc/self/status") }

    private static func field(_ name: String, of path: String) throws(BenchFailure) -> Int {
        let text = try wholeFile(path)
        for line in text.split(separator: "\n") where line.hasPrefix(name) {
            let digits = line.dropFirst(name.utf8.count).filter { $0.isNumber }
            if let kibibytes = Int(digits) { return kibibytes * 1024 }
        }
        throw BenchFailure("\(path) has no \(name)")
    }
}

/// A small file's text.
func wholeFile(_ path: String) throws(BenchFailure) -> String {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { throw BenchFailure("cannot open \(path)") }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        guard count >= 0 else { throw BenchFailure("cannot read \(path)") }
        if count == 0 { return String(decoding: bytes, as: UTF8.self) }
        bytes += buffer[..<count]
    }
}

/// A file's length in bytes.
func fileBytes(_ path: String) throws(BenchFailure) -> Int {
    var status = stat()
    guard stat(path, &status) == 0 else { throw BenchFailure("cannot look at \(path)") }
    return Int(status.st_size)
}

/// How long single calls took.
struct Latencies {
    private var nanoseconds: [UInt64] = []

    init(reserving count: Int) { nanoseconds.reserveCapacity(count) }

    mutating func add(_ value: UInt64) { nanoseconds.append(value) }
    var count: Int { nanoseconds.count }

    /// Percentiles, in nanoseconds.
    mutating func figures() -> Figures {
        nanoseconds.sort()
        func at(_ share: Double) -> Int {
            nanoseconds.isEmpty ? 0 : Int(nanoseconds[min(count - 1, Int(share * Double(count)))])
        }
        return Figures([
            ("reads", .count(count)), ("p50", .count(at(0.5))), ("p90", .count(at(0.9))),
            ("p99", .count(at(0.99))), ("p99.9", .count(at(0.999))),
            ("max", .count(Int(nanoseconds.last ?? 0))),
        ])
    }
}

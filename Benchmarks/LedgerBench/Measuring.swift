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

/// As in `Benchmarks/baseline/settle.h`.
enum Settling {
    /// For a stretch that takes much memory, of a second or two.
    static let mebibytes = 2_048
}

/// The machine comes to rest before the clock runs: as `Benchmarks/baseline/settle.h`, which the yardsticks call.
///
/// What was written is on disk, so that its writing back disturbs nobody's fsync. And the memory that is about to be taken is
/// there: under a hypervisor that takes back what a guest leaves free, the first touch of a page waits for the host, and costs
/// several times as much as any later one, for who happens to touch it. It is for stretches of a second or two: after that such
/// a hypervisor takes the rest back, which disturbs, too.
/// - Parameter mebibytes: taken, touched and given back; at most half of what is available. More than a gibibyte, which
///   the hypervisor seen so far leaves with the guest, and which is not enough for a stretch.
func settle(memory mebibytes: Int = Settling.mebibytes) {
    sync()
    let available = ((try? ProcessMemory.available()) ?? 0) / 2
    let size = min(mebibytes << 20, available) & ~4_095
    guard size > 0 else { return }
    let mapped = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let memory = unsafe mapped, unsafe memory != MAP_FAILED else { return }
    // What such a hypervisor takes back are huge pages.
    unsafe SystemMemory.adviseHugePages(memory, byteCount: size)
    for offset in stride(from: 0, to: size, by: 4_096) {
        unsafe memory.storeBytes(of: 1, toByteOffset: offset, as: UInt8.self)
    }
    unsafe munmap(memory, size)
}

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

    /// What the machine can still give, its page cache included.
    static func available() throws(BenchFailure) -> Int { try field("MemAvailable:", of: "/proc/meminfo") }

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

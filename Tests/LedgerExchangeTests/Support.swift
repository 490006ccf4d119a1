import Foundation
import LedgerDomain
import Testing

@testable import LedgerExchange

let pounds = Asset(code: "GBP")!

/// A pipe's or file's worth of bytes as a descriptor.
final class Input {
    let descriptor: Int32

    init(_ bytes: [UInt8]) {
        let file = tmpfile()!
        fwrite(bytes, 1, bytes.count, file)
        fflush(file)
        descriptor = dup(fileno(file))
        fclose(file)
        lseek(descriptor, 0, SEEK_SET)
    }

    convenience init(_ text: String) { self.init(Array(text.utf8)) }

    deinit { close(descriptor) }
}

struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

func problem(_ line: String, _ decoder: CommandLineDecoder = .init()) -> LineProblem? {
    var decoder = decoder
    do throws(LineProblem) {
        _ = try decoder.decode(line)
        return nil
    } catch {
        return error
    }
}

func fixture(_ path: String) throws -> [UInt8] {
    var folder = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { folder.deleteLastPathComponent() }
    return Array(try Data(contentsOf: folder.appendingPathComponent("Fixtures/\(path)")))
}

extension CommandLineDecoder {
    mutating func decode(_ line: some Sequence<UInt8>) throws(LineProblem) -> Command {
        let bytes = Array(line)
        return try decode(bytes.span)
    }
}

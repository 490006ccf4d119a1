import Foundation
import LedgerDomain
import Testing

@testable import LedgerExchange

@Suite struct LineReaderTests {
    private func lines(_ bytes: [UInt8], limit: Int = 10) throws -> [String] {
        let input = Input(bytes)
        var reader = LineReader(descriptor: input.descriptor, limit: limit)
        var found: [String] = []
        while try reader.next() {
            let text = String(decoding: reader.bytes, as: UTF8.self)
            found.append("\(reader.number):\(text)\(reader.isTooLong ? "!" : "")")
            #expect(reader.withLine { unsafe Array($0) } == Array(reader.bytes))
        }
        #expect(try !reader.next())
        return found
    }

    @Test(arguments: [
        ("", []), ("\n", []), ("a", ["1:a"]), ("a\n", ["1:a"]), ("a\r\nb\r\n", ["1:a", "2:b"]),
        ("\n \t\r\nx\n\n", ["3:x"]), ("a\rb\n", ["1:a\rb"]), ("0123456789\n", ["1:0123456789"]),
        ("0123456789\r\nx", ["1:0123456789", "2:x"]), ("0123456789A\nx", ["1:0123456789!", "2:x"]),
        ("0123456789A", ["1:0123456789!"]), ("           \nx", ["1:          !", "2:x"]),
        ("0123456789\r", ["1:0123456789"]), ("0123456789\rA\nx", ["1:0123456789!", "2:x"]),
    ]) func yields(_ text: String, _ expected: [String]) throws {
        #expect(try lines(Array(text.utf8)) == expected)
    }

    /// U+FEFF is passed over at the very beginning, and nowhere else.
    @Test(arguments: [
        ("\u{FEFF}a\nb", ["1:a", "2:b"]), ("\u{FEFF}", []), ("\u{FEFF}\na", ["2:a"]),
        ("\u{FEFF}\u{FEFF}a", ["1:\u{FEFF}a"]), ("a\n\u{FEFF}b", ["1:a", "2:\u{FEFF}b"]),
        ("\u{FEFF}0123456789\n", ["1:0123456789"]),
    ]) func byteOrderMarks(_ text: String, _ expected: [String]) throws {
        #expect(try lines(Array(text.utf8)) == expected)
        // A part of the mark is none.
        #expect(try lines([0xEF, 0xBB]).count == 1)
        #expect(try lines([0xEF, 0x0A, 0x61]).count == 2)
    }

    @Test func linesOverTheEndsOfBlocks() throws {
        var random = SplitMix64(3)
        var text: [UInt8] = []
        var expected: [String] = []
        for number in 1...40_000 {
            let count = [0, 5, 30, 59, 60, 61, 500].randomElement(using: &random)!
            let line = String(repeating: "x", count: count)
            text += Array(line.utf8) + (Bool.random(using: &random) ? [0x0D, 0x0A] : [0x0A])
            if count > 0 { expected.append("\(number):\(line.prefix(60))\(count > 60 ? "!" : "")") }
        }
        text += [UInt8](repeating: 0x79, count: 1_000_000)
        expected.append("40001:" + String(repeating: "y", count: 60) + "!")
        #expect(try lines(text, limit: 60) == expected)
    }

    @Test func aPipeInSmallPieces() throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        let (from, to) = (ends[0], ends[1])
        let writer = Thread {
            for byte in Array("ab\r\n\ncd".utf8) {
                var byte = byte
                _ = write(to, &byte, 1)
                usleep(200)
            }
            close(to)
        }
        writer.start()
        var reader = LineReader(descriptor: from)
        #expect(try reader.next() && Array(reader.bytes) == Array("ab".utf8))
        #expect(try reader.next() && Array(reader.bytes) == Array("cd".utf8) && reader.number == 3)
        #expect(try !reader.next())
        close(from)
    }

    /// A signal breaks a wait off only when the reader is told so.
    @Test(arguments: [true, false]) func aSignalInAWait(_ stops: Bool) throws {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in }
        sigaction(SIGUSR2, &action, nil)
        // Threads of a pool have all signals blocked.
        var signals = sigset_t()
        sigaddset(&signals, SIGUSR2)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        defer { pthread_sigmask(SIG_BLOCK, &signals, nil) }
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        let (from, to) = (ends[0], ends[1])
        let reading = pthread_self()
        let other = Thread {
            for _ in 0..<20 {
                usleep(10_000)
                pthread_kill(reading, SIGUSR2)
            }
            _ = write(to, "x\n", 2)
            close(to)
        }
        other.start()
        var reader = LineReader(descriptor: from) { stops }
        if stops {
            let error = #expect(throws: ReadProblem.self) { try reader.next() }
            #expect(error?.isInterruption == true)
        } else {
            #expect(try reader.next() && Array(reader.bytes) == [0x78])
        }
        while !other.isFinished { usleep(10_000) }
        close(from)
    }

    @Test func aReadThatFails() throws {
        var closed = LineReader(descriptor: -1)
        #expect(throws: ReadProblem(errorNumber: EBADF)) { try closed.next() }
        let folder = open("/", O_RDONLY)
        defer { close(folder) }
        var reader = LineReader(descriptor: folder)
        let error = #expect(throws: ReadProblem.self) { try reader.next() }
        #expect(error?.errorNumber == EISDIR && error?.isInterruption == false)
    }

    @Test func aSourceOfLines() throws {
        let text = """
            {"type":"advance","to":"2024-01-01T00:00:00Z"}

            {"type":"advance","to":"x"}
            \(String(repeating: "y", count: 70_000))
            {"type":"advance","to":"2024-01-02T00:00:00Z"}
            """
        for skipped in UInt64(0)...6 {
            let input = Input(text)
            var source = JSONLineSource(
                reader: LineReader(descriptor: input.descriptor), decoder: CommandLineDecoder())
            let count = try source.skip(through: skipped)
            #expect(count == [0, 1, 1, 2, 3, 4, 4][Int(skipped)])
            var found: [String] = []
            while let line = try source.next() {
                switch line.result {
                case .success(let command): found.append("\(line.number) \(command.action.typeName)")
                case .failure(let problem):
                    found.append("\(line.number) \(problem.code.rawValue) \(source.text.count)")
                }
            }
            let all = ["1 advance", "3 time.invalid 27", "4 line.too_long 65536", "5 advance"]
            #expect(found == Array(all.dropFirst(Int(count))))
        }
    }
}

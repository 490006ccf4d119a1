import Foundation
import LedgerExchange
import ReferralLedger
import Testing

@testable import LedgerSocket

/// A ledger in a folder of its own, with its socket served.
final class Served {
    let folder: String
    let ledger: Ledger
    let server: LedgerSocketServer

    init(folder: String = NSTemporaryDirectory() + "socket-\(UUID().uuidString)") throws {
        self.folder = folder
        ledger = try Ledger.create(at: folder, programme: ProgrammeSetup(asset: "GBP", preset: "two-level"))
        server = try LedgerSocketServer(ledger, program: "test 1")
    }

    deinit {
        server.stop()
        ledger.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    func client() throws -> LedgerSocketClient {
        try #require(try LedgerSocketClient.connect(to: folder))
    }

    /// A connection without manners: bytes in, lines out. The greeting is read.
    func raw() throws -> RawClient {
        let raw = RawClient(try #require(try SocketFile.connect(to: folder)))
        let hello = try raw.line()
        #expect(hello.hasPrefix(#"{"referralLedger":1,"program":"test 1","ledgerId":""#), "\(hello)")
        return raw
    }
}

/// One end of a connection that says what it likes.
final class RawClient {
    let descriptor: Int32
    private var rest: [UInt8] = []
    init(_ descriptor: Int32) { self.descriptor = descriptor }
    deinit { if !isClosed { close(descriptor) } }
    private var isClosed = false

    func say(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }

    /// The next line; empty when the server has hung up.
    func line() throws -> String {
        while true {
            if let end = rest.firstIndex(of: 0x0A) {
                defer { rest.removeFirst(end + 1) }
                return String(decoding: rest[..<end], as: UTF8.self)
            }
            var block = [UInt8](repeating: 0, count: 65_536)
            let count = recv(descriptor, &block, block.count, 0)
            guard count > 0 else { return "" }
            rest += block[..<count]
        }
    }

    func hangUp() {
        isClosed = true
        close(descriptor)
    }
}

func signup(_ userId: String) -> String {
    #"{"type":"signup","userId":"\#(userId)","at":"2024-01-01T00:00:00Z"}"#
}

func payment(of userId: String) -> String {
    #"{"type":"payment","paymentId":"p","provider":"shop","userId":"\#(userId)","amount":"1.00","#
        + #""at":"2024-01-02T00:00:00Z"}"#
}

/// Lines in memory as a file's descriptor.
func descriptor(of text: String) throws -> Int32 {
    let path = NSTemporaryDirectory() + "lines-\(UUID().uuidString)"
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    defer { unlink(path) }
    let opened = open(path, O_RDONLY)
    try #require(opened >= 0)
    return opened
}

import Foundation
import LedgerExchange
import ReferralLedger
import Testing

@testable import LedgerSocket

/// What the server answers, and when it does not.
@Suite struct ServerTests {
    @Test func commandsOneByOneAndInOneBreath() throws {
        let served = try Served()
        let raw = try served.raw()
        raw.say(signup("u-1") + "\n")
        #expect(try raw.line() == #"{"outcome":"accepted","position":4,"events":1,"head":4}"#)
        let refused = payment(of: "u-9")
        raw.say(signup("u-1") + "\nnonsense\n\n" + signup("u-2") + "\n" + refused + "\n")
        #expect(try raw.line().hasPrefix(#"{"outcome":"repeated","position":4,"#))
        #expect(try raw.line().hasPrefix(#"{"error":"json.invalid","column":1,"reason":"#))
        #expect(try raw.line().hasPrefix(#"{"outcome":"accepted","position":5,"#))
        #expect(try raw.line().hasPrefix(#"{"outcome":"refused","code":"user.unknown","field":"userId","#))
        #expect(try served.ledger.current.status().users == 2)
    }

    @Test func advancesAmongOtherCommandsKeepTheirPlace() throws {
        let served = try Served()
        let raw = try served.raw()
        let advance = #"{"type":"advance","to":"2024-02-01T00:00:00Z"}"#
        raw.say("\(signup("u-1"))\n\(advance)\n\(signup("u-2"))\n")
        let answers = try (0..<3).map { _ in try raw.line() }
        #expect(answers.allSatisfy { $0.hasPrefix(#"{"outcome":"accepted""#) }, "\(answers)")
        let clock = try served.ledger.current.status().programmes[0].businessClock
        #expect(clock?.description == "2024-02-01T00:00:00Z")
    }

    @Test func aLineAboveTheLimitIsPassedOver() throws {
        let served = try Served()
        let raw = try served.raw()
        for length in [65_537, 66_000, 300_000, 1_000_000] {
            raw.say(String(repeating: "x", count: length) + "\n" + signup("u-\(length)") + "\n")
            #expect(try raw.line().contains("line.too_long"), "\(length)")
            #expect(try raw.line().contains("accepted"), "\(length)")
        }
    }

    @Test func severalClientsAtOnce() throws {
        let served = try Served()
        let folder = served.folder
        DispatchQueue.concurrentPerform(iterations: 8) { worker in
            do {
                let client = try #require(try LedgerSocketClient.connect(to: folder))
                for number in 0..<25 {
                    let at = try Timestamp("2024-01-01T00:00:00Z")
                    let command = Command(.signup(Signup(userId: "u-\(worker)-\(number)", at: at)))
                    let first = try client.submit(command)
                    #expect(first.name == "accepted")
                    #expect(try client.submit(command).name == "repeated")
                }
            } catch {
                Issue.record(error)
            }
        }
        #expect(try served.ledger.current.status().users == 200)
    }

    @Test func oneClientTooMany() throws {
        let served = try Served()
        var open: [RawClient] = []
        for _ in 0..<LedgerSocketServer.maximumClients { open.append(try served.raw()) }
        #expect { try LedgerSocketClient.connect(to: served.folder) } throws: {
            ($0 as? SocketError)?.code == .busy
        }
        open.removeLast().hangUp()
        // Its thread has to notice.
        var again: LedgerSocketClient?
        for _ in 0..<200 where again == nil {
            again = try? LedgerSocketClient.connect(to: served.folder)
            if again == nil { usleep(10_000) }
        }
        #expect(again != nil)
        #expect(open.count == LedgerSocketServer.maximumClients - 1)
    }

    @Test func onlyTheOwnerMayConnect() throws {
        let served = try Served()
        let attributes = try FileManager.default.attributesOfItem(atPath: served.folder + "/writer.sock")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(attributes[.type] as? FileAttributeType == .typeSocket)
        served.server.stop()
        #expect(!FileManager.default.fileExists(atPath: served.folder + "/writer.sock"))
        #expect(try LedgerSocketClient.connect(to: served.folder) == nil)
    }

    @Test func aStaleSocketIsReplacedAndAnotherFileIsNot() throws {
        let served = try Served()
        served.server.stop()
        let path = served.folder + "/writer.sock"
        // As a killed server leaves it: bound, and nobody listens.
        close(try SocketFile.listen(in: served.folder, backlog: 1))
        #expect(FileManager.default.fileExists(atPath: path))
        #expect(try LedgerSocketClient.connect(to: served.folder) == nil)
        let second = try LedgerSocketServer(served.ledger, program: "second")
        #expect(try served.client().hello.program == "second")
        second.stop()
        try "mine".write(toFile: path, atomically: false, encoding: .utf8)
        #expect { try LedgerSocketServer(served.ledger, program: "third") } throws: {
            ($0 as? SocketError)?.code == .system
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
        #expect(try LedgerSocketClient.connect(to: served.folder) == nil)
    }

    @Test func aPathThatNoAddressHolds() throws {
        let top = NSTemporaryDirectory() + "long-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: top) }
        let folder = top + "/" + String(repeating: "x", count: 150) + "/" + String(repeating: "y", count: 150)
        let served = try Served(folder: folder)
        let client = try served.client()
        let at = try Timestamp("2024-01-01T00:00:00Z")
        #expect(try client.submit(Command(.signup(Signup(userId: "u-1", at: at)))).name == "accepted")
    }

    @Test func stoppingAnswersWhatHasArrived() throws {
        let served = try Served()
        let raw = try served.raw()
        let idle = try served.raw()
        raw.say((0..<500).map { signup("u-\($0)") + "\n" }.joined() + #"{"type":"signup""#)
        served.server.stop()
        for _ in 0..<500 { #expect(try raw.line().contains("accepted")) }
        // The half line is nobody's.
        #expect(try raw.line() == "")
        #expect(try idle.line() == "")
        #expect(try served.ledger.current.status().users == 500)
    }

    @Test func whatFitsNoLineIsToldSo() throws {
        let served = try Served()
        let client = try served.client()
        var signup = Signup(userId: "u-1", at: try Timestamp("2024-01-01T00:00:00Z"))
        signup.userId = String(repeating: "b", count: 70_000)
        #expect { try client.submit(Command(.signup(signup))) } throws: {
            ($0 as? SocketError)?.code == .notForwardable
        }
        signup.userId = "u-1"
        #expect(try client.submit(Command(.signup(signup))).name == "accepted")
        #expect(client.position == served.ledger.current.position)
    }
}

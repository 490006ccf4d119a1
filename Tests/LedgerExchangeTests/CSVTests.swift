import Foundation
import LedgerDomain
import Testing

@testable import LedgerExchange

@Suite struct CSVTests {
    static let map = #"""
        {"type": "signup", "columns": {"userId": "id", "at": "when", "name": "name", "signals.ip": "ip"},
         "constants": {"metadata.from": "csv", "actorRole": "admin"}}
        """#

    private func read(_ table: String, map: String = map) throws -> [String] {
        try read(Array(table.utf8), map: map)
    }

    private func read(_ table: [UInt8], map: String = map) throws -> [String] {
        let input = Input(table)
        var reader = try CSVCommandReader(
            descriptor: input.descriptor, map: try CSVMap.parse(Array(map.utf8)),
            decoder: CommandLineDecoder(defaultAsset: pounds))
        var found: [String] = []
        while let line = try reader.next() {
            switch line.result {
            case .failure(let problem):
                found.append("\(line.number) \(problem.code.rawValue) \(problem.column)")
            case .success(let command):
                guard case .signup(let signup) = command.action else { continue }
                #expect(signup.personal.metadata == #"{"from":"csv"}"# && command.actor.role == .admin)
                found.append(
                    "\(line.number) \(signup.userId) \(signup.personal.name ?? "-") \(signup.signals.ip ?? "-")"
                )
            }
        }
        return found
    }

    static let header = "id,when,name,ip,other\n"
    static let at = "2024-01-01T00:00:00Z"

    @Test(arguments: [
        ("a,\(at),Ann,1.1,x\n", ["2 a Ann 1.1"]),
        ("a,\(at),Ann,,\r\n\r\n\nb,\(at),,,", ["2 a Ann -", "5 b - -"]),
        ("a,\(at),\"A \"\"n\"\", n\",\"\",\r\nb,\(at),,,", ["2 a A \"n\", n -", "3 b - -"]),
        ("a,\(at),\"A\nn\r\nn\",,\nb,\(at),,,\n", ["2 a A\nn\r\nn -", "5 b - -"]),
        ("a,\(at),A\"n\"n,, \n", ["2 a A\"n\"n -"]),
        (" a ,\(at),ü,,\"x\"\r\n", ["2  a  ü -"]),
        ("a,\(at),,\nb,\(at),,,,\nc,\(at),,,\n", ["2 csv.cell_count 1", "3 csv.cell_count 1", "4 c - -"]),
        ("a,\(at),\"x\"y,,\nb,\(at),,,\n", ["2 csv.quote 27", "3 b - -"]),
        ("a,\(at),\"x\"\ry,,\nb,\(at),,,\n", ["2 csv.quote 28", "3 b - -"]),
        ("a,\(at),\"x,,\nb,\(at),,,\n", ["2 csv.quote 24"]),
        ("a,\(at),x\u{0}y,,\nb,\(at),,,\n", ["2 line.nul 25", "3 b - -"]),
        (",\(at),x,,\n", ["2 field.missing 1"]),
        ("ü,\"yesterday\",x,,\n", ["2 time.invalid 3"]),
    ]) func rows(_ table: String, _ expected: [String]) throws {
        #expect(try read(Self.header + table) == expected)
    }

    @Test func aByteOrderMarkIsPassedOver() throws {
        #expect(try read("\u{FEFF}\(Self.header)a,\(Self.at),,,\n") == ["2 a - -"])
        #expect(try read("\n\r\n\(Self.header)a,\(Self.at),,,\n") == ["4 a - -"])
    }

    @Test func bytesThatAreNoUTF8() throws {
        let table = Array((Self.header + "a,\(Self.at),ü").utf8) + [0xFF] + Array(",,\nb,\(Self.at),,,".utf8)
        #expect(try read(table) == ["2 line.not_utf8 25", "3 b - -"])
    }

    @Test func rowsThatAreTooLong() throws {
        let long = String(repeating: "x", count: 300_000)
        let table =
            Self.header + "a,\(Self.at),\(long),,\n"
            + "b,\(Self.at),\"\(long)\n,\"\"\n\",,\nc,\(Self.at),,,\n"
        #expect(try read(table) == ["2 line.too_long 1", "3 line.too_long 1", "6 c - -"])
        let fits = String(repeating: "y", count: 65_536 - Self.at.count - 5)
        let most = Self.header + "a,\(Self.at),\(fits),,\r\nb,\(Self.at),\(fits)y,,\r\n"
        #expect(try read(most) == ["2 a \(fits) -", "3 line.too_long 1"])
    }

    @Test func tablesOverTheEndsOfBlocks() throws {
        var table = Self.header
        var expected: [String] = []
        for number in 0..<20_000 {
            table += "u\(number),\(Self.at),\"a,\(number)\",\"\",x\r\n"
            expected.append("\(number + 2) u\(number) a,\(number) -")
        }
        #expect(try read(table) == expected)
    }

    /// Types of the main line: an array from a cell, or as a constant.
    @Test func approversInATable() throws {
        func approvers(_ map: String, _ table: String) throws -> [[String]] {
            let input = Input(table)
            var reader = try CSVCommandReader(
                descriptor: input.descriptor, map: try CSVMap.parse(Array(map.utf8)),
                decoder: CommandLineDecoder(defaultAsset: pounds))
            var found: [[String]] = []
            while let line = try reader.next() {
                guard case .adjust(let adjust) = try line.result.get().action else { continue }
                #expect(adjust.amount == -250)
                found.append(adjust.approvers)
            }
            return found
        }
        let columns = #""userId":"u","amount":"a","at":"t","key":"k","reason":"r""#
        let header = "u,a,t,k,r,by\n"
        let row = "u-1,-2.50,\(Self.at),k-1,r,\"ann, bob\"\n"
        let byCell = #"{"type":"adjust","columns":{\#(columns),"approvers":"by"}}"#
        #expect(try approvers(byCell, header + row) == [["ann, bob"]])
        let fixed = #"{"type":"adjust","columns":{\#(columns)},"constants":{"approvers":["x","y"]}}"#
        #expect(try approvers(fixed, header + row) == [["x", "y"]])
        let wrong = fixed.replacing(#"["x","y"]"#, with: #""x""#)
        #expect(throws: CSVMapProblem.self) { try CSVMap.parse(Array(wrong.utf8)) }
    }

    @Test func localTimes() throws {
        let map = CSVTests.map.dropLast(1) + #", "timeZone": "Europe/London"}"#
        let input = Input(
            Self.header + "a,2024-07-01 12:00:00,,,\nb,2024-03-31 01:30,,,\nc,2024-10-27T01:30:00,,,\n"
                + "d,2024-07-01T12:00:00Z,,,\ne,2024-07-32 12:00:00,,,\nf,noon,,,\n")
        var reader = try CSVCommandReader(
            descriptor: input.descriptor, map: try CSVMap.parse(Array(map.utf8)),
            decoder: CommandLineDecoder())
        var found: [String] = []
        while let line = try reader.next() {
            switch line.result {
            case .success(let command):
                guard case .signup(let signup) = command.action else { continue }
                found.append(signup.at.description)
            case .failure(let problem): found.append("\(problem.code.rawValue) \(problem.column)")
            }
        }
        #expect(
            found == [
                "2024-07-01T11:00:00Z", "time.invalid 3", "2024-10-27T00:30:00Z", "2024-07-01T12:00:00Z",
                "time.invalid 3", "time.invalid 3",
            ])
    }

    @Test(arguments: [
        ("{", CSVMapProblem.Code.syntax, ""),
        (#"{"type":"signup","columns":{},"x":1}"#, .unknownMember, "x"),
        (#"{"type":"signup"}"#, .missingMember, "columns"),
        (#"{"columns":{}}"#, .missingMember, "type"),
        (#"[]"#, .wrongType, ""),
        (#"{"type":"signup","columns":[]}"#, .wrongType, "columns"),
        (#"{"type":"signup","columns":{"at":1}}"#, .wrongType, "columns.at"),
        (#"{"type":"payment","columns":{},"constants":{"amount":1}}"#, .wrongType, "constants.amount"),
        (
            #"{"type":"issueCode","columns":{},"constants":{"expiresInDays":"1"}}"#, .wrongType,
            "constants.expiresInDays"
        ),
        (#"{"type":"sale","columns":{}}"#, .unknownType, "type"),
        (#"{"type":"signup","columns":{"amount":"a"}}"#, .unknownField, "columns.amount"),
        (#"{"type":"signup","columns":{"type":"a"}}"#, .unknownField, "columns.type"),
        (#"{"type":"signup","columns":{"signals":"a"}}"#, .unknownField, "columns.signals"),
        (#"{"type":"signup","columns":{"signals.mac":"a"}}"#, .unknownField, "columns.signals.mac"),
        (#"{"type":"signup","columns":{"at":"a"},"constants":{"at":"b"}}"#, .fieldTwice, "constants.at"),
        (
            #"{"type":"signup","columns":{"signals.ip":"a"},"constants":{"signals":{}}}"#, .fieldTwice,
            "constants.signals"
        ),
        (#"{"type":"signup","columns":{},"timeZone":"Mars/Base"}"#, .unknownZone, "timeZone"),
        (#"{"type":"signup","columns":{},"timeZone":1}"#, .wrongType, "timeZone"),
        (#"{"type":"signup","columns":{"at":"When"}}"#, .unknownColumn, "columns.at"),
        (#"{"type":"signup","columns":{"at":"twice"}}"#, .columnTwice, "columns.at"),
    ]) func mapsThatAreWrong(_ map: String, _ code: CSVMapProblem.Code, _ member: String) throws {
        #expect(throws: (any Error).self) {
            do {
                let map = try CSVMap.parse(Array(map.utf8))
                let input = Input("id,when,twice,twice\n")
                _ = try CSVCommandReader(
                    descriptor: input.descriptor, map: map, decoder: CommandLineDecoder())
            } catch let error as CSVMapProblem {
                #expect(error.code == code && error.member == member, "\(error)")
                throw error
            } catch CSVProblem.map(let error) {
                #expect(error.code == code && error.member == member && error.column > 1, "\(error)")
                throw error
            }
        }
    }

    @Test(arguments: ["", "\n\n", "\"id\n", "a\u{0}\n"])
    func aTableWithoutHeader(_ table: String) throws {
        let map = try CSVMap.parse(Array(Self.map.utf8))
        let input = Input(table)
        do throws(CSVProblem) {
            _ = try CSVCommandReader(descriptor: input.descriptor, map: map, decoder: CommandLineDecoder())
            Issue.record("a header out of nothing")
        } catch {
            guard case .map(let problem) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(problem.code == .header)
        }
    }

    @Test(arguments: [
        ("customers.csv", "signups.map.json", 23_570), ("payments.csv", "payments.map.json", 69_659),
        ("refunds.csv", "refunds.map.json", 4_849),
    ]) func realTables(_ table: String, _ map: String, _ rows: Int) throws {
        let input = Input(try fixture("cdnow/\(table)"))
        var reader = try CSVCommandReader(
            descriptor: input.descriptor, map: try CSVMap.parse(try fixture("cdnow/\(map)")),
            decoder: CommandLineDecoder())
        var count = 0
        var problems: [String] = []
        while let line = try reader.next() {
            count += 1
            if case .failure(let problem) = line.result { problems.append("\(line.number): \(problem)") }
        }
        #expect(count == rows && problems.isEmpty, "\(problems.prefix(3))")
    }

    @Test func resumesBehindALine() throws {
        let input = Input(Self.header + "a,\(Self.at),\"x\ny\",,\n\nb,\(Self.at),,,\nc,\(Self.at),,,\n")
        var reader = try CSVCommandReader(
            descriptor: input.descriptor, map: try CSVMap.parse(Array(Self.map.utf8)),
            decoder: CommandLineDecoder())
        #expect(try reader.skip(through: 5) == 2)
        #expect(try reader.next()?.number == 6)
        #expect(String(decoding: reader.text, as: UTF8.self) == "c,\(Self.at),,,")
        #expect(try reader.next()?.number == nil)
    }

    @Test func damagedTablesNeverCrash() throws {
        var random = SplitMix64(11)
        let map = try CSVMap.parse(Array(Self.map.utf8))
        let alphabet = Array("a,\"\r\n\u{0}".utf8) + [0xFF]
        for _ in 0..<3_000 {
            let noise = (0..<60).map { _ in alphabet.randomElement(using: &random)! }
            let input = Input(Array(Self.header.utf8) + noise)
            var reader = try CSVCommandReader(
                descriptor: input.descriptor, map: map, decoder: CommandLineDecoder())
            var last: UInt64 = 1
            while let line = try reader.next() {
                #expect(line.number > last)
                last = line.number
            }
        }
    }
}

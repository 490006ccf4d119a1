import LedgerDomain
import StrictJSON
import Testing

@testable import LedgerExchange

@Suite struct DecoderTests {
    @Test(arguments: CommandLineDecoder.lineTypes)
    func everyExampleIsALineOfItsType(_ type: LineType) throws {
        var decoder = CommandLineDecoder()
        let command = try decoder.decode(type.example)
        #expect(command.action.typeName == type.name)
    }

    @Test func typesFollowTheNumbersOfCommands() throws {
        var decoder = CommandLineDecoder()
        let numbers = try CommandLineDecoder.lineTypes.map {
            Int(try decoder.decode($0.example).action.typeNumber)
        }
        // Rising, with gaps: numbers are given out in blocks.
        #expect(numbers == Set(numbers).sorted() && numbers.first == 1)
    }

    @Test(arguments: CommandLineDecoder.lineTypes)
    func withoutARequiredFieldALineIsRefused(_ type: LineType) throws {
        let value = try JSONValue.parse(Array(type.example.utf8))
        guard case .object(let members) = value.kind else { return }
        for field in type.fields where field.isRequired {
            let rest = members.filter { $0.key != field.name }.map { member -> String in
                let value: String
                switch member.value.kind {
                case .string(let text): value = "\"\(text)\""
                case .number(let text): value = text
                default: value = #"["ann"]"#
                }
                return "\"\(member.key)\":\(value)"
            }
            #expect(rest.count == members.count - 1)
            let found = problem("{\(rest.joined(separator: ","))}")
            #expect(found?.code == .fieldMissing && found?.field == field.name)
        }
    }

    @Test func aFullSignup() throws {
        var decoder = CommandLineDecoder()
        let command = try decoder.decode(
            #"{"type":"signup","userId":"ü-1","at":"2010-12-01T13:56:00.5+05:30","country":"GB","#
                + #""referrerId":"a","referralCode":"b","email":"e","phone":"p","name":"n\"","#
                + #""metadata":{"z":[1.50,{"b":null,"a":true}],"a":"x"},"key":"k","programme":"P","#
                + #""signals":{"paymentMethod":"m","ip":"i","device":"d"},"actor":"ann","#
                + #""actorRole":"admin","correlationId":"c","causation":"w"}"#)
        let signup = Signup(
            userId: "ü-1", at: try Timestamp("2010-12-01T08:26:00.5Z"), country: "GB", referrerId: "a",
            referralCode: "b",
            personal: .init(
                email: "e", phone: "p", name: "n\"", metadata: #"{"a":"x","z":[1.50,{"a":true,"b":null}]}"#),
            signals: .init(ip: "i", device: "d", paymentMethod: "m"))
        #expect(
            command
                == Command(
                    .signup(signup), programme: "P", key: "k", actor: .init(role: .admin, id: "ann"),
                    correlationId: "c", causation: "w"))
    }

    @Test func aProgrammesOwnAssetStandsForTheCurrency() throws {
        let line = { (more: String) in
            #"{"type":"payment","paymentId":"p","provider":"s","userId":"u","amount":"5","#
                + #""at":"2010-12-01T08:26:00Z"\#(more)}"#
        }
        #expect(problem(line(""))?.field == "currency")
        let yen = try #require(Asset(code: "JPY"))
        var decoder = CommandLineDecoder(defaultAsset: pounds, programmeAssets: ["J": yen])
        func amount(_ text: String) throws -> [Int64] {
            guard case .payment(let payment) = try decoder.decode(text).action else { return [] }
            return [payment.amount, Int64(payment.asset.rawValue)]
        }
        #expect(try amount(line("")) == [500, 826])
        #expect(try amount(line(#","programme":"J""#)) == [5, 392])
        #expect(try amount(line(#","currency":"KWD""#)) == [5000, 414])
        #expect(try amount(line(#","programme":"X","currency":"GBP""#)) == [500, 826])
        #expect(problem(line(#","programme":"X""#), decoder)?.code == .fieldMissing)
    }

    @Test func aBadgeIsKnownWhereItIsTheDefault() throws {
        let badge = Asset(ledgerDefined: .firstLedgerDefined, code: "BADGE:x")
        let line =
            #"{"type":"payment","paymentId":"p","provider":"s","userId":"u","amount":"5","#
            + #""at":"2010-12-01T08:26:00Z","currency":"BADGE:x"}"#
        #expect(problem(line)?.code == .currencyUnknown)
        #expect(problem(line, CommandLineDecoder(defaultAsset: badge)) == nil)
    }

    @Test func programmesAndPolicies() throws {
        var decoder = CommandLineDecoder()
        let policy = try #require(Policy.preset(named: "two-level"))
        let json = String(decoding: policy.canonicalJSON(), as: UTF8.self)
        let at = try Timestamp("2024-01-01T00:00:00Z")
        let created = try decoder.decode(
            #"{"type":"createProgramme","asset":"GBP","at":"2024-01-01T00:00:00Z","policy":\#(json)}"#)
        #expect(
            created
                == Command(
                    .createProgramme(
                        CreateProgramme(
                            programmeId: "two-level", asset: pounds.number, at: at, policy: policy,
                            zoneRules: .utc))))
        let abroad = json.replacing("UTC", with: "Europe/London")
        let line = #"{"type":"publishPolicy","effectiveFrom":"2024-01-01T00:00:00Z","policy":\#(abroad)}"#
        guard case .publishPolicy(let published) = try decoder.decode(line).action else {
            Issue.record("not a policy")
            return
        }
        #expect(published.zoneRules.name == "Europe/London")
        let lost = CommandLineDecoder { (name) throws(ZoneProblem) in
            throw ZoneProblem(reason: .unknownZone, name: name)
        }
        #expect(problem(line, lost)?.code == .zoneUnknown)
    }

    @Test func fieldsAsTexts() throws {
        var decoder = CommandLineDecoder(defaultAsset: pounds)
        let command = try decoder.decode(
            type: "signup",
            fields: [
                ("signals.ip", "1.2.3.4"), ("userId", "a\"b"), ("at", "2024-01-01T00:00:00Z"),
                ("signals.device", "d"), ("metadata", #"{"b":1,"a":2}"#),
            ])
        guard case .signup(let signup) = command.action else { return }
        #expect(signup.signals == .init(ip: "1.2.3.4", device: "d"))
        #expect(signup.userId == "a\"b" && signup.personal.metadata == #"{"a":2,"b":1}"#)
        func code(_ type: String, _ fields: [(String, String)]) -> LineProblem.Code? {
            do throws(LineProblem) {
                _ = try decoder.decode(type: type, fields: fields.map { (name: $0.0, text: $0.1) })
                return nil
            } catch {
                return error.code
            }
        }
        #expect(code("sign", []) == .typeUnknown)
        #expect(code("signup", [("paymentId", "x")]) == .fieldUnknown)
        #expect(code("signup", [("signals.mac", "x")]) == .fieldUnknown)
        #expect(code("signup", [("userId", "x"), ("userId", "y")]) == .jsonDuplicateKey)
        #expect(code("signup", [("metadata.a", "x"), ("metadata", "{}")]) == .jsonDuplicateKey)
        #expect(code("signup", [("metadata", "{}}")]) == .jsonInvalid)
        #expect(code("signup", [("metadata", #"{},"key":"x""#)]) == .jsonInvalid)
        #expect(code("signup", [("userId", "x")]) == .fieldMissing)
        let issue = [("userId", "u"), ("at", "2024-01-01T00:00:00Z"), ("key", "k")]
        #expect(code("issueCode", issue + [("expiresInDays", "365")]) == nil)
        #expect(code("issueCode", issue + [("expiresInDays", "1.5")]) == .fieldType)
        #expect(code("issueCode", issue + [("expiresInDays", "-0")]) == .fieldType)
    }

    @Test func everyNameOfAFieldIsFound() {
        for field in FieldID.allCases {
            #expect(FieldIndex.shared.field(field.name) == field)
            #expect(FieldIndex.shared.field(field.name + "x") == nil)
        }
        #expect(FieldIndex.shared.field("") == nil)
        #expect(FieldID.count <= 128)
    }
}

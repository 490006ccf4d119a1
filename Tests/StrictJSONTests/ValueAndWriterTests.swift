import StrictJSON
import Testing

@Suite struct ValueAndWriterTests {
    private func text(_ writer: JSONWriter) -> String { String(decoding: writer.bytes, as: UTF8.self) }

    @Test func treeKeepsOrderTextAndOffsets() throws {
        let source = #"{"b": [1.50, true, null], "a": "x"}"#
        let value = try JSONValue.parse(Array(source.utf8))
        guard case .object(let members) = value.kind else {
            Issue.record("not an object")
            return
        }
        #expect(members.map(\.key) == ["b", "a"])
        #expect(members.map(\.keyOffset) == [1, 26])
        #expect(value["a"] == JSONValue(.string("x"), offset: 31))
        #expect(value["c"] == nil)
        #expect(
            value["b"]?.kind
                == .array([
                    JSONValue(.number("1.50"), offset: 7), JSONValue(.bool(true), offset: 13),
                    JSONValue(.null, offset: 19),
                ]))
        #expect(try JSONValue.parse(Array("[]".utf8)).kind == .array([]))
        #expect(try JSONValue.parse(Array("\"s\"".utf8)).kind == .string("s"))
    }

    @Test func writesCompact() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("s", "a\"b\\c/\n\r\t\u{8}\u{C}\u{1}\u{1F}\u{7F}é😀")
        writer.member("i", Int64.min)
        writer.member("u", UInt64.max)
        writer.member("n", nil as Int?)
        writer.member("z", 0)
        writer.member("t", true)
        writer.key("list")
        writer.beginArray()
        writer.beginArray()
        writer.endArray()
        writer.beginObject()
        writer.endObject()
        writer.raw("1.5".utf8)
        writer.null()
        writer.bool(false)
        writer.endArray()
        writer.endObject()
        writer.endLine()
        let expected =
            #"{"s":"a\"b\\c/\n\r\t\b\f\u0001\u001f"# + "\u{7F}é😀\""
            + #","i":-9223372036854775808,"u":18446744073709551615,"n":null,"z":0,"t":true,"#
            + #""list":[[],{},1.5,null,false]}"# + "\n"
        #expect(text(writer) == expected)
        writer.beginArray()
        writer.endArray()
        writer.endLine()
        #expect(text(writer) == expected + "[]\n")
        writer.removeAll()
        writer.integer(7)
        #expect(text(writer) == "7")
    }

    @Test func writesPretty() {
        var writer = JSONWriter(pretty: true)
        writer.beginObject()
        writer.key("a")
        writer.beginArray()
        writer.integer(1)
        writer.beginObject()
        writer.endObject()
        writer.endArray()
        writer.member("b", "x")
        writer.endObject()
        #expect(text(writer) == "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": \"x\"\n}")
    }

    /// Whatever string is written is read back, and it is written the same again.
    @Test func stringsRoundTrip() throws {
        var random = SplitMix(seed: 11)
        for _ in 0..<3000 {
            var scalars = String.UnicodeScalarView()
            for _ in 0..<random.next() % 30 {
                let range: UInt32 = [0x20, 0x80, 0x800, 0x11_0000][Int(random.next() % 4)]
                let scalar = Unicode.Scalar(1 + UInt32(random.next() % UInt64(range - 1)))
                if let scalar { scalars.append(scalar) }
            }
            var writer = JSONWriter()
            writer.beginObject()
            writer.member("v", String(scalars))
            writer.endObject()
            var scanner = JSONObjectScanner()
            try scanner.scan(writer.bytes)
            #expect(scanner.string(scanner[1].text) == String(scalars), "seed 11")
            var again = JSONWriter()
            scanner.write(0, to: &again)
            #expect(again.bytes == writer.bytes)
        }
    }

    @Test func misuseTraps() async {
        await #expect(processExitsWith: .failure) {
            var writer = JSONWriter()
            writer.beginObject()
            writer.integer(1)
        }
        await #expect(processExitsWith: .failure) {
            var writer = JSONWriter()
            writer.integer(1)
            writer.integer(2)
        }
    }
}

import GibbsData
import GibbsNumerics
import Testing

@Suite struct JSONRequestTests {
    @Test func members() throws {
        let request = try JSONRequest(Array("""
            {"text": "a\\u00e9\\n", "number": -1.5e2, "whole": 7, "flag": true, "none": null,
             "texts": ["x", "y"], "rows": [[1, null], [0.5, 2]],
             "records": [{"a": 1,
              "b": "{]"}, {}]}
            """.utf8))
        #expect(try request.text("text") == "aé\n" && request.number("number") == -150 && request.int("whole", in: 0 ... 9) == 7 && request.flag("flag") == true)
        #expect(!request.has("none") && !request.has("absent"))
        #expect(try request.text("absent") == nil && request.text("none") == nil)
        #expect(try request.texts("texts") == ["x", "y"])
        let rows = try #require(try request.rows("rows"))
        #expect(rows[0][0] == 1 && rows[0][1].isNaN && rows[1] == [0.5, 2])
        let lines = try #require(try request.lines("records"))
        #expect(lines.count == 2 && String(decoding: lines.bytes, as: UTF8.self) == "{\"a\": 1,   \"b\": \"{]\"}\n{}\n")
        #expect(try request.objects("records")?[0].number("a") == 1)
    }

    @Test func nothingIsAnObjectWithoutMembers() throws { #expect(try JSONRequest([UInt8]()).names == [] && JSONRequest(Array(" \n".utf8)).names == [] && JSONRequest(Array("{}".utf8)).names == []) }

    /// One text for each way in which JSON can be broken.
    @Test(arguments: [
        "[]", "1", "null", "\"a\"", "{", "}", "{]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{\"a\" 1}", "{'a':1}", "{a:1}", "{\"a\":01}", "{\"a\":+1}", "{\"a\":.5}", "{\"a\":1.}", "{\"a\":1e}", "{\"a\":-}",
        "{\"a\":NaN}", "{\"a\":Infinity}", "{\"a\":True}", "{\"a\":tru}", "{\"a\":truex}", "{\"a\":nul}", "{\"a\":\"x}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\t\"}", "{\"a\":\"\n\"}",
        "{\"a\":[1,]}", "{\"a\":[1 2]}", "{\"a\":[1}", "{\"a\":1}}", "{\"a\":1} x", "{\"a\":1}{}", "{\"a\":1,\"a\":2}", "{\"a\":1 /* no */}", "{\"a\":1,\"b\"", "{\"a\":0x10}", "\u{FEFF}{}",
    ])
    func broken(text: String) {
        let error = #expect(throws: GibbsError.self) { try JSONRequest(Array(text.utf8)) }
        #expect(error?.code == .malformedData, "\(String(describing: error))")
        #expect(error?.place.line != nil)
    }

    @Test func bytes() {
        for bytes in [[0xFF], [0x7B, 0x00, 0x7D], Array("{\"a\":\"".utf8) + [0xC3] + Array("\"}".utf8), Array("{\"a\":\"".utf8) + [0xED, 0xA0, 0x80] + Array("\"}".utf8)] as [[UInt8]] {
            #expect(throws: GibbsError.self, "\(bytes)") { try JSONRequest(bytes) }
        }
    }

    @Test func depth() {
        func nested(_ depth: Int) -> [UInt8] { Array(("{\"a\":" + String(repeating: "[", count: depth - 1) + String(repeating: "]", count: depth - 1) + "}").utf8) }
        #expect(throws: Never.self) { try JSONRequest(nested(JSONRequest.depthLimit)) }
        let error = #expect(throws: GibbsError.self) { try JSONRequest(nested(JSONRequest.depthLimit + 1)) }
        #expect(error?.code == .limitExceeded)
        #expect(throws: GibbsError.self) { try JSONRequest(nested(100_000)) }
    }

    /// Every text cut short, and every byte of it exchanged for some others, is read or refused; nothing else happens.
    @Test func cutAndChanged() throws {
        let text = Array("{\"rows\":[{\"a\":-1.5e3,\"b\":\"x\\u00e9\"},{\"c\":null}],\"explain\":true,\"n\":[]}".utf8)
        for length in 0 ..< text.count where length > 0 { #expect(throws: GibbsError.self, "\(length)") { try JSONRequest(text[..<length]) } }
        var read = 0
        for place in text.indices {
            for byte in [0, 0x0A, 0x22, 0x5C, 0x2C, 0x5D, 0x7B, 0x80, 0xFF] as [UInt8] {
                var changed = text
                changed[place] = byte
                if let request = try? JSONRequest(changed), (try? request.lines("rows")) != nil { read += 1 }
            }
        }
        #expect(read > 0)
    }

    @Test func wrongKinds() throws {
        let request = try JSONRequest(Array(#"{"a":"x","b":1.5,"c":[1],"d":1e400,"e":[{"x":1},2]}"#.utf8))
        #expect(throws: GibbsError.self) { try request.number("a") }
        #expect(throws: GibbsError.self) { try request.text("b") }
        #expect(throws: GibbsError.self) { try request.int("b", in: 0 ... 9) }
        #expect(throws: GibbsError.self) { try request.texts("c") }
        #expect(throws: GibbsError.self) { try request.number("d") }
        #expect(throws: GibbsError.self) { try request.lines("e") }
        #expect(throws: GibbsError.self) { try request.flag("a") }
        let error = #expect(throws: GibbsError.self) { try request.check(["aa", "b", "c", "d", "e"]) }
        #expect(error?.place.field == "a" && error?.advice?.contains("'aa'") == true)
    }

    /// Appending writes what `text` says.
    @Test func appending() {
        let value = JSONValue.object([("a", .array([.int(1), .null, .bool(true), .number(0.1)])), ("b\"", .object([])), ("c", .string("x\n\u{85}"))])
        var bytes = [UInt8]()
        value.append(to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == value.text)
    }
}

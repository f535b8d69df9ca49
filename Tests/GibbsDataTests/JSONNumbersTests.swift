import GibbsData
import GibbsNumerics
import Testing

/// Objects of whole numbers within a text: names by their bytes.
@Suite struct JSONNumbersTests {
    private func members(_ text: String, _ path: [String] = ["model", "vocab"]) throws -> [(name: String, number: Int?)]? { try JSONNumbers.members(at: path, in: Array(text.utf8)) }

    @Test func names() throws {
        let found = try #require(try members("{\"a\": [1, {\"vocab\": 2}],\n \"model\": {\"x\": null, \"vocab\": {\"\u{E9}\": 0, \"e\u{301}\" : 1,\n\"\\u00e9\":2, \"\\\"\": -3, \"z\": 1.5, \"y\": {}}}}\n"))
        #expect(found.map { Array($0.name.utf8) } == [[0xC3, 0xA9], [0x65, 0xCC, 0x81], [0xC3, 0xA9], [0x22], [0x7A], [0x79]])
        #expect(found.map(\.number) == [0, 1, 2, -3, nil, nil])
        #expect(try members("{\"a\":1}", [])?.map(\.number) == [1])
    }

    @Test(arguments: ["{}", "{\"model\":[]}", "{\"model\":{}}", "{\"model\":{\"vocab\":[[\"a\",0.5]]}}", "[]"]) func absent(text: String) throws { #expect(try members(text) == nil) }

    @Test(arguments: ["", "{", "{\"model\":{\"vocab\":{\"a\":1}", "{\"model\":{\"vocab\":{\"a\" 1}}}", "{\"model\":{\"vocab\":{\"a\":01}}}", "{\"model\":{\"vocab\":{a:1}}}"])
    func broken(text: String) { expectError(.malformedData) { try members(text) as Any } }
}

import GibbsData
import GibbsNumerics
import Testing

/// Some columns of one line, in JSON and CSV.
@Suite struct LineValuesTests {
    static let columns = ["time", "user.name", "event", "n"]

    private func with<Result>(_ line: String, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result {
        // A line feed and eight more readable bytes.
        let bytes = Array(line.utf8) + [0x0A] + [UInt8](repeating: 0x0A, count: 8)
        return try bytes.withUnsafeBufferPointer { try body(UnsafeBufferPointer(rebasing: $0[..<line.utf8.count])) }
    }

    private func read(_ line: String, _ values: LineValues = LineValues(columns, format: .json)) throws -> [String?] {
        try with(line) {
            try values.read($0)
            return values.values.map { $0.map { String(decoding: $0, as: UTF8.self) } }
        }
    }

    @Test func objects() throws {
        #expect(try read(#"{"time":1.5,"user":{"id":7,"name":"ann"},"event":"log in","n":-2e3}"#) == ["1.5", "ann", "log in", "-2e3"])
        #expect(try read(#" { "event" : "a" , "user.name" : "flat", "else":[1,{"time":2}],"n" : true } "#) == [nil, "flat", "a", "true"])
        #expect(try read("{}") == [nil, nil, nil, nil])
        #expect(try read(#"{"time":null,"user":{"name":null,"name2":"x"},"event":"","n":[1, 2]}"#) == [nil, nil, nil, "[1, 2]"])
        // Keys inside an array, or of the same name deeper down, are others.
        #expect(try read(#"{"a":{"time":1,"user":{"name":"x"}},"user":"name","event":{"n":3}}"#) == [nil, nil, nil, nil])
        #expect(try read("{\"n\":1}\r") == [nil, nil, nil, "1"])
    }

    @Test func escapes() throws {
        #expect(try read(#"{"event":"a\"b\\c\/d\n\t\u00e9\ud83d\ude00","us\u0065r":{"n\u0061me":"x\u0041"}}"#) == [nil, "xA", "a\"b\\c/d\n\té😀", nil])
        // Two values with escapes do not share their room.
        #expect(try read(#"{"event":"\u0061","time":"\u0062","n":"\u0063"}"#) == ["b", nil, "a", "c"])
    }

    /// A line's values are gone with the next line.
    @Test func nothingIsLeftOfTheLineBefore() throws {
        let values = LineValues(Self.columns, format: .json)
        #expect(try read(#"{"event":"a","time":3}"#, values) == ["3", nil, "a", nil])
        #expect(try read(#"{"n":1}"#, values) == [nil, nil, nil, "1"])
    }

    @Test(arguments: [" ", "[]", "x", "{", #"{"a"}"#, #"{"a":}"#, #"{"a":1"#, #"{"a":1,}"#, #"{"a":1}}"#, #"{"a":1} x"#, #"{"event":"open"#, #"{"event":"\q"}"#, #"{"event":"\ud800"}"#,
                      #"{a:1}"#, #"{"a":[1}"#, #"{"a" 1}"#, #"{"a":1 "b":2}"#])
    func malformed(line: String) throws {
        expectError(.malformedData) { try read(line) }
    }

    @Test func nestedTooDeep() throws {
        func nested(_ depth: Int) -> String { String(repeating: #"{"a":"#, count: depth) + "1" + String(repeating: "}", count: depth) }
        #expect(try read(nested(16)) == [nil, nil, nil, nil])
        expectError(.malformedData, "nested") { try read(nested(17)) }
    }

    /// A line says of itself what its table says of it.
    @Test func sameAsTables() throws {
        let pad = Scratchpad(), columns = ["a", "b.c", "b.d.e", "f"], draws = Key(1).uniforms(400)
        let texts = (0 ..< 100).map { row -> String in
            let u = draws[4 * row ..< 4 * row + 4].map { Int($0 * 4) }
            let d = u[0] == 0 ? "{}" : #"{"e":"x\u0041\#(row)","other":{"e":1}}"#, b = u[1] == 0 ? "" : #""b" : {"c":"\#(row % 7)" ,"d":\#(d)},"#
            return "{\(b)\(u[2] == 0 ? "" : #""a":"v\#(row)","#)\"f\":\(u[3] == 0 ? "null" : #""t""#)}"
        }
        var options = TableOptions()
        for column in columns { options.types[column] = .category }
        options.missing = [""]
        let table = try TableReader(path: pad.file("t.ndjson", texts.joined(separator: "\n") + "\n"), options: options).readAll(columns: columns)
        for (row, text) in texts.enumerated() { #expect(try read(text, LineValues(columns, format: .json)) == columns.map { try table.column($0).text(row) }, "\(text)") }
    }

    @Test func cells() throws {
        let format = try with("event,other,\"time\",n") { try LineValues.header($0) }
        #expect(format == .csv(columns: ["event", "other", "time", "n"], delimiter: UInt8(ascii: ",")))
        let values = LineValues(Self.columns, format: format)
        #expect(try read("a,b,c,d", values) == ["c", nil, "a", "d"])
        #expect(try read("\"a \"\"quoted\"\", text\",,\"x\",\"\"\"\"", values) == ["x", nil, "a \"quoted\", text", "\""])
        #expect(try read("a,,,\r", values) == [nil, nil, "a", nil])
        #expect(try read("a,\"b\",3,\"4\"\r", values) == ["3", nil, "a", "4"])
        for line in ["a,b,c", "a,b,c,d,e", "\"a,b,c,d", "\"a\"x,b,c,d"] { expectError(.malformedData) { try read(line, values) } }
        // Other delimiters, and the mark at a file's beginning.
        #expect(try with("\u{FEFF}a;b,c;d") { try LineValues.header($0) } == .csv(columns: ["a", "b,c", "d"], delimiter: UInt8(ascii: ";")))
        #expect(try with("a\tb") { try LineValues.header($0) } == .csv(columns: ["a", "b"], delimiter: 0x09))
    }
}

/// Times as texts and numbers.
@Suite struct TimeStampTests {
    @Test func texts() {
        let times: [(String, Double)] = [
            ("1970-01-01", 0), ("1970-01-01T00:00:00Z", 0), ("2026-03-02T19:09:21Z", 1_772_478_561), ("2026-03-02 19:09:21", 1_772_478_561), ("2026-03-02T19:09Z", 1_772_478_540),
            ("2026-03-02T19:09:21.250Z", 1_772_478_561.25), ("2026-03-02T19:09:21,5", 1_772_478_561.5), ("2026-03-02T20:09:21+01:00", 1_772_478_561),
            ("2026-03-02T13:39:21-0530", 1_772_478_561), ("2026-03-02T21:09:21+02", 1_772_478_561), ("1969-12-31T23:59:59Z", -1), ("2024-02-29", 1_709_164_800),
            ("0000-03-01", -62_162_035_200), ("2016-12-31T23:59:60Z", 1_483_228_800),
        ]
        for (text, seconds) in times { #expect(TimeStamp.seconds(text).map { abs($0 - seconds) < 1e-6 } == true, "\(text): \(TimeStamp.seconds(text) ?? .nan)") }
    }

    @Test func numbers() {
        #expect(TimeStamp.seconds("1772478561") == 1_772_478_561 && TimeStamp.seconds("1772478561.5") == 1_772_478_561.5 && TimeStamp.seconds("0") == 0)
        #expect(TimeStamp.seconds("1772478561250") == 1_772_478_561.25 && TimeStamp.seconds("-12") == -12 && TimeStamp.seconds("1.5e9") == 1.5e9)
    }

    @Test(arguments: ["", " ", "noon", "2026-13-01", "2026-00-10", "2026-02-29", "2026-04-31", "2026-03-00", "2026-03-02T", "2026-03-02T24:10:00", "2026-03-02T19:60", "2026-03-02T19:09:61",
                      "2026-03-02T19:09:21.", "2026-03-02T19:09:21+", "2026-03-02T19:09:21+1", "2026-03-02T19:09:21+99:00", "2026-03-02T19:09:21+01:60", "2026-03-02T19:09:21Zx",
                      "2026-3-2", "2026/03/02", "nan", "inf", "12 34", "1772478561s"])
    func rejects(text: String) { #expect(TimeStamp.seconds(text) == nil, "\(TimeStamp.seconds(text) ?? .nan)") }

    @Test func roundTrip() {
        for draw in Key(1).uniforms(2_000) {
            let seconds = (Double(draw) * 8e9 - 4e9).rounded() + Double(Int(draw * 4_096) % 8) / 8
            #expect(TimeStamp.seconds(TimeStamp.text(seconds)).map { abs($0 - seconds) < 1e-6 } == true, "\(seconds) as \(TimeStamp.text(seconds))")
        }
        #expect(TimeStamp.text(1_772_478_561) == "2026-03-02T19:09:21Z" && TimeStamp.text(1_772_478_561.25) == "2026-03-02T19:09:21.250Z" && TimeStamp.text(-0.5) == "1969-12-31T23:59:59.500Z")
        #expect(TimeStamp.text(.nan) == "–" && TimeStamp.text(1_772_478_560.9996) == "2026-03-02T19:09:21Z")
    }
}

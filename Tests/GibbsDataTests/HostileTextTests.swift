import Foundation
import GibbsData
import GibbsNumerics
import Testing

/// Broken delimited text and JSON lines: each gives its exact code, the line, and advice.
@Suite struct HostileTextTests {
    let pad = Scratchpad()

    @Test func raggedRows() {
        expectError(.malformedData, "a.csv:3: expected 2 fields, found 3", "quotes") { try read(pad.file("a.csv", "a,b\n1,2\n1,2,3\n")) }
        expectError(.malformedData, "a.csv:2: expected 2 fields, found 1") { try read(pad.file("a.csv", "a,b\n1\n1,2\n")) }
        expectError(.malformedData, "a.csv:5: expected 2 fields, found 3") { try read(pad.file("a.csv", "a,b\n\"x\n\ny\",2\n1,\"2,3\",\n")) }
        expectError(.malformedData, "a.csv:2: expected 2 fields, found 1") { try read(pad.file("a.csv", "a,b\n \n")) }
    }

    /// The error of the first bad line, whichever thread meets another one earlier.
    @Test func theFirstErrorCounts() {
        var lines = (0 ..< 400_000).map { "\($0),1" }
        lines[210_000] = "x"
        lines[390_000] = "y"
        let path = pad.file("a.csv", "a,b\n" + lines.joined(separator: "\n"))
        for threads in [1, 2, 7] { expectError(.malformedData, "a.csv:210002:", "found 1") { try read(path) { $0.threads = threads } } }
    }

    @Test func quotes() {
        expectError(.malformedData, "a.csv:3:", "never closed") { try read(pad.file("a.csv", "a,b\n1,2\n\"1,2\n3,4\n")) }
        expectError(.malformedData, "a.csv:2:", "followed by more text", "double") { try read(pad.file("a.csv", "a,b\n\"1\"x,2\n")) }
        expectError(.malformedData, "a.csv:1:", "never closed") { try read(pad.file("a.csv", "a,\"b\n1,2\n")) }
        expectError(.limitExceeded, "a.csv:2:", "quote") {
            try read(pad.file("a.csv", "a,b\n\"1" + String(repeating: "1,2\n", count: 1_000_000))) { $0.limits.lineLength = 1 << 20 }
        }
    }

    @Test func noText() {
        expectError(.malformedData, "a.csv:3:", "NUL") { try read(pad.file("a.csv", "a,b\n1,2\n1,\0\n")) }
        expectError(.malformedData, "a.csv:1:", "NUL") { try read(pad.file("a.csv", "a\0,b\n1,2\n")) }
        expectError(.malformedData, "a.ndjson:2:", "NUL") { try read(pad.file("a.ndjson", "{}\n{\"a\":\"\0\"}\n")) }
        expectError(.malformedData, "a.csv:1:", "UTF-16") { try read(pad.file("a.csv", [0xFF, 0xFE, 0x61, 0, 0x0A, 0])) }
        expectError(.malformedData, "a.csv", "zip") { try read(pad.file("a.csv", [0x50, 0x4B, 3, 4, 0, 0])) }
        expectError(.malformedData, "a.csv:3: field 'a'", "iconv") { try read(pad.file("a.csv", Array("a\nx\n".utf8) + [0x63, 0xE9, 0x0A])) }
        expectError(.malformedData, "a.csv:1:", "iconv") { try read(pad.file("a.csv", [0x63, 0xE9, 0x0A])) }
        expectError(.malformedData, "a.csv:1:", "carriage returns", "tr") { try read(pad.file("a.csv", "a,b\r1,2\r3,4\r")) }
    }

    @Test func empty() {
        for name in ["a.csv", "a.tsv"] {
            expectError(.unsuitableData, name, "empty") { try read(pad.file(name, "")) }
            expectError(.unsuitableData, name, "empty") { try read(pad.file(name, "\n\n")) }
        }
        expectError(.unsuitableData, "no records") { try read(pad.file("a.ndjson", "\n")) }
    }

    @Test func headers() {
        expectError(.malformedData, "a.csv:1: field 'a'", "two columns", "rename") { try read(pad.file("a.csv", "a,b,a\n1,2,3\n")) }
        expectError(.malformedData, "a.csv:3: field 'c2'", "two columns") { try read(pad.file("a.csv", "\n\nc2,\n1,2\n")) }
        expectError(.malformedData, "a.csv:1:", "two columns") { try read(pad.file("a.csv", "Cafe\u{301},Caf\u{E9}\n1,2\n")) }
        expectError(.limitExceeded, "columns", "delimiter") {
            try read(pad.file("a.csv", (0 ..< 60).map { "c\($0)" }.joined(separator: ",") + "\n")) { $0.limits.columns = 50 }
        }
        expectError(.limitExceeded, "a.csv:1:") { try read(pad.file("a.csv", String(repeating: "x", count: 9_000_000))) { $0.limits.lineLength = 1 << 16 } }
    }

    @Test func limits() {
        let path = pad.file("a.csv", "a,b\n1,2\n3,\"444444444444444444444\"\n")
        expectError(.limitExceeded, "a.csv:3:", "lineLength") { try read(path) { $0.limits.lineLength = 20 } }
        expectError(.limitExceeded, "a.csv", "rows") { try read(path) { $0.limits.rows = 1 } }
        expectError(.limitExceeded, "a.csv", "cells") { try read(path) { $0.limits.cells = 3 } }
        expectError(.limitExceeded, "texts", "'t'") { try read(pad.file("b.csv", "t\nx\ny\nz\n")) { $0.limits.categories = 2 } }
    }

    @Test func numbersThatAreNotFinite() throws {
        expectError(.malformedData, "a.csv:3: field 'a'", "finite") { try read(pad.file("a.csv", "a,b\n1,2\ninf,2\n")) }
        #expect(try texts(read(pad.file("a.csv", "a\ninf\nlow\n")), "a") == ["inf", "low"])
        #expect(try texts(read(pad.file("a.csv", "a\n1e999\n1\n")) { $0.badCells = .missing }, "a") == [nil, "1"])
    }

    @Test func requests() {
        expectError(.usage, "standard input", "csv") { try TableReader(path: "-") }
        expectError(.usage, "a.xyz", "format") { try TableReader(path: "a.xyz") }
        expectError(.cannotRead, "nowhere.csv", "path") { try read(pad.place("nowhere.csv")) }
        expectError(.cannotRead, "directory") { try read(pad.path) { $0.format = .csv } }
        expectError(.usage, "0 rows") { try TableReader(path: "a.csv").chunks(rows: 0) }
        expectError(.usage, "twice") { try TableReader(path: "a.csv").readAll(columns: ["a", "a"]) }
        for bad: Character in ["\"", "\n", "a", "5", ".", "é"] {
            expectError(.usage, "separate") { try read(pad.file("a.csv", "a,b\n1,2\n")) { $0.delimiter = bad } }
        }
    }

    @Test(arguments: [
        ("{\"a\":1}\n{\"a\":}\n", "a value"), ("{}\n{\"a\" 1}\n", "':'"), ("{}\n{\"a\":1,}\n", "a key"), ("{}\n{\"a\":1\n", "end of the line"),
        ("{}\n{\"a\":1}}\n", "after the object"), ("{}\n{\"a\":1} {\"b\":2}\n", "after the object"), ("{}\n{a:1}\n", "a key"),
        ("{}\n{\"a\":\"x\n", "not closed"), ("{}\n{\"a\":\"x\ty\"}\n", "control character"), ("{}\n{\"a\":\"\\x\"}\n", "escape"),
        ("{}\n{\"a\":\"\\u12\"}\n", "hexadecimal"), ("{}\n{\"a\":\"\\ud800\"}\n", "surrogate"), ("{}\n{\"a\":\"\\ud800\\u0041\"}\n", "surrogate"),
        ("{}\n{\"a\":01}\n", "invalid JSON"), ("{}\n{\"a\":1.}\n", "invalid JSON"), ("{}\n{\"a\":.5}\n", "invalid JSON"),
        ("{}\n{\"a\":+1}\n", "invalid JSON"), ("{}\n{\"a\":nul}\n", "a value"), ("{}\n{\"a\":1 2}\n", "','"), ("{}\n7\n", "JSON object"),
        ("{}\n[1,2]\n", "jq"), ("{}\n{\"a\":1,\"a\":2}\n", "twice"), ("{}\n{\"a\":{\"b\":1},\"a.b\":2}\n", "twice"),
        ("{}\n{\"a\":[1]}\n", "array"), ("{}\n{\"x\":1}\0\n", "NUL"), ("{}\n{\"e\u{301}\":1,\"\u{E9}\":2}\n", "encoding"),
    ])
    func brokenJSON(text: String, part: String) {
        expectError(.malformedData, "a.ndjson:2:", part) { try read(pad.file("a.ndjson", text)) }
    }

    @Test func deepAndWideJSON() {
        expectError(.limitExceeded, "a.ndjson:1:", "deeper than 4") { try read(pad.file("a.ndjson", "{\"a\":{\"b\":{\"c\":{\"d\":{}}}}}\n")) }
        let bomb = String(repeating: "{\"a\":", count: 1_000_000)
        expectError(.limitExceeded, "a.ndjson:1:") { try read(pad.file("a.ndjson", bomb)) }
        expectError(.malformedData, "a.ndjson:1:") {
            try TableReader(path: pad.file("a.ndjson", "{\"x\":" + String(repeating: "[", count: 1_000_000) + "\n")).readAll(columns: ["a"])
        }
        expectError(.limitExceeded, "columns") {
            try read(pad.file("a.ndjson", (0 ..< 200).map { "{\"k\($0)\":1}" }.joined(separator: "\n"))) { $0.limits.columns = 100 }
        }
        // Few bytes that would need much memory: empty records, then one record with many keys.
        let wide = "{" + (0 ..< 9_000).map { "\"k\($0)\":1" }.joined(separator: ",") + "}\n"
        expectError(.limitExceeded, "keys") { try read(pad.file("a.ndjson", String(repeating: "{}\n", count: 40_000) + wide)) }
    }

    /// No cut and no changed byte of a good text may do worse than an error; whatever is read is a table of whole columns.
    @Test func everyCutAndEveryFlippedByte() throws {
        let csv = Array("\u{FEFF}a,\"b \"\"q\"\"\",on\r\n1.5e3,\"x\ny\",true\n,é,false\n-7,NA,\n".utf8)
        let json = Array("{\"a\":1.5e3,\"b\":{\"c\":\"x\\u00e9\\n\"},\"on\":true}\n{\"a\":null,\"on\":false}\n".utf8)
        for (name, good) in [("a.csv", csv), ("a.ndjson", json), ("a.txt", csv)] {
            var variants = (0 ..< good.count).map { Array(good.prefix($0)) }
            for position in good.indices {
                for flip: UInt8 in [0x01, 0x02, 0x0F, 0x20, 0x80, 0xFF] {
                    variants.append(good)
                    variants[variants.count - 1][position] ^= flip
                }
                variants.append(Array(good[..<position]) + [0x22] + good[position...])
                variants.append(Array(good[..<position]) + good[(position + 1)...])
            }
            for variant in variants {
                do { _ = try read(pad.file(name, variant)) } catch { #expect(error is GibbsError) }
            }
        }
    }
}

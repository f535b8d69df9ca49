import CommandDriver
import Foundation
import Testing

/// Input that is far too large in one direction.
@Suite struct SizeTests {
    let place: Workplace

    init() throws { place = try .fitted() }

    @Test func aMillionColumns() throws {
        let header = (0 ..< 1_000_000).map { "c\($0)" }.joined(separator: ","), row = String(repeating: "1,", count: 999_999) + "1"
        try place.file("wide.csv", header + "\n" + row + "\n" + row + "\n")
        try place.expectRefusal(65, "wide.csv", "columns", by: ["fit", "table", "wide.csv", "--out", "new.gibbs"])
        try place.expectRefusal(65, "wide.csv", "columns", by: ["score", "m.gibbs", "wide.csv", "--out", "scores"])
    }

    @Test func aLineOf100Megabytes() throws {
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: 100_000_000)
        try place.file("long.csv", Array("size,kind\n25,a\n26,".utf8) + long + Array("\n25,a\n".utf8))
        try place.expectRefusal(65, "long.csv:3:", "bytes", by: ["fit", "table", "long.csv", "--out", "new.gibbs"])
        try place.expectRefusal(65, "long.csv:3:", "bytes", by: ["score", "m.gibbs", "long.csv", "--out", "scores"])
        try place.file("header.csv", long)
        try place.expectRefusal(65, "header.csv:1:", by: ["score", "m.gibbs", "header.csv"])
        try place.file("long.ndjson", Array("{\"size\":25,\"kind\":\"".utf8) + long + Array("\"}\n".utf8))
        try place.expectRefusal(65, "long.ndjson:1:", by: ["score", "m.gibbs", "long.ndjson", "--out", "scores"])
    }

    @Test func longNames() throws {
        let long = String(repeating: "ä", count: 500_000)
        try place.file("long.csv", "size,kind\n" + (0 ..< 30).map { "\($0 % 7),\($0 % 2 == 0 ? long : "short")\n" }.joined())
        try place.expectSuccess("fit", "table", "long.csv", "--out", "long.gibbs")
        let scored = try place.expectSuccess("score", "long.gibbs", "long.csv", "--explain-all")
        #expect(try scored.energies.allSatisfy { $0.isFinite })
        try place.expectSuccess("score", "m.gibbs", "long.csv")
        try place.file("names.csv", long + ",kind\n1,a\n")
        try place.expectRefusal(65, "names.csv", "'size'", by: ["score", "m.gibbs", "names.csv", "--out", "scores"])
    }

    /// Deeper than any stack.
    @Test func deepJSON() throws {
        let depth = 100_000
        try place.file("deep.ndjson", String(repeating: "{\"a\":", count: depth) + "1" + String(repeating: "}", count: depth) + "\n")
        try place.expectRefusal(65, "deep.ndjson:1:", by: ["fit", "table", "deep.ndjson", "--out", "new.gibbs"])
    }
}

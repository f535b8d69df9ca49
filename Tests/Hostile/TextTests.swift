import CommandDriver
import Foundation
import Testing

/// Bytes that are not the text they claim to be, and text that is unusual.
@Suite struct TextTests {
    let place: Workplace

    init() throws { place = try .fitted() }

    @Test func binaryJunk() throws {
        let junk = (0 ..< 100_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 11) }
        for ending in ["csv", "tsv", "ndjson", "npy", "npz", "sqlite", "idx", "csv.gz"] {
            let name = try place.file("junk." + ending, junk)
            try place.expectRefusal(65, name, by: ["fit", "table", name, "--out", "new.gibbs"])
            try place.expectRefusal(65, name, by: ["score", "m.gibbs", name, "--out", "scores"])
        }
    }

    @Test func invalidUTF8() throws {
        let start = Array("size,kind\n25,a\n26,".utf8)
        for bad: [UInt8] in [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80]] {
            try place.file("bad.csv", start + bad + Array("\n27,b\n".utf8))
            try place.expectRefusal(65, "bad.csv:3:", "UTF-8", by: ["score", "m.gibbs", "bad.csv", "--out", "scores"])
            try place.expectRefusal(65, "bad.csv:3:", "UTF-8", by: ["fit", "table", "bad.csv", "--out", "new.gibbs"])
        }
    }

    @Test func zeroBytes() throws {
        try place.file("zero.csv", "size,kind\n25,a\n26,a\u{0}b\n")
        try place.expectRefusal(65, "zero.csv:3:", "NUL", by: ["score", "m.gibbs", "zero.csv", "--out", "scores"])
    }

    @Test func wideText() throws {
        try place.file("wide.csv", Array("size,kind\n25,a\n".data(using: .utf16)!))
        try place.expectRefusal(65, "wide.csv", by: ["score", "m.gibbs", "wide.csv"])
    }

    @Test func unicode() throws {
        let names = ["né", "ne\u{301}", "日本語", "👩‍👩‍👧‍👦", "\u{202E}rtl", "\u{1B}[31mred", "\\\"", "\u{2028}"]
        try place.file("u.csv", "größe,art 🦊\n" + (0 ..< 180).map { "\($0 % 7),\(names[$0 % names.count].replacing("\"", with: "\"\""))\n" }.joined())
        let fitted = try place.gibbs("fit", "table", "u.csv", "--out", "u.gibbs", "--json")
        #expect(fitted.status == 0, "\(fitted)")
        let fields = try #require(try fitted.object["fields"] as? [[String: Any]])
        #expect(fields.map { $0["name"] as? String } == ["größe", "art 🦊"])
        // é and e with an accent are one name, as Unicode says.
        #expect(fields[1]["names"] as? Int == names.count - 1, "\(fields)")
        let scored = try place.expectSuccess("score", "u.gibbs", "u.csv", "--explain-all")
        #expect(try scored.energies.count == 180)
        #expect(try place.expectSuccess("inspect", "u.gibbs").output.contains("art 🦊"))
        // What data says never reaches a terminal as a command to it.
        for arguments in [["inspect", "u.gibbs"], ["score", "u.gibbs", "u.csv", "--explain-all", "--text"], ["fit", "table", "u.csv", "--ignore", "\u{1B}[31m", "--out", "x"]] {
            let outcome = try place.gibbs(arguments)
            #expect(!(outcome.output + outcome.errors).unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\n" })
        }
    }
}

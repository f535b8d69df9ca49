import CommandDriver
import Foundation
import Testing

/// Logs that are no text, too long, empty or absent, and options that are none.
@Suite struct LogTests {
    let place: Workplace

    init() throws {
        place = try Workplace()
        try place.file("a.log", "Mar 27 13:06:56 web sshd[7]: hello\n")
    }

    @Test func anyBytes() throws {
        let junk = (0 ..< 300_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 11) }
        try place.file("junk.log", junk)
        for preset in ["auto", "sshd", "hdfs", "apache", "plain"] {
            let outcome = try place.gibbs("parse", "junk.log", "--preset", preset)
            #expect(try outcome.status == 0 && !outcome.objects.isEmpty, "\(preset): \(outcome)")
        }
        let nul = try place.gibbs("parse", place.file("nul.log", Array("Mar 27 13:06:56 web a: b\0c \u{1B}[31m".utf8) + [0xFF, 0x0A]))
        #expect(nul.output.contains(#""event":"a: b\u0000c \u001b["#) && nul.output.contains("\u{FFFD}"), "\(nul)")
    }

    @Test func longLines() throws {
        try place.file("long.log", Array(repeating: UInt8(ascii: "x"), count: 10 << 20) + Array("\nshort\n".utf8))
        try place.file("words.log", String(repeating: "ab ", count: 1 << 20) + "\nshort\n")
        for name in ["long.log", "words.log"] {
            let outcome = try place.gibbs("parse", name)
            #expect(outcome.status == 0 && outcome.lines.count == 2 && outcome.errors.contains("1 line cut at 65536 bytes"), "\(outcome)")
            #expect(outcome.output.utf8.count < 1 << 18 && outcome.lines[1].contains("short"))
        }
    }

    @Test func nothing() throws {
        let outcome = try place.gibbs("parse", place.file("empty.log", ""), "--out", "out", "--templates", "t.json")
        #expect(try outcome.status == 0 && place.text("out") == "" && place.text("t.json") == "[]\n" && outcome.errors.contains("0 lines"), "\(outcome)")
        #expect(try place.gibbs("parse", "-").status == 0)
        #expect(try place.gibbs("parse", place.file("blank.log", "\n\n \n")).lines.count == 3)
    }

    @Test func manyTemplates() throws {
        let letters = Array("abcdefghij").map(String.init)
        let words = (0 ..< 300).map { (index: Int) -> String in letters[index / 100] + letters[index / 10 % 10] + letters[index % 10] }
        try place.file("many.log", words.map { "\($0) \($0)x \($0)y\n" }.joined())
        let outcome = try place.gibbs("parse", "many.log", "--max-templates", "20")
        #expect(outcome.status == 0 && outcome.errors.contains("20 templates") && outcome.errors.contains("280 lines without an event"), "\(outcome)")
        #expect(outcome.lines.last == #"{"line":300,"masked":"cjj cjjx cjjy"}"#)
    }

    @Test func refusals() throws {
        try place.expectRefusal(66, "none.log", by: ["parse", "none.log", "--out", "out"])
        try place.expectRefusal(66, "directory", by: ["parse", ".", "--out", "out"])
        try place.expectRefusal(64, "regular expression", by: ["parse", "a.log", "--entity-pattern", "(", "--out", "out"])
        try place.expectRefusal(64, "depth", by: ["parse", "a.log", "--depth", "2", "--out", "out"])
        try place.expectRefusal(64, "similarity", by: ["parse", "a.log", "--similarity", "1.5", "--out", "out"])
        try place.expectRefusal(64, "templates", by: ["parse", "a.log", "--max-templates", "0", "--out", "out"])
        try place.expectRefusal(64, "year", by: ["parse", "a.log", "--year", "99999999999", "--out", "out"])
        try place.expectRefusal(64, "replace", by: ["parse", "a.log", "--out", "./a.log"])
        try place.expectRefusal(64, "replace", by: ["parse", "a.log", "--templates", "a.log"])
        try place.expectRefusal(64, "replace", by: ["parse", "a.log", "--out", "o", "--templates", "o"])
        try place.expectRefusal(73, "nosuch", by: ["parse", "a.log", "--out", "nosuch/out"])
        try place.expectRefusal(73, "nosuch", by: ["parse", "a.log", "--out", "out", "--templates", "nosuch/t"])
        try place.file("cut.log.gz", [0x1F, 0x8B, 8, 0, 0, 0])
        try place.expectRefusal(65, "cut.log.gz", by: ["parse", "cut.log.gz", "--out", "out"])
        #expect(try place.text("a.log").contains("hello"))
    }
}

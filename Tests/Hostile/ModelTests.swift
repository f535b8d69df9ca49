import CommandDriver
import Foundation
import Testing

/// Model files that are damaged, foreign, or made to harm.
@Suite struct ModelTests {
    let place: Workplace
    let good: [UInt8]

    init() throws {
        place = try .fitted()
        good = try place.bytes("m.gibbs")
    }

    private func expectRefusal(_ bytes: [UInt8], _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation) throws {
        try place.file("bad.gibbs", bytes)
        for verb in [["inspect", "bad.gibbs"], ["inspect", "bad.gibbs", "--json"], ["score", "bad.gibbs", "data.csv", "--out", "scores"],
                     ["calibrate", "bad.gibbs", "data.csv"], ["verify", "bad.gibbs"]] {
            try place.expectRefusal(65, "bad.gibbs", by: verb, sourceLocation: sourceLocation)
            let outcome = try place.gibbs(verb)
            for part in parts { #expect(outcome.errors.contains(part), "\(outcome)", sourceLocation: sourceLocation) }
        }
        #expect(try place.bytes("bad.gibbs") == bytes, sourceLocation: sourceLocation)
    }

    /// The model with another header text.
    private func changed(_ old: String, to new: String) -> [UInt8] {
        let size = good.prefix(8).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
        let header = String(decoding: good[8 ..< 8 + size], as: UTF8.self)
        precondition(header.contains(old), "the header has no \(old)")
        let text = Array(header.replacing(old, with: new).utf8)
        return (0 ..< 8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text + good[(8 + size)...]
    }

    @Test func truncated() throws {
        for count in [1, 7, 8, 9, 100, good.count / 2, good.count - 1] { try expectRefusal(Array(good.prefix(count))) }
    }

    @Test func appended() throws { try expectRefusal(good + [0, 0, 0, 0]) }

    @Test func oversizedHeader() throws {
        try expectRefusal([UInt8](repeating: 0xFF, count: 8) + good.dropFirst(8), "header")
        try expectRefusal([0, 0, 0, 0, 1, 0, 0, 0] + good.dropFirst(8), "header")
    }

    @Test func foreign() throws {
        try expectRefusal(place.bytes("data.csv"))
        try expectRefusal(changed("\"watchdog\"", to: "\"forecaster\""), "forecaster")
        try expectRefusal(changed("\"watchdog\"", to: "\"recommender\""), "'users' is missing")
        try expectRefusal(changed("\"gibbs.kind\":\"watchdog\",", to: ""))
        try expectRefusal(Array("\u{10}\0\0\0\0\0\0\0{\"a\":1}         ".utf8))
        try expectRefusal([2, 0, 0, 0, 0, 0, 0, 0] + Array("{}".utf8))
    }

    @Test func newer() throws { try expectRefusal(changed("\"gibbs.version\":\"1\"", to: "\"gibbs.version\":\"9\""), "'9'", "update Gibbs") }

    @Test func damagedSchema() throws {
        try expectRefusal(changed("\\\"size\\\"", to: "\\\"kind\\\""))
        try expectRefusal(changed("\\\"kind\\\"", to: "\\\"size\\\""))
        try expectRefusal(changed("\\\"names\\\":[\\\"b\\\",\\\"a\\\"]", to: "\\\"names\\\":[\\\"b\\\",\\\"b\\\"]"))
        try expectRefusal(changed("\\\"names\\\":[\\\"b\\\",\\\"a\\\"]", to: "\\\"names\\\":[\\\"b\\\"]"))
        try expectRefusal(changed("\\\"falseAlarmRate\\\":", to: "\\\"falseAlarmRate\\\":-"))
        try expectRefusal(changed("\\\"scale\\\":", to: "\\\"scale\\\":-"))
        try expectRefusal(changed("\\\"scale\\\":", to: "\\\"scale\\\":1e-400,\\\"x\\\":"))
    }

    /// One byte of the header changed at a time: refused or read, never a crash.
    @Test func everyKindOfHeaderByte() throws {
        let size = good.prefix(8).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
        for step in stride(from: 8, to: 8 + size, by: max(1, size / 60)) {
            var bytes = good
            bytes[step] ^= 0x11
            try place.file("bad.gibbs", bytes)
            let outcome = try place.gibbs("score", "bad.gibbs", "data.csv", "--explain")
            #expect(outcome.signal == nil && [0, 65].contains(outcome.status), "byte \(step): \(outcome)")
            let examined = try place.gibbs("verify", "bad.gibbs")
            #expect(examined.signal == nil && [0, 1, 65].contains(examined.status), "byte \(step): \(examined)")
        }
    }

    /// Weights that are no numbers.
    @Test func notANumber() throws {
        let size = good.prefix(8).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
        for value: [UInt8] in [[0, 0, 0xC0, 0x7F], [0, 0, 0x80, 0x7F], [0xFF, 0xFF, 0x7F, 0x7F]] {
            var bytes = good
            for offset in stride(from: 8 + size, to: bytes.count - 3, by: 4) { bytes.replaceSubrange(offset ..< offset + 4, with: value) }
            try place.file("bad.gibbs", bytes)
            for verb in [["inspect", "bad.gibbs", "--json"], ["score", "bad.gibbs", "data.csv", "--explain-all"], ["calibrate", "bad.gibbs", "data.csv", "--out", "c.gibbs"]] {
                let outcome = try place.gibbs(verb)
                #expect(outcome.signal == nil && [0, 65].contains(outcome.status), "\(value): \(outcome)")
            }
            let examined = try place.gibbs("verify", "bad.gibbs")
            #expect(examined.signal == nil && [1, 65].contains(examined.status), "called sound: \(value): \(examined)")
        }
    }
}

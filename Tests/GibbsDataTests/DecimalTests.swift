import Foundation
import GibbsData
import Testing

/// Numbers in text become the doubles that `strtod` gives, bit for bit.
@Suite struct DecimalTests {
    let pad = Scratchpad()

    private func check(_ written: [String], sourceLocation: SourceLocation = #_sourceLocation) throws {
        let path = pad.file("a.csv", "n\n" + written.joined(separator: "\n") + "\n")
        let table = try read(path) { $0.types = ["n": .number] }
        let found = numbers(table, "n")
        try #require(found.count == written.count)
        for (text, value) in zip(written, found) where value.bitPattern != strtod(text, nil).bitPattern {
            Issue.record("\(text) became \(value)", sourceLocation: sourceLocation)
        }
    }

    @Test func edges() throws {
        try check([
            "0", "-0", "+1", "1.", ".5", "-.5e1", "1e0", "1E+2", "1e-2", "007", "123456789012345678", "1234567890123456789",
            "12345678901234567890", "123456789012345678901234567890", "9007199254740993", "9007199254740992.5", "9007199254740991",
            "4.9e-324", "2.4703282292062327e-324", "2.4703282292062328e-324", "2.2250738585072011e-308", "2.2250738585072014e-308",
            "1.7976931348623157e308", "1.7976931348623158e308", "1e22", "1e23", "8.5e22", "9.5367431640625e-7", "0.1", "0.3",
            "1e-400", "-1e-400", "0e999999999", "0.000000000000000000000000000000000000001",
            "1.00000000000000011102230246251565404236316680908203125", "1.00000000000000011102230246251565404236316680908203124",
            "1.00000000000000011102230246251565404236316680908203126", "6631236871469758276785396630275967242421e-4",
            "100000000000000016777215", "100000000000000016777216", "3.518437208883201171875e13", "62.5364939768271845828",
            "8.10109172351e-10", "1.50000000000000011102230246251565", "8.7e-60", "17976931348623157e40", "18446744073709551615e-60",
        ])
    }

    @Test(arguments: 0 ..< 8) func randomBitPatterns(seed: Int) throws {
        var dice = Dice(UInt64(seed) &+ 99)
        let values = (0 ..< 30_000).map { _ in Double(bitPattern: UInt64.random(in: .min ... .max, using: &dice)) }.filter(\.isFinite)
        try check(values.map { "\($0)" })
        try check(values.map { String(format: "%.16e", $0) })
        try check(values.map { String(format: "%.\(Int.random(in: 1 ... 20, using: &dice))g", $0) })
    }

    @Test(arguments: 0 ..< 8) func randomDigits(seed: Int) throws {
        var dice = Dice(UInt64(seed) &+ 7)
        try check((0 ..< 40_000).map { _ in
            var text = Bool.random(using: &dice) ? "-" : ""
            for _ in 0 ..< Int.random(in: 1 ... 20, using: &dice) { text += String(Int.random(in: 0 ... 9, using: &dice)) }
            if Bool.random(using: &dice) {
                text += "."
                for _ in 0 ..< Int.random(in: 0 ... 20, using: &dice) { text += String(Int.random(in: 0 ... 9, using: &dice)) }
            }
            if Int.random(in: 0 ..< 3, using: &dice) == 0 { text += "e\(Int.random(in: -70 ... 60, using: &dice))" }
            return text
        })
    }

    /// Doubles whose neighbours' midpoints are written out: the hardest cases for rounding.
    @Test func halfwayCases() throws {
        var dice = Dice(5)
        try check((0 ..< 20_000).flatMap { _ -> [String] in
            let mantissa = UInt64.random(in: 1 << 53 ..< 1 << 54, using: &dice) | 1
            return ["\(mantissa)", "\(mantissa)e\(Int.random(in: -5 ... 5, using: &dice))", "\(mantissa).0"]
        })
    }

    @Test func wordsAreNoNumbers() throws {
        for text in ["0x10", "1_000", "1,5", "1e", "1e+", "--1", "+-1", ".", "-", "1.2.3", "12a", "1 2", "e5", "١"] {
            let table = try read(pad.file("a.tsv", "n\tm\n\(text)\t1\n"))
            #expect(table["n"]?.type == .category, "\(text)")
            #expect(texts(table, "n") == [text])
        }
    }
}

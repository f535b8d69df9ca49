import CommandDriver
import Foundation
import Testing

/// What a fit says of the columns it found, and of what looks odd in them.
@Suite struct FitSummaryTests {
    let place: Workplace

    init() throws { place = try Workplace() }

    /// A table of amounts, ports and days; the cells of some rows can be replaced.
    @discardableResult
    private func table(_ name: String, rows: Int, header: String = "amount,port,day,kind", amounts: [Int: String] = [:]) throws -> String {
        let lines = (0 ..< rows).map { row in
            "\(amounts[row] ?? "\(Double(row * 7919 % 1009) + Double(row) / 8192)"),\([80, 443, 22, 8080][row * 31 % 4]),2026-03-\(row * 17 % 20 + 10),\(row % 3 == 0 ? "a" : "b")"
        }
        return try place.file(name, ([header] + lines).joined(separator: "\n") + "\n")
    }

    @Test func howColumnsWereTaken() throws {
        let outcome = try place.gibbs("fit", "table", table("data.csv", rows: 1000), "--out", "m.gibbs")
        #expect(outcome.status == 0 && outcome.errors == "", "\(outcome)")
        for line in ["read as numbers: amount, port", "read as categories: kind", "left out: day (it looks like a date)"] {
            #expect(outcome.lines.contains { $0 == line }, "no '\(line)' in \(outcome)")
        }
        #expect(outcome.output.contains("--types port=category"))
        let declared = try place.gibbs("fit", "table", "data.csv", "--types", "port=category,day=category", "--out", "m.gibbs")
        #expect(declared.lines.contains("read as categories: port, day, kind"), "\(declared)")
    }

    /// Three bad cells of five thousand do not make an amount vanish without a word.
    @Test func nearlyNumbers() throws {
        try table("near.csv", rows: 5000, amounts: [810: "n.a.", 2000: "n.a.", 4000: "oops"])
        let outcome = try place.gibbs("fit", "table", "near.csv", "--out", "m.gibbs")
        #expect(outcome.status == 0)
        for part in ["'amount'", "3 of 5000", "line 812", "'n.a.'", "--types amount=number", "--bad-cells-missing", "--types amount=category"] {
            #expect(outcome.errors.contains(part), "no '\(part)' in \(outcome)")
        }
        #expect(outcome.output.contains("amount (numbers, but for a few cells)"), "\(outcome)")
        let mended = try place.gibbs("fit", "table", "near.csv", "--types", "amount=number", "--bad-cells-missing", "--out", "m.gibbs")
        #expect(mended.status == 0 && mended.errors == "" && mended.output.contains("read as numbers: amount, port"), "\(mended)")
        #expect(try place.gibbs("fit", "table", "near.csv", "--types", "amount=category", "--out", "m.gibbs").errors == "", "said on purpose")
        #expect(try place.gibbs("fit", "table", "near.csv", "--ignore", "amount", "--out", "m.gibbs").errors == "", "left out on purpose")
    }

    @Test func marksForNoValue() throws {
        try table("marks.csv", rows: 400, amounts: Dictionary(uniqueKeysWithValues: stride(from: 0, to: 400, by: 2).map { ($0, "-") }))
        let outcome = try place.gibbs("fit", "table", "marks.csv", "--out", "m.gibbs")
        #expect(outcome.status == 0 && outcome.errors.contains("200 of 400") && outcome.errors.contains("--missing=-"), "\(outcome)")
        let mended = try place.gibbs("fit", "table", "marks.csv", "--missing=-", "--out", "m.gibbs")
        #expect(mended.errors == "" && mended.output.contains("read as numbers: amount, port"), "\(mended)")
    }

    @Test func rateThatFewRecordsBear() throws {
        let outcome = try place.gibbs("fit", "table", table("few.csv", rows: 200), "--out", "m.gibbs")
        #expect(outcome.status == 0 && outcome.output.contains("1.96 % of normal records"), "\(outcome)")
        for part in ["1.96 % instead of 1 %", "50 calibration records", "1 % needs 99", "about 396 records"] {
            #expect(outcome.errors.contains(part), "no '\(part)' in \(outcome)")
        }
        #expect(try place.gibbs("fit", "table", "few.csv", "--false-alarms", "0.01", "--out", "n.gibbs").status == 65, "asked for, it is refused")
        #expect(try place.gibbs("fit", "table", "few.csv", "--false-alarms", "0.05", "--out", "n.gibbs").errors == "")
    }

    /// Numbers with decimal commas are told of, where nobody has said what they are.
    @Test func decimalCommas() throws {
        let place = try Workplace()
        try place.file("c.csv", "price;count\n" + (0 ..< 60).map { "\($0 % 17),\($0 % 10);\($0 % 7)\n" }.joined())
        let told = try place.gibbs("fit", "table", "c.csv", "--out", "m.gibbs"), settled = try place.gibbs("fit", "table", "c.csv", "--types", "price=category", "--out", "m.gibbs")
        #expect(told.status == 0 && told.errors.contains("column 'price' would be numbers, but for decimal commas, as in '0,0'"), "\(told)")
        #expect(settled.status == 0 && !settled.errors.contains("decimal commas"), "\(settled)")
        try place.file("n.csv", "name;count\n" + (0 ..< 60).map { "x\($0 % 17),\($0 % 10);\($0 % 7)\n" }.joined())
        let names = try place.gibbs("fit", "table", "n.csv", "--out", "m.gibbs")
        #expect(names.status == 0 && !names.errors.contains("decimal commas"), "\(names)")
    }

    @Test func headerThatIsARecord() throws {
        let bare = try place.text(table("data.csv", rows: 1000)).split(separator: "\n").dropFirst().map { $0.split(separator: ",").prefix(2).joined(separator: ",") }
        try place.file("bare.csv", bare.joined(separator: "\n") + "\n")
        let outcome = try place.gibbs("fit", "table", "bare.csv", "--out", "m.gibbs")
        #expect(outcome.status == 0 && outcome.errors.contains("--no-header"), "\(outcome)")
        #expect(try place.gibbs("fit", "table", "bare.csv", "--no-header", "--out", "m.gibbs").errors == "")
        let scored = try place.gibbs("score", "m.gibbs", "bare.csv")
        #expect(scored.status == 65 && scored.errors.contains("--no-header"), "\(scored)")
        // Columns that a program has numbered are names.
        try place.file("numbered.csv", "0,1\n" + bare.joined(separator: "\n") + "\n")
        #expect(try place.gibbs("fit", "table", "numbered.csv", "--out", "m.gibbs").errors == "")
        try place.file("twice.csv", "5.1,5.1\n5,6\n")
        #expect(try place.gibbs("fit", "table", "twice.csv", "--out", "m.gibbs").errors.contains("--no-header"))
    }
}

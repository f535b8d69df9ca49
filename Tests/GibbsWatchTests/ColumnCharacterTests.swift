import GibbsData
import GibbsWatch
import Testing

/// What a column of text may really be: dates, or numbers that a few cells have spoilt.
@Suite struct ColumnCharacterTests {
    private func isDate(_ texts: [String]) throws -> Bool {
        let table = Table(columns: [Column(name: "d", texts: texts), Column(name: "x", numbers: texts.indices.map { Double($0 % 3) })])
        return try !RecordEncoder.fitted(to: table).usedFields.contains { $0.name == "d" }
    }

    @Test(arguments: ["2026-03-01", "2026-03-01T12:00:00Z", "2026-03-01 12:00:00.123+01:00", "2026/03/01 12:00", "1.3.2026", "01/03/2026 08:15",
                      "01/Mar/2026:12:00:00 +0000", "Mar 1 2026", "March 1, 2026", "Mar  1 12:00:01", "Sun Mar  1 12:00:01 2026", "01-Mar-2026"])
    func dates(text: String) throws { #expect(try isDate([text, text, text, text])) }

    @Test(arguments: ["10.0.0.1", "192.168.1.2024", "2026", "12:30", "v2.3.1", "3.11.4", "555-1234", "2026-13-01", "1-2-3", "Mar", "error 404 not found",
                      "2026-03-01-host", "4111-1111-1111-1111", "Marketing 12 b"])
    func otherTexts(text: String) throws { #expect(try !isDate([text, text, text, text])) }

    /// One text in twenty may be another; more make a column of names.
    @Test func mostlyDates() throws {
        let days = (0 ..< 19).map { "2026-03-\($0 + 10)" }
        #expect(try isDate(days + days + ["unknown"]))
        #expect(try !isDate(days + days + ["unknown", "later"]))
    }

    @Test func strays() throws {
        let numbers = (0 ..< 97).map { Optional("\($0 % 40).5") }
        let stray = try #require(StrayTexts(in: Column(name: "c", texts: [nil] + numbers + ["n/a", "n/a", "oops"])))
        #expect(stray.count == 3 && stray.cells == 100 && stray.firstRow == 98 && stray.firstText == "n/a" && !stray.areAlike)
        // A mark for "no value" may be frequent; a mixture may not.
        #expect(StrayTexts(in: Column(name: "c", texts: numbers + Array(repeating: "-", count: 300)))?.areAlike == true)
        #expect(StrayTexts(in: Column(name: "c", texts: numbers + (0 ..< 12).map { "name \($0)" })) == nil)
        #expect(StrayTexts(in: Column(name: "c", texts: numbers)) == nil && StrayTexts(in: Column(name: "c", numbers: [1, 2])) == nil)
        #expect(StrayTexts(in: Column(name: "c", texts: (0 ..< 19).map { "\($0)" } + ["x"])) == nil, "too few to tell")
    }

    @Test func numbersForPeople() {
        let expected: [(Double, String)] = [(0, "0"), (5, "5"), (-2.5, "-2.5"), (171_234.5, "171200"), (16_460, "16460"), (7_909_123, "7909000"), (1e12, "1000000000000"),
                                            (1e15, "1e15"), (-2.5e20, "-2.5e20"), (0.0001234, "0.0001234"), (0.00001234, "1.234e-5"), (0.1234567, "0.1235"), (999_999.7, "1000000")]
        for (value, text) in expected { #expect(value.shortText == text) }
    }
}

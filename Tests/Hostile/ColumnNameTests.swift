import CommandDriver
import Testing

/// Names of columns that look like syntax, and names that come twice.
@Suite struct ColumnNameTests {
    let place: Workplace

    init() throws { place = try Workplace() }

    @Test func namesLikeSyntax() throws {
        let rows = (0 ..< 100).map { "\($0 % 7),\($0 % 3),\($0 % 5),x\($0 % 2)\n" }.joined()
        try place.file("data.csv", "\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",\" \"\n" + rows)
        let fitted = try place.gibbs("fit", "table", "data.csv", "--out", "m.gibbs", "--json")
        #expect(fitted.status == 0, "\(fitted)")
        let fields = try #require(try fitted.object["fields"] as? [[String: Any]])
        #expect(fields.prefix(3).map { $0["name"] as? String } == ["a,b", "say \"hi\"", "two\nlines"])
        let scored = try place.expectSuccess("score", "m.gibbs", "data.csv", "--explain-all")
        #expect(try scored.energies.count == 100)
        #expect(try scored.rows.first == 3, "the header takes two lines")
        try place.expectSuccess("inspect", "m.gibbs")
    }

    @Test func duplicates() throws {
        try place.file("twice.csv", "a,b,a\n" + (0 ..< 50).map { "\($0 % 7),\($0 % 3),\($0 % 5)\n" }.joined())
        try place.expectRefusal(65, "twice.csv", "'a'", by: ["fit", "table", "twice.csv", "--out", "m.gibbs"])
        try place.file("twice.ndjson", "{\"a\":1,\"a\":2}\n")
        try place.expectRefusal(65, "twice.ndjson:1", "'a'", by: ["fit", "table", "twice.ndjson", "--out", "m.gibbs"])
    }

    @Test func noName() throws {
        try place.file("unnamed.csv", "a,,b\n" + (0 ..< 50).map { "\($0 % 7),\($0 % 3),\($0 % 5)\n" }.joined())
        let outcome = try place.gibbs("fit", "table", "unnamed.csv", "--out", "m.gibbs")
        #expect(outcome.signal == nil && [0, 65].contains(outcome.status), "\(outcome)")
    }
}

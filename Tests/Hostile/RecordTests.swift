import CommandDriver
import Testing

/// Records that break the rules of their table.
@Suite struct RecordTests {
    let place: Workplace

    init() throws { place = try .fitted() }

    private func expectRefusal(_ text: String, _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation) throws {
        try place.file("bad.csv", text)
        for arguments in [["fit", "table", "bad.csv", "--out", "new.gibbs"], ["score", "m.gibbs", "bad.csv", "--out", "scores"]] {
            try place.expectRefusal(65, "bad.csv", by: arguments, sourceLocation: sourceLocation)
            for part in parts {
                let outcome = try place.gibbs(arguments)
                #expect(outcome.errors.contains(part), "\(outcome)", sourceLocation: sourceLocation)
            }
        }
    }

    private let good = "size,kind\n" + String(repeating: "25,a\n26,b\n", count: 20)

    @Test func raggedRows() throws {
        try expectRefusal(good + "27\n28,a\n", "bad.csv:42: expected 2 fields, found 1")
        try expectRefusal(good + "27,a,b\n", "bad.csv:42: expected 2 fields, found 3")
        try expectRefusal(good + "27,\"a\nb\"\n28\n", "bad.csv:44:")
    }

    @Test func openQuote() throws { try expectRefusal(good + "27,\"a\n28,b\n", "bad.csv:42:") }

    @Test func textInANumber() throws {
        try place.file("bad.csv", good + "large,a\n")
        try place.expectRefusal(65, "bad.csv:42:", "'size'", "large", by: ["score", "m.gibbs", "bad.csv", "--out", "scores"])
        try place.expectRefusal(65, "bad.csv:42:", "'size'", by: ["calibrate", "m.gibbs", "bad.csv"])
        try place.expectRefusal(65, "bad.csv:42:", "'size'", by: ["fit", "table", "bad.csv", "--types", "size=number", "--out", "new.gibbs"])
        try place.file("bad.ndjson", "{\"size\":25,\"kind\":\"a\"}\n{\"size\":\"large\",\"kind\":\"a\"}\n")
        try place.expectRefusal(65, "bad.ndjson:2:", "'size'", by: ["score", "m.gibbs", "bad.ndjson", "--out", "scores"])
    }

    @Test(arguments: ["inf", "-Infinity", "1e999"]) func notFinite(cell: String) throws {
        try expectRefusal(good + "\(cell),a\n", "bad.csv:42:", "'size'")
    }

    /// As a word for a missing value NaN is none of the reader's business.
    @Test func nan() throws {
        try place.file("nan.csv", good + "NaN,a\nnan,b\n")
        try place.expectSuccess("fit", "table", "nan.csv", "--out", "new.gibbs")
        #expect(try place.expectSuccess("score", "m.gibbs", "nan.csv").energies.allSatisfy { $0.isFinite })
    }

    /// Numbers near the end of the range: strange, but numbers.
    @Test func hugeNumbers() throws {
        try place.file("huge.csv", "size,kind\n25,a\n1e30,a\n1e300,a\n-1.7e308,a\n1e-320,a\n")
        let scores = try place.expectSuccess("score", "m.gibbs", "huge.csv").energies
        #expect(scores.count == 5 && scores.allSatisfy { $0.isFinite }, "\(scores)")
        try place.file("mixed.csv", good + "1e308,a\n-1e308,b\n")
        for model in ["auto", "rbm", "gaussian", "memory", "categorical"] {
            try place.expectSuccess("fit", "table", "mixed.csv", "--model", model, "--out", "new.gibbs")
            #expect(try place.expectSuccess("score", "new.gibbs", "mixed.csv", "--explain-all").energies.allSatisfy { $0.isFinite }, "\(model)")
        }
    }

    @Test func brokenJSON() throws {
        for line in ["{\"size\":", "[1,2]", "25", "{\"size\":25}}", "{size:25}", "{\"size\":25 \"kind\":\"a\"}", "{\"size\":\"\\ud800\"}"] {
            try place.file("bad.ndjson", "{\"size\":25,\"kind\":\"a\"}\n" + line + "\n")
            try place.expectRefusal(65, "bad.ndjson:2:", by: ["score", "m.gibbs", "bad.ndjson", "--out", "scores"])
        }
    }
}

import CommandDriver
import Testing

/// Files with nothing, or nearly nothing, in them.
@Suite struct EmptyTests {
    let place: Workplace

    init() throws { place = try .fitted() }

    private static let fit = ["fit", "table"], out = ["--out", "new.gibbs"]

    @Test(arguments: ["csv", "tsv", "ndjson", "npy", "npz", "sqlite", "idx", "csv.gz"]) func emptyFile(ending: String) throws {
        let name = try place.file("empty." + ending, "")
        try place.expectRefusal(65, name, by: Self.fit + [name] + Self.out)
        if ending != "ndjson" { try place.expectRefusal(65, name, by: ["score", "m.gibbs", name, "--out", "scores"]) }
        try place.expectRefusal(65, name, by: ["calibrate", "m.gibbs", name, "--out", "new.gibbs"])
    }

    @Test func emptyStandardInput() throws {
        try place.expectRefusal(65, "standard input", by: ["score", "m.gibbs", "-", "--format", "csv"])
        try place.expectRefusal(65, "standard input", by: Self.fit + ["-", "--format", "ndjson"] + Self.out)
    }

    /// JSON lines have no header, so that a stream without events is a whole one.
    @Test func emptyEvents() throws {
        try place.file("empty.ndjson", "")
        try expectNoScores("empty.ndjson")
    }

    @Test func emptyModel() throws {
        try place.file("empty.gibbs", "")
        try place.expectRefusal(65, "empty.gibbs", by: ["inspect", "empty.gibbs"])
    }

    @Test func headerOnly() throws {
        try place.file("header.csv", "size,kind\n")
        try place.expectRefusal(65, "header.csv", "0 normal records", by: Self.fit + ["header.csv"] + Self.out)
        try place.expectRefusal(65, "header.csv", "there are 0", by: ["calibrate", "m.gibbs", "header.csv"])
        // Nothing to score is no error.
        try expectNoScores("header.csv")
    }

    /// Success, and a remark lest an empty output pass for a calm day.
    private func expectNoScores(_ name: String) throws {
        let outcome = try place.gibbs("score", "m.gibbs", name)
        #expect(outcome.status == 0 && outcome.output == "" && outcome.errors.contains("\(name) holds no records"), "\(outcome)")
    }

    @Test func oneRow() throws {
        try place.file("one.csv", "size,kind\n25,a\n")
        try place.expectRefusal(65, "one.csv", "1 normal record", by: Self.fit + ["one.csv"] + Self.out)
        #expect(try place.expectSuccess("score", "m.gibbs", "one.csv").lines.count == 1)
    }

    @Test func fewRows() throws {
        try place.file("few.csv", "size,kind\n25,a\n26,b\n25,a\n24,a\n")
        for model in ["auto", "rbm", "gaussian", "memory", "categorical"] {
            try place.expectSuccess("fit", "table", "few.csv", "--model", model, "--out", "few.gibbs")
            #expect(try place.expectSuccess("score", "few.gibbs", "few.csv").energies.allSatisfy { $0.isFinite }, "\(model)")
        }
    }
}

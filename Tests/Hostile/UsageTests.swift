import CommandDriver
import Testing

/// Options that make no sense.
@Suite struct UsageTests {
    let place: Workplace

    init() throws { place = try .fitted() }

    private static let fit = ["fit", "table", "data.csv", "--ignore", "label", "--out", "new.gibbs"], score = ["score", "m.gibbs", "data.csv"]

    @Test func unknownWords() throws {
        try place.expectRefusal(64, "'--nosuch'", by: Self.score + ["--nosuch"])
        try place.expectRefusal(64, "'nosuch'", by: ["nosuch"])
        try place.expectRefusal(64, "'nosuch'", by: ["simulate", "connections", "--kinds", "nosuch"])
        try place.expectRefusal(64, "'nosuch'", by: Self.fit + ["--model", "nosuch"])
        try place.expectRefusal(64, "'nosuch'", by: Self.score + ["--format", "nosuch"])
        try place.expectRefusal(64, "size=colour", by: Self.score + ["--types", "size=colour"])
        try place.expectRefusal(64, "'::'", by: Self.score + ["--delimiter", "::"])
        try place.expectRefusal(64, by: ["score", "m.gibbs"])
    }

    @Test func unknownFormat() throws {
        try place.file("data.parquet", "size,kind\n25,a\n")
        try place.expectRefusal(64, "data.parquet", "csv, tsv, ndjson", by: ["score", "m.gibbs", "data.parquet"])
        try place.expectRefusal(64, "standard input", "csv, tsv, ndjson", by: ["score", "m.gibbs", "-"], input: "data.csv")
        try place.expectRefusal(64, "standard input", by: ["fit", "table", "-", "--out", "new.gibbs"], input: "data.csv")
    }

    @Test func modelsGoToFiles() throws {
        try place.expectRefusal(64, "standard output", by: ["fit", "table", "data.csv", "--out", "-"])
        try place.expectRefusal(64, "standard output", by: ["calibrate", "m.gibbs", "data.csv", "--out", "-"])
    }

    @Test(arguments: [["--chunk", "0"], ["--chunk=-5"], ["--reasons", "0"], ["--reasons=-1"], ["--false-alarms", "0"], ["--false-alarms", "1"],
                      ["--false-alarms=-0.1"], ["--false-alarms", "nan"]])
    func scoreNumbers(options: [String]) throws { try place.expectRefusal(64, by: Self.score + options + ["--out", "scores"]) }

    @Test(arguments: [["--calibration-share", "1"], ["--calibration-share=-0.1"], ["--calibration-share", "nan"], ["--key=-1"], ["--key", "-1"], ["--key", "x"],
                      ["--key", "18446744073709551616"], ["--false-alarms", "0"], ["--false-alarms", "2"], ["--model", "rbm", "--hidden", "0"],
                      ["--model", "rbm", "--hidden=-1"], ["--model", "rbm", "--hidden", "1000000000000"], ["--model", "rbm", "--epochs", "0"],
                      ["--model", "rbm", "--epochs=-3"]])
    func fitNumbers(options: [String]) throws { try place.expectRefusal(64, by: Self.fit + options) }

    @Test(arguments: [["--count=-1"], ["--attacks", "1.5"], ["--attacks=-0.1"], ["--attacks", "nan"], ["--key=-1"]])
    func simulateNumbers(options: [String]) throws { try place.expectRefusal(64, by: ["simulate", "connections"] + options + ["--out", "new.csv"]) }

    @Test func largestKey() throws {
        let key = "18446744073709551615"
        let outcome = try place.gibbs(Self.fit + ["--key", key, "--json"])
        #expect(outcome.status == 0 && outcome.output.contains("\"key\":\(key),"), "\(outcome)")
        #expect(try place.expectSuccess("inspect", "new.gibbs", "--json").output.contains("\"key\":\(key),"))
    }

    @Test func contradictions() throws {
        try place.expectRefusal(64, "--alerts-per-day", by: ["calibrate", "m.gibbs", "data.csv", "--false-alarms", "0.1", "--alerts-per-day", "3"])
        try place.expectRefusal(64, "--time", by: ["calibrate", "m.gibbs", "data.csv", "--alerts-per-day", "3"])
        try place.expectRefusal(65, "data.csv", "'kind'", by: ["calibrate", "m.gibbs", "data.csv", "--alerts-per-day", "3", "--time", "kind"])
        try place.expectRefusal(65, "data.csv", "'nosuch'", by: ["calibrate", "m.gibbs", "data.csv", "--alerts-per-day", "3", "--time", "nosuch"])
    }
}

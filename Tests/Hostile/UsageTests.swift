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

    @Test(arguments: [["--users", "0"], ["--users=-5"], ["--days", "0"], ["--start-day=-1"], ["--attempts", "0"], ["--key=-1"], ["--campaigns", "slow=0"],
                      ["--campaigns", "slow=-2"], ["--campaigns", "slow=x"], ["--campaigns", "slow"], ["--campaigns", "slow="],
                      ["--campaigns", "slow=1,slow=2"], ["--campaigns", "=3"], ["--users", "99999999999999999999"]])
    func loginNumbers(options: [String]) throws { try place.expectRefusal(64, by: ["simulate", "logins"] + options + ["--out", "new.csv"]) }

    @Test(arguments: [["--users", "9000000"], ["--days", "1000000"], ["--users", "1000000", "--days", "3000"], ["--campaigns", "slow=9999999"],
                      ["--attempts", "9999999"], ["--start-day", "9223372036854775807"]])
    func absurdLogins(options: [String]) throws { try place.expectRefusal(65, "at most", by: ["simulate", "logins"] + options + ["--out", "new.csv"]) }

    @Test func loginWords() throws {
        try place.expectRefusal(64, "'stufing'", "did you mean 'stuffing'?", by: ["simulate", "logins", "--campaigns", "stufing=3"])
        try place.expectRefusal(64, "'phishing'", "stuffing, spraying, slow", by: ["simulate", "logins", "--campaigns", "slow=1,phishing=3"])
        try place.expectRefusal(64, "new.parquet", ".ndjson", by: ["simulate", "logins", "--out", "new.parquet"])
        try place.expectRefusal(64, "csv.gz", ".ndjson", by: ["simulate", "logins", "--out", "new.csv.gz"])
        try place.expectRefusal(64, "simulate logins", by: ["simulate", "login"])
    }

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

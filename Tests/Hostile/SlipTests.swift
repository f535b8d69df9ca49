import CommandDriver
import Testing

/// Slips of the hand that deserve an answer rather than a refusal.
@Suite struct SlipTests {
    let place: Workplace

    init() throws { place = try .fitted() }

    @Test func commands() throws {
        try place.expectRefusal(64, "'scor'", "did you mean 'gibbs score'?", by: ["scor", "m.gibbs", "data.csv"])
        try place.expectRefusal(64, "did you mean 'gibbs fit table'?", by: ["fit", "tabel", "data.csv", "--out", "new.gibbs"])
        try place.expectRefusal(64, "did you mean 'gibbs fit table data.csv'?", by: ["fit", "data.csv", "--out", "new.gibbs"])
        try place.expectRefusal(64, "did you mean 'gibbs fit table --out …'?", by: ["fit", "--out", "new.gibbs", "data.csv"])
        try place.expectRefusal(64, "fit, calibrate, score", by: ["xyzzy"])
    }

    @Test func columns() throws {
        let fit = ["fit", "table", "data.csv", "--out", "new.gibbs"]
        try place.expectRefusal(65, "'knid'", "did you mean 'kind'?", by: fit + ["--types", "knid=category"])
        try place.expectRefusal(65, "'Size'", "did you mean 'size'?", by: fit + ["--ignore", "Size"])
        try place.expectRefusal(65, "'lable'", "did you mean 'label'?", by: fit + ["--label", "lable", "--normal", "normal"])
        for verb in [["score", "m.gibbs", "data.csv", "--out", "scores"], ["calibrate", "m.gibbs", "data.csv"], ["evaluate", "m.gibbs", "data.csv", "--label", "label", "--normal", "normal"]] {
            try place.expectRefusal(65, "'siez'", "did you mean 'size'?", by: verb + ["--types", "siez=number"])
        }
        try place.expectRefusal(65, "did you mean 'label'?", by: ["score", "m.gibbs", "data.csv", "--id", "lable", "--out", "scores"])
        try place.expectRefusal(65, "did you mean 'kind'?", by: ["calibrate", "m.gibbs", "data.csv", "--alerts-per-day", "1", "--time", "kid"])
        try place.file("data.ndjson", String(repeating: "{\"size\":25,\"kind\":\"a\"}\n{\"size\":26,\"kind\":\"b\"}\n", count: 50))
        try place.expectRefusal(65, "did you mean 'kind'?", by: ["fit", "table", "data.ndjson", "--types", "knd=category", "--out", "new.gibbs"])
        // A column that the model does not use may well be in the data.
        try place.expectSuccess("score", "m.gibbs", "data.csv", "--types", "label=category")
    }

    @Test func ratesInPercent() throws {
        let asShare = try place.expectSuccess("score", "m.gibbs", "data.csv", "--false-alarms", "0.05").output
        #expect(try place.expectSuccess("score", "m.gibbs", "data.csv", "--false-alarms", "5%").output == asShare)
        #expect(try place.expectSuccess("score", "m.gibbs", "data.csv", "--false-alarms", "5 %").output == asShare)
        try place.expectSuccess("fit", "table", "data.csv", "--ignore", "label", "--false-alarms", "2.5%", "--out", "new.gibbs")
        #expect(try place.expectSuccess("inspect", "new.gibbs", "--json").output.contains("\"falseAlarmRate\":0.025"))
        for text in ["100%", "0%", "%", "x%", "-1%"] { try place.expectRefusal(64, by: ["score", "m.gibbs", "data.csv", "--false-alarms=" + text]) }
    }

    @Test func modelAndDataSwapped() throws {
        for verb in [["score"], ["calibrate"], ["evaluate"]] {
            let outcome = try place.gibbs(verb + ["data.csv", "m.gibbs"])
            #expect(outcome.status == 64 && outcome.errors.hasPrefix("gibbs: the model comes first: gibbs \(verb[0]) m.gibbs data.csv; "), "\(outcome)")
        }
        let outcome = try place.gibbs("score", "data.csv", "data.csv")
        #expect(outcome.status == 65 && outcome.errors.hasPrefix("gibbs: data.csv: is no model file"), "\(outcome)")
    }

    @Test func badCells() throws {
        try place.file("bad.csv", "size,kind\n25,a\n(none),b\n")
        try place.expectRefusal(65, "bad.csv:3", "--bad-cells-missing", "--missing='(none)'", by: ["score", "m.gibbs", "bad.csv", "--out", "scores"])
        try place.expectSuccess("score", "m.gibbs", "bad.csv", "--missing=(none)")
    }

    @Test func places() throws {
        try place.expectRefusal(64, "--format csv", by: ["score", "m.gibbs", "-"])
        try place.expectRefusal(73, "nosuch/deep/x", "'nosuch/deep' does not exist", by: ["score", "m.gibbs", "data.csv", "--out", "nosuch/deep/x"])
        // A path of one letter is a path.
        try place.expectSuccess("score", "m.gibbs", "data.csv", "--out", "s")
        try place.file("d", try place.text("data.csv"))
        try place.expectRefusal(64, "d: the ending tells no format", by: ["score", "m.gibbs", "d"])
    }
}

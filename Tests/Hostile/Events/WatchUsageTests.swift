import CommandDriver
import Foundation
import Testing

/// Options, models and columns that a stream cannot be learned or watched with.
@Suite struct WatchUsageTests {
    let place: Workplace

    init() throws { place = try SmallStream.copy("attack.ndjson") }

    @Test func watching() throws {
        let watch = ["watch", "m.gibbs", "attack.ndjson"]
        for name in ["m.gibbs", "m.gibbs.past", "attack.ndjson", "./m.gibbs"] {
            let before = try place.bytes(name)
            try place.expectRefusal(64, "--out", by: watch + ["--out", name])
            try place.expectRefusal(64, "--state", by: watch + ["--state", name])
            try place.expectRefusal(64, "--state", by: watch + ["--state", name, "--cold"])
            #expect(try place.bytes(name) == before)
        }
        try place.expectRefusal(64, "same command", by: watch + ["--out", "x", "--state", "x"])
        try place.expectRefusal(64, "--unlearn", by: watch + ["--learn", "--unlearn"])
        try place.expectRefusal(64, "half-life", by: watch + ["--learn", "--half-life", "3"])
        for (name, value) in [("--entities", "0"), ("--entities", "-1"), ("--entities", "x"), ("--every", "0"), ("--every", "nan"), ("--false-alarms", "0"), ("--false-alarms", "2")] {
            try place.expectRefusal(64, by: watch + [name + "=" + value])
        }
        try place.expectRefusal(65, "needs at least", by: watch + ["--false-alarms", "0.000001"])
        try place.expectRefusal(64, "gzipped file does not grow", by: ["watch", "m.gibbs", place.zipped(), "--follow"])
        #expect(try place.gibbs("watch", "m.gibbs", "attack.ndjson.gz", "--dry-run").count("events") == place.lineCount("attack.ndjson"))
    }

    @Test func models() throws {
        try place.file("normal.txt", SmallSessions.plain(0 ..< 200))
        try place.expectSuccess("fit", "events", "normal.txt", "--out", "s.gibbs", "--history", "2", "--hidden", "4", "--epochs", "2")
        try place.expectRefusal(65, "s.gibbs", "watchdog on sessions", "gibbs fit events --entity", by: ["watch", "s.gibbs", "attack.ndjson"])
        try place.expectRefusal(65, "before the data", by: ["watch", "attack.ndjson", "m.gibbs"])
        // Without events held out there is nothing to calibrate on.
        try place.file("few.ndjson", (0 ..< 60).map { SmallStream.login("10.0.0.\($0 % 3)", user: "u\($0 % 3)", time: "\(1_773_144_000 + $0 * 60)") }.joined())
        let few = ["fit", "events", "few.ndjson", "--entity", "address", "--event", "outcome", "--out", "few.gibbs", "--epochs", "2", "--calibration-share"]
        for share in ["0", "1", "nan"] { try place.expectRefusal(64, "calibration share", by: few + [share]) }
        try place.expectRefusal(65, "few.ndjson", "calibration", by: few + ["0.0001"])
    }

    @Test func fitting() throws {
        let fit = ["fit", "events", "attack.ndjson", "--out", "x.gibbs", "--epochs", "1"]
        try place.expectRefusal(65, "'adress'", "did you mean 'address'", by: fit + ["--entity", "adress", "--event", "outcome"])
        try place.expectRefusal(65, "'event'", by: fit + ["--entity", "address"])
        try place.expectRefusal(65, "'outcom'", "did you mean 'outcome'", by: fit + ["--entity", "address", "--event", "outcom"])
        let columns = fit + ["--entity", "address", "--event", "outcome"]
        try place.expectRefusal(65, "'usr'", "did you mean 'user'", by: columns + ["--fields", "usr"])
        try place.expectRefusal(64, "there twice", by: columns + ["--fields", "user,user"])
        try place.expectRefusal(64, "the entity", by: columns + ["--fields", "address"])
        try place.expectRefusal(64, "the event", by: columns + ["--fields", "outcome"])
        try place.expectRefusal(64, "the time", by: columns + ["--fields", "user,time"])
        try place.expectRefusal(64, "as entity and event", by: fit + ["--entity", "address", "--event", "address"])
        try place.expectRefusal(65, "'whom'", by: columns + ["--about", "whom"])
        try place.expectRefusal(64, "'device'", by: columns + ["--changes", "device"])
        try place.expectRefusal(65, "no times", by: columns + ["--time", "user"])
        try place.expectRefusal(64, "--label", by: columns + ["--label", "label", "--normal", "normal"])
        try place.expectRefusal(64, "--kind", by: columns + ["--kind", "trace"])
        try place.expectRefusal(64, "--folds", by: columns + ["--folds", "3"])
        for history in ["0", "1001", "9223372036854775807"] { try place.expectRefusal(64, "a history of \(history)", by: columns + ["--history", history]) }
        try place.file("a.log", "Mar  2 08:00:00 h sshd[1]: Accepted password for ann from 10.0.0.1 port 1 ssh2\n")
        let raw = ["fit", "events", "a.log", "--out", "x.gibbs"]
        try place.expectRefusal(64, "'country'", by: raw + ["--fields", "country"])
        try place.expectRefusal(64, "--entity", by: raw + ["--entity", "address"])
        try place.expectRefusal(64, "'whom'", by: raw + ["--about", "whom"])
        try place.expectRefusal(65, "a.log", by: raw)
        for name in ["empty.log", "empty.ndjson"] {
            try place.file(name, "")
            try place.expectRefusal(65, name, by: ["fit", "events", name, "--out", "x.gibbs"] + (name.hasSuffix("log") ? [] : ["--entity", "address"]))
        }
    }

    /// One time that is no time, and lines without an entity, do not hinder a fit.
    @Test func oddLines() throws {
        let odd = SmallStream.login(time: "1e300") + SmallStream.login(nil) + SmallStream.login(time: nil) + SmallStream.login(time: "9e17")
        try place.file("odd.ndjson", try place.text("attack.ndjson").split(separator: "\n").map { $0 + "\n" }.joined() + odd)
        let outcome = try place.gibbs(["fit", "events", "odd.ndjson", "--out", "x.gibbs", "--epochs", "1"] + SmallStream.columns)
        #expect(outcome.status == 0, "\(outcome)")
    }

    /// A line without a time, or with one of another century: the threshold is as it was, and the line is named.
    @Test func oddTimes() throws {
        let place = try SmallStream.copy("normal.ndjson"), lines = try place.text("normal.ndjson")
        func fit(_ name: String) throws -> (threshold: Double, errors: String) {
            let outcome = try place.gibbs(["fit", "events", name, "--out", "x.gibbs", "--epochs", "1", "--json"] + SmallStream.columns)
            return (try #require(try outcome.object["threshold"] as? Double, "\(outcome)"), outcome.errors)
        }
        let usual = try fit("normal.ndjson").threshold
        for (index, time) in [nil, "0", "9999999999"].enumerated() {
            try place.file("odd\(index).ndjson", lines + SmallStream.login(time: time))
            let found = try fit("odd\(index).ndjson")
            #expect(abs(found.threshold - usual) < 0.1 * usual, "\(time ?? "none"): \(found.threshold), not \(usual)")
            #expect(found.errors.contains(time == nil ? "has no time" : "far from all others in time"), "\(found.errors)")
        }
        try place.file("renamed.ndjson", lines.replacingOccurrences(of: "\"time\"", with: "\"when_it_was\""))
        let renamed = try place.gibbs(["fit", "events", "renamed.ndjson", "--out", "x.gibbs", "--epochs", "1", "--json"] + SmallStream.columns)
        #expect(try renamed.object["time"] as? String == "when_it_was" && renamed.object["threshold"] as? Double == usual, "\(renamed)")
    }
}

extension Workplace {
    fileprivate func zipped() throws -> String {
        #expect(try shell("gzip -k attack.ndjson").status == 0)
        return "attack.ndjson.gz"
    }
}

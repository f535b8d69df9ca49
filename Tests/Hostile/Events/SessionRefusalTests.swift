import CommandDriver
import Foundation
import Testing

/// Sessions, models and options that cannot be served.
@Suite struct SessionRefusalTests {
    let place: Workplace

    init() throws { place = try Workplace.withSessions().0 }

    @Test func options() throws {
        try place.expectRefusal(64, "history", by: ["fit", "events", "normal.txt", "--out", "x.gibbs", "--history", "0"])
        try place.expectRefusal(64, "history", by: ["fit", "events", "normal.txt", "--out", "x.gibbs", "--history", "1000000000"])
        try place.expectRefusal(64, "--hidden", by: ["fit", "events", "normal.txt", "--out", "x.gibbs", "--hidden", "0"])
        try place.expectRefusal(64, "calibration share", by: ["fit", "events", "normal.txt", "--out", "x.gibbs", "--calibration-share", "1"])
        for folds in ["1", "101", "-1"] { try place.expectRefusal(64, "parts", by: ["fit", "events", "normal.txt", "--out", "x.gibbs", "--folds=" + folds]) }
        try place.expectRefusal(64, "--folds", by: ["fit", "events", "normal.txt", "--out", "x.gibbs", "--folds", "3", "--calibration-share", "0.2"])
        try place.expectRefusal(64, "replace", by: ["fit", "events", "normal.txt", "--out", "normal.txt"])
        try place.expectRefusal(64, "--label", by: ["fit", "events", "all.ndjson", "--out", "x.gibbs", "--normal", "normal"])
        try place.expectRefusal(64, "--kind", by: ["fit", "events", "normal.txt", "--out", "x.gibbs", "--kind", "dance"])
        try place.expectRefusal(64, "--id", by: ["score", "s.gibbs", "fresh.txt", "--id", "x"])
        try place.expectRefusal(64, "--types", by: ["score", "s.gibbs", "fresh.txt", "--types", "a=number"])
        try place.expectRefusal(64, "chunks", by: ["score", "s.gibbs", "fresh.txt", "--chunk", "0"])
        try place.expectRefusal(64, "no times", by: ["calibrate", "s.gibbs", "fresh.txt", "--alerts-per-day", "3", "--time", "t"])
        try place.expectRefusal(64, "which sessions are normal", by: ["evaluate", "s.gibbs", "fresh.txt"])
        for mix in ["1", "0:1", "a:b", "1:2:3", "-1:1", "inf:1"] { try place.expectRefusal(64, by: ["evaluate", "s.gibbs", "strange.txt", "--negatives", "fresh.txt", "--mix=" + mix]) }
    }

    @Test func files() throws {
        for (name, text) in [("empty.txt", ""), ("blank.txt", "\n \n"), ("one.txt", "a b c\n"), ("nothing.txt", "s1,\ns2,\ns3,\n"), ("half.ndjson", "{\"events\": [\"a\"\n"), ("bare.ndjson", "{\"id\": 1}\n")] {
            try place.file(name, text)
            try place.expectRefusal(65, name, by: ["fit", "events", name, "--out", "x.gibbs"])
        }
        try place.expectRefusal(66, "nosuch.txt", by: ["fit", "events", "nosuch.txt", "--out", "x.gibbs"])
        try place.expectRefusal(65, "no session has a label", by: ["evaluate", "s.gibbs", "fresh.txt", "--label", "what", "--normal", "normal"])
        try place.expectRefusal(65, "'calm'", "'normal'", by: ["evaluate", "s.gibbs", "all.ndjson", "--label", "what", "--normal", "calm"])
        try place.expectRefusal(65, "needs at least 9999", by: ["calibrate", "s.gibbs", "fresh.txt", "--false-alarms", "0.0001"])
        try place.file("long.txt", [UInt8](repeating: 0x61, count: 17 << 20))
        try place.expectRefusal(65, "16 MiB", by: ["score", "s.gibbs", "long.txt", "--out", "scores"])
        // Sessions without an event, and names that nothing knows, have energies.
        try place.file("odd.txt", "s1,\ns2,\u{1B}[2J bel\u{7} é\n")
        let odd = try place.gibbs("score", "s.gibbs", "odd.txt", "--explain-all")
        #expect(try odd.status == 0 && odd.energies.count == 2 && odd.energies.allSatisfy(\.isFinite), "\(odd)")
        #expect(try !place.gibbs("score", "s.gibbs", "odd.txt", "--explain-all", "--text").output.contains("\u{1B}"))
    }

    /// A model of one kind where another is needed.
    @Test func otherKinds() throws {
        try place.file("data.csv", "size,kind\n" + (0 ..< 200).map { "\($0 * 37 % 11),\($0 % 3 == 0 ? "a" : "b")\n" }.joined())
        try place.expectSuccess("fit", "table", "data.csv", "--out", "records.gibbs")
        try place.expectRefusal(65, "s.gibbs", "watchdog on sessions", "gibbs fit images", by: ["blend", "s.gibbs", "--from", "0", "--to", "1", "--out", "x.png"])
        try place.expectRefusal(64, "--delimiter", by: ["plot", "energies", "s.gibbs", "fresh.txt", "--delimiter", ";", "--out", "x.svg"])
        try place.expectRefusal(65, "s.gibbs", "watchdog on sessions", by: ["partition", "s.gibbs"])
        try place.expectRefusal(64, "--mix", by: ["evaluate", "records.gibbs", "data.csv", "--negatives", "data.csv", "--mix", "1:1"])
        try place.expectRefusal(64, "the model comes first", by: ["score", "fresh.txt", "s.gibbs"])
    }

    /// One byte changed at a time, and the file cut: refused or read, never a crash.
    @Test func damagedModels() throws {
        let good = try place.bytes("s.gibbs")
        for step in stride(from: 0, to: good.count, by: max(1, good.count / 60)) {
            var bytes = good
            bytes[step] ^= 0x51
            for damaged in [bytes, Array(good.prefix(step))] {
                try place.file("bad.gibbs", damaged)
                for verb in [["score", "bad.gibbs", "strange.txt", "--explain", "--top", "2"], ["verify", "bad.gibbs"]] {
                    let outcome = try place.gibbs(verb)
                    #expect(outcome.signal == nil && [0, 1, 65].contains(outcome.status), "byte \(step): \(outcome)")
                }
            }
        }
    }
}

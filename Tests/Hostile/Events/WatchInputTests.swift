import CommandDriver
import Foundation
import Testing

/// Lines that no event can be made of: counted and passed over, because a watch goes on.
@Suite struct WatchInputTests {
    let place: Workplace

    init() throws { place = try SmallStream.copy() }

    /// Watches a file of such lines.
    private func watch(_ text: [UInt8], _ arguments: String...) throws -> Outcome {
        try place.file("in.ndjson", text)
        let outcome = try place.gibbs(["watch", "m.gibbs", "in.ndjson", "--dry-run"] + arguments)
        #expect(outcome.signal == nil && outcome.status == 0, "\(outcome)")
        return outcome
    }

    private func watch(_ text: String, _ arguments: String...) throws -> Outcome {
        try place.file("in.ndjson", text)
        let outcome = try place.gibbs(["watch", "m.gibbs", "in.ndjson", "--dry-run"] + arguments)
        #expect(outcome.signal == nil && outcome.status == 0, "\(outcome)")
        return outcome
    }

    @Test func nothing() throws {
        for text in ["", "\n", "\r\n\n", "address,user,outcome,country,time\n"] { #expect(try watch(text).count("events") == 0) }
    }

    /// Of a file in which nothing is an event, no alert means nothing: it is said at once, ends with an error, and leaves no state.
    @Test func ofAnotherForm() throws {
        let no = ["garbage", "10.0.0.1,ann,success\n10.0.0.1,ann,success\n", "\u{FEFF}", " \n", String(repeating: "Mar  2 08:00:00 h sshd[1]: x\n", count: 300), SmallStream.login(nil),
                  (0 ..< 300).map { SmallStream.login($0 % 30 == 0 ? "10.0.0.1" : nil) }.joined(), (0 ..< 120).map { SmallStream.login(user: "u\($0)", country: nil) }.joined(),
                  (0 ..< 120).map { SmallStream.login(user: "u\($0)", time: $0 % 2 == 0 ? nil : "soon") }.joined()]
        for (text, part) in zip(no, ["1 of 1 lines could not be read", "2 of 2 lines", "1 of 1", "1 of 1", "300 of 300 lines could not be read", "have no 'address'", "290 of 300", "'country'", "'time'"]) {
            try place.file("in.ndjson", text)
            for verb in [["watch", "m.gibbs", "in.ndjson"], ["score", "m.gibbs", "in.ndjson", "--out", "scores"]] {
                let outcome = try place.gibbs(verb)
                #expect(outcome.status == 65 && outcome.errors.contains(part) && outcome.errors.contains("; give "), "\(text.prefix(80)): \(outcome)")
                #expect(!place.exists("m.gibbs.state") && !place.exists("scores"))
            }
        }
        // While it goes on, once.
        try place.file("in.ndjson", no[4])
        let run = try place.start(["watch", "m.gibbs", "in.ndjson", "--follow", "--every", "0.1"])
        #expect(place.wait { place.exists("m.gibbs.state") })
        try place.append(Array(no[4].utf8), to: "in.ndjson")
        usleep(500_000)
        run.send(SIGTERM)
        let outcome = try run.finish()
        #expect(outcome.status == 0 && outcome.errors.split(separator: "\n").count { $0.contains("of 300 lines") || $0.contains("of 600 lines") } == 1, "\(outcome)")
        // A twentieth is enough, and few are no reason.
        try place.file("in.ndjson", no[4] + (0 ..< 30).map { SmallStream.login(user: "u\($0)") }.joined())
        #expect(try place.gibbs("watch", "m.gibbs", "in.ndjson", "--dry-run").status == 0)
    }

    @Test func malformedLines() throws {
        let good = SmallStream.login(), bad = ["{\"time\":\n", "[1,2]\n", "null\n", "{} {}\n", "{\"address\":\"\\ud800\"}\n", "{\"address\" \"x\"}\n", "\"\n", "\u{0}\n", String(repeating: "{\"a\":", count: 5_000) + "\n"]
        for line in bad {
            let outcome = try watch(good + line + good + line + good)
            #expect(outcome.count("events") == 3 && outcome.count("lines could not be read") == 2 && outcome.errors.contains("line 4: "), "\(line.prefix(40)): \(outcome)")
        }
        // A first line that is none does not decide how the others are read.
        for line in bad + ["half a line of\"}\n", "a,b,c\n"] {
            let outcome = try watch(line + good + good)
            #expect(outcome.count("events") == 2 && outcome.count("lines could not be read") == 1, "\(line.prefix(40)): \(outcome)")
        }
    }

    @Test func missingParts() throws {
        let lines = SmallStream.login() + SmallStream.login(nil) + SmallStream.login(time: nil) + SmallStream.login("") + SmallStream.login(time: "yesterday")
            + SmallStream.login(user: nil, outcome: nil, country: nil) + "{}\n"
        let outcome = try watch(lines)
        #expect(outcome.count("events") == 4 && outcome.count("events without an entity") == 3 && outcome.count("events without a time") == 3, "\(outcome)")
    }

    @Test func clocks() throws {
        let times = ["2026-03-10T12:00:00Z", "2026-03-10T11:00:00Z", "2026-03-10T13:00:00+02:00", "2026-03-10T12:30:00Z"]
        #expect(try watch(times.map { SmallStream.login(time: $0) }.joined()).count("events earlier") == 2)
        let odd = ["1e300", "-1e300", "9e15", "1e-300", "0", "-1", "99999999999", "NaN", "inf", "0001-01-01", "9999-12-31T23:59:60Z", "2026-13-40", "1e5000"]
        for time in odd {
            let lines = SmallStream.login(time: time) + (0 ..< 30).map { SmallStream.login(user: "x\($0)", outcome: "?", country: "?\($0)", time: time) }.joined()
            #expect(try watch(lines, "--events", "--false-alarms", "0.5").count("events") == 31, "\(time)")
        }
    }

    @Test func repeatedEvents() throws {
        let one = SmallStream.login(), two = SmallStream.login(user: "bob")
        #expect(try watch(one + one + two + two + two + one).count("events") == 6)
        let dropped = try watch(one + one + two + two + two + one, "--drop-duplicates")
        #expect(dropped.count("events") == 3 && dropped.count("repeated events left out") == 3, "\(dropped)")
    }

    @Test func carriageReturns() throws {
        let lines = (0 ..< 5).map { SmallStream.login(user: "u\($0)") }.joined(), plain = try watch(lines, "--events").output
        #expect(try watch(lines.replacing("\n", with: "\r\n"), "--events").output == plain)
        #expect(try watch(String(lines.dropLast()), "--events").output == plain)
        let table = "address,user,outcome,country,time\r\n10.0.0.1,ann,success,DE,2026-03-10T12:00:00Z\r\n"
        let csv = try watch(table)
        #expect(csv.count("events") == 1 && csv.count("events without a time") == 0, "\(csv)")
    }

    @Test func longLine() throws {
        let good = Array(SmallStream.login().utf8), long = Array("{\"user\":\"".utf8) + [UInt8](repeating: 0x61, count: 10 << 20) + Array("\"}\n".utf8)
        for lines in [good + long + good, long + good + good] {
            let outcome = try watch(lines)
            #expect(outcome.count("events") == 2 && outcome.count("lines were too long") == 1, "\(outcome)")
        }
        // Ended within it, and restarted: what follows of it is no line.
        try place.file("in.ndjson", good + long.prefix(3 << 20))
        let run = try place.start(["watch", "m.gibbs", "in.ndjson", "--follow", "--events", "--out", "seen", "--every", "0.1"])
        #expect(place.wait { place.lineCount("seen") == 1 && place.exists("m.gibbs.state") })
        usleep(300_000)
        run.send(SIGKILL)
        _ = try run.finish()
        try place.append(long.dropFirst(3 << 20) + good, to: "in.ndjson")
        let rest = try place.gibbs("watch", "m.gibbs", "in.ndjson")
        #expect(rest.status == 0 && rest.total("events") == 2 && rest.count("lines could not be read") == 0 && rest.count("lines were too long") == 1, "\(rest)")
    }

    /// Bytes that are no text and names that steer terminals: alerts stay NDJSON, and for people they stay harmless.
    @Test func strangeNames() throws {
        func line(_ entity: [UInt8], _ number: Int) -> [UInt8] {
            Array("{\"time\":\(1_773_144_000 + number),\"address\":\"".utf8) + entity + Array("\",\"user\":\"n\(number)\",\"outcome\":\"unknown-user\",\"country\":\"\\u001b[2J\"}\n".utf8)
        }
        for entity in [[0xFF, 0xFE, 0x41], Array("\\u001b[2J\\n\\\"".utf8), Array("\u{202E}é".utf8), [UInt8](repeating: 0x61, count: 5_000)] as [[UInt8]] {
            let lines = (0 ..< 60).flatMap { line(entity, $0) }, outcome = try watch(lines)
            #expect(try outcome.count("events") == 60 && outcome.objects.count == outcome.count("alert") && outcome.count("alert") > 0, "\(outcome)")
            let text = try watch(lines, "--text")
            #expect(text.output.contains("ALERT") && !text.output.contains("\u{1B}"), "\(text)")
        }
    }

    @Test func tables() throws {
        // Another delimiter, columns in another order and more of them, quotes; a row of too few cells is counted.
        let outcome = try watch("more;time;country;user;\"address\";outcome\n1;1773144000;DE;\"a\"\"b\";10.0.0.9;success\n2;1773144001;DE\n3;1773144002;DE;ann;10.0.0.9;success\n")
        #expect(outcome.count("events") == 2 && outcome.count("lines could not be read") == 1, "\(outcome)")
    }

    @Test func fullDisk() throws {
        guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
        let company = try SmallStream.copy("attack.ndjson")
        try company.expectRefusal(73, "/dev/full", "No space left", by: ["watch", "m.gibbs", "attack.ndjson", "--out", "/dev/full", "--dry-run"])
        // Without a state, the alerts come again when there is room.
        try company.expectRefusal(73, "/dev/full", by: ["watch", "m.gibbs", "attack.ndjson", "--out", "/dev/full"])
        try company.expectRefusal(73, "nowhere/a", by: ["watch", "m.gibbs", "attack.ndjson", "--out", "nowhere/a"])
        try company.expectRefusal(66, "nosuch", by: ["watch", "m.gibbs", "nosuch"])
    }
}

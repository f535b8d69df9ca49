import CommandDriver
import Foundation
import Testing

/// A watchdog on a stream from the log to the alerts, by the real binary.
@Suite struct WatchTests {
    let place: Workplace

    init() throws { place = try SmallStream.copy("attack.ndjson", "attack.csv") }

    @Test func fitSaysWhatItLearned() throws {
        let fit = try SmallStream.shared.get().fit
        #expect(fit.status == 0 && fit.errors == "", "\(fit)")
        for part in ["fitted to ", "whose events: address, about: user", "outcome: 4 names", "address to user", "by a plain 4-gram: it is foreseen", "alert above", "wrote m.gibbs, and what"] {
            #expect(fit.output.contains(part), "no '\(part)' in \(fit)")
        }
        let object = try place.gibbs("inspect", "m.gibbs", "--json").object
        #expect(object["kind"] as? String == "stream" && object["entity"] as? String == "address" && object["about"] as? String == "user")
    }

    /// Its sums come out, on the model itself; its energies are entity-days, those of a day of attacks beside the calibration's.
    @Test func verifiedAndDrawn() throws {
        let looked = try place.gibbs("verify", "m.gibbs")
        #expect(looked.status == 0 && looked.lines[0] == "m.gibbs: stream" && looked.output.hasSuffix("nothing odd, 1 not judged\n"), "\(looked)")
        for subject in ["what comes next", "what a day counts", "surprises", "batches", "thresholds"] { #expect(looked.lines.contains { $0.hasPrefix("ok       " + subject) }, "\(subject): \(looked)") }
        let drawn = try place.gibbs("plot", "energies", "m.gibbs", "attack.ndjson", "--json", "--out", "e.svg")
        #expect(drawn.status == 0 && drawn.errors == "" && (try? place.bytes("e.svg").count) ?? 0 > 1_000, "\(drawn)")
        let samples = try drawn.objects, rates = samples.map { $0["alertRate"] as? Double ?? -1 }
        #expect(samples.map { $0["name"] as? String } == ["calibration", "attack.ndjson"] && rates[1] > rates[0], "\(drawn)")
        #expect(try place.gibbs("plot", "energies", "m.gibbs", "attack.ndjson", "--label", "label", "--normal", "normal").status == 64)
    }

    /// Each campaign's address is named, with the events that gave it away as they stand in the file; the model stays as it is.
    @Test func attackDay() throws {
        let model = try place.bytes("m.gibbs"), past = try place.bytes("m.gibbs.past"), lines = try place.text("attack.ndjson").split(separator: "\n")
        let outcome = try place.gibbs("watch", "m.gibbs", "attack.ndjson"), alerts = try outcome.objects
        #expect(outcome.status == 0 && outcome.count("events") == lines.count && outcome.count("alert") == alerts.count, "\(outcome)")
        #expect(Set(alerts.compactMap { $0["id"] as? String }).count == alerts.count)
        let stuffing = Set(lines.filter { $0.contains("\"stuffing\"") }.compactMap { try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }.compactMap { $0["address"] as? String })
        #expect(stuffing.count >= 4 && stuffing.isSubset(of: alerts.compactMap { $0["entity"] as? String }), "\(stuffing)")
        for alert in alerts {
            let entity = try #require(alert["entity"] as? String), line = try #require(alert["line"] as? Int), score = try #require(alert["score"] as? Double)
            #expect(lines[line - 1].contains(entity) && score > alert["threshold"] as? Double ?? .infinity)
            #expect(0 ..< 0.5 ~= alert["pValue"] as? Double ?? -1 && ["low", "medium", "high", "critical"].contains(alert["severity"] as? String ?? ""))
            let reasons = try #require(alert["reasons"] as? [[String: Any]]), days = try #require(alert["dayReasons"] as? [[String: Any]])
            #expect((1 ... 8 ~= reasons.count || alert["run"] as? Double == 0) && days.count <= 3, "\(alert)")
            for reason in reasons {
                let number = try #require(reason["line"] as? Int)
                #expect(reason["raw"] as? String == String(lines[number - 1]) && number <= line && reason["gain"] as? Double ?? 0 > 0, "\(reason)")
            }
            // How many events the entity had by that line, not by the end of what was read at once.
            let seen = alert["events"] as? Int ?? -1
            if stuffing.contains(entity) { #expect(0 ... 3 ~= seen - lines[..<line].count { $0.contains("\"\(entity)\"") }, "\(seen) events at line \(line)") }
        }
        #expect(try place.bytes("m.gibbs") == model && place.bytes("m.gibbs.past") == past && place.exists("m.gibbs.state"))
    }

    /// The same scores and alerts whatever is read at once, and from anywhere.
    @Test func anyWayToRead() throws {
        let all = try place.gibbs("watch", "m.gibbs", "attack.ndjson", "--dry-run", "--events").output
        func plain(_ text: String) -> String { text.replacing(#/,"raw":"(?:[^"\\]|\\.)*"/#, with: "") }
        let sorted = plain(all).split(separator: "\n").sorted()
        let piped = try place.gibbs("watch", "m.gibbs", "--dry-run", "--events", input: "attack.ndjson")
        #expect(piped.status == 0 && !piped.output.contains("\"raw\"") && piped.output.split(separator: "\n").sorted() == sorted, "\(piped)")
        let slow = try place.shell("{ head -n 200 attack.ndjson; sleep 0.3; tail -n +201 attack.ndjson | head -n 411; sleep 0.3; tail -n +612 attack.ndjson; } | \"$GIBBS\" watch m.gibbs - --dry-run --events")
        #expect(plain(slow.output).split(separator: "\n").sorted() == sorted)
        let csv = try place.gibbs("watch", "m.gibbs", "attack.csv", "--dry-run")
        #expect(csv.status == 0 && csv.count("events") == place.lineCount("attack.ndjson") && csv.count("lines") == 0, "\(csv)")
        #expect(try csv.objects.map { $0["entity"] as? String } == all.split(separator: "\n").filter { $0.hasPrefix("{\"id\"") }.map { line in
            (try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])?["entity"] as? String
        })
        let text = try place.gibbs("watch", "m.gibbs", "attack.ndjson", "--dry-run", "--text")
        #expect(text.status == 0 && text.lines.contains { $0.hasPrefix("ALERT 2026-03-10T") } && text.output.contains("expected"), "\(text)")
        // Under each reason stands the line that it is of, where it can be read again.
        let raw = try Set(place.text("attack.ndjson").split(separator: "\n").map { "             " + $0 })
        #expect(text.output.split(separator: "\n").count { raw.contains(String($0)) } >= all.split(separator: "\n").count { $0.hasPrefix("{\"id\"") }, "\(text)")
        #expect(try place.contents == ["attack.ndjson", "attack.csv", "m.gibbs", "m.gibbs.past"])
    }

    /// A CSV's header stands at its beginning, also for a watch that goes on in its middle.
    @Test func restartWithinACSV() throws {
        let lines = try place.text("attack.csv").split(separator: "\n", omittingEmptySubsequences: false), half = lines.count / 2
        try place.file("grown.csv", lines[..<half].joined(separator: "\n") + "\n")
        #expect(try place.gibbs("watch", "m.gibbs", "grown.csv").count("events") == half - 1)
        try place.append(Array(lines[half...].joined(separator: "\n").utf8), to: "grown.csv")
        let rest = try place.gibbs("watch", "m.gibbs", "grown.csv")
        #expect(rest.status == 0 && rest.total("events") == lines.count - 2 && rest.count("events without an entity") == 0 && rest.count("lines could not") == 0, "\(rest)")
    }

    @Test func closedOutput() throws {
        let outcome = try place.shell("{ \"$GIBBS\" watch m.gibbs attack.ndjson --events; echo $? > status; } | head -n 1")
        #expect(try outcome.lines.count == 1 && place.text("status") == "0\n", "\(outcome)")
        #expect(!outcome.errors.contains("cannot"), "\(outcome)")
    }

    /// Fewer entities than there are: those seen least recently make room and are counted.
    @Test func fewEntities() throws {
        let few = try place.gibbs("watch", "m.gibbs", "attack.ndjson", "--entities", "10", "--events", "--cold", "--dry-run"), total = place.lineCount("attack.ndjson")
        #expect(few.status == 0 && few.count("events") == total && few.count("entities made room") > 100 && few.errors.contains("of 10 entities"), "\(few)")
        let bounded = try few.objects.filter { $0["surprise"] != nil }
        #expect(bounded.count == total && bounded.allSatisfy { ($0["score"] as? Double ?? -1) >= 0 })
    }

    /// Frequencies follow the stream on request, in the state alone, and can be dropped.
    @Test func learning() throws {
        let model = try place.bytes("m.gibbs"), lines = try place.text("attack.ndjson").split(separator: "\n").filter { $0.contains("\"normal\"") }
        // A country that was rare becomes the usual one, by so many that none of them does it often enough to alarm: who alarms teaches nothing.
        try place.file("moved.ndjson", (0 ..< 4_000).map { SmallStream.login("10.\(1 + $0 % 2_000 / 200).\($0 % 200).7", user: "u\($0 % 2_000)", country: "BG", time: "2026-03-10T\(10 + $0 / 400):00:00Z") }.joined())
        try place.file("later.ndjson", lines.joined(separator: "\n") + "\n")
        func scores(_ arguments: String...) throws -> [Double] {
            let outcome = try place.gibbs(["watch", "m.gibbs", "later.ndjson", "--dry-run", "--events"] + arguments)
            #expect(outcome.status == 0, "\(outcome)")
            return try outcome.objects.compactMap { $0["surprise"] as? Double }
        }
        #expect(try place.gibbs("watch", "m.gibbs", "moved.ndjson", "--state", "plain").status == 0)
        #expect(try place.gibbs("watch", "m.gibbs", "moved.ndjson", "--state", "learned", "--learn", "--half-life", "500").status == 0)
        let plain = try scores("--state", "plain"), learned = try scores("--state", "learned"), unlearned = try scores("--state", "learned", "--unlearn")
        #expect(plain.count == lines.count && unlearned == plain && learned != plain)
        #expect(try place.bytes("m.gibbs") == model)
        #expect(try place.gibbs("watch", "m.gibbs", "later.ndjson", "--dry-run", "--state", "learned").errors.contains("--unlearn drops them"))
        // A few events are no reason to follow.
        #expect(try scores("--state", "plain", "--learn").prefix(500) == plain.prefix(500))
    }
}

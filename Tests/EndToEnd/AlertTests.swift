import CommandDriver
import Foundation
import Testing

/// Rates, thresholds and what is printed of them.
@Suite struct AlertTests {
    let place: Workplace

    init() throws { place = try Office.shared.get().place }

    @Test func alertsOnly() throws {
        let all = try place.gibbs("score", "office.gibbs", "today.csv").lines
        let expected = all.filter { $0.contains("\"alert\":true") }
        #expect(!expected.isEmpty && expected.count < all.count)
        for option in ["--alerts", "--alerts-only"] {
            #expect(try place.gibbs("score", "office.gibbs", "today.csv", option).lines == expected)
        }
    }

    @Test func anotherRateForOneRun() throws {
        var counts = [Int]()
        for rate in [0.001, 0.01, 0.1, 0.5] {
            let objects = try place.gibbs("score", "office.gibbs", "today.csv", "--false-alarms", "\(rate)").objects
            for object in objects { #expect((object["alert"] as? Bool) == ((object["pValue"] as? Double ?? 2) <= rate)) }
            counts.append(objects.count { $0["alert"] as? Bool == true })
        }
        #expect(counts == counts.sorted() && Set(counts).count == 4, "\(counts)")
        let figures = try place.gibbs("evaluate", "office.gibbs", "today.csv", "--label", "label", "--normal", "normal", "--false-alarms", "0.1").object
        #expect(figures["promisedFalseAlarmRate"] as? Double == 0.1)
    }

    @Test func calibrateByAlertsADay() throws {
        let place = try Office.copy("office.gibbs", "calm.csv")
        let before = try place.bytes("office.gibbs")
        let outcome = try place.gibbs("calibrate", "office.gibbs", "calm.csv", "--alerts-per-day", "20", "--time", "time", "--out", "daily.gibbs")
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.output.contains("wrote daily.gibbs"))
        #expect(try place.bytes("office.gibbs") == before, "the model that was read stays")
        let calibration = try #require(try place.gibbs("inspect", "daily.gibbs", "--json").object["calibration"] as? [String: Any])
        let rate = try #require(calibration["falseAlarmRate"] as? Double)
        // The simulated company makes some thousand records a day.
        #expect(rate > 0.0005 && rate < 0.05, "\(rate)")
        // On the calibration records themselves the alerts are as many as asked for, a day's rounding aside.
        let times = try place.text("calm.csv").split(separator: "\n").dropFirst().map { try Date(String($0.prefix(20)), strategy: .iso8601) }
        let days = times.max()!.timeIntervalSince(times.min()!) / 86_400
        let alerts = try place.gibbs("score", "daily.gibbs", "calm.csv", "--alerts").lines.count
        #expect(abs(Double(alerts) - 20 * days) <= 2, "\(alerts) alerts in \(days) days")
    }

    @Test func uncalibratedScores() throws {
        let place = try Office.copy("calm.csv")
        #expect(try place.gibbs("fit", "table", "calm.csv", "--calibration-share", "0", "--out", "m.gibbs").status == 0)
        let outcome = try place.gibbs("score", "m.gibbs", "calm.csv")
        #expect(outcome.status == 0 && outcome.errors.contains("not calibrated"), "\(outcome)")
        #expect(try outcome.objects.allSatisfy { $0["pValue"] is NSNull && $0["alert"] as? Bool == false })
    }

    @Test func textForPeople() throws {
        let outcome = try place.gibbs("score", "office.gibbs", "today.csv", "--alerts", "--explain", "--text")
        #expect(outcome.status == 0 && outcome.lines[0].hasPrefix("ALERT line "), "\(outcome)")
    }

    @Test func scoresToAFile() throws {
        let place = try Office.copy("office.gibbs", "today.csv")
        let printed = try place.gibbs("score", "office.gibbs", "today.csv").output
        let outcome = try place.gibbs("score", "office.gibbs", "today.csv", "--out", "scores.ndjson")
        #expect(outcome.status == 0 && outcome.output == "")
        #expect(try place.text("scores.ndjson") == printed)
        #expect(try place.contents == ["office.gibbs", "today.csv", "scores.ndjson"])
    }
}

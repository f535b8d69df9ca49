import CommandDriver
import Foundation
import Testing

/// What the demo does, step by step, with a look at every answer.
@Suite struct DemoFlowTests {
    let office: Office

    init() throws { office = try Office.shared.get() }

    @Test func simulationIsATable() throws {
        let lines = try office.place.text("normal.csv").split(separator: "\n")
        #expect(lines.count == 6001)
        #expect(lines[0].hasPrefix("time,") && lines[0].hasSuffix(",label"))
        #expect(lines.dropFirst().allSatisfy { $0.hasSuffix(",normal") })
        let attacks = try office.place.text("today.csv").split(separator: "\n").dropFirst().count { !$0.hasSuffix(",normal") }
        #expect((120 ... 280).contains(attacks), "\(attacks) of 2000 where a tenth was asked for")
    }

    @Test func fitSaysWhatItLearned() throws {
        #expect(office.fit.status == 0, "\(office.fit)")
        #expect(office.fit.output.contains("fitted to 4500 records"))
        #expect(office.fit.output.contains("0.5 % of normal records, promised by 1500 calibration records"))
        #expect(office.fit.output.contains("time (on request)"))
        #expect(office.fit.output.contains("wrote office.gibbs"))
        #expect(office.fit.errors == "")
    }

    @Test func calibrateReplacesTheModel() throws {
        let place = try Office.copy("office.gibbs", "calm.csv")
        let before = try place.bytes("office.gibbs")
        let outcome = try place.gibbs("calibrate", "office.gibbs", "calm.csv", "--false-alarms", "0.001")
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.output.contains("0.1 % of normal records, promised by 3000 calibration records"))
        #expect(try place.bytes("office.gibbs") != before)
        let calibration = try #require(try place.gibbs("inspect", "office.gibbs", "--json").object["calibration"] as? [String: Any])
        #expect(calibration["records"] as? Int == 3000)
        #expect(calibration["falseAlarmRate"] as? Double == 0.001)
    }

    @Test func scoresAreOneLineARecord() throws {
        let outcome = try office.place.gibbs("score", "office.gibbs", "today.csv", "--explain")
        #expect(outcome.status == 0 && outcome.errors == "", "\(outcome)")
        let objects = try outcome.objects
        #expect(objects.count == 2000)
        #expect(try outcome.rows == Array(2 ... 2001), "rows are lines of the file, the header being line 1")
        for object in objects {
            let p = try #require(object["pValue"] as? Double), energy = try #require(object["energy"] as? Double)
            let alert = try #require(object["alert"] as? Bool)
            #expect(energy.isFinite && p > 0 && p <= 1)
            #expect(alert == (p <= 0.005))
            #expect((object["reasons"] != nil) == alert)
        }
        let alerts = objects.filter { $0["alert"] as? Bool == true }
        #expect(alerts.count > 20)
        let reasons = try #require(alerts[0]["reasons"] as? [[String: Any]])
        #expect(reasons.count == 3)
        for reason in reasons { #expect(Set(reason.keys) == ["field", "value", "expected", "surprise", "excess", "share"]) }
    }

    @Test func evaluationKeepsThePromise() throws {
        let outcome = try office.place.gibbs("evaluate", "office.gibbs", "today.csv", "--label", "label", "--normal", "normal")
        #expect(outcome.status == 0 && outcome.lines.count == 1, "\(outcome)")
        let figures = try outcome.object
        #expect(figures["records"] as? Int == 2000)
        let auroc = try #require(figures["auroc"] as? Double), alarms = try #require(figures["falseAlarmRate"] as? Double)
        let detected = try #require(figures["detectionRate"] as? Double)
        let baseline = try #require((figures["baseline"] as? [String: Any])?["auroc"] as? Double)
        #expect(auroc > 0.8 && auroc > baseline, "\(figures)")
        #expect(figures["promisedFalseAlarmRate"] as? Double == 0.005)
        // 1,800 normal records at 0.005, behind a threshold that 1,500 others set: nine, give or take four deviations.
        #expect(alarms < 0.02, "\(figures)")
        #expect(detected > 0.1, "\(figures)")
        #expect((figures["detectionByLabel"] as? [String: Any])?.count == 8)
    }

    @Test func figuresAgainstNegativesAgree() throws {
        let place = try Office.copy("office.gibbs", "today.csv")
        let lines = try place.text("today.csv").split(separator: "\n")
        let normal = lines.dropFirst().filter { $0.hasSuffix(",normal") }, attacks = lines.dropFirst().filter { !$0.hasSuffix(",normal") }
        try place.file("normal-only.csv", ([lines[0]] + normal).joined(separator: "\n") + "\n")
        try place.file("attacks-only.csv", ([lines[0]] + attacks).joined(separator: "\n") + "\n")
        let apart = try place.gibbs("evaluate", "office.gibbs", "attacks-only.csv", "--negatives", "normal-only.csv").object
        let together = try place.gibbs("evaluate", "office.gibbs", "today.csv", "--label", "label", "--normal", "normal").object
        for name in ["auroc", "averagePrecision", "falseAlarmRate", "detectionRate", "f1"] {
            #expect(apart[name] as? Double == together[name] as? Double, "\(name)")
        }
    }

    @Test func inspectShowsTheFields() throws {
        let object = try office.place.gibbs("inspect", "office.gibbs", "--json").object
        #expect(object["kind"] as? String == "watchdog")
        #expect(object["rows"] as? Int == 4500)
        #expect((object["digest"] as? String)?.count == 16)
        let fields = try #require(object["fields"] as? [[String: Any]])
        let types = Dictionary(uniqueKeysWithValues: fields.map { ($0["name"] as? String ?? "", $0["type"] as? String ?? "") })
        #expect(types["time"] == "ignored" && types["bytes_out"] == "number" && types["protocol"] == "category")
        #expect(types["label"] == nil, "the label is never part of the model")
        let text = try office.place.gibbs("inspect", "office.gibbs")
        #expect(text.status == 0 && text.output.contains("bytes_out") && text.output.contains("signedLog"))
    }
}

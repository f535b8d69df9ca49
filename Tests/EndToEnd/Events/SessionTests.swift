import CommandDriver
import Foundation
import Testing

/// A watchdog on sessions from the file to the reasons, by the real binary.
@Suite struct SessionTests {
    let place: Workplace, fit: Outcome

    init() throws { (place, fit) = try Workplace.withSessions() }

    @Test func fitSaysWhatItLearned() throws {
        #expect(fit.status == 0 && fit.errors == "", "\(fit)")
        for part in ["fitted to 600 sessions", "event: 5 names", "energy: workflow", "a plain 3-gram needs", "1 % of normal sessions, as of 600, each scored by a fit that had not seen it (5 parts)", "wrote s.gibbs"] {
            #expect(fit.output.contains(part), "no '\(part)' in \(fit)")
        }
        let object = try place.gibbs("inspect", "s.gibbs", "--json").object, surprise = try #require(object["surprise"] as? [String: Any])
        #expect(object["kind"] as? String == "events" && object["history"] as? Int == 2 && object["key"] as? Int == 3)
        #expect(surprise["held"] is Double && (surprise["baseline"] as? [String: Any])?["model"] as? String == "3-gram")
        #expect(try place.gibbs("inspect", "s.gibbs").output.contains("watchdog on sessions of events"))
    }

    @Test func sameKeySameBytes() throws {
        let first = try place.bytes("s.gibbs"), command = ["fit", "events", "normal.txt", "--out", "t.gibbs", "--history", "2", "--hidden", "8", "--epochs", "60", "--key"]
        #expect(try place.gibbs(command + ["3"]).status == 0 && place.bytes("t.gibbs") == first)
        #expect(try place.gibbs(command + ["4"]).status == 0 && place.bytes("t.gibbs") != first)
    }

    @Test func scores() throws {
        let strange = try place.gibbs("score", "s.gibbs", "strange.txt", "--explain", "--reasons", "9"), fresh = try place.gibbs("score", "s.gibbs", "fresh.txt")
        #expect(strange.status == 0 && strange.errors == "" && fresh.status == 0, "\(strange)")
        let objects = try strange.objects, calm = try fresh.objects
        #expect(objects.count == 40 && calm.count == 300 && objects.allSatisfy { $0["alert"] as? Bool == true })
        #expect(calm.count { $0["alert"] as? Bool == true } <= 15, "far more alerts than promised")
        #expect(objects[3]["id"] as? String == "s3" && objects[3]["line"] as? Int == 4)
        let event = try #require((objects[0]["events"] as? [[String: Any]])?.first { $0["position"] as? Int == 1 })
        #expect(event["event"] as? String == "close" && event["expected"] as? String == "open" && (event["probability"] as? Double ?? 0) > 0.6, "\(event)")
        let wiped = try #require((objects[0]["events"] as? [[String: Any]])?.first { $0["event"] as? String == "wipe" })
        #expect(wiped["unseen"] as? Bool == true && (wiped["blame"] as? [Any])?.isEmpty == true)
        let top = try place.gibbs("score", "s.gibbs", "strange.txt", "--top", "2", "--explain", "--text", "--reasons", "9")
        #expect(top.lines.count { $0.hasPrefix("ALERT line") } == 2 && top.output.contains("expected open"), "\(top)")
    }

    /// Alone, in small chunks, from standard input and compressed, a session has one score.
    @Test func anyWayToRead() throws {
        let all = try place.gibbs("score", "s.gibbs", "fresh.txt").output
        #expect(try place.gibbs("score", "s.gibbs", "fresh.txt", "--chunk", "7").output == all)
        #expect(try place.gibbs("score", "s.gibbs", "-", input: "fresh.txt").output == all)
        #expect(try place.shell("gzip -k fresh.txt && \"$GIBBS\" score s.gibbs fresh.txt.gz").output == all)
        #expect(try place.gibbs("score", "s.gibbs", "fresh.txt", "--out", "scores").status == 0 && place.text("scores") == all)
    }

    @Test func evaluate() throws {
        let two = try place.gibbs("evaluate", "s.gibbs", "strange.txt", "--negatives", "fresh.txt", "--mix", "9000:100").object
        #expect(two["sessions"] as? Int == 340 && two["auroc"] as? Double == 1 && two["bestF1"] as? Double == 1 && two["detectionRate"] as? Double == 1)
        #expect((two["mix"] as? [String: Any])?["normal"] as? Int == 9_000)
        for name in ["baseline", "counts"] {
            let figures = try #require(two[name] as? [String: Any])
            #expect(Set(figures.keys) == ["model", "auroc", "averagePrecision", "falseAlarmRate", "detectionRate", "f1", "bestF1", "threshold"], "\(figures)")
        }
        // F1 at the mix follows from the rates.
        let rate = try #require(two["falseAlarmRate"] as? Double), f1 = try #require(two["f1"] as? Double)
        #expect(abs(f1 - 200 / (100 + rate * 9_000 + 100)) < 1e-4, "\(f1) at \(rate)")
        let labelled = try place.gibbs("evaluate", "s.gibbs", "all.ndjson", "--label", "what", "--normal", "normal")
        #expect(try labelled.object["positives"] as? Int == 40 && labelled.object["auroc"] as? Double == 1, "\(labelled)")
        #expect(try place.gibbs("evaluate", "s.gibbs", "all.ndjson", "--label", "what", "--positive", "attack").output == labelled.output)
        #expect(try place.gibbs("evaluate", "s.gibbs", "all.ndjson", "--label", "what", "--normal", "normal", "--text").output.contains("3-gram"))
    }

    @Test func calibrateAndVerify() throws {
        let outcome = try place.gibbs("calibrate", "s.gibbs", "fresh.txt", "--false-alarms", "0.5%", "--out", "c.gibbs")
        #expect(outcome.status == 0 && outcome.output.contains("0.5 % of normal sessions, promised by 300"), "\(outcome)")
        #expect(try place.gibbs("calibrate", "s.gibbs", "normal.txt", "--out", "c.gibbs").errors.contains("is the file that the model was fitted to"))
        let own = try place.gibbs("verify", "s.gibbs"), strange = try place.gibbs("verify", "s.gibbs", "--data", "strange.txt")
        #expect([0, 1].contains(own.status) && own.lines[0] == "s.gibbs: events" && own.output.contains("hidden units"), "\(own)")
        #expect(strange.status == 1 && strange.output.contains("warning  energy gap"), "\(strange)")
    }

    /// Normal sessions by their label, and a trace on request.
    @Test func labelsAndKinds() throws {
        let fit = try place.gibbs("fit", "events", "all.ndjson", "--label", "what", "--normal", "normal", "--kind", "trace", "--history", "2", "--hidden", "4", "--epochs", "2", "--out", "t.gibbs")
        #expect(fit.status == 0 && fit.output.contains("fitted to 360 sessions") && fit.output.contains("energy: trace") && fit.output.contains("own past"), "\(fit)")
        let weights = try #require(try place.gibbs("inspect", "t.gibbs", "--json").object["weights"] as? [Double])
        #expect(abs(weights.reduce(0, +) - 1) < 1e-4)
    }
}

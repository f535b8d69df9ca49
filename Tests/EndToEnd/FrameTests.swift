import CommandDriver
import Foundation
import Testing

/// Frames by the real program: sensors from tables, music from a roll.
@Suite struct FrameTests {
    let place: Workplace

    init() throws { place = try Workplace() }

    /// Machines whose heat follows a wave and whose lamp follows the heat; `odd` is a frame where it does not.
    private func table(_ rows: Int, odd: Int? = nil) -> String {
        "t,machine,heat,lamp\n" + (0 ..< rows).flatMap { t in
            ["a", "b"].enumerated().map { index, name -> String in
                let wave = sin(Double(t) / 7 + Double(index)), jitter = Double((t * 7_919 + index * 31) % 101) / 1_000
                return "\(t),\(name),\(20 + 5 * wave + jitter + (t == odd && index == 0 ? 6 : 0)),\(wave > 0 ? 1 : 0)\n"
            }
        }.joined()
    }

    @Test func sensors() throws {
        try place.file("normal.csv", table(300))
        try place.file("today.csv", table(120, odd: 60))
        let options = ["--entity", "machine", "--ignore", "t"]
        let fit = try place.expectWorks(["fit", "frames", "normal.csv", "--out", "m.gibbs", "--history", "2", "--hidden", "8", "--epochs", "10"] + options)
        #expect(fit.output.contains("fitted to 480 frames of 2 columns") && fit.output.contains("alert above"), "\(fit)")
        #expect(try place.expectWorks(["inspect", "m.gibbs"]).output.contains("a history of 2 frames, 8 hidden units"))
        #expect(try place.expectWorks(["inspect", "m.gibbs", "--json"]).object["kind"] as? String == "frames")
        // The odd frame and the two whose history holds it.
        let scored = try place.expectWorks(["score", "m.gibbs", "today.csv", "--top", "3", "--explain-all"] + options).output.split(separator: "\n")
            .map { try JSONSerialization.jsonObject(with: Data($0.utf8)) as! [String: Any] }
        #expect(Set(scored.map { $0["frame"] as! Int }) == [61, 62, 63] && Set(scored.map { $0["row"] as! Int }) == [122, 124, 126], "\(scored)")
        #expect(scored.allSatisfy { $0["piece"] as? String == "a" && $0["alert"] as? Bool == true && ($0["reasons"] as! [[String: Any]])[0]["field"] as? String == "heat" }, "\(scored)")
        try place.file("fresh.csv", table(120))
        let judged = try place.expectWorks(["evaluate", "m.gibbs", "fresh.csv", "--limit", "100"] + options).object
        func likelihood(_ name: String) -> Double { (judged[name] as? [String: Any])?["logLikelihood"] as? Double ?? .nan }
        #expect(likelihood("conditional") > likelihood("plain") + 0.5 && judged["method"] as? String == "exact", "\(judged)")
        let looked = try place.expectWorks(["verify", "m.gibbs", "--data", "fresh.csv"] + options)
        #expect(looked.lines[0] == "m.gibbs: frames" && looked.output.contains("columns given the rest") && looked.output.hasSuffix("nothing odd\n"), "\(looked)")
        let drawn = try place.expectWorks(["plot", "energies", "m.gibbs", "fresh.csv", "--json", "--out", "e.svg"] + options).objects
        #expect(drawn.map { $0["name"] as? String } == ["calibration", "fresh.csv"] && drawn[1]["records"] as? Int == 240 && (try? place.bytes("e.svg").count) ?? 0 > 1_000, "\(drawn)")
        // What the fit left out is left out by itself.
        let plain = try place.expectWorks(["score", "m.gibbs", "today.csv", "--entity", "machine"])
        #expect(try plain.output == place.expectWorks(["score", "m.gibbs", "today.csv"] + options).output && plain.errors == "", "\(plain)")
        #expect(try place.expectWorks(["evaluate", "m.gibbs", "fresh.csv", "--limit", "10", "--entity", "machine"]).errors == "")
        _ = try place.expectWorks(["calibrate", "m.gibbs", "fresh.csv", "--entity", "machine", "--out", "c.gibbs"])
        #expect(try place.expectWorks(["score", "c.gibbs", "today.csv", "--entity", "machine", "--top", "1"]).lines.count == 1)
        // A frame with an empty cell is passed over, and those behind it have no history.
        let rows = try place.text("today.csv").split(separator: "\n"), broken = rows.enumerated().map { $0 == 21 || $0 == 42 ? $1.split(separator: ",").dropLast().joined(separator: ",") + "," : String($1) }
        try place.file("gaps.csv", broken.joined(separator: "\n") + "\n")
        let gaps = try place.gibbs("score", "m.gibbs", "gaps.csv", "--entity", "machine"), before = try plain.objects, found = try gaps.objects
        #expect(gaps.errors.contains("gaps.csv: 2 of 240 frames have an empty cell (line 22, 'lamp' first)"), "\(gaps)")
        #expect(found.count == 238 && Set(found.map { $0["row"] as! Int }) == Set(before.map { $0["row"] as! Int }).subtracting([22, 43]), "\(gaps)")
        let energies = Dictionary(uniqueKeysWithValues: before.map { ($0["row"] as! Int, $0) }), changed = found.filter { $0["energy"] as! Double != energies[$0["row"] as! Int]!["energy"] as! Double }
        #expect(Set(changed.map { $0["row"] as! Int }) == [24, 26, 45, 47] && found.allSatisfy { $0["frame"] as! Int == energies[$0["row"] as! Int]!["frame"] as! Int }, "\(changed)")
        let bytes = try place.bytes("m.gibbs")
        _ = try place.expectWorks(["fit", "frames", "normal.csv", "--out", "m.gibbs", "--history", "2", "--hidden", "8", "--epochs", "10"] + options)
        #expect(try place.bytes("m.gibbs") == bytes, "the same key, other bytes")
    }

    @Test func music() throws {
        let piece = "[" + (0 ..< 40).map { "[\($0 % 4), \(40 + $0 % 2)]" }.joined(separator: ",") + "]"
        try place.file("roll.json", "{\"train\": [\(piece),\(piece)], \"valid\": [\(piece)], \"test\": [\(piece)]}")
        _ = try place.expectWorks(["fit", "frames", "roll.json", "--part", "train", "--validation-part", "valid", "--out", "m.gibbs", "--history", "1", "--hidden", "14", "--epochs", "20", "--rate", "0.01"])
        let judged = try place.expectWorks(["evaluate", "m.gibbs", "roll.json", "--part", "test", "--chains", "20", "--steps", "50", "--text"])
        #expect(judged.output.contains("20 chains of 50 temperatures each way") && judged.output.contains("given the history"), "\(judged)")
    }
}

import CommandDriver
import Foundation
import Testing

/// `gibbs verify`, alone and with a model.
@Suite struct VerifyTests {
    @Test func mathematics() throws {
        let place = try Workplace(), outcome = try place.gibbs("verify", "--json", "--key", "5")
        #expect(outcome.status == 0 && outcome.errors == "", "\(outcome)")
        let object = try outcome.object, checks = try #require(object["checks"] as? [[String: Any]])
        #expect(object["ok"] as? Bool == true && object["key"] as? Int == 5 && checks.count > 20)
        for check in checks {
            #expect(Set(check.keys) == ["name", "against", "cases", "deviation", "limit", "measure", "ok", "seconds", "failures"])
            #expect(check["ok"] as? Bool == true && (check["failures"] as? [String])?.isEmpty == true && (check["cases"] as? Int ?? 0) > 1, "\(check)")
        }
        #expect(try place.contents == [], "it writes nothing")
    }

    @Test func watchdog() throws {
        let place = try Office.shared.get().place
        let own = try place.gibbs("verify", "office.gibbs")
        #expect(own.status == 0 && own.errors == "" && own.output.hasSuffix("nothing odd, 1 not judged\n"), "\(own)")
        #expect(own.lines[0] == "office.gibbs: watchdog" && own.lines[1].hasPrefix("ok       file"))
        let calm = try place.gibbs("verify", "office.gibbs", "--data", "calm.csv")
        #expect(calm.status == 0 && calm.output.hasSuffix("nothing odd\n"), "\(calm)")
        let normal = try place.gibbs("verify", "office.gibbs", "--data", "today.csv", "--label", "label", "--normal", "normal", "--json")
        #expect(try normal.status == 0 && normal.object["ok"] as? Bool == true && normal.object["warnings"] as? Int == 0, "\(normal)")
    }

    /// Attacks are not what the model was calibrated on: a warning, advice, and status 1.
    @Test func otherRecords() throws {
        let place = try Office.copy("office.gibbs", "today.csv"), lines = try place.text("today.csv").split(separator: "\n")
        try place.file("attacks.csv", ([lines[0]] + lines.dropFirst().filter { !$0.hasSuffix(",normal") }).joined(separator: "\n") + "\n")
        let outcome = try place.gibbs("verify", "office.gibbs", "--data", "attacks.csv")
        #expect(outcome.status == 1 && outcome.errors == "", "\(outcome)")
        #expect(outcome.lines.contains { $0.hasPrefix("warning  energy gap") } && outcome.output.contains("calibrate or fit again"), "\(outcome)")
        let json = try place.gibbs("verify", "office.gibbs", "--data", "attacks.csv", "--json")
        let findings = try #require(json.object["findings"] as? [[String: Any]])
        #expect(try json.status == 1 && json.object["ok"] as? Bool == false)
        for finding in findings { #expect((finding["verdict"] as? String == "ok") == (finding["advice"] is NSNull), "\(finding)") }
    }

    /// The same key looks at the same draws.
    @Test func machine() throws {
        let place = try Office.copy("normal.csv")
        #expect(try place.gibbs("fit", "table", "normal.csv", "--label", "label", "--normal", "normal", "--ignore", "time", "--model", "rbm", "--epochs", "5",
                                "--out", "rbm.gibbs").status == 0)
        let first = try place.gibbs("verify", "rbm.gibbs", "--key", "3")
        #expect(first.lines.contains { $0.contains("dead hidden units") } && first.lines.contains { $0.contains("saturated hidden units") }, "\(first)")
        #expect(try place.gibbs("verify", "rbm.gibbs", "--key", "3").output == first.output)
        #expect(try place.gibbs("verify", "rbm.gibbs", "--key", "4").output != first.output)
        // A hidden unit without weights says nothing, and the file is otherwise sound.
        try place.file("dead.gibbs", try #require(try ModelBytes(place.bytes("rbm.gibbs")).replacing("energy.expert0.weights") { index, value in index % 64 == 7 ? 0 : value }))
        let dead = try place.gibbs("verify", "dead.gibbs")
        #expect(dead.status == 1 && dead.lines.contains { $0.hasPrefix("warning  dead hidden units") && $0.contains("(7") }, "\(dead)")
    }

    @Test(arguments: ["gaussian", "rbm", "memory"]) func images(model: String) throws {
        let place = try Workplace()
        let rows = (0 ..< 120).map { row in
            ((0 ..< 16).map { pixel in (row % 2 == 0 ? pixel % 4 : pixel / 4) == row / 2 % 3 ? "\(0.8 + 0.01 * Double(row * 7 % 13))" : "\(0.01 * Double((row + pixel * 5) % 9))" }
                + [row % 2 == 0 ? "down" : "across"]).joined(separator: ",")
        }
        try place.file("bars.csv", ((1 ... 16).map { "p\($0)" } + ["y"]).joined(separator: ",") + "\n" + rows.joined(separator: "\n") + "\n")
        let fit = try place.gibbs(["fit", "images", "bars.csv", "--label", "y", "--model", model, "--out", "bars.gibbs"] + (model == "rbm" ? ["--hidden", "6", "--epochs", "5"] : []))
        #expect(fit.status == 0, "\(fit)")
        for data in [[], ["--data", "bars.csv"]] {
            let outcome = try place.gibbs(["verify", "bars.gibbs"] + data)
            #expect([0, 1].contains(outcome.status) && outcome.errors == "" && outcome.lines[0] == "bars.gibbs: images", "\(outcome)")
            for subject in ["file", "ln Z", "own draws", "classes", "energy gap"] { #expect(outcome.lines.contains { $0.dropFirst(9).hasPrefix(subject) }, "\(subject): \(outcome)") }
        }
    }
}

/// A model file taken apart, to put other numbers into it.
struct ModelBytes {
    private let bytes: [UInt8], size: Int

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        size = bytes.prefix(8).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
    }

    /// The file with the numbers of one tensor changed; `nil` when it has no such tensor.
    func replacing(_ name: String, by change: (Int, Float) -> Float) throws -> [UInt8]? {
        let header = try JSONSerialization.jsonObject(with: Data(bytes[8 ..< 8 + size])) as? [String: Any]
        guard let offsets = (header?[name] as? [String: Any])?["data_offsets"] as? [Int] else { return nil }
        var result = bytes
        for (index, offset) in stride(from: offsets[0], to: offsets[1], by: 4).enumerated() {
            let place = 8 + size + offset, old = (0 ..< 4).reduce(UInt32(0)) { $0 | UInt32(bytes[place + $1]) << (8 * $1) }
            let new = change(index, Float(bitPattern: old)).bitPattern
            for byte in 0 ..< 4 { result[place + byte] = UInt8(truncatingIfNeeded: new >> (8 * byte)) }
        }
        return result
    }
}

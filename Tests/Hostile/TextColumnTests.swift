import CommandDriver
import Foundation
import Testing

/// Columns to embed that are none, and encoders that are none.
@Suite struct TextColumnTests {
    @Test func withoutAnEncoder() throws {
        let place = try Workplace()
        try place.file("log.csv", "level,message\n" + (0 ..< 50).map { "\($0 % 5),all is well \($0)\n" }.joined())
        let none = try place.shell("GIBBS_CACHE=$PWD/none $GIBBS fit table log.csv --embed message --out m.gibbs")
        #expect(none.status == 64 && none.errors.contains("scripts/setup --text") && none.errors.contains("none/minilm") && none.output == "" && !place.exists("m.gibbs"), "\(none)")
        let fit = ["fit", "table", "log.csv", "--out", "m.gibbs"]
        try place.expectRefusal(66, "absent/config.json", by: fit + ["--embed", "message", "--text-model", "absent"])
        try FileManager.default.createDirectory(atPath: place.place("folder"), withIntermediateDirectories: true)
        try place.file("folder/config.json", "{}")
        try place.expectRefusal(65, "is no config.json", by: fit + ["--embed", "message", "--text-model", "folder"])
    }

    @Test func optionsThatContradict() throws {
        let place = try Workplace.fitted(), fit = ["fit", "table", "data.csv", "--out", "n.gibbs"]
        try place.expectRefusal(64, "--text-model", "--embed", by: fit + ["--text-model", "folder"])
        try place.expectRefusal(64, "--embed and --ignore", "'kind'", by: fit + ["--embed", "kind", "--ignore", "kind"])
        try place.expectRefusal(64, "--embed and --label", "'label'", by: fit + ["--embed", "label", "--label", "label", "--normal", "normal"])
        try place.expectRefusal(64, "--types size=number", by: fit + ["--embed", "size", "--types", "size=number"])
        for verb in [["score", "m.gibbs", "data.csv"], ["calibrate", "m.gibbs", "data.csv"], ["evaluate", "m.gibbs", "data.csv", "--label", "label", "--normal", "normal"],
                     ["verify", "m.gibbs", "--data", "data.csv"], ["plot", "energies", "m.gibbs", "data.csv"], ["partition", "m.gibbs", "--data", "data.csv"]] {
            try place.expectRefusal(64, "--text-model", "has no column of text", by: verb + ["--text-model", "folder"])
        }
    }
}

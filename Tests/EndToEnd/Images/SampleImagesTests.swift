import CommandDriver
import Foundation
import GibbsNumerics
import Testing

/// Images drawn by the program.
@Suite struct SampleImagesTests {
    let place: Workplace

    init() throws { place = try .withImages("gaussian", "rbm", "memory") }

    static let kernels: [(model: String, kernel: String)] = [
        ("gaussian", "exact"), ("gaussian", "hmc"), ("gaussian", "mala"), ("gaussian", "langevin"), ("rbm", "gibbs"), ("rbm", "tempering"), ("rbm", "gradients"),
        ("memory", "hmc"), ("memory", "mala"),
    ]

    @Test(arguments: kernels) func picturesAndArrays(model: String, kernel: String) throws {
        let run = ["sample", "\(model).gibbs", "--kernel", kernel, "--count", "4", "--scale", "3"] + (kernel == "exact" ? [] : ["--steps", "60"]) + ["--key", "5"]
        let told = try place.expectWorks(run + ["--out", "sheet.png"])
        #expect(told.output.contains("12 images by \(kernel)"), "\(told)")
        #expect(told.output.contains("R̂") == (kernel != "exact"), "\(told)")
        let sheet = try place.picture("sheet.png")
        #expect(sheet.width == sheetSide(4, scale: 3) && sheet.height == sheetSide(3, scale: 3))
        _ = try place.expectWorks(run + ["--out", "raw.npy"])
        let raw = try place.array("raw.npy")
        #expect(raw.rows == 12 && raw.columns == 64)
        if model == "rbm" { #expect(raw.values.allSatisfy { $0 == 0 || $0 == 1 }, "states of a machine are on or off") }
        // The same key gives the same bytes, another does not.
        let first = try place.bytes("sheet.png")
        _ = try place.expectWorks(run + ["--out", "again.png"])
        #expect(try place.bytes("again.png") == first)
        _ = try place.expectWorks(run.dropLast() + ["6", "--out", "other.png"])
        #expect(try place.bytes("other.png") != first)
    }

    /// Upright bars are bright in their columns, level ones in their rows.
    @Test(arguments: ["gaussian", "rbm", "memory"]) func classesLookLikeThemselves(model: String) throws {
        _ = try place.expectWorks(["sample", "\(model).gibbs", "--classes", "0,1", "--count", "30", "--out", "raw.npy"] + (model == "gaussian" ? [] : ["--steps", "200"]))
        let raw = try place.array("raw.npy")
        func middle(_ row: Int, upright: Bool) -> Float {
            (0 ..< 64).filter { (3 ... 4).contains(upright ? $0 % 8 : $0 / 8) }.reduce(0) { $0 + raw[row, $1] }
        }
        let right = (0 ..< 60).count { row in (middle(row, upright: true) > middle(row, upright: false)) == (row < 30) }
        #expect(right >= 54, "\(right) of 60 draws look like their class")
    }

    /// What a model would pass over is refused.
    @Test func settingsOfOthers() throws {
        let sample = ["sample", "gaussian.gibbs", "--out", "x.npy"], blend = ["blend", "gaussian.gibbs", "--from", "0", "--to", "1", "--out", "x.npy"]
        for (arguments, words) in [(sample + ["--steps", "5"], "5 steps of draws that are exact"), (sample + ["--kernel", "exact", "--steps", "5"], "5 steps of draws that are exact"),
                                   (sample + ["--correct", "hmc"], "corrections of a model of gaussian energies"), (sample + ["--corrections", "2"], "corrections of a model of gaussian energies"),
                                   (sample + ["--guidance", "1"], "guidance of a model of gaussian energies"), (sample + ["--correct", "langevin", "--corrections", "0"], "corrections by langevin, and 0 of them"),
                                   (sample + ["--correct", "gibbs"], "'gibbs' is invalid"), (blend + ["--corrections", "2"], "corrections of a model of gaussian energies")] {
            let found = try place.gibbs(arguments)
            #expect(found.status == 64 && found.errors.contains(words), "\(found)")
        }
        #expect(!FileManager.default.fileExists(atPath: place.place("x.npy")))
    }

    @Test func temperatureSpreads() throws {
        func spread(_ temperature: String) throws -> Double {
            _ = try place.expectWorks(["sample", "gaussian.gibbs", "--classes", "0", "--count", "40", "--temperature", temperature, "--out", "raw.npy"])
            let raw = try place.array("raw.npy")
            return (0 ..< 64).reduce(0) { $0 + Statistics.standardDeviation(raw.column($1)) }
        }
        let cold = try spread("0.1"), warm = try spread("1")
        #expect(cold < 0.6 * warm, "\(cold) at T = 0.1, \(warm) at 1")
    }

    /// The trace that `sample` writes is what its report speaks of, and what `plot chains` draws.
    @Test func traces() throws {
        let report = try place.expectWorks(["sample", "rbm.gibbs", "--classes", "1", "--count", "6", "--steps", "400", "--out", "s.png", "--trace", "trace.npy", "--json"]).object
        let trace = try place.array("trace.npy"), run = (report["runs"] as! [[String: Any]])[0]
        #expect(trace.columns == 6 && trace.rows == 100 && run["draws"] as? Int == 600)
        let plotted = try place.expectWorks(["plot", "chains", "trace.npy", "--json"]).object
        #expect(plotted["effectiveSampleSize"] as? Double == run["effectiveSampleSize"] as? Double && plotted["rHat"] as? Double == run["rHat"] as? Double, "\(plotted) \(run)")
        #expect(try place.text("trace-chains.svg").contains("of 600 draws"))
    }
}

import CommandDriver
import Foundation
import Testing

/// Networks from the command line: with libtorch what they do, and without it how to get it.
@Suite struct DeepImagesTests {
    let place: Workplace

    init() throws { place = try .withImages() }

    @Test(arguments: ["deep", "vae", "diffusion"]) func fitSampleInspectScore(model: String) throws {
        let arguments = ["fit", "images", "images-idx3-ubyte", "--labels", "labels-idx1-ubyte", "--model", model, "--epochs", "1", "--key", "5", "--out", "m.gibbs"]
        let fit = try place.gibbs(arguments)
        if fit.errors.contains("built without deep energies") {
            #expect(fit.status == 64 && fit.errors.contains("run scripts/setup --deep, then scripts/deep build"), "\(fit)")
            return
        }
        #expect(fit.status == 0 && fit.output.contains(["deep": "a classifier that is an energy", "vae": "variational autoencoder", "diffusion": "an energy at every time"][model]!), "\(fit)")
        let first = try place.bytes("m.gibbs")
        _ = try place.expectWorks(arguments)
        #expect(try place.bytes("m.gibbs") == first, "the same key, other bytes")
        let seen = try place.expectWorks(["inspect", "m.gibbs", "--json"]).object
        #expect(seen["model"] as? String == model && (seen["classes"] as? [Any])?.count == 3)
        let sample = ["sample", "m.gibbs", "--count", "4", "--out", "drawn.npy"], stepped = try place.gibbs(sample + ["--steps", "5"])
        #expect(model == "vae" ? stepped.status == 64 && stepped.errors.contains("5 steps of draws that are exact") : stepped.status == 0, "\(stepped)")
        if model == "vae" { _ = try place.expectWorks(sample) }
        let drawn = try place.array("drawn.npy")
        #expect(drawn.rows == 12 && drawn.columns == 64 && drawn.values.allSatisfy { (0 ... 1).contains($0) })
        let scores = try place.expectWorks(["score", "m.gibbs", "images-idx3-ubyte"])
        #expect(try scores.objects.count == 240 && scores.energies.allSatisfy(\.isFinite) && scores.objects.allSatisfy { ["0", "1", "2"].contains($0["class"] as? String) })
        let blend = try place.gibbs(["blend", "m.gibbs", "--from", "0", "--to", "1", "--steps", "3", "--out", "way.npy"] + (model == "deep" ? ["--sweeps", "1"] : []))
        let completed = try place.gibbs(["complete", "m.gibbs", "images-idx3-ubyte", "--steps", "3", "--out", "whole.npy"])
        #expect(blend.status == (model == "vae" ? 64 : 0) && completed.status == (model == "vae" ? 64 : 0), "\(blend) \(completed)")
        try bounds(model)
    }

    /// What is no more than a bound is not called ln Z.
    private func bounds(_ model: String) throws {
        let told = try place.gibbs(["partition", "m.gibbs", "--data", "images-idx3-ubyte"]), seen = try place.expectWorks(["inspect", "m.gibbs"]).output
        #expect(!seen.contains("exact") && seen.contains("ln Z at most 0.00") == (model != "deep"), "\(seen)")
        guard model != "deep" else { return #expect(told.status == 64, "\(told)") }
        #expect(told.status == 0 && !told.output.contains("exact") && told.output.contains("ln Z at most 0.000") && told.output.contains("test log-likelihood at least -"), "\(told)")
        let found = try place.expectWorks(["partition", "m.gibbs", "--data", "images-idx3-ubyte", "--json"]).object, test = try #require(found["test"] as? [String: Any])
        #expect((found["classes"] as? [[String: Any]])?.allSatisfy { $0["exact"] is NSNull && ($0["atMost"] as? [String: Any])?["logPartition"] as? Double == 0 } == true, "\(found)")
        #expect(test["atMost"] is NSNull && test["atLeast"] as? Double == test["logLikelihood"] as? Double, "\(test)")
        let exact = try place.gibbs(["partition", "m.gibbs", "--method", "exact"])
        #expect(exact.status == 64 && exact.errors.contains("is not known exactly"), "\(exact)")
    }

    /// Paths, acceptance, classes and loops of a diffusion, and what there is not.
    @Test func diffusion() throws {
        let fit = try place.gibbs(["fit", "images", "images-idx3-ubyte", "--labels", "labels-idx1-ubyte", "--model", "diffusion", "--epochs", "2", "--out", "m.gibbs"])
        if fit.errors.contains("built without deep energies") { return }
        let draws = try place.expectWorks(["sample", "m.gibbs", "--count", "3", "--sampler", "ancestral", "--steps", "6", "--corrections", "2", "--given", "1", "--out", "drawn.png", "--json"]).object
        let path = try #require((draws["paths"] as? [[String: Any]])?.first)
        #expect(draws["images"] as? Int == 3 && path["class"] as? String == "1" && (path["acceptance"] as? Double).map { (0 ... 1).contains($0) } == true && (path["corrections"] as? [Any])?.count == 6)
        try corrections()
        let loop = try place.expectWorks(["plot", "loop", "m.gibbs", "--times", "0.2,0.6", "--json"]).objects
        #expect(loop.map { $0["time"] as? Double } == [0.2, 0.6] && loop.allSatisfy { ($0["asymmetry"] as? Double ?? 1) < 1e-3 && ($0["loopShare"] as? Double ?? 1) < 1e-2 })
        for (arguments, words) in [(["sample", "m.gibbs", "--given", "7", "--out", "x.png"], "no class '7'"), (["sample", "m.gibbs", "--steps", "1", "--out", "x.png"], "a schedule of 1 step"),
                                   (["sample", "m.gibbs", "--kernel", "gibbs", "--out", "x.png"], "its kernels are ancestral, ddim, flow"),
                                   (["sample", "m.gibbs", "--trace", "t.npy", "--out", "x.png"], "--corrections prints how often its steps are accepted"), (["plot", "loop", "m.gibbs", "--times", "2"], "the time '2'")] {
            let refused = try place.gibbs(arguments)
            #expect(refused.status == 64 && refused.errors.contains(words), "\(refused)")
        }
    }

    /// Steps that the energy accepts or not, and those that nothing does, of draws and of ways; and what `verify` says of the landscape.
    private func corrections() throws {
        let sample = ["sample", "m.gibbs", "--count", "2", "--steps", "6", "--given", "1", "--out", "drawn.npy"]
        func acceptance(_ options: [String]) throws -> Double? {
            let path = try #require((place.expectWorks(sample + options + ["--json"]).object["paths"] as? [[String: Any]])?.first)
            #expect((path["corrections"] as? [Any])?.count == 6)
            return path["acceptance"] as? Double
        }
        let (mala, hmc, langevin) = try (acceptance(["--correct", "mala"]), acceptance(["--correct", "hmc"]), acceptance(["--correct", "langevin"]))
        #expect(mala != nil && hmc != nil && mala != hmc && langevin == nil)
        let told = try place.expectWorks(sample + ["--correct", "langevin", "--corrections", "4"]).output
        #expect(told.contains("corrected by 4 steps of langevin at each of 6 times") && told.contains("nothing rejected"), "\(told)")
        #expect(try place.expectWorks(sample + ["--guidance", "2"]).output.contains("at temperature 1.0, guidance 2"))
        let way = ["blend", "m.gibbs", "--from", "0", "--to", "1", "--steps", "2", "--out", "way.npy"], frames = try place.expectWorks(way + ["--json"]).objects
        #expect(frames.count == 2 && frames.allSatisfy { ($0["acceptance"] as? Double).map { (0 ... 1).contains($0) } == true }, "\(frames)")
        #expect(try place.expectWorks(way).output.contains("acceptance") && !place.expectWorks(way + ["--corrections", "0"]).output.contains("acceptance"))
        let sweeps = try place.gibbs(way + ["--sweeps", "1"])
        #expect(sweeps.status == 64 && sweeps.errors.contains("--sweeps with a model of diffusion energies"), "\(sweeps)")
        let verified = try place.gibbs(["verify", "m.gibbs"]).output
        #expect(verified.contains("Jacobian") && verified.contains("asymmetric by") && verified.contains("work around circles is") && verified.contains("at most 0: the energy is a bound on −ln p"), "\(verified)")
    }

    /// Improved chains, and where a network computes; without the device a person reads which there is.
    @Test func improvedAndDevices() throws {
        let arguments = ["images", "images-idx3-ubyte", "--labels", "labels-idx1-ubyte", "--model", "deep", "--epochs", "1", "--out", "m.gibbs"], fit = try place.gibbs(["fit"] + arguments + ["--improved", "--device", "cpu"])
        if fit.errors.contains("built without deep energies") { return }
        #expect(fit.status == 0 && fit.output.contains("improved contrastive"), "\(fit)")
        let judged = try place.expectWorks(["evaluate", "m.gibbs", "images-idx3-ubyte", "--labels", "labels-idx1-ubyte", "--device", "cpu"]).object
        #expect(judged["images"] as? Int == 240 && (judged["classes"] as? [Any])?.count == 3 && (judged["accuracy"] as? Double).map { (0 ... 1).contains($0) } == true)
        let none = try place.gibbs(["fit"] + arguments + ["--device", "metal"]), moved = try place.gibbs(["sample", "m.gibbs", "--out", "x.npy", "--device", "metal"])
        #if os(Linux)
        for found in [none, moved] { #expect(found.status == 64 && found.errors.contains("there is no device 'metal' here; leave --device out"), "\(found)") }
        #endif
        _ = try place.expectWorks(["plot", "energies", "m.gibbs", "images-idx3-ubyte", "--out", "e.svg"])
    }

    /// What one model has is refused for another, and not ignored.
    @Test(arguments: [
        ["--model", "gaussian", "--objective", "score"], ["--model", "rbm", "--improved"], ["--model", "vae", "--progress-images", "way"], ["--model", "gaussian", "--device", "cpu"],
        ["--model", "gaussian", "--hidden", "5"], ["--model", "rbm", "--memories", "5"], ["--model", "memory", "--epochs", "5"], ["--model", "deep", "--improved", "--objective", "classifier"],
    ]) func optionsOfOthers(options: [String]) throws {
        let found = try place.gibbs(["fit", "images", "images-idx3-ubyte", "--out", "m.gibbs"] + options)
        #expect(found.status == 64 && found.errors.contains(options.last { $0.hasPrefix("--") && $0 != "--objective" || options.contains("gaussian") && $0 == "--objective" }!), "\(found)")
    }

    /// The classes of any model of images are judged; labels that are missing or unknown are told.
    @Test func judged() throws {
        _ = try place.expectWorks(["fit", "images", "images-idx3-ubyte", "--labels", "labels-idx1-ubyte", "--out", "m.gibbs"])
        let found = try place.expectWorks(["evaluate", "m.gibbs", "images-idx3-ubyte", "--labels", "labels-idx1-ubyte"]).object
        #expect((found["accuracy"] as? Double ?? 0) > 0.9 && (found["crossEntropy"] as? Double ?? 9) < 0.5, "\(found)")
        let text = try place.expectWorks(["evaluate", "m.gibbs", "images-idx3-ubyte", "--labels", "labels-idx1-ubyte", "--text"])
        #expect(text.output.contains("% of 240 images in their class") && text.output.contains("class 2"))
        for (options, told) in [([], "give --labels FILE"), (["--labels", "labels-idx1-ubyte", "--false-alarms", "1%"], "--false-alarms belongs to watchdogs"), (["--labels", "labels-idx1-ubyte", "--device", "cpu"], "leave the device out")] as [([String], String)] {
            let refused = try place.gibbs(["evaluate", "m.gibbs", "images-idx3-ubyte"] + options)
            #expect(refused.status == 64 && refused.errors.contains(told), "\(refused)")
        }
    }

    /// Pictures on the way, and a line of figures each.
    @Test(arguments: [("deep", "dataEnergy"), ("diffusion", "loss")]) func progressImages(model: String, figure: String) throws {
        let fit = try place.gibbs(["fit", "images", "images-idx3-ubyte", "--model", model, "--epochs", "1", "--out", "m.gibbs", "--progress-images", "way"])
        if fit.errors.contains("built without deep energies") { return }
        #expect(fit.status == 0 && fit.errors.contains("way/0001.png: \(figure)"), "\(fit)")
        #expect(try place.picture("way/0001.png").height == 16)
    }

    /// The table of energies that need no libtorch: noise is no image of this kind.
    @Test func novelty() throws {
        let found = try place.expectWorks(["ood", "--in", "images-idx3-ubyte", "--test", "images-idx3-ubyte", "--out", "images-idx3-ubyte", "--models", "gaussian", "--false-alarms", "10%", "--json"]).objects
        #expect(found.map { $0["set"] as? String }.dropFirst() == ["constant", "blank", "noise", "inverted"])
        let aurocs = found.map { $0["auroc"] as? Double ?? .nan }
        #expect(abs(aurocs[0] - 0.5) < 1e-9 && aurocs[3] > 0.99, "\(aurocs)")
        #expect(try place.gibbs(["ood", "--in", "images-idx3-ubyte", "--test", "images-idx3-ubyte", "--models", "joint"]).status == 64)
        #expect(try place.gibbs(["ood", "--in", "images-idx3-ubyte", "--test", "images-idx3-ubyte", "--models", "gaussian", "--keys", "1,1"]).status == 64)
        #expect(try place.gibbs(["ood", "--in", "images-idx3-ubyte", "--test", "images-idx3-ubyte", "--models", "crystal"]).status == 64)
    }

    /// Several keys, a model that is loaded, and the sheet: the table says where each energy fails.
    @Test func noveltyOverKeys() throws {
        _ = try place.expectWorks(["fit", "images", "images-idx3-ubyte", "--model", "ppca", "--out", "components.gibbs"])
        let arguments = ["ood", "--in", "images-idx3-ubyte", "--test", "images-idx3-ubyte", "--models", "gaussian", "--load", "components.gibbs", "--false-alarms", "10%", "--keys", "1,2"]
        let said = try place.expectWorks(arguments + ["--sheet", "worst.png"]).output
        #expect(said.contains("±") && said.contains("AUROC, mean of 2 keys; learned from 216 images") && said.contains("components   worst on ") && said.contains("the best worst case is "), "\(said)")
        // Two energies of two rows; an image of eight pixels is drawn twice as large.
        #expect(try place.picture("worst.png").height == 4 * (16 + 2) - 2)
        let found = try place.expectWorks(arguments + ["--json"]).objects
        #expect(found.map { $0["model"] as? String } == Array(repeating: "gaussian", count: 4) + Array(repeating: "components", count: 4))
        #expect(found.allSatisfy { ($0["keys"] as? [Int]) == [1, 2] && $0["aurocDeviation"] is Double && ($0["images"] as? Int) == 240 })
    }

    /// What an autoencoder leaves unexplained: fitted, scored, compared; it draws nothing and says so.
    @Test func residual() throws {
        let arguments = ["fit", "images", "images-idx3-ubyte", "--model", "deep", "--objective", "residual", "--epochs", "300", "--out", "r.gibbs"], fit = try place.gibbs(arguments)
        if fit.errors.contains("built without deep energies") { return }
        #expect(fit.status == 0 && fit.output.contains("denoising at σ = 0.1"), "\(fit)")
        #expect(try place.expectWorks(["inspect", "r.gibbs", "--json"]).object["model"] as? String == "residual")
        #expect(try place.expectWorks(["score", "r.gibbs", "images-idx3-ubyte"]).energies.count == 240)
        let sample = try place.gibbs(["sample", "r.gibbs", "--out", "drawn.npy"])
        #expect(sample.status == 64 && sample.errors.contains("draws none"), "\(sample)")
        #expect(try place.expectWorks(["verify", "r.gibbs", "--data", "images-idx3-ubyte"]).output.contains("a residual tells images apart and draws none"))
        #expect(try place.gibbs(arguments + ["--progress-images", "way"]).status == 64)
        #expect(try place.gibbs(arguments + ["--labels", "labels-idx1-ubyte"]).status == 64)
        let found = try place.expectWorks(["ood", "--in", "images-idx3-ubyte", "--test", "images-idx3-ubyte", "--load", "r.gibbs", "--false-alarms", "10%", "--json"]).objects
        #expect(found.allSatisfy { ($0["auroc"] as? Double ?? 0) > 0.99 }, "\(found)")
    }
}

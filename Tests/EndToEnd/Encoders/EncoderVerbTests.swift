import CommandDriver
import Foundation
import Testing

/// Encoders from the command line: with libtorch what they do, and without it how to get it.
@Suite struct EncoderVerbTests {
    /// Whether the program has libtorch; without it, the refusal that says how to get it.
    private func works(_ fit: Outcome) -> Bool {
        guard fit.errors.contains("built without deep energies") else { return true }
        #expect(fit.status == 64 && fit.errors.contains("run scripts/setup --deep, then scripts/deep build"), "\(fit)")
        return false
    }

    @Test func images() throws {
        let place = try Workplace.withImages(), arguments = ["fit", "images", "images-idx3-ubyte", "--model", "contrastive", "--epochs", "2", "--batch", "60", "--width", "8", "--key", "5", "--out", "e.gibbs"]
        let fit = try place.gibbs(arguments)
        guard works(fit) else { return }
        #expect(fit.status == 0 && fit.output.contains("InfoNCE by cosine at τ = 0.2") && fit.output.contains("nats, on the last pass; no bound exceeds"), "\(fit)")
        let first = try place.bytes("e.gibbs")
        _ = try place.expectWorks(arguments)
        #expect(try place.bytes("e.gibbs") == first, "the same key, other bytes")
        let seen = try place.expectWorks(["inspect", "e.gibbs", "--json"]).object
        #expect(seen["kind"] as? String == "encoder" && seen["width"] as? Int == 8 && seen["form"] as? String == "images")
        let told = try place.expectWorks(["embed", "e.gibbs", "images-idx3-ubyte", "--labels", "labels-idx1-ubyte", "--among", "images-idx3-ubyte", "--among-labels", "labels-idx1-ubyte", "--neighbours", "1", "--out", "v.npy"])
        // Each image is its own nearest neighbour.
        #expect(told.output.contains("1 nearest of 240 tell 1.0000 of 240 labels; by the pixels themselves 1.0000"), "\(told)")
        let vectors = try place.array("v.npy")
        #expect(vectors.rows == 240 && vectors.columns == 8)
        for verb in [["score", "e.gibbs", "images-idx3-ubyte"], ["calibrate", "e.gibbs", "images-idx3-ubyte"], ["evaluate", "e.gibbs", "images-idx3-ubyte"]] {
            let refusal = try place.gibbs(verb)
            #expect(refusal.status == 65 && refusal.errors.contains("holds an encoder"), "\(refusal)")
        }
        _ = try place.expectWorks(["verify", "e.gibbs"])
        let one = try place.gibbs(["fit", "images", "images-idx3-ubyte", "--model", "contrastive", "--batch", "1", "--out", "f.gibbs"])
        #expect(one.status == 64 && one.errors.contains("batch of 1") && !place.exists("f.gibbs"), "\(one)")
    }

    /// Options that only energies have are refused for an encoder, and its own for an energy; so is what deep energies are trained for, contrastive or not.
    @Test func optionsOfOthers() throws {
        let place = try Workplace.withImages()
        for (model, option, owner) in [("contrastive", ["--objective", "contrastive"], "deep"), ("contrastive", ["--improved"], "deep"), ("rbm", ["--device", "cpu"], "deep"), ("contrastive", ["--hidden", "9"], "rbm"),
                                       ("contrastive", ["--memories", "9"], "memory"), ("deep", ["--width", "9"], "contrastive"), ("gaussian", ["--batch", "9"], "contrastive"), ("rbm", ["--temperature", "1"], "contrastive"),
                                       ("gaussian", ["--epochs", "2"], "contrastive")] {
            let refusal = try place.gibbs(["fit", "images", "images-idx3-ubyte", "--model", model, "--out", "f.gibbs"] + option)
            #expect(refusal.status == 64 && refusal.errors.contains("\(option[0]) with --model \(model)") && refusal.errors.contains(owner) && !place.exists("f.gibbs"), "\(refusal)")
        }
        #expect(try place.expectWorks(["fit", "images", "--help"]).output.contains("contrastive divergence"))
    }

    @Test func pairs() throws {
        let place = try Workplace()
        var state: UInt64 = 7
        func uniform() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 11) / Double(1 << 53)
        }
        let rows = (0 ..< 600).map { _ in (uniform(), uniform()) }
        try place.file("both.csv", "a,b\n" + rows.map { "\($0.0),\($0.0 + 0.1 * $0.1)\n" }.joined())
        try place.file("a.csv", "a\n" + rows.map { "\($0.0)\n" }.joined())
        try place.file("b.csv", "b\n" + rows.map { "\($0.0 + 0.1 * $0.1)\n" }.joined())
        let fit = try place.gibbs(["fit", "pairs", "both.csv", "--right", "b", "--similarity", "dot", "--hidden", "32", "--width", "8", "--epochs", "30", "--batch", "60", "--out", "p.gibbs", "--json"])
        guard works(fit) else { return }
        let bound = try #require(try fit.object["bound"] as? Double), ceiling = try #require(try fit.object["ceiling"] as? Double)
        #expect(bound > 0.8 && bound < ceiling && abs(ceiling - log(60)) < 1e-4, "\(fit)")
        let told = try place.expectWorks(["fit", "pairs", "a.csv", "b.csv", "--similarity", "dot", "--hidden", "32", "--width", "8", "--epochs", "30", "--batch", "60", "--out", "q.gibbs"])
        #expect(told.output.contains("the sides share at least") && told.output.contains("nats, on 60 pairs held out; no bound exceeds"), "\(told)")
        for (model, side, file) in [("p.gibbs", "left", "a"), ("p.gibbs", "right", "b"), ("q.gibbs", "right", "b")] {
            _ = try place.expectWorks(["embed", model, "\(file).csv", "--side", side, "--out", "\(model)-\(side).npy"])
        }
        #expect(try place.bytes("p.gibbs-right.npy") == place.bytes("q.gibbs-right.npy"), "one table and two files are the same pairs")
        for (arguments, status, word) in [(["fit", "pairs", "both.csv"], 64, "no right side"), (["fit", "pairs", "a.csv", "b.csv", "--right", "a"], 64, "both a right file"),
                                          (["fit", "pairs", "both.csv", "--right", "c"], 65, "'c'"), (["fit", "pairs", "a.csv", "short.csv"], 65, "600 rows of one side")] as [([String], Int32, String)] {
            try place.file("short.csv", "b\n1\n2\n")
            let refusal = try place.gibbs(arguments + ["--out", "r.gibbs"])
            #expect(refusal.status == status && refusal.errors.contains(word) && !place.exists("r.gibbs"), "\(refusal)")
        }
    }
}

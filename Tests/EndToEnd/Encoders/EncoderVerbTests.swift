import CommandDriver
import Foundation
import GibbsData
import GibbsNumerics
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
        let blind = try place.expectWorks(["verify", "e.gibbs"])
        #expect(blind.output.contains("unknown  embeddings") && blind.output.contains("give images with --data"), "\(blind)")
        let looked = try place.expectWorks(["verify", "e.gibbs", "--data", "images-idx3-ubyte"])
        #expect(looked.lines.contains { $0.hasPrefix("ok       embeddings") && $0.hasSuffix(" of 8, over 240 images") }, "\(looked)")
        try place.file("black-idx3-ubyte", SmallImages.idx([[UInt8]](repeating: [UInt8](repeating: 0, count: 64), count: 40)))
        let black = try place.gibbs(["verify", "e.gibbs", "--data", "black-idx3-ubyte"])
        #expect(black.status == 1 && black.lines.contains { $0.hasPrefix("warning  embeddings") && $0.contains("one point over 40 images") }, "\(black)")
        let same = try place.gibbs(["fit", "images", "black-idx3-ubyte", "--model", "contrastive", "--out", "f.gibbs"])
        #expect(same.status == 65 && same.errors.contains("40 images that are all the same") && !place.exists("f.gibbs"), "\(same)")
        let large = try place.gibbs(["fit", "images", "images-idx3-ubyte", "--labels", "labels-idx1-ubyte", "--model", "contrastive", "--epochs", "1", "--batch", "5000", "--out", "l.gibbs"])
        #expect(large.status == 0 && large.output.contains("batches of 240,") && large.errors.contains("--labels plays no part"), "\(large)")
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
        let summary = try fit.object, error = try #require(summary["boundError"] as? Double)
        #expect(error > 0.01 && error < 0.5, "\(fit)")
        #expect(summary["leftColumns"] as? [String] == ["a"] && summary["rightColumns"] as? [String] == ["b"], "\(fit)")
        let bound = try #require(try fit.object["bound"] as? Double), ceiling = try #require(try fit.object["ceiling"] as? Double)
        #expect(bound > 0.8 && bound < ceiling && abs(ceiling - log(60)) < 1e-4, "\(fit)")
        let told = try place.expectWorks(["fit", "pairs", "a.csv", "b.csv", "--similarity", "dot", "--hidden", "32", "--width", "8", "--epochs", "30", "--batch", "60", "--out", "q.gibbs"])
        #expect(told.output.contains("the sides share at least") && told.output.contains("nats, on 60 pairs held out; no bound exceeds"), "\(told)")
        #expect(told.output.contains(/share at least [0-9.]+ ± [0-9.]+ nats/), "\(told)")
        #expect(try place.expectWorks(["verify", "p.gibbs"]).output.contains("ok       bound"))
        let examined = try place.gibbs(["verify", "p.gibbs", "--data", "both.csv"])
        #expect(examined.status == 64 && examined.errors.contains("leave out --data"), "\(examined)")
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

    /// Columns are found by their names, in any order and among others; those of arrays by their place.
    @Test func namesOfColumns() throws {
        let place = try Workplace(), u = Key(1).uniforms(1000), rows: [[Float]] = (0 ..< 200).map { Array(u[5 * $0 ..< 5 * $0 + 5]) }
        func table(_ columns: [Int]) -> String {
            let names = ["a", "b", "price", "weight", "junk"], header: [String] = columns.map { names[$0] }
            let cells: [[String]] = rows.map { row in columns.map { "\(row[$0])" } }
            return ([header] + cells).map { $0.joined(separator: ",") + "\n" }.joined()
        }
        try place.file("both.csv", table([0, 1, 2, 3, 4]))
        let fit = try place.gibbs(["fit", "pairs", "both.csv", "--right", "price,weight,junk", "--width", "4", "--hidden", "8", "--epochs", "1", "--out", "p.gibbs"])
        guard works(fit) else { return }
        #expect(try place.expectWorks(["inspect", "p.gibbs"]).output.contains("left: a, b\nright: price, weight, junk\n"))
        try place.file("left.csv", table([0, 1]))
        try place.file("swapped.csv", table([1, 0]))
        try place.file("named.csv", "who," + table([4, 1, 0]).split(separator: "\n").joined(separator: "\nsomebody,") + "\n")
        try NPY.write(Matrix(rows.map { [$0[0], $0[1]] }), to: place.place("left.npy"))
        func vectors(_ file: String, _ side: String = "left") throws -> [UInt8] {
            _ = try place.expectWorks(["embed", "p.gibbs", file, "--side", side, "--out", "v.npy"])
            return try place.bytes("v.npy")
        }
        let left = try vectors("left.csv")
        for file in ["both.csv", "swapped.csv", "named.csv", "left.npy"] { #expect(try vectors(file) == left, "\(file)") }
        try place.file("right.csv", table([4, 3, 2]))
        #expect(try vectors("right.csv", "right") == vectors("both.csv", "right"))
        try place.file("lacking.csv", table([0, 2, 4]))
        try place.file("headless.csv", table([0, 1, 2]).split(separator: "\n").dropFirst().joined(separator: "\n") + "\n")
        for (arguments, word) in [(["lacking.csv"], "lacking.csv: a column of the left side is missing: 'b'"), (["left.csv", "--side", "right"], "'price', 'weight', 'junk'"),
                                  (["headless.csv", "--no-header"], "the columns it was fitted to: 'a', 'b'")] {
            let refusal = try place.gibbs(["embed", "p.gibbs"] + arguments + ["--out", "w.npy"])
            #expect(refusal.status == 65 && refusal.errors.contains(word) && !place.exists("w.npy"), "\(refusal)")
        }
    }

    /// Of sides that have nothing to do with each other nothing is promised, and a side without news is refused.
    @Test func nothingShared() throws {
        let place = try Workplace()
        var state: UInt64 = 11
        func uniform() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 11) / Double(1 << 53)
        }
        try place.file("apart.csv", "a,b,c,d\n" + (0 ..< 200).map { _ in "\(uniform()),\(uniform()),\(uniform()),\(uniform())\n" }.joined())
        // Learnt by heart, which on the pairs held out is worse than to guess.
        let fit = try place.gibbs(["fit", "pairs", "apart.csv", "--right", "c,d", "--similarity", "dot", "--width", "8", "--epochs", "200", "--batch", "60", "--temperature", "0.1", "--key", "3", "--out", "q.gibbs"])
        guard works(fit) else { return }
        #expect(fit.status == 0 && fit.output.contains("nothing that the sides share was seen, on 20 pairs held out: the bound is -") && !fit.output.contains("at least"), "\(fit)")
        let seen = try place.expectWorks(["inspect", "q.gibbs", "--json"]).object
        #expect((seen["bound"] as? Double ?? 1) < 0)
        let odd = try place.gibbs(["verify", "q.gibbs"])
        #expect(odd.status == 1 && odd.output.contains("warning  bound"), "\(odd)")
        try place.file("flat.csv", "a,b\n" + (0 ..< 50).map { "\($0),7\n" }.joined())
        let flat = try place.gibbs(["fit", "pairs", "flat.csv", "--right", "b", "--out", "f.gibbs"])
        #expect(flat.status == 65 && flat.errors.contains("flat.csv: 50 rows of the right side that are all the same") && !place.exists("f.gibbs"), "\(flat)")
    }
}

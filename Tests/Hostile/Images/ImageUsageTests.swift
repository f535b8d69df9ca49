import CommandDriver
import Testing

/// Options of the image verbs that make no sense.
@Suite struct ImageUsageTests {
    let place: Workplace

    init() throws { place = try .withImages("gaussian", "rbm", "memory") }

    @Test func blends() throws {
        let blend = { (model: String, more: [String]) in ["blend", "\(model).gibbs", "--out", "x.png"] + more }
        for model in ["gaussian", "rbm"] {
            let way = { (more: String...) in blend(model, ["--from", "0", "--to", "1"] + more) }
            try place.expectRefusal(64, "no class '9'", "0, 1, 2", by: blend(model, ["--from", "9", "--to", "1"]))
            try place.expectRefusal(64, "no class 'one'", "0, 1, 2", by: blend(model, ["--from", "0", "--to", "one"]))
            try place.expectRefusal(64, "no class '7'", by: blend(model, ["--path", "0,1,7"]))
            try place.expectRefusal(64, "0 frames", "two at least", by: way("--steps", "0"))
            try place.expectRefusal(64, "1 frame;", "two at least", by: way("--steps", "1"))
            try place.expectRefusal(64, "temperature of -1", by: way("--temperature=-1"))
            try place.expectRefusal(64, "temperature of nan", by: way("--temperature", "nan"))
            try place.expectRefusal(64, "temperature of inf", by: way("--temperature", "inf"))
            let machine = model == "rbm"
            try place.expectRefusal(64, machine ? "0 sweeps" : "--sweeps with a model of gaussian", by: way("--sweeps", "0"))
            try place.expectRefusal(64, machine ? "9000000000000000000 sweeps" : "leave it out", by: way("--sweeps", "9000000000000000000"))
            try place.expectRefusal(64, machine ? "0 flips" : "--flips with a model of gaussian", by: way("--flips", "0"))
            try place.expectRefusal(65, "10000 are the most", by: way("--steps", "2000000000"))
            try place.expectRefusal(64, "'0' to itself", by: blend(model, ["--from", "0", "--to", "0"]))
            try place.expectRefusal(64, "1 class;", by: blend(model, ["--path", "0"]))
            try place.expectRefusal(64, "--path", by: blend(model, ["--from", "0"]))
            try place.expectRefusal(64, "--path", "both given", by: way("--path", "0,1"))
            try place.expectRefusal(64, "--scale", by: way("--scale", "0"))
            try place.expectRefusal(64, "way.gif", ".png", by: way("--animation", "way.gif"))
        }
        try place.expectRefusal(64, "temperature of 0", "machines show draws", by: blend("rbm", ["--from", "0", "--to", "1", "--temperature", "0"]))
        try place.expectRefusal(64, "memory", "gibbs recall", by: blend("memory", ["--from", "0", "--to", "1"]))
    }

    @Test func pictures() throws {
        for verb in [["sample", "gaussian.gibbs"], ["blend", "gaussian.gibbs", "--from", "0", "--to", "1"], ["recall", "memory.gibbs", "images-idx3-ubyte"]] {
            for name in ["x.jpg", "x", "png", "x.PNG.txt"] { try place.expectRefusal(64, "'\(name)'", ".png", ".npy", by: verb + ["--out", name]) }
            try place.expectRefusal(73, "nosuch/x.png", by: verb + ["--out", "nosuch/x.png"])
        }
    }

    /// What a command writes replaces nothing that it reads, nor what it writes elsewhere.
    @Test func filesThatAreOne() throws {
        let rows = SmallImages.images(12).pixels.map { $0.map { Float($0) / 255 } }
        try place.file("cues.npy", npy(rows: rows.count, columns: 64) { rows[$0 / 64][$0 % 64] })
        for name in ["cues.npy", "./cues.npy", place.place("cues.npy")] {
            try place.expectRefusal(64, "'cues.npy'", "--out", by: ["recall", "memory.gibbs", "cues.npy", "--out", name])
        }
        try place.expectRefusal(64, "'x.png'", by: ["blend", "gaussian.gibbs", "--from", "0", "--to", "1", "--out", "./x.png", "--animation", "x.png"])
        try place.expectRefusal(64, "'x.npy'", by: ["sample", "rbm.gibbs", "--given", "0", "--out", "x.npy", "--trace", "x.npy"])
        for name in ["images-idx3-ubyte", "labels-idx1-ubyte"] {
            let before = try place.bytes(name)
            try place.expectRefusal(64, "'\(name)'", by: ["fit", "images", "images-idx3-ubyte", "--labels", "labels-idx1-ubyte", "--out", name])
            #expect(try place.bytes(name) == before)
        }
        try place.file("data.csv", "a,b\n" + String(repeating: "1,2\n3,4\n", count: 30))
        let before = try place.bytes("data.csv")
        try place.expectRefusal(64, "'data.csv'", by: ["fit", "table", "data.csv", "--out", "data.csv"])
        #expect(try place.bytes("data.csv") == before)
        // Two names are two files.
        #expect(try place.gibbs("blend", "gaussian.gibbs", "--from", "0", "--to", "1", "--out", "y.png", "--animation", "x.png").status == 0)
    }

    /// Sheets that would be too large are refused before hours of work, not after.
    @Test func hugeSheets() throws {
        let way = ["blend", "rbm.gibbs", "--from", "0", "--to", "1", "--sweeps", "1000000"]
        try place.expectRefusal(65, "64000000 pixels", "scale", by: way + ["--steps", "9000", "--scale", "64", "--out", "x.png"])
        try place.expectRefusal(65, "animation", "--scale", by: way + ["--steps", "500", "--scale", "16", "--out", "x.npy", "--animation", "way.png"])
        try place.expectRefusal(65, "64000000 pixels", by: ["sample", "rbm.gibbs", "--count", "40000", "--steps", "1000000000", "--scale", "4", "--out", "x.png"])
        try place.expectRefusal(65, "64000000 pixels", by: ["recall", "memory.gibbs", "images-idx3-ubyte", "--count", "240", "--scale", "64", "--steps", "1000000000", "--out", "x.png"])
    }

    @Test func samples() throws {
        let sample = { (model: String, more: String...) in ["sample", "\(model).gibbs", "--out", "x.png"] + more }
        try place.expectRefusal(64, "0 images", by: sample("rbm", "--count", "0"))
        try place.expectRefusal(64, "-3 images", by: sample("rbm", "--count=-3"))
        try place.expectRefusal(64, "0 steps", by: sample("rbm", "--steps", "0"))
        try place.expectRefusal(65, "memory", by: sample("rbm", "--count", "1000000000"))
        try place.expectRefusal(65, "memory", by: sample("gaussian", "--count", "9000000000000000000"))
        for temperature in ["0", "-1", "nan", "inf"] { try place.expectRefusal(64, "temperature", by: sample("gaussian", "--temperature=\(temperature)")) }
        try place.expectRefusal(64, "no class '8'", by: sample("gaussian", "--given", "0,8"))
        try place.expectRefusal(64, "x.txt", ".npy", by: sample("rbm", "--trace", "x.txt", "--given", "0"))
        try place.expectRefusal(64, "3 classes", by: sample("rbm", "--trace", "x.npy"))
        try place.expectRefusal(64, "no trace", by: sample("gaussian", "--trace", "x.npy", "--given", "0"))
    }

    /// Kernels along a gradient want real columns, and those that flip want bits.
    @Test func kernels() throws {
        for kernel in ["hmc", "mala", "langevin", "exact"] {
            try place.expectRefusal(64, "'\(kernel)'", "rbm", "gibbs, tempering, gradients", by: ["sample", "rbm.gibbs", "--kernel", kernel, "--out", "x.png"])
            try place.expectRefusal(64, "'\(kernel)'", "rbm", by: ["plot", "chains", "rbm.gibbs", "--class", "0", "--kernel", kernel, "--out", "x.svg"])
        }
        for kernel in ["gibbs", "tempering", "gradients"] {
            try place.expectRefusal(64, "'\(kernel)'", "exact, hmc, mala, langevin", by: ["sample", "gaussian.gibbs", "--kernel", kernel, "--out", "x.png"])
            try place.expectRefusal(64, "'\(kernel)'", "hmc, mala, langevin", by: ["sample", "memory.gibbs", "--kernel", kernel, "--out", "x.png"])
        }
        try place.expectRefusal(64, "nuts", "hmc", by: ["sample", "gaussian.gibbs", "--kernel", "nuts", "--out", "x.png"])
    }

    @Test func partitions() throws {
        try place.expectRefusal(64, "0 chains", by: ["partition", "rbm.gibbs", "--chains", "0"])
        try place.expectRefusal(64, "-5 chains", by: ["partition", "rbm.gibbs", "--chains=-5"])
        try place.expectRefusal(64, "2 steps", by: ["partition", "rbm.gibbs", "--steps", "2"])
        try place.expectRefusal(65, "fewer", by: ["partition", "rbm.gibbs", "--chains", "4000000000"])
        try place.expectRefusal(65, "fewer", by: ["partition", "rbm.gibbs", "--steps", "4000000000"])
        try place.expectRefusal(64, "guess", by: ["partition", "rbm.gibbs", "--method", "guess"])
        let outcome = try place.gibbs("fit", "images", "images-idx3-ubyte", "--model", "rbm", "--hidden", "70", "--epochs", "1", "--out", "wide.gibbs")
        #expect(outcome.status == 0, "\(outcome)")
        try place.expectRefusal(65, "70 hidden units", "annealed", by: ["partition", "wide.gibbs", "--method", "exact"])
    }

    @Test func recalls() throws {
        let recall = ["recall", "memory.gibbs", "images-idx3-ubyte", "--out", "x.png"]
        try place.expectRefusal(64, "0 images", by: recall + ["--count", "0"])
        try place.expectRefusal(64, "0 steps", by: recall + ["--steps", "0"])
        try place.expectRefusal(64, "noise of -1", by: recall + ["--noise=-1"])
        try place.expectRefusal(64, "middle", by: recall + ["--erase", "middle"])
        for model in ["gaussian", "rbm"] { try place.expectRefusal(64, model, "--model memory", by: ["recall", "\(model).gibbs", "images-idx3-ubyte", "--out", "x.png"]) }
    }

    @Test func plots() throws {
        for kind in ["landscape", "chains"] { try place.expectRefusal(64, "x.png", ".svg", by: ["plot", kind, "gaussian.gibbs", "--out", "x.png"]) }
        try place.expectRefusal(64, "x.svg", ".png", by: ["plot", "filters", "gaussian.gibbs", "--out", "x.svg"])
        for name in [".svg", ""] { try place.expectRefusal(64, "'\(name)' is no name", by: ["plot", "landscape", "gaussian.gibbs", "--out", name]) }
        try place.expectRefusal(64, "several", by: ["plot", "several", "gaussian.gibbs"])
        let landscape = { (more: String...) in ["plot", "landscape", "gaussian.gibbs", "--out", "x.svg"] + more }
        try place.expectRefusal(64, "single class", "--data", by: landscape("--classes", "1"))
        try place.expectRefusal(64, "twice", by: landscape("--classes", "1,1"))
        try place.expectRefusal(64, "no class '5'", by: landscape("--classes", "1,5"))
        try place.expectRefusal(64, "1 places", by: landscape("--grid", "1"))
        try place.expectRefusal(64, "places", by: landscape("--ceiling=-4"))
        try place.expectRefusal(64, "--labels without --data", by: landscape("--labels", "labels-idx1-ubyte"))
        try place.expectRefusal(64, "3 classes", "--class", by: ["plot", "chains", "gaussian.gibbs", "--out", "x.svg"])
        try place.expectRefusal(64, "independent", "hmc", by: ["plot", "chains", "gaussian.gibbs", "--class", "0", "--kernel", "exact", "--out", "x.svg"])
        try place.expectRefusal(65, "at least 8 draws", by: ["plot", "chains", "rbm.gibbs", "--class", "0", "--steps", "4", "--out", "x.svg"])
        try place.expectRefusal(64, "0 images", by: ["plot", "chains", "rbm.gibbs", "--class", "0", "--chains", "0", "--out", "x.svg"])
        try place.expectRefusal(64, "0 filters", by: ["plot", "filters", "rbm.gibbs", "--count", "0", "--out", "x.png"])
        try place.expectRefusal(64, "positive", by: ["plot", "filters", "rbm.gibbs", "--scale", "0", "--out", "x.png"])
        try place.file("x.npy", [0x93] + Array("NUMPY".utf8) + [1, 0, 10])
        try place.expectRefusal(65, "x.npy", by: ["plot", "chains", "x.npy"])
    }

    /// Chains that stand still, and numbers that are none.
    @Test func stuckChains() throws {
        try place.file("still.npy", npy(rows: 20, columns: 2) { _ in 1 })
        try place.expectRefusal(65, "still.npy", "no chain ever moved", by: ["plot", "chains", "still.npy"])
        try place.file("broken.npy", npy(rows: 20, columns: 2) { $0 == 7 ? .nan : Float($0 % 5) })
        try place.expectRefusal(65, "broken.npy", "1 of 40 draws", by: ["plot", "chains", "broken.npy"])
    }

    private func npy(rows: Int, columns: Int, _ value: (Int) -> Float) -> [UInt8] {
        var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(rows), \(columns)), }"
        header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
        return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
            + (0 ..< rows * columns).flatMap { index in withUnsafeBytes(of: value(index).bitPattern.littleEndian, Array.init) }
    }
}

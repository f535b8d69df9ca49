import CommandDriver
import Testing

/// Images, labels and model files that do not fit.
@Suite struct ImageFileTests {
    let place: Workplace
    let pixels: [[UInt8]], labels: [UInt8]

    init() throws {
        place = try .withImages("gaussian", "memory")
        (pixels, labels) = SmallImages.images(30)
        // The first 25 pixels of each as images of 5 × 5.
        try place.file("small-idx3-ubyte", SmallImages.idx(pixels.map { Array($0.prefix(25)) }, side: 5))
    }

    @Test func anotherSize() throws {
        try place.expectRefusal(65, "small-idx3-ubyte", "5 × 5", "8 × 8", by: ["recall", "memory.gibbs", "small-idx3-ubyte", "--out", "x.png"])
        try place.expectRefusal(65, "small-idx3-ubyte", "5 × 5", "8 × 8", by: ["partition", "gaussian.gibbs", "--data", "small-idx3-ubyte"])
        try place.expectRefusal(65, "small-idx3-ubyte", "5 × 5", "8 × 8", by: ["plot", "landscape", "gaussian.gibbs", "--data", "small-idx3-ubyte", "--out", "x.svg"])
        try place.expectRefusal(65, "images-idx3-ubyte", "8 × 8", "7 × 7", by: ["fit", "images", "images-idx3-ubyte", "--size", "7x7", "--out", "x.gibbs"])
        try place.file("wide.csv", "a,b,c\n0,1,0\n1,0,1\n")
        try place.expectRefusal(65, "wide.csv", "3 pixels a row make no square", "--size", by: ["fit", "images", "wide.csv", "--out", "x.gibbs"])
        try place.expectRefusal(65, "wide.csv", "3 columns", "8 × 8", by: ["recall", "memory.gibbs", "wide.csv", "--out", "x.png"])
        try place.expectRefusal(64, "'8by8'", "28x28", by: ["fit", "images", "wide.csv", "--size", "8by8", "--out", "x.gibbs"])
    }

    @Test func labelsOfAnotherCount() throws {
        try place.file("few-idx1-ubyte", SmallImages.idx(labels: labels))
        try place.expectRefusal(65, "few-idx1-ubyte", "30 labels for 240 images", by: ["fit", "images", "images-idx3-ubyte", "--labels", "few-idx1-ubyte", "--out", "x.gibbs"])
        try place.expectRefusal(65, "few-idx1-ubyte", "30 labels for 240 images",
                                by: ["plot", "landscape", "gaussian.gibbs", "--data", "images-idx3-ubyte", "--labels", "few-idx1-ubyte", "--out", "x.svg"])
        try place.expectRefusal(65, "images-idx3-ubyte", "labels", by: ["fit", "images", "images-idx3-ubyte", "--labels", "images-idx3-ubyte", "--out", "x.gibbs"])
        try place.expectRefusal(65, "labels-idx1-ubyte", "not images", by: ["fit", "images", "labels-idx1-ubyte", "--out", "x.gibbs"])
        try place.expectRefusal(64, "'7'", "0, 1, 2", by: ["fit", "images", "images-idx3-ubyte", "--labels", "labels-idx1-ubyte", "--classes", "1,7", "--out", "x.gibbs"])
        try place.expectRefusal(64, "--classes needs labels", by: ["fit", "images", "images-idx3-ubyte", "--classes", "1", "--out", "x.gibbs"])
        try place.expectRefusal(66, "nosuch", by: ["fit", "images", "images-idx3-ubyte", "--labels", "nosuch-idx1-ubyte", "--out", "x.gibbs"])
    }

    @Test func damagedImages() throws {
        let whole = SmallImages.idx(pixels)
        try place.file("cut-idx3-ubyte", Array(whole.prefix(whole.count - 5)))
        try place.expectRefusal(65, "cut-idx3-ubyte", "ends", by: ["fit", "images", "cut-idx3-ubyte", "--out", "x.gibbs"])
        try place.file("huge-idx3-ubyte", [0, 0, 8, 3, 0x7F, 255, 255, 255, 0x7F, 255, 255, 255, 0x7F, 255, 255, 255] + whole.dropFirst(16))
        try place.expectRefusal(65, "huge-idx3-ubyte", by: ["fit", "images", "huge-idx3-ubyte", "--out", "x.gibbs"])
        try place.file("none-idx3-ubyte", SmallImages.idx([]))
        try place.expectRefusal(65, "too few", by: ["fit", "images", "none-idx3-ubyte", "--out", "x.gibbs"])
        try place.file("bright.csv", "a,b,c,d\n0,1,0,1\n0,300,1,1\n")
        try place.expectRefusal(65, "bright.csv", "300", "0 to 255", by: ["fit", "images", "bright.csv", "--out", "x.gibbs"])
        try place.file("text.csv", "a,b,c,d\n0,1,0,grey\n0,1,1,1\n")
        try place.expectRefusal(65, "text.csv", "grey", by: ["fit", "images", "text.csv", "--out", "x.gibbs"])
        try place.file("single.csv", SmallImages.csv(Array(pixels.prefix(3)), labels: ["x", "x", "y"]))
        try place.expectRefusal(65, "'y' has a single image", by: ["fit", "images", "single.csv", "--label", "label", "--out", "x.gibbs"])
    }

    static let readers: [[String]] = [["inspect"], ["sample", "--out", "x.png"], ["blend", "--from", "0", "--to", "1", "--out", "x.png"], ["recall", "images-idx3-ubyte", "--out", "x.png"],
                                      ["partition"], ["plot", "chains", "--out", "x.svg"], ["plot", "filters", "--out", "x.png"], ["plot", "landscape", "--out", "x.svg"]]

    /// The verb with the model in its place.
    private func run(_ verb: [String], on model: String) -> [String] {
        let words = verb.first == "plot" ? 2 : 1
        return Array(verb.prefix(words)) + [model] + verb.dropFirst(words)
    }

    @Test func damagedModels() throws {
        let good = try place.bytes("gaussian.gibbs")
        for count in [0, 7, 100, good.count / 2, good.count - 1] {
            try place.file("bad.gibbs", Array(good.prefix(count)))
            for verb in Self.readers { try place.expectRefusal(65, "bad.gibbs", by: run(verb, on: "bad.gibbs")) }
        }
        // A class's covariance that is none, and a mean that is no number.
        var broken = good
        for index in broken.count - 400 ..< broken.count { broken[index] = 0xFF }
        try place.file("bad.gibbs", broken)
        try place.expectRefusal(65, "bad.gibbs", by: ["inspect", "bad.gibbs"])
        try place.expectRefusal(66, "nosuch.gibbs", by: ["blend", "nosuch.gibbs", "--from", "0", "--to", "1", "--out", "x.png"])
    }

    /// A watchdog where images are wanted, and the other way about.
    @Test func theOtherKind() throws {
        let rows = (0 ..< 200).map { "\($0 * 37 % 11),\($0 % 3 == 0 ? "a" : "b")\n" }
        try place.file("data.csv", "size,kind\n" + rows.joined())
        try place.expectSuccess("fit", "table", "data.csv", "--out", "watchdog.gibbs")
        for verb in Self.readers where !["inspect", "partition"].contains(verb[0]) {
            try place.expectRefusal(65, "watchdog.gibbs", "holds a watchdog", "gibbs fit images", by: run(verb, on: "watchdog.gibbs"))
        }
        try place.expectRefusal(65, "data.csv", "images of 8 × 8 pixels", by: ["score", "gaussian.gibbs", "data.csv"])
        try place.expectRefusal(65, "data.csv", "images of 8 × 8 pixels", "no other column", by: ["calibrate", "gaussian.gibbs", "data.csv"])
        try place.expectRefusal(65, "data.csv", "images of 8 × 8 pixels", by: ["plot", "energies", "gaussian.gibbs", "data.csv", "--out", "x.svg"])
        try place.expectRefusal(64, "no images are given", by: ["plot", "energies", "gaussian.gibbs", "--out", "x.svg"])
    }
}

import Foundation

/// Images of 8 × 8 pixels in three classes: 0, an upright bar; 1, a level one; 2, a slope. Each a little shifted, with soft edges and noise.
public enum SmallImages {
    public static let side = 8

    /// Pixels 0...255 and the class, in turn 0, 1, 2, 0, …; the same for the same seed.
    public static func images(_ count: Int, seed: UInt64 = 1) -> (pixels: [[UInt8]], labels: [UInt8]) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func uniform() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 11) / Double(1 << 53)
        }
        var pixels = [[UInt8]](), labels = [UInt8]()
        for index in 0 ..< count {
            let label = index % 3, shift = 3 + 1.5 * uniform()
            pixels.append((0 ..< side * side).map { pixel in
                let (x, y) = (Double(pixel % side), Double(pixel / side))
                let distance = [abs(x - shift), abs(y - shift), abs(x - y + shift - 3.75) / 2.0.squareRoot()][label]
                return UInt8(min(255, max(0, 255 * (1.4 - distance) + 24 * (uniform() - 0.5))))
            })
            labels.append(UInt8(label))
        }
        return (pixels, labels)
    }

    /// As MNIST's files keep them.
    public static func idx(_ pixels: [[UInt8]], side: Int = side) -> [UInt8] {
        [0, 0, 8, 3] + [pixels.count, side, side].flatMap(bigEndian) + pixels.flatMap { $0 }
    }

    /// As MNIST's files keep them.
    public static func idx(labels: [UInt8]) -> [UInt8] { [0, 0, 8, 1] + bigEndian(labels.count) + labels }

    /// A column a pixel, p0 …, and `label`.
    public static func csv(_ pixels: [[UInt8]], labels: [String]) -> String {
        let head = (0 ..< pixels[0].count).map { "p\($0)" }.joined(separator: ",") + ",label\n"
        return head + zip(pixels, labels).map { $0.map(String.init).joined(separator: ",") + ",\($1)\n" }.joined()
    }

    private static func bigEndian(_ value: Int) -> [UInt8] { (0 ..< 4).map { UInt8(value >> (24 - 8 * $0) & 0xFF) } }
}

/// Images and models fitted to them, made once and read by many tests.
private struct ImageOffice: Sendable {
    static let shared = Result<ImageOffice, any Error> {
        let office = try ImageOffice()
        atexit(removeImageOffice)
        return office
    }

    let place: Workplace

    init() throws {
        place = try Workplace()
        let (pixels, labels) = SmallImages.images(240)
        try place.file("images-idx3-ubyte", SmallImages.idx(pixels))
        try place.file("labels-idx1-ubyte", SmallImages.idx(labels: labels))
        for model in ["gaussian", "rbm", "memory"] {
            let outcome = try place.fitImages(model)
            precondition(outcome.status == 0, "\(outcome)")
        }
    }
}

private func removeImageOffice() { try? ImageOffice.shared.get().place.remove() }

extension Workplace {
    /// A fresh workplace with `images-idx3-ubyte` and `labels-idx1-ubyte`, 240 images, and `MODEL.gibbs` for each model named.
    public static func withImages(_ models: String...) throws -> Workplace {
        let office = try ImageOffice.shared.get(), place = try Workplace()
        for name in ["images-idx3-ubyte", "labels-idx1-ubyte"] + models.map({ $0 + ".gibbs" }) {
            try FileManager.default.copyItem(atPath: office.place.place(name), toPath: place.place(name))
        }
        return place
    }

    /// Fits `MODEL.gibbs` to the images; machines have 20 hidden units, memories keep all images.
    public func fitImages(_ model: String, _ more: [String] = []) throws -> Outcome {
        try gibbs(["fit", "images", "images-idx3-ubyte", "--labels", "labels-idx1-ubyte", "--model", model, "--out", model + ".gibbs"] + (model == "rbm" ? ["--hidden", "20"] : []) + more)
    }
}

import CommandDriver
import Foundation
import Testing

/// Image models from every file that holds images.
@Suite struct FitImagesTests {
    let place: Workplace
    let pixels: [[UInt8]], labels: [UInt8]

    init() throws {
        place = try .withImages()
        (pixels, labels) = SmallImages.images(240)
    }

    /// ln Z of each class as `inspect` tells it.
    private func partitions(_ model: String) throws -> [String: Double] {
        let classes = try place.expectWorks(["inspect", model, "--json"]).object["classes"] as! [[String: Any]]
        return Dictionary(uniqueKeysWithValues: classes.map { ($0["name"] as! String, $0["logPartition"] as! Double) })
    }

    @Test func sameModelFromAnyContainer() throws {
        let rows = pixels.map { $0.map(Double.init) }, names = labels.map(String.init)
        try place.file("images.csv", SmallImages.csv(pixels, labels: names))
        try place.file("images.npy", Containers.npy(rows))
        try place.file("scaled.npy", Containers.npy(rows.map { $0.map { $0 / 255 } }))
        try place.file("images.npz", Containers.zip("X.npy", Containers.npy(rows)))
        try place.file("labels.txt", names.joined(separator: "\n") + "\n")
        try place.file("headed.csv", "digit\n" + names.joined(separator: "\n") + "\n")
        Containers.gzip(SmallImages.idx(pixels), to: place.place("packed-idx3-ubyte.gz"))
        _ = try place.fitImages("gaussian")
        let expected = try partitions("gaussian.gibbs")
        #expect(Set(expected.keys) == ["0", "1", "2"])
        let sources: [[String]] = [["images.csv", "--label", "label"], ["images.npy", "--labels", "labels.txt"], ["scaled.npy", "--labels", "labels.txt"],
                                   ["images.npy", "--labels", "headed.csv"], ["images.npz", "--labels", "labels-idx1-ubyte"], ["packed-idx3-ubyte.gz", "--labels", "labels-idx1-ubyte", "--size", "8x8"]]
        for source in sources {
            _ = try place.expectWorks(["fit", "images"] + source + ["--out", "other.gibbs"])
            for (name, value) in try partitions("other.gibbs") { #expect(abs(value - expected[name]!) < 1e-3, "\(source): class \(name) has ln Z \(value), not \(expected[name]!)") }
        }
    }

    @Test(arguments: ["gaussian", "rbm", "memory"]) func sameKeySameBytes(model: String) throws {
        let fewer = ["rbm": ["--epochs", "2"], "memory": ["--memories", "60"]][model] ?? []
        _ = try place.fitImages(model, fewer + ["--key", "7"])
        let first = try place.bytes("\(model).gibbs")
        _ = try place.fitImages(model, fewer + ["--key", "7"])
        #expect(try place.bytes("\(model).gibbs") == first)
        _ = try place.fitImages(model, fewer + ["--key", "8"])
        #expect(try (place.bytes("\(model).gibbs") != first), "another key, the same bytes")
    }

    @Test func summaries() throws {
        let fit = try place.fitImages("gaussian", ["--classes", "0,2"])
        #expect(fit.output.contains("fitted to 160 images of 8 × 8") && fit.output.contains("class 2") && !fit.output.contains("class 1"), "\(fit)")
        let text = try place.expectWorks(["inspect", "gaussian.gibbs"]).output
        #expect(text.contains("images of 8 × 8") && text.contains("trained on 160 images, key 1") && text.contains("50.0 % of the images"), "\(text)")
        let object = try place.expectWorks(["inspect", "gaussian.gibbs", "--json"]).object
        #expect(object["model"] as? String == "gaussian" && object["height"] as? Int == 8 && object["images"] as? Int == 160)
        // Without labels there is one class.
        _ = try place.expectWorks(["fit", "images", "images-idx3-ubyte", "--out", "one.gibbs"])
        #expect(try Set(partitions("one.gibbs").keys) == ["all"])
    }
}

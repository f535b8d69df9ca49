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

    /// One line too many is a header only where it is no label of others, so that no label slips by a place; what else does not fit says what a header would leave.
    @Test func headersOfLabels() throws {
        let names = labels.map(String.init), few = Array(names.dropLast(40))
        let files: [(String, [String], String)] = [("more.csv", names + [names[0]], "241 labels for 240 images"), ("few.txt", few, "200 labels for 240 images"),
                                                   ("few.csv", ["digit"] + few, "201 labels for 240 images, or 200 below the header 'digit'")]
        for (name, lines, words) in files {
            try place.file(name, lines.joined(separator: "\n") + "\n")
            let refused = try place.gibbs(["fit", "images", "images-idx3-ubyte", "--labels", name, "--out", "x.gibbs"])
            #expect(refused.status == 65 && refused.errors.contains(words) && !FileManager.default.fileExists(atPath: place.place("x.gibbs")), "\(refused)")
        }
    }

    /// An array of images × height × width says their size; what white is, a person says where no pixel does, and the model then keeps.
    @Test func axesAndWhite() throws {
        func cube(_ name: String, _ rows: [[Double]], _ shape: String) throws {
            let head = "(\(rows.count), \(rows[0].count)), }", text = "(\(rows.count), \(shape)), }"
            var bytes = Containers.npy(rows)
            let start = bytes.firstRange(of: Array(head.utf8))!.lowerBound
            bytes.replaceSubrange(start ..< start + text.utf8.count, with: text.utf8)
            try place.file(name, bytes)
        }
        let rows = pixels.map { $0.map(Double.init) }, dim = rows.map { $0.map { ($0 / 16).rounded() } }
        try place.file("flat.npy", Containers.npy(rows))
        try cube("cube.npy", rows, "8, 8")
        try cube("channel.npy", rows, "1, 8, 8")
        try cube("wide.npy", rows, "4, 16")
        try cube("colour.npy", rows, "4, 4, 4")
        try place.file("dim.npy", Containers.npy(dim))
        try place.file("dim-first.npy", Containers.npy(Array(dim.prefix(1)) + [Array(repeating: 0, count: 64)]))
        try place.file("over.npy", Containers.npy([Array(repeating: 17, count: 64)]))
        try place.file("nearly.npy", Containers.npy([Array(repeating: 0.5, count: 63) + [1.001], Array(repeating: 0.5, count: 64)]))
        func scores(_ arguments: [String]) throws -> [Double] { try place.expectWorks(["score"] + arguments).energies }
        for name in ["flat", "cube", "channel", "wide"] { _ = try place.expectWorks(["fit", "images", "\(name).npy", "--out", "\(name).gibbs"]) }
        let flat = try scores(["flat.gibbs", "flat.npy"])
        #expect(try scores(["cube.gibbs", "cube.npy"]) == flat && scores(["channel.gibbs", "flat.npy"]) == flat)
        #expect(try place.expectWorks(["inspect", "wide.gibbs"]).output.contains("4 × 16"))
        #expect(try place.gibbs(["fit", "images", "colour.npy", "--out", "x.gibbs"]).errors.contains("several channels"))
        // 1.001 is white that was resampled, not the second step of 255.
        try place.file("half.npy", Containers.npy([Array(repeating: 0.5, count: 64)]))
        #expect(try scores(["flat.gibbs", "nearly.npy"])[1] == scores(["flat.gibbs", "half.npy"])[0])
        let unsaid = try place.gibbs(["fit", "images", "dim.npy", "--out", "x.gibbs"])
        #expect(unsaid.status != 0 && unsaid.errors.contains("the brightest pixel is 16") && unsaid.errors.contains("--white 16"), "\(unsaid)")
        _ = try place.expectWorks(["fit", "images", "dim.npy", "--white", "16", "--out", "dim.gibbs"])
        let all = try scores(["dim.gibbs", "dim.npy"])
        #expect(try scores(["dim.gibbs", "dim-first.npy"])[0] == all[0], "the same image, beside others")
        #expect(try place.gibbs(["score", "dim.gibbs", "over.npy"]).errors.contains("numbers from 0 to 16"))
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

import ArgumentParser
import Foundation
import Gibbs

struct RecallCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recall", abstract: "Restore half-erased or noisy images from a memory.",
        discussion: "The picture has three rows: the images, the cues made of them, and what the memory made of the cues.")

    @Argument(help: "Model file, fitted with --model memory.")
    var model: String

    @Argument(help: "IDX file of images, or any table with an image a row.")
    var cues: String

    @Option(help: "Picture to write, .png; or .npy for the restored images.")
    var out: String

    @Option(help: "Half of every image to erase first: none, top, bottom, left or right.")
    var erase: ImageErasure = .none

    @Option(help: "Noise to add first: deviation of a normal number a pixel.")
    var noise: Float = 0

    @Option(help: "Pixels to turn first, as a share: bright becomes dark and dark bright.")
    var flips: Rate?

    @Option(help: "Images to restore, from the first on.")
    var count = 12

    @Option(help: "Updates of the memory.")
    var steps = 3

    @Option(help: "Pixels of the picture a pixel of an image.")
    var scale = 2

    @Option(help: "Number from which all randomness is derived.")
    var key: UInt64 = 1

    @Flag(help: "Print the report as JSON lines.")
    var json = false

    @OptionGroup var input: InputOptions

    func run() throws {
        try DistinctFiles.check(out, apartFrom: model, cues)
        let target = try PictureTarget(out, scale: scale), images = try ImageArgument.read(model)
        guard count > 0, noise >= 0, noise.isFinite else { throw GibbsError(.usage, "\(count) images with noise of \(noise)", advice: "give at least one image, and no negative noise") }
        let sheet = try CueSheet(cues, count: count, for: images, target: target, input: input), originals = sheet.originals
        var spoilt = originals
        if noise > 0 { spoilt.add(Matrix(rows: spoilt.rows, columns: spoilt.columns, values: Key(key).normals(spoilt.values.count)), times: noise) }
        if let flips, !(0 ... 1).contains(flips.share) { throw GibbsError(.usage, "a share of \(flips.share) of the pixels turned", advice: "give one from 0 to 1") }
        if let flips { spoilt = spoilt.flipping(flips.share, key: Key(key).folding(1)) }
        spoilt = erase.applied(to: spoilt, shape: images.shape)
        let found = try images.recall(spoilt, steps: steps)
        try sheet.write(spoilt: spoilt, restored: found.restored)
        for row in 0 ..< originals.rows {
            let (before, after) = found.energies[row]
            if json {
                print(found.json(row).text)
            } else {
                print("image \(row)".padded(9) + " " + String(format: "class %@ memory %d, weight %.3f, energy %.1f → %.1f nats", found.classes[row].padded(4) as NSString, found.memories[row], found.weights[row], before, after))
            }
        }
        if !json { print("wrote \(out)") }
    }
}

extension ImageErasure: ExpressibleByArgument {}

extension Matrix {
    /// Each value x as 1 − x with that probability; consumes `key`.
    fileprivate func flipping(_ share: Double, key: Key) -> Matrix {
        Matrix(rows: rows, columns: columns, values: zip(values, key.uniforms(values.count)).map { Double($1) < share ? 1 - $0 : $0 })
    }
}

import ArgumentParser
import Foundation
import Gibbs

struct RecallCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recall", abstract: "Restore half-erased or noisy images from a memory.",
        discussion: """
            The picture has three rows: the images, the cues made of them, and what the memory made of the cues.

            A memory restores what it keeps, and of anything else the nearest image that it keeps. A line an image says which that is, by its number, from 0, in the file that the model was fitted to, \
            and how far it is from what was given: the root of the mean squared difference in brightness, 0 to 1, of the pixels that were not erased, before noise. Beyond a third of 1/√2β, the usual \
            distance from one image kept to the next, it counts as another image.
            """)

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
        let found = try images.recall(spoilt, steps: steps), distances = found.distances(from: erase.applied(to: originals, shape: images.shape))
        try sheet.write(spoilt: spoilt, restored: found.restored)
        for row in 0 ..< originals.rows {
            print(json ? found.json(row, distance: distances[row]).text : Self.line(row, found, distances[row]))
        }
        if json { return }
        let others = distances.count(where: found.isAnother)
        if others > 0 {
            print(String(format: "%d of %d are not among the memories: what came back is another image, more than %.3f a pixel from what was given", others, distances.count, ImageRecall.nearness * found.width))
        }
        print("wrote \(out)")
    }

    private static func line(_ row: Int, _ found: ImageRecall, _ distance: Double) -> String {
        let memory = found.sources.map { "image \($0[row]) of the fit" } ?? "memory \(found.memories[row])", (before, after) = found.energies[row]
        return "image \(row)".padded(9) + " class " + found.classes[row].padded(4) + " " + memory
            + String(format: ", weight %.3f, %.3f a pixel off, energy %.1f → %.1f nats", found.weights[row], distance, before, after) + (found.isAnother(at: distance) ? ": another image" : "")
    }
}

extension ImageErasure: ExpressibleByArgument {}

extension Matrix {
    /// Each value x as 1 − x with that probability; consumes `key`.
    fileprivate func flipping(_ share: Double, key: Key) -> Matrix {
        Matrix(rows: rows, columns: columns, values: zip(values, key.uniforms(values.count)).map { Double($1) < share ? 1 - $0 : $0 })
    }
}

import ArgumentParser
import Foundation
import Gibbs

struct Complete: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Fill erased parts of images by what a network expects there.",
        discussion: "Langevin chains in which the known pixels stay; of a diffusion the way from noise, in which they are given back at every time. The picture has three rows: the images, the cues made of them, and what was drawn.")

    @Argument(help: "Model file, fitted with --model deep or diffusion.")
    var model: String

    @Argument(help: "IDX file of images, or any table with an image a row.")
    var cues: String

    @Option(help: "Picture to write, .png; or .npy for the completed images.")
    var out: String

    @Option(help: "Half of every image to erase: top, bottom, left or right.")
    var erase: ImageErasure = .bottom

    @Option(help: "Class that the images are of; any unless told.")
    var given: String?

    @Option(help: "Images to complete, from the first on.")
    var count = 12

    @Option(help: "Langevin steps, 500 unless told; of a diffusion's path, 100 unless told.")
    var steps: Int?

    @Option(help: "T, a multiple of that of the training.")
    var temperature: Float = 1

    @Option(help: "Pixels of the picture a pixel of an image.")
    var scale = 2

    @Option(help: "Number from which all randomness is derived.")
    var key: UInt64 = 1

    @Flag(help: "Print the report as JSON lines.")
    var json = false

    @OptionGroup var device: DeviceOption
    @OptionGroup var input: InputOptions

    func run() throws {
        try DistinctFiles.check(out, apartFrom: model, cues)
        let target = try PictureTarget(out, scale: scale), images = try device.placing(ImageArgument.read(model))
        guard count > 0 else { throw GibbsError(.usage, "\(count) images", advice: "give at least one") }
        let sheet = try CueSheet(cues, count: count, for: images, target: target, input: input), originals = sheet.originals, spoilt = erase.applied(to: originals, shape: images.shape)
        let found = try images.complete(spoilt, as: given, steps: steps, temperature: temperature, key: Key(key)), own = try images.surprises(of: originals)
        try sheet.write(spoilt: spoilt, restored: found.images)
        for row in 0 ..< originals.rows {
            let (before, after) = found.energies[row]
            if json {
                print(JSONValue.object([("image", .int(row)), ("energyOfNoise", .number(Double(before))), ("energy", .number(Double(after))), ("energyOfOriginal", .number(Double(own[row])))]).text)
            } else {
                print("image \(row)".padded(9) + " " + String(format: "energy %.3f with noise, %.3f completed, %.3f as it was, nats", before, after, own[row]))
            }
        }
        for row in found.diverged.prefix(1) { Console.note("gibbs: the chain of image \(row) diverged, one of \(found.diverged.count)") }
        if !json { print("wrote \(out)") }
    }
}

import ArgumentParser
import Foundation
import Gibbs

struct Blend: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Walk from one class of images to another along E = (1 − α) E_from + α E_to.",
        discussion: """
            Gaussians blend in closed form, machines by Gibbs with gradients, diffusions at every time from noise to images, where steps of a \
            chain on the blend of both landscapes are accepted by its energy. A report a frame says how the image looks to both ends, \
            which class it belongs to, and how sharp it is beside a plain cross-fade.

            E under from and under to are in nats, −ln of a class's share times its probability of the image, above the lowest that either has on the way; of Gaussians above each one's own minimum. \
            p(to), the probability of the class it leads to where it must be one of the two, is 1 / (1 + exp(E under to − E under from)).
            """)

    @Argument(help: "Model file.")
    var model: String

    @Option(help: "Class where the way begins.")
    var from: String?

    @Option(help: "Class where it ends.")
    var to: String?

    @Option(help: ArgumentHelp("Classes to walk through, in place of --from and --to.", valueName: "class,class,…"))
    var path: String?

    @Option(help: "Frames from class to class, both included.")
    var steps = 11

    @Option(help: "Strip of frames to write, .png; or .npy for the raw array.")
    var out: String

    @Option(help: "Animated PNG to write as well; there and back.")
    var animation: String?

    @Option(help: "T of the draws; Gaussians walk along the lowest points, T = 0, unless told, machines along draws at 1.")
    var temperature: Float?

    @Option(help: "Sweeps of block Gibbs before the first frame, for machines, 50 unless told; for networks ten times as many Langevin steps.")
    var sweeps: Int?

    @Option(help: "Pixels proposed to be turned over for each frame, for machines; 1000 unless told.")
    var flips: Int?

    @OptionGroup var corrections: CorrectionOptions

    @Option(help: "Pixels of the picture a pixel of an image.")
    var scale = 2

    @Option(help: "Number from which all randomness is derived.")
    var key: UInt64 = 1

    @OptionGroup var device: DeviceOption

    @Flag(help: "Print the report as JSON lines.")
    var json = false

    func run() throws {
        Interruption.watch()
        let names = try classes(), target = try PictureTarget(out, scale: scale)
        if let animation { try Self.check(animation) }
        try DistinctFiles.check(out, apartFrom: model, animation)
        let images = try device.placing(ImageArgument.read(model))
        try check(names, of: images.shape, target)
        try refuseForeign(images)
        let begin = Date()
        let blend = try images.blend(through: names, steps: steps, temperature: temperature, sweeps: sweeps ?? 50, flips: flips ?? 1_000, corrections: corrections.told(), key: Key(key)) {
            Console.bar(share: $0, since: begin, "blended")
            try Interruption.check()
        }
        Console.clearProgress()
        try target.write(blend.images, raw: blend.images, shape: images.shape, columns: blend.frames.count)
        if let animation {
            let frames = try (0 ..< blend.frames.count).map { try Picture(blend.images.row($0), height: images.shape.height, width: images.shape.width).scaled(by: 4 * scale) }
            try Animation.write(frames: frames + frames.dropFirst().dropLast().reversed(), delay: 0.12, to: animation)
        }
        if json { return blend.frames.forEach { print($0.json.text) } }
        print("   α     E under from      E under to   p(to)   likeliest   sharpness  of a cross-fade" + (blend.frames.contains { $0.acceptance != nil } ? "  acceptance" : ""))
        for frame in blend.frames { print(Self.line(frame)) }
        for index in blend.jumps { print(Self.jump(from: blend.frames[index - 1], to: blend.frames[index])) }
        print("wrote \(out)" + (animation.map { " and \($0)" } ?? ""))
    }

    /// Settings of chains that the model has not.
    private func refuseForeign(_ model: ImageModel) throws {
        let kind = model.classes[0].energy
        let isMachine = if case .machine = kind { true } else { false }
        if flips != nil, !isMachine { throw GibbsError(.usage, "--flips with a model of \(kind.kind) energies", advice: "leave it out: it is for machines") }
        if sweeps != nil, case .gaussian = kind { throw GibbsError(.usage, "--sweeps with a model of gaussian energies", advice: "leave it out: their ways are in closed form") }
        if sweeps != nil, kind.isDiffusion { throw GibbsError(.usage, "--sweeps with a model of diffusion energies", advice: "leave it out: every frame begins in noise; --corrections are its steps") }
    }

    /// Refuses pictures that are too large before the walk begins; what is wrong with the number of steps itself, the walk tells.
    private func check(_ names: [String], of shape: ImageShape, _ target: PictureTarget) throws {
        guard names.count > 1, (2 ... ImageBlend.frameLimit).contains(steps), names.count - 1 <= ImageBlend.frameLimit / (steps - 1) else { return }
        let frames = (names.count - 1) * (steps - 1) + 1
        try target.check(images: frames, shape: shape, columns: frames)
        if animation != nil, 2 * frames > Picture.largestPixelCount / (16 * scale * scale * shape.pixels) {
            throw GibbsError(.limitExceeded, "an animation of more than \(Picture.largestPixelCount) pixels, all frames together", advice: "lower --scale, or take fewer steps")
        }
    }

    private static func check(_ animation: String) throws {
        guard animation.hasSuffix(".png") || animation.hasSuffix(".apng") else {
            throw GibbsError(.usage, "an animation goes to a .png, not to '\(animation)'", advice: "end the name with .png; browsers play animated PNG")
        }
        try OutputFile(path: animation).discard()
    }

    private func classes() throws -> [String] {
        if let path {
            guard from == nil, to == nil else { throw GibbsError(.usage, "--path and --from or --to are both given", advice: "give the whole way with --path") }
            return [path].compactMap(\.self).flatMap { Optional($0).list }
        }
        guard let from, let to else { throw GibbsError(.usage, "a way needs two ends", advice: "give --from and --to, or --path") }
        return [from, to]
    }

    private static func jump(from last: ImageBlend.Frame, to frame: ImageBlend.Frame) -> String {
        // A leg begins where the last one ended, at its α = 1.
        "the way from \(frame.from) to \(frame.to) jumps between α = " + String(format: "%g and %g", last.alpha < frame.alpha ? last.alpha : 0, frame.alpha)
            + ": it changes sides in one step, by more than half of the distance between its ends"
    }

    private static func line(_ frame: ImageBlend.Frame) -> String {
        String(format: "%5.2f  %10.1f (%@)  %10.1f (%@)   %5.3f   %@ %.3f", frame.alpha, frame.energyFrom, frame.from as NSString, frame.energyTo, frame.to as NSString,
               frame.probabilityTo, frame.likeliest.padded(5) as NSString, frame.probability)
            + String(format: "   %8.4f   %8.4f", frame.sharpness, frame.crossFadeSharpness) + (frame.acceptance.map { String(format: "          %.2f", $0) } ?? "")
    }
}

import ArgumentParser
import Foundation
import Gibbs

struct Sample: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Draw images from a model.", discussion: "An independent chain an image; acceptance, effective sample size and R̂ of the energy are printed.")

    @Argument(help: "Model file.")
    var model: String

    @Option(help: "Images of each class.")
    var count = 10

    @Option(help: "Picture to write, .png; or .npy for the raw array.")
    var out: String

    @Option(name: [.long, .customLong("given")], help: ArgumentHelp("Classes to draw from; all unless told.", valueName: "class,…"))
    var classes: String?

    @Option(name: [.long, .customLong("sampler")], help: "exact, gibbs, tempering, gradients, hmc, mala or langevin; of diffusions ancestral, ddim or flow. The one that suits the model unless told.")
    var kernel: ImageSampler.Kernel?

    @Option(help: "Steps of each chain, 500 unless told; of a diffusion's path, 50 unless told. Exact draws take none.")
    var steps: Int?

    @OptionGroup var corrections: CorrectionOptions

    @Option(help: "How much a diffusion sharpens what is particular to a class.")
    var guidance = 0.0

    @Option(help: "T: below 1 more typical, above 1 more varied. A diffusion's path has only the width of T; its shape needs --corrections too.")
    var temperature: Float = 1

    @Option(help: "Pixels of the picture a pixel of an image.")
    var scale = 2

    @Option(help: "Number from which all randomness is derived.")
    var key: UInt64 = 1

    @Option(help: "Array to write as well, .npy: the energies of the chains of one class, a draw a row and a chain a column, for gibbs plot chains.")
    var trace: String?

    @OptionGroup var device: DeviceOption

    @Flag(help: "Print the report as JSON.")
    var json = false

    func run() throws {
        Interruption.watch()
        let target = try PictureTarget(out, scale: scale)
        if let trace { try Self.check(trace) }
        try DistinctFiles.check(out, apartFrom: model, trace)
        let images = try device.placing(ImageArgument.read(model))
        if trace != nil, images.classes[0].energy.isDiffusion {
            throw GibbsError(.usage, "a diffusion leaves no trace: its draws are independent paths from noise", advice: "leave out --trace; --corrections prints how often its steps are accepted")
        }
        if (1 ... Picture.largestPixelCount).contains(count) {
            try target.check(images: count * (classes.list.isEmpty ? images.classes.count : classes.list.count), shape: images.shape, columns: count)
        }
        let begin = Date()
        let sampler = ImageSampler(kernel: kernel, steps: steps, temperature: temperature, corrections: try corrections.told() ?? Corrections(steps: 0), guidance: guidance)
        let draws = try images.draw(count, of: classes.list.isEmpty ? nil : classes.list, by: sampler, key: Key(key)) {
            Console.bar(share: $0, since: begin, "sampled")
            try Interruption.check()
        }
        Console.clearProgress()
        if let trace { try write(draws, to: trace) }
        try target.write(draws.shown, raw: draws.images, shape: images.shape, columns: count)
        let runs = draws.runs.map { (name: $0.name, samples: $0.samples, energy: $0.samples.energyDiagnostics()) }
        if json {
            return print(JSONValue.object([("file", .string(out)), ("kernel", .string(draws.kernel.rawValue)), ("images", .int(draws.images.rows)), ("runs", draws.runsJSON), ("paths", draws.pathsJSON)]).text)
        }
        print("\(draws.images.rows) images by \(draws.kernel.rawValue) at temperature \(temperature)" + (guidance == 0 ? "" : String(format: ", guidance %g", guidance)) + Self.corrected(draws, sampler) + (runs.isEmpty ? ": independent draws" : ""))
        if !draws.paths.isEmpty, temperature != 1, sampler.corrections.steps == 0 {
            print("  paths alone follow the landscapes of T = 1 from noise of another width: --corrections 2 makes each time's be that of exp(−E/T)")
        }
        for path in draws.paths { print("  " + "class \(path.name)".padded(13) + " " + Self.text(path)) }
        for run in runs {
            print("  " + "class \(run.name)".padded(13) + " " + Self.text(run.samples, run.energy))
            for divergence in run.samples.divergences.prefix(1) { Console.note("gibbs: \(divergence)") }
        }
        print("wrote \(out)")
    }

    private static func check(_ trace: String) throws {
        guard trace.hasSuffix(".npy") else { throw GibbsError(.usage, "a trace goes to a .npy, not to '\(trace)'", advice: "end the name with .npy") }
        try OutputFile(path: trace).discard()
    }

    private func write(_ draws: ImageDraws, to trace: String) throws {
        guard draws.runs.count == 1, let run = draws.runs.first?.samples else {
            throw GibbsError(.usage, draws.runs.isEmpty ? "independent draws leave no trace" : "a trace of \(draws.runs.count) classes", advice: draws.runs.isEmpty
                ? "choose a kernel that walks, such as --kernel hmc" : "name one class with --classes")
        }
        try NPY.write(Matrix(rows: run.draws, columns: run.chains, values: run.energies), to: trace)
    }

    /// What moved a diffusion's draws at every time.
    private static func corrected(_ draws: ImageDraws, _ sampler: ImageSampler) -> String {
        guard let times = draws.paths.first?.draws.corrections.count, times > 0 else { return "" }
        return ", corrected by \(sampler.corrections.steps) step\(sampler.corrections.steps == 1 ? "" : "s") of \(sampler.corrections.kind.rawValue) at each of \(times) times"
    }

    /// Acceptance from noise to data.
    private static func text(_ path: ImageDraws.Path) -> String {
        let reports = path.draws.corrections, diverged = reports.reduce(0) { $0 + $1.diverged }, third = reports.count / 3, time = String(format: "%.1f s", path.draws.seconds)
        guard let acceptance = path.draws.acceptance else { return (reports.isEmpty ? "" : "nothing rejected, ") + time }
        guard third > 0 else { return String(format: "acceptance %.2f, ", acceptance) + time }
        let parts = [0, third, 2 * third].map { Statistics.mean(reports[$0 ..< $0 + third].map { Float($0.acceptance ?? 0) }) }
        return String(format: "acceptance %.2f (in noise %.2f, between %.2f, near images %.2f), ", acceptance, parts[0], parts[1], parts[2]) + time + (diverged > 0 ? ", \(diverged) divergences" : "")
    }

    private static func text(_ samples: Samples, _ energy: ChainDiagnostics) -> String {
        var parts = [String]()
        if let acceptance = samples.acceptance { parts.append(String(format: "acceptance %.2f", acceptance)) }
        if !samples.swapRates.isEmpty { parts.append("swaps " + samples.swapRates.map { String(format: "%.2f", $0) }.joined(separator: " ")) }
        parts.append(String(format: "energy: ESS %.0f of %d, R̂ %.3f", energy.effectiveSampleSize, samples.energies.count, energy.splitRHat))
        parts.append(String(format: "%.1f s", samples.seconds))
        if samples.divergenceCount > 0 { parts.append("\(samples.divergenceCount) divergences") }
        return parts.joined(separator: ", ")
    }
}

extension ImageSampler.Kernel: ExpressibleByArgument {}

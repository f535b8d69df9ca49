import ArgumentParser
import Foundation
import Gibbs

struct PlotChains: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chains", abstract: "Traces, ranks, autocorrelation and R̂ of chains.",
        discussion: """
            Of a fresh run on one class of an image model; or of any chains kept as a NumPy array with a draw a row and a chain a column, \
            such as gibbs sample --trace writes.
            """)

    @Argument(help: "Model file, of images; or a .npy of draws × chains.")
    var source: String

    @Option(help: "Plot to write, .svg; SOURCE-chains.svg unless told.")
    var out: String?

    @Option(name: [.customLong("class"), .customLong("given")], help: "Class to draw from; needed where the model has several.")
    var name: String?

    @Option(help: "gibbs, tempering, gradients, hmc, mala or langevin; the one that suits the model unless told.")
    var kernel: ImageSampler.Kernel?

    @Option(help: "Chains.")
    var chains = 8

    @Option(help: "Steps of each chain.")
    var steps = 1000

    @Option(help: "Draws kept of each chain, at most.")
    var draws = 500

    @Option(help: "T: below 1 more typical, above 1 more varied.")
    var temperature: Float = 1

    @Option(help: "What the numbers of an array are, with the unit.")
    var quantity = "energy (nats)"

    @Option(help: "Number from which all randomness is derived.")
    var key: UInt64 = 1

    @Flag(help: "Print the figures as JSON.")
    var json = false

    func run() throws {
        Interruption.watch()
        let target = try PlotTarget(out, source: source, what: "chains", ending: "svg"), (series, title) = try series()
        do { try PlotPanels.chains(series, of: quantity, title: title).write(to: target.path) } catch let error as GibbsError {
            throw error.located(at: .init(file: source))
        }
        let found = ChainDiagnostics(series)
        if json {
            return print(JSONValue.object([("file", .string(target.path)), ("chains", .int(series.count)), ("draws", .int(found.draws)), ("effectiveSampleSize", .number(found.effectiveSampleSize)),
                                           ("rHat", .number(found.splitRHat))]).text)
        }
        print(String(format: "%@: %d chains, ESS %.0f of %d draws, R̂ %.3f", title as NSString, series.count, found.effectiveSampleSize, found.draws, found.splitRHat)
            + (found.splitRHat > 1.01 ? "; above 1.01 the chains have not run long enough" : ""))
        print("wrote \(target.path)")
    }

    private func series() throws -> ([[Float]], String) {
        if source.hasSuffix(".npy") {
            let values = try NPY.matrix(source)
            return ((0 ..< values.columns).map { values.column($0) }, URL(fileURLWithPath: source).lastPathComponent)
        }
        let images = try ImageArgument.read(source)
        guard let part = name ?? (images.classes.count == 1 ? images.classes[0].name : nil) else {
            throw GibbsError(.usage, "the model has \(images.classes.count) classes, and chains draw from one", advice: "name it with --class: \(images.classes.map(\.name).prefix(20).joined(separator: ", "))")
        }
        var kernel = kernel
        // Gaussians are drawn from exactly unless told, which leaves no chain to look at.
        if kernel == nil, case .gaussian = images.classes[0].energy { kernel = .hmc }
        let chosen = kernel ?? images.classes[0].energy.bestKernel
        // A kernel that does not serve the model at all is refused by the draw, which names those that do.
        if chosen.isIndependent, images.classes[0].energy.isServed(by: chosen) {
            throw GibbsError(.usage, "the draws of the kernel '\(chosen.rawValue)' are independent: there are no chains to look at",
                             advice: images.classes[0].energy.isDiffusion ? "gibbs sample --corrections tells how often its steps are accepted" : "choose --kernel hmc, mala or langevin, where the model has it")
        }
        let begin = Date()
        let found = try images.draw(chains, of: [part], by: ImageSampler(kernel: kernel, steps: steps, temperature: temperature, draws: draws), key: Key(key)) {
            Console.bar(share: $0, since: begin, "sampled")
            try Interruption.check()
        }
        Console.clearProgress()
        guard let run = found.runs.first?.samples else { preconditionFailure("no chains of the kernel '\(found.kernel.rawValue)'") }
        for divergence in run.divergences.prefix(1) { Console.note("gibbs: \(divergence)") }
        return (run.energySeries, "class \(part) by \(found.kernel.rawValue)")
    }
}

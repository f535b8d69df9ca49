import Foundation
import Gibbs

/// Chorales, frame by frame: which of 88 keys sound, given the frames before; test log-likelihood a frame, ln Z of every frame's own machine
/// by annealing both ways, beside the machine of single frames and independent keys.
enum Music {
    struct Plan {
        var options = Plan.chosen
        /// Chosen on the validation part alone.
        static var chosen: FrameOptions {
            var options = FrameOptions()
            (options.history, options.steps, options.rate, options.weightDecay) = (2, 20, 3e-3, 1e-2)
            return options
        }
        /// Annealing of all frames, and of a subset at several lengths.
        var chains = 50, steps = 500, subset = 100
        var lengths = [500, 1_500, 5_000]
        /// `valid` while settings are chosen, `test` at last.
        var part = "test"
    }

    static func run(folder: String, plan: Plan) throws {
        let path = folder + "/poly-music", file = path + "/" + (try FileManager.default.contentsOfDirectory(atPath: path).first { $0.lowercased().contains("jsb") }!)
        let train = try FrameSequences(pianoRoll: file, part: "train"), valid = try FrameSequences(pianoRoll: file, part: "valid"), judged = try FrameSequences(pianoRoll: file, part: plan.part)
        let begin = Date(), model = try FrameModel.fitted(to: train, validation: valid, options: plan.options)
        report("music-jsb", "energy", model.training.validationEnergy, ["part": "valid", "epoch": model.training.epoch, "history": model.history, "hidden": model.conditional.machine.hiddenCount,
                                                                       "steps": plan.options.steps, "seconds": Date().timeIntervalSince(begin)])
        try show(model, judged, plan.part, MachineAnnealing(chains: plan.chains, steps: plan.steps, sweeps: 100), limit: nil)
        for steps in plan.lengths { try show(model, judged, plan.part, MachineAnnealing(chains: 100, steps: steps, sweeps: 300), limit: plan.subset) }
        try small(train, valid, judged, plan)
    }

    /// Twelve hidden units, whose ln Z is a sum: what annealing says of the same frames.
    private static func small(_ train: FrameSequences, _ valid: FrameSequences, _ judged: FrameSequences, _ plan: Plan) throws {
        var options = plan.options
        options.hidden = FrameModel.exactHidden
        options.epochs = min(options.epochs, 50)
        let model = try FrameModel.fitted(to: train, validation: valid, options: options), frames = Key(9).choose(50, of: judged.frames.rows).sorted()
        let likelihood = try model.likelihood(of: judged, limit: 500, key: Key(7))
        report("music-jsb", "exact", likelihood.conditional.best, ["hidden": options.hidden, "part": plan.part, "frames": 500])
        let contexts = try model.contexts(of: judged, rows: frames), exact = try model.conditional.exactLogPartitions(given: contexts)
        let annealed = try model.conditional.logPartitions(given: contexts, by: MachineAnnealing(chains: 100, steps: 500, sweeps: 100), key: Key(8))
        let below = zip(annealed, exact).map { $0.lower.logPartition - $1 }, above = zip(annealed, exact).map { $0.upper.logPartition - $1 }
        report("music-jsb", "annealedMinusExact", Statistics.mean(below), ["hidden": options.hidden, "frames": frames.count, "steps": 500, "largest": below.map(abs).max()!,
                                                                          "upperMinusExact": Statistics.mean(above)])
    }

    private static func show(_ model: FrameModel, _ judged: FrameSequences, _ part: String, _ method: MachineAnnealing, limit: Int?) throws {
        let found = try model.likelihood(of: judged, by: method, limit: limit, key: Key(7)), c = found.conditional
        report("music-jsb", limit == nil ? "logLikelihood" : "subset", c.best, [
            "part": part, "frames": c.count, "standardError": c.standardError, "annealingError": found.annealingError, "atLeast": c.atLeast, "chains": method.chains, "steps": method.steps,
            "effectiveChains": found.effectiveChains, "effectiveReverseChains": found.effectiveReverseChains, "plain": found.plain.best, "plainAtLeast": found.plain.atLeast,
            "independent": found.independent.best, "energy": found.energy, "seconds": found.seconds])
    }
}

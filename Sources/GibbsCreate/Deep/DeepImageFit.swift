import Foundation
import GibbsCore
import GibbsDeep
import GibbsNumerics

/// What a deep fit learns from: images in order, and the class of each.
struct DeepImageData {
    let images: Matrix, shape: ImageShape, digest: String?
    /// Names, shares and means of the classes.
    let names: [String], shares: [Double], means: [[Float]]
    /// The class of each image.
    let classes: [Int]
}

/// The fit of one network to all classes: an energy without labels, a classifier that is an energy with them.
///
/// Energies that run away are no error: training comes back by itself, and ends with the last good network where that does not help.
struct DeepImageFit {
    let data: DeepImageData, deep: DeepImageOptions, seed: UInt64

    func model(progress: (String, Double) throws -> Void, watch: (DeepImageProgress) throws -> Void) throws -> ImageModel {
        try deep.check()
        let count = data.names.count, key = Key(seed), rows = data.images.rows
        guard count > 1 || deep.objective != .classifier else { throw GibbsError(.usage, "a classifier of one class", advice: "give labels of two classes at least") }
        guard count == 1 || (deep.objective != .score && deep.objective != .residual) else {
            throw GibbsError(.usage, "the objective '\(deep.objective.rawValue)' class by class", advice: "leave the labels out; contrastive and classifier take them")
        }
        if deep.objective == .residual { return try residualModel(progress: progress) }
        var network = try Network((deep.layers ?? DeepImageOptions.energyLayers(of: data.shape)) + [.linear(count)], input: [1, data.shape.height, data.shape.width], key: key.folding(0)), trainingKey = key.folding(1)
        if deep.device != .processor { network = try network.moved(to: deep.device) }
        switch deep.objective {
        case .contrastive where count > 1, .classifier:
            var joint = deep.joint
            joint.contrastive.descent = deep.descent(joint.contrastive.descent, steps: deep.jointSteps, passes: deep.passes, rows: rows)
            let start = try JointEnergy(network, scale: deep.jointScale)
            return try finish(start.training(on: data.images, labels: data.classes, by: joint, key: trainingKey), joint.contrastive.descent, progress, watch)
        case .score:
            var score = deep.score
            score.descent = deep.descent(score.descent, passes: deep.passes ?? 4, rows: rows)
            return try finish(DeepEnergy(network).training(on: data.images, by: score, key: trainingKey), score.descent, progress, watch)
        case .contrastive:
            var contrastive = deep.contrastive
            contrastive.descent = deep.descent(contrastive.descent, steps: deep.steps, passes: deep.passes, rows: rows)
            return try finish(DeepEnergy(network).training(on: data.images, by: contrastive, key: trainingKey), contrastive.descent, progress, watch)
        case .residual: preconditionFailure("autoencoders are fitted apart")
        }
    }

    private func finish<Model: NetworkEnergy>(_ run: TrainingRun<Model>, _ descent: NetworkDescent, _ progress: (String, Double) throws -> Void,
                                              _ watch: (DeepImageProgress) throws -> Void) throws -> ImageModel {
        let last = try run.finish { epoch in
            try progress(figure(epoch), Double(epoch.number) / Double(descent.epochs))
            try watch(DeepImageProgress(number: epoch.number, count: descent.epochs, figures: epoch.figures, model: model(epoch)))
            return true
        }
        return model(last)
    }

    private func model<Model: NetworkEnergy>(_ epoch: Epoch<Model>) -> ImageModel {
        let network = epoch.model.network, count = data.names.count, chains = deep.chains(classes: count), scale = count > 1 ? deep.jointScale : 1
        let classes = data.names.indices.map { index in
            // Shares are in the network already: ln Z of a class is that of all, which is not known, and the logarithm of its share.
            ImageModel.Class(name: data.names[index], energy: .deep(DeepImageEnergy(network, output: index, scale: scale, chains: chains)),
                             logPartition: .exact(log(data.shares[index])), share: data.shares[index], mean: data.means[index])
        }
        let what = switch deep.objective {
        case .contrastive: (count > 1 ? "a classifier that is an energy, " : "") + (deep.contrastive.improved == nil ? "" : "improved ") + "contrastive with \(chains.steps) Langevin steps at T = \(String(format: "%.3g", chains.temperature))"
        case .score: "denoising score matching at \(deep.score.levels.count) levels"
        case .classifier: "a plain classifier"
        case .residual: preconditionFailure("autoencoders are fitted apart")
        }
        return ImageModel(classes: classes, shape: data.shape, training: .init(
            digest: data.digest, images: data.images.rows, seed: seed, method: "network of \(network.parameterCount) weights, \(what), " + story(epoch), warning: Self.warning(epoch)))
    }

    /// The figure to watch.
    func figure<Model>(_ epoch: Epoch<Model>) -> String {
        let gap = epoch.figures["energyGap"].map { String(format: "energy gap %.3f nats", $0) }, entropy = epoch.figures["crossEntropy"].map { String(format: "cross-entropy %.3f nats", $0) }
        let accuracy = epoch.figures["accuracy"].map { String(format: "%.1f %% of the images in their class", 100 * $0) }, found = [gap, entropy, accuracy].compactMap { $0 }
        return found.isEmpty ? String(format: "loss %.4g", epoch.figures["loss"] ?? .nan) : found.joined(separator: ", ")
    }

    /// What should be known of a fit beside its settings.
    func story<Model>(_ epoch: Epoch<Model>) -> String {
        var text = "last " + figure(epoch)
        if let returns = epoch.figures["returns"], returns > 0 { text += ", went back \(Int(returns)) times with half the rate" }
        if let warning = Self.warning(epoch) { text += ", and gave up: \(warning)" }
        return text
    }

    private static func warning<Model>(_ epoch: Epoch<Model>) -> String? {
        if case .diverged(let reason) = epoch.ending { reason } else { nil }
    }
}

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

extension ImageModel {
    /// Fits one network to all classes: an energy without labels, a classifier that is an energy with them; consumes `options.seed`.
    ///
    /// Energies that run away are no error: training comes back by itself, and ends with the last good network where that does not help.
    static func fittedDeep(to data: DeepImageData, options: ImageOptions, progress: (String, Double) throws -> Void,
                           watch: (DeepImageProgress) throws -> Void) throws -> ImageModel {
        let deep = options.deep, count = data.names.count, method = deep.method(rows: data.images.rows), key = Key(options.seed)
        guard deep.passes > 0, deep.batchesAtOnce > 0 else { throw GibbsError(.usage, "\(deep.passes) passes, \(deep.batchesAtOnce) batches at once", advice: "give positive numbers") }
        let network = try Network(deep.layers + [.linear(count)], input: [1, data.shape.height, data.shape.width], key: key.folding(0))
        let trainingKey = key.folding(1)
        func finish<Model: NetworkEnergy>(_ run: TrainingRun<Model>) throws -> ImageModel {
            func model(_ epoch: Epoch<Model>) -> ImageModel { Self.deep(epoch.model.network, data, method, seed: options.seed, story: story(epoch)) }
            let total = method.descent.epochs
            let last = try run.finish { epoch in
                try progress("energy gap \(gap(epoch)), batch \(epoch.number * min(deep.batchesAtOnce, max(1, epoch.rows))) of \(total * deep.batchesAtOnce)", Double(epoch.number) / Double(total))
                try watch(DeepImageProgress(number: epoch.number, count: total, figures: epoch.figures, model: model(epoch)))
                return true
            }
            return model(last)
        }
        if count == 1 { return try finish(DeepEnergy(network).training(on: data.images, by: method, key: trainingKey)) }
        let joint = JointTraining(weight: deep.jointWeight, contrastive: method)
        return try finish(JointEnergy(network).training(on: data.images, labels: data.classes, by: joint, key: trainingKey))
    }

    private static func gap<Model>(_ epoch: Epoch<Model>) -> String { epoch.figures["energyGap"].map { String(format: "%.3f", $0) } ?? "–" }

    /// What should be known of a fit beside its settings.
    private static func story<Model>(_ epoch: Epoch<Model>) -> String {
        var text = "last energy gap \(gap(epoch)) nats"
        if let returns = epoch.figures["returns"], returns > 0 { text += ", went back \(Int(returns)) times with half the rate" }
        if case .diverged(let reason) = epoch.ending { text += ", and gave up: \(reason)" }
        return text
    }

    private static func deep(_ network: Network, _ data: DeepImageData, _ method: ContrastiveTraining, seed: UInt64, story: String) -> ImageModel {
        let classes = data.names.indices.map { index in
            // Shares are in the network already: ln Z of a class is that of all, which is not known, and the logarithm of its share.
            Class(name: data.names[index], energy: .deep(DeepImageEnergy(network, output: index, chains: method.chains)),
                  logPartition: .exact(log(data.shares[index])), share: data.shares[index], mean: data.means[index])
        }
        let text = "network of \(network.parameterCount) weights, " + (classes.count > 1 ? "a classifier that is an energy, " : "")
            + "contrastive with \(method.chains.steps) Langevin steps at T = \(method.chains.temperature), " + story
        return ImageModel(classes: classes, shape: data.shape, training: .init(digest: data.digest, images: data.images.rows, seed: seed, method: text))
    }
}

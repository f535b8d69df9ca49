import Foundation
import GibbsCore
import GibbsDeep
import GibbsNumerics

/// The fit of one diffusion to all classes.
struct DiffusionImageFit {
    let data: DeepImageData, options: ImageOptions

    func model(progress: (String, Double) throws -> Void, watch: (DeepImageProgress) throws -> Void) throws -> ImageModel {
        let settings = options.diffusion, key = Key(options.seed), count = data.names.count, images = DiffusionImageEnergy.encoded(data.images)
        try settings.check()
        var network = try TimeNetwork(Layer.smallUNet(fine: settings.fine, coarse: settings.coarse, coarsest: settings.coarsest), input: [1, data.shape.height, data.shape.width],
                                      classes: count > 1 ? count : 0, key: key.folding(0))
        if options.deep.device != .processor { network = try network.moved(to: options.deep.device) }
        let start = try DiffusionEnergy(network, scale: DiffusionScale(settings.schedule, data: images), form: settings.form)
        var training = settings.training
        training.descent = options.deep.descent(training.descent, steps: settings.steps, passes: settings.passes, rows: images.rows)
        let last = try start.training(on: images, labels: count > 1 ? data.classes : nil, by: training, key: key.folding(1)).finish { epoch in
            try progress(String(format: "loss %.4f", epoch.figures["loss"] ?? .nan), Double(epoch.number) / Double(training.descent.epochs))
            try watch(DeepImageProgress(number: epoch.number, count: training.descent.epochs, figures: epoch.figures, model: model(epoch)))
            return true
        }
        return model(last)
    }

    private func model(_ epoch: Epoch<DiffusionEnergy>) -> ImageModel {
        let count = data.names.count
        let classes = data.names.indices.map { index in
            // What a class's energy bounds is normalised.
            ImageModel.Class(name: data.names[index], energy: .diffusion(DiffusionImageEnergy(epoch.model, label: count > 1 ? index : nil)), logPartition: .atMost(0), share: data.shares[index],
                             mean: data.means[index])
        }
        var story = String(format: "last loss %.4f", epoch.figures["loss"] ?? .nan)
        if let returns = epoch.figures["returns"], returns > 0 { story += ", went back \(Int(returns)) times with half the rate" }
        if case .diverged(let reason) = epoch.ending { story += ", and gave up: \(reason)" }
        let method = "diffusion of \(epoch.model.network.parameterCount) weights, an energy at every time (\(options.diffusion.form.rawValue)), schedule \(options.diffusion.schedule.text), \(story)"
        return ImageModel(classes: classes, shape: data.shape, training: .init(digest: data.digest, images: data.images.rows, seed: options.seed, method: method))
    }
}

extension DiffusionSchedule {
    /// The schedule in a few words.
    var text: String {
        switch self {
        case .cosine: "cosine"
        case .linear(let from, let to): "linear from \(from) to \(to)"
        case .exploding(let from, let to): "exploding from \(from) to \(to)"
        }
    }
}

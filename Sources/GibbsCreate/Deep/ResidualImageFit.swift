import GibbsCore
import GibbsDeep
import GibbsNumerics

/// The fit of an autoencoder whose residual is the energy of all images.
extension DeepImageFit {
    /// Images kept from the training that say which contrast is usual: at most.
    static let mostHeldOut = 2_000

    func residualModel(progress: (String, Double) throws -> Void) throws -> ImageModel {
        let key = Key(seed), input = [1, data.shape.height, data.shape.width], rows = data.images.rows
        // Of a handful none can be spared.
        let order = key.folding(2).permutation(rows), held = rows < 20 ? 0 : max(2, min(Self.mostHeldOut, rows / 10))
        let training = data.images.selecting(rows: order.dropFirst(held).sorted()), apart = held == 0 ? data.images : data.images.selecting(rows: order.prefix(held).sorted())
        let layers = try Layer.autoencoder(of: input, latent: min(deep.latent, max(4, data.shape.pixels / 8)))
        var method = deep.denoising
        method.descent = deep.descent(method.descent, steps: deep.residualSteps, passes: deep.passes, rows: training.rows)
        var network = try Network(layers, input: input, key: key.folding(0))
        if deep.device != .processor { network = try network.moved(to: deep.device) }
        let start = try ResidualEnergy(network)
        let last = try start.training(on: training, by: method, key: key.folding(1)).finish { epoch in
            try progress(figure(epoch), Double(epoch.number) / Double(method.descent.epochs))
            return true
        }
        if case .diverged(let reason) = last.ending { throw GibbsError(.unsuitableData, "training ran away: \(reason)", advice: "look for damaged images, or use another model") }
        let energy = try last.model.calibrated(on: apart)
        let part = ImageModel.Class(name: data.names[0], energy: .residual(energy), logPartition: .exact(0), share: 1, mean: data.means[0])
        return ImageModel(classes: [part], shape: data.shape, training: .init(
            digest: data.digest, images: data.images.rows, seed: seed, method: "autoencoder of \(energy.network.parameterCount) weights, denoising at σ = \(method.noise), " + story(last)))
    }
}

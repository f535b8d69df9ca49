import GibbsCore
import GibbsDeep
import GibbsNumerics

/// The fit of an autoencoder whose residual is the energy of all images.
extension DeepImageFit {
    /// Images kept from the training that say which contrast is usual: at most.
    static let mostHeldOut = 2_000

    func residualModel(progress: (String, Double) throws -> Void, watch: (DeepImageProgress) throws -> Void) throws -> ImageModel {
        let key = Key(seed), input = [1, data.shape.height, data.shape.width], rows = data.images.rows
        // Of a handful none can be spared.
        let order = key.folding(2).permutation(rows), held = rows < 20 ? 0 : max(2, min(Self.mostHeldOut, rows / 10))
        let training = data.images.selecting(rows: order.dropFirst(held).sorted()), apart = held == 0 ? data.images : data.images.selecting(rows: order.prefix(held).sorted())
        let layers = try Layer.autoencoder(of: input, latent: min(deep.latent, max(4, data.shape.pixels / 8)))
        var method = deep.denoising
        method.descent = deep.descent(method.descent, steps: deep.residualSteps, passes: deep.passes, rows: training.rows)
        let start = try ResidualEnergy(Network(layers, input: input, key: key.folding(0)))
        let last = try start.training(on: training, by: method, key: key.folding(1)).finish { epoch in
            try progress(figure(epoch), Double(epoch.number) / Double(method.descent.epochs))
            try watch(DeepImageProgress(number: epoch.number, count: method.descent.epochs, figures: epoch.figures, model: model(epoch.model, epoch, method)))
            return true
        }
        return try model(last.model.calibrated(on: apart), last, method)
    }

    private func model(_ energy: ResidualEnergy, _ epoch: Epoch<ResidualEnergy>, _ method: DenoisingTraining) -> ImageModel {
        let part = ImageModel.Class(name: data.names[0], energy: .residual(energy), logPartition: .exact(0), share: 1, mean: data.means[0])
        return ImageModel(classes: [part], shape: data.shape, training: .init(
            digest: data.digest, images: data.images.rows, seed: seed, method: "autoencoder of \(energy.network.parameterCount) weights, denoising at σ = \(method.noise), " + story(epoch)))
    }
}

extension ResidualEnergy {
    /// Langevin within the brightness that there is, from a step that energies of hundreds of nats can bear; at T = 1 times `factor`.
    func kernel(temperature factor: Float) throws -> LangevinChains<ResidualEnergy> {
        var kernel = try LangevinChains(on: self, stepSize: 1e-4 * factor, temperature: factor)
        kernel.range = 0 ... 1
        return kernel
    }
}

import GibbsCore
import GibbsDeep
import GibbsNumerics

/// What images cost under a diffusion's probability flow: a likelihood that compares between diffusions whose noise at t = 0 is alike; see `bitsPerDimension`.
public struct FlowLikelihood: Sendable, Hashable {
    /// The mean over images of −log₂ p(x) / pixels, x of 256 levels.
    public let bitsPerPixel: Double
    /// Of that mean, over images.
    public let standardError: Double
    /// Images.
    public let count: Int

    /// Bits a pixel of each image.
    init(_ bits: [Double]) {
        (bitsPerPixel, count) = (Statistics.mean(bits), bits.count)
        standardError = count > 1 ? Statistics.standardDeviation(bits) / Double(count - 1).squareRoot() : .infinity
    }
}

extension ImageModel {
    /// Bits a pixel of images, whatever their class, under the probability flow of a diffusion; consumes `key`.
    ///
    /// Brightness is taken as one of 256 levels, and each pixel drawn evenly within its own, as the literature does: else a level of its own, such as black, would be worth
    /// any number of bits.
    ///
    /// - Parameters:
    ///   - images: Shape `[images, pixels]`, 0...1.
    ///   - steps: Of the flow; see `DiffusionField.logLikelihoods`.
    ///   - key: Feeds the draws within levels and the estimates of divergences.
    ///   - progress: Told the share done; may throw to stop.
    /// - Throws: `GibbsError` with code `.usage` for a model of other energies or fewer than two steps, `.unsuitableData` for no image.
    /// - Complexity: `2 · steps` scores an image, and a gradient of each; `energies(of:)` takes ten scores.
    /// - Source: Theis, van den Oord & Bethge, *A Note on the Evaluation of Generative Models*, ICLR 2016, for the draws within levels.
    public func flowLikelihood(of images: Matrix, steps: Int = 50, key: Key, progress: (Double) throws -> Void = { _ in }) throws -> FlowLikelihood {
        guard case .diffusion(let energy) = classes[0].energy else {
            throw GibbsError(.usage, "the probability flow of a model of \(classes[0].energy.kind) energies", advice: "fit with --model diffusion")
        }
        guard images.rows > 0 else { throw GibbsError(.unsuitableData, "there is no image to judge", advice: "give at least one") }
        let (levelKey, flowKey) = key.split(), within = levelKey.uniforms(images.values.count)
        let levels = Matrix(rows: images.rows, columns: images.columns, values: zip(images.values, within).map { 2 * ((255 * $0).rounded() + $1) / 256 - 1 })
        let found = try energy.diffusion.logLikelihoods(of: levels, steps: steps, key: flowKey, progress: progress)
        return FlowLikelihood(found.map { energy.diffusion.bitsPerDimension($0) })
    }
}

import GibbsCore
import GibbsDeep
import GibbsNumerics

extension ImageModel {
    /// How far the mean bound of a diffusion moves with the noise that it was drawn with: the deviation over other draws of it, nats; `nil` for other energies, which draw none.
    ///
    /// All images share their draws, so that no number of them tells this; what does is other noise. It is looked at in the first class.
    /// - Parameters:
    ///   - images: Shape `[images, pixels]`, 0...1; 32 of them are enough and all that is used.
    ///   - draws: How often the noise is drawn anew, at least 2.
    ///   - key: Feeds it.
    /// - Throws: As `energies(of:)`.
    /// - Complexity: `draws` times the energies of 32 images.
    public func boundNoise(of images: Matrix, draws: Int = 6, key: Key) throws -> Double? {
        guard case .diffusion(var energy) = classes[0].energy, images.rows > 0 else { return nil }
        let few = images.slice(0 ..< min(32, images.rows)), count = max(2, draws)
        let means = try (0 ..< count).map { draw in
            energy.noise = key.folding(draw)
            return try Statistics.mean(energy.energies(of: few))
        }
        return Statistics.standardDeviation(means) * (Double(count) / Double(count - 1)).squareRoot()
    }
}

import GibbsCore
import GibbsDeep
import GibbsNumerics

extension DiffusionImageEnergy {
    /// Images drawn from noise; consumes `key`.
    func draw(_ count: Int, by path: DiffusionSampler.Path, _ sampler: ImageSampler, key: Key, progress: (Double) throws -> Void) throws -> DiffusionDraws {
        let own = try landscape(guidance: sampler.guidance), temperature = Double(sampler.temperature)
        let landscape: any DiffusionLandscape = temperature == 1 ? own : try DiffusionSum([(1 / temperature, own)])
        let way = DiffusionSampler(path: path, steps: sampler.steps ?? ImageSampler.pathSteps, correction: sampler.corrections.ofDiffusion)
        return try way.draw(count, from: landscape, key: key, progress: progress)
    }

    /// E(x, t) of a blend of two classes at every time.
    func blend(to other: DiffusionImageEnergy, alpha: Double, temperature: Double) throws -> DiffusionSum {
        try DiffusionSum([((1 - alpha) / temperature, landscape()), (alpha / temperature, other.landscape())])
    }
}

extension ImageModel {
    /// Missing pixels drawn from noise down to the images, the known ones given back their noise at every time; corrections let both come to terms.
    func complete(_ cues: Matrix, _ target: DiffusionImageEnergy, steps: Int, temperature: Float, key: Key) throws -> ImageCompletion {
        let own: any DiffusionLandscape = try target.landscape(), landscape = temperature == 1 ? own : try DiffusionSum([(1 / Double(temperature), own)])
        let sampler = DiffusionSampler(path: .ancestral, steps: steps, correction: Corrections().ofDiffusion)
        let found = try sampler.draw(cues.rows, from: landscape, given: DiffusionImageEnergy.encoded(cues), key: key.folding(1))
        let noise = key.folding(0).uniforms(cues.values.count)
        let start = Matrix(rows: cues.rows, columns: cues.columns, values: cues.values.enumerated().map { $1.isNaN ? noise[$0] : $1 })
        // To the last bit as they were, not by way of −1...1.
        let images = Matrix(rows: cues.rows, columns: cues.columns, values: zip(cues.values, DiffusionImageEnergy.decoded(found.rows).values).map { $0.isNaN ? $1 : $0 })
        let energies = try zip(target.energies(of: start), target.energies(of: images)).map { (before: $0, after: $1) }
        return ImageCompletion(images: images, energies: energies, diverged: [])
    }
}

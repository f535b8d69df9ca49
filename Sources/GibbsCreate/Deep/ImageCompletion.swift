import GibbsCore
import GibbsDeep
import GibbsNumerics

/// Images whose missing pixels were drawn given the others.
public struct ImageCompletion: Sendable {
    /// Shape `[images, pixels]`, 0...1: known pixels as they were, the others where the chains ended.
    public let images: Matrix
    /// E before, with noise in the place of what is missing, and after; nats.
    public let energies: [(before: Float, after: Float)]
    /// Images whose chain diverged; they are noise still.
    public let diverged: [Int]
}

extension ImageModel {
    /// Draws the missing pixels (`nan`) of images from p(missing | known) by Langevin chains in which the known ones stay, and of a diffusion on its way from noise, in
    /// which they are given back at every time; consumes `key`.
    ///
    /// - Parameters:
    ///   - cues: Shape `[images, shape.pixels]`.
    ///   - name: The class that the images are of; any class unless told.
    ///   - steps: Langevin steps, or those of a diffusion's path; 500 and 100 unless told.
    ///   - temperature: Multiplies that of the training.
    ///   - key: Feeds the start and the noise.
    /// - Throws: `GibbsError` with code `.usage` for a model that is no network, an unknown class or no step; `.shapeMismatch` for other images.
    public func complete(_ cues: Matrix, as name: String? = nil, steps: Int? = nil, temperature: Float = 1, key: Key) throws -> ImageCompletion {
        guard steps ?? 1 > 0, temperature > 0, temperature.isFinite else { throw GibbsError(.usage, "\(steps ?? 0) steps at \(temperature) times the temperature", advice: "give positive numbers") }
        guard cues.columns == shape.pixels else {
            throw GibbsError(.shapeMismatch, "images of \(cues.columns) pixels for a model of \(shape.height) × \(shape.width)", advice: "give images of the model's size")
        }
        let chosen = try name.map { try self.class($0) }
        if case .diffusion(let first) = classes[0].energy {
            let label = chosen.flatMap { part -> Int? in if case .diffusion(let energy) = part.energy { energy.label } else { nil } }
            return try complete(cues, DiffusionImageEnergy(first.diffusion, label: label), steps: steps ?? 100, temperature: temperature, key: key)
        }
        guard case .deep(let any) = classes[0].energy else {
            throw GibbsError(.usage, "the model holds \(classes[0].energy.kind) energies, and networks that draw complete", advice: "fit with --model diffusion, or deep --objective contrastive; gibbs recall serves memories")
        }
        let output = classes.firstIndex { $0.name == chosen?.name }
        var target = WrittenEnergy(input: any.input) { x in try output.map { try any.energy(of: x, weights: [$0: 1]) } ?? any.energyOfAny(x) }
        target.device = any.device
        let noise = any.noise(cues.rows, key: key.folding(0))
        let start = Matrix(rows: cues.rows, columns: cues.columns, values: zip(cues.values, noise.values).map { $0.isNaN ? $1 : $0 })
        let known = Matrix(rows: cues.rows, columns: cues.columns, values: cues.values.map { $0.isNaN ? 0 : 1 })
        let run = try any.kernel(on: target, temperature: temperature).run(steps ?? 500, from: start, holding: known, key: key.folding(1))
        let energies = try zip(target.energies(of: start), target.energies(of: run.positions)).map { (before: $0, after: $1) }
        return ImageCompletion(images: run.positions, energies: energies, diverged: run.diverged)
    }
}

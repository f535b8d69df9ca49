import GibbsCore
import GibbsDeep
import GibbsLandscapes
import GibbsMachines
import GibbsNumerics

/// Images drawn from a model, an image a chain, and what the chains say of themselves.
public struct ImageDraws: Sendable {
    /// Shape `[images, pixels]`: states of the pixels.
    public let images: Matrix
    /// What to look at: p(pixel on | hidden units) of a machine, else `images`.
    public let shown: Matrix
    /// The class of each image.
    public let classes: [String]
    /// The kernel used.
    public let kernel: ImageSampler.Kernel
    /// The most pixels that one call keeps, draws of all chains together: 2³⁰.
    public static let valueLimit = 1 << 30
    /// What each class's chains reported, in the order of the classes; empty for exact draws.
    public let runs: [(name: String, samples: Samples)]
    /// Of diffusions, what each class's paths reported.
    public let paths: [Path]

    /// The paths of one class.
    public struct Path: Sendable {
        /// The class.
        public let name: String
        /// Where they ended, −1...1, and what their corrections say.
        public let draws: DiffusionDraws
    }
}

extension ImageModel {
    /// Draws images, an independent chain each; consumes `key`.
    ///
    /// - Parameters:
    ///   - count: Images of each class drawn from.
    ///   - classes: Names; all unless told.
    ///   - sampler: The kernel, its steps and the temperature.
    ///   - key: Feeds the draws.
    ///   - progress: Told the share done after every draw that is kept; may throw to stop.
    /// - Throws: `GibbsError` with code `.usage` for an unknown class, a kernel that does not serve the model's energies, no image, no
    ///   step or a temperature that is not positive, steps of exact draws, corrections or guidance where there is no diffusion;
    ///   `.limitExceeded` for more than `ImageDraws.valueLimit` pixels; what `progress` throws.
    public func draw(_ count: Int, of classes: [String]? = nil, by sampler: ImageSampler = ImageSampler(), key: Key,
                     progress: (Double) throws -> Void = { _ in }) throws -> ImageDraws {
        guard canDraw else {
            throw GibbsError(.usage, "an autoencoder's residual tells images apart and draws none: its chains stay in noise", advice: "fit with --objective contrastive, or --model vae")
        }
        let chosen = try classes?.map { try self.class($0) } ?? self.classes
        let kernel = sampler.kernel ?? chosen[0].energy.bestKernel
        try sampler.check(count, for: chosen[0].energy, by: kernel)
        let kept = kernel.isIndependent ? 1 : min(sampler.draws, sampler.chainLength)
        guard count <= ImageDraws.valueLimit / shape.pixels / chosen.count / kept else {
            throw GibbsError(.limitExceeded, "\(count) images of \(chosen.count) classes, \(kept) draws each of \(shape.pixels) pixels, are more than fit into memory", advice: "draw fewer at a time, with another key each")
        }
        var images = Matrix(rows: 0, columns: shape.pixels), shown = images, names = [String](), runs = [(name: String, samples: Samples)](), paths = [ImageDraws.Path]()
        for (index, part) in chosen.enumerated() {
            if case .diffusion(let energy) = part.energy, case .descending(let path) = kernel.way {
                let found = try energy.draw(count, by: path, sampler, key: key.folding(index)) { try progress((Double(index) + $0) / Double(chosen.count)) }
                images = images.appending(DiffusionImageEnergy.decoded(found.rows))
                paths.append(.init(name: part.name, draws: found))
                names += Array(repeating: part.name, count: count)
                continue
            }
            let (drawn, visible, samples) = try part.energy.draw(count, start: part.mean, kernel: kernel, sampler, key: key.folding(index)) {
                try progress((Double(index) + $0) / Double(chosen.count))
            }
            images = images.appending(drawn)
            shown = shown.appending(visible)
            names += Array(repeating: part.name, count: count)
            if let samples { runs.append((part.name, samples)) }
        }
        return ImageDraws(images: images, shown: paths.isEmpty ? shown : images, classes: names, kernel: kernel, runs: runs, paths: paths)
    }
}

extension ImageEnergy {
    /// The kernel that draws from it unless told: the one that mixes best.
    public var bestKernel: ImageSampler.Kernel {
        switch self {
        case .gaussian, .principal: .exact
        case .machine: .gibbs
        case .memory: .hmc
        case .deep, .residual: .langevin
        case .autoencoder: .exact
        case .diffusion: .ddim
        }
    }

    fileprivate func draw(_ count: Int, start: [Float], kernel: ImageSampler.Kernel, _ sampler: ImageSampler, key: Key,
                          progress: (Double) throws -> Void) throws -> (images: Matrix, shown: Matrix, samples: Samples?) {
        let (startKey, runKey) = key.split(), temperature = sampler.temperature
        switch (self, kernel.way) {
        case (.gaussian(let energy), .closedForm):
            var draws = energy.samples(count, key: key)
            for index in draws.values.indices {
                let mean = energy.mean[index % energy.mean.count]
                draws.values[index] = mean + temperature.squareRoot() * (draws.values[index] - mean)
            }
            draws = PixelLogit.decoded(draws)
            return (draws, draws, nil)
        case (.principal(let energy), .closedForm):
            var draws = energy.samples(count, key: key)
            for index in draws.values.indices {
                let mean = energy.mean[index % energy.mean.count]
                draws.values[index] = min(max(mean + temperature.squareRoot() * (draws.values[index] - mean), 0), 1)
            }
            return (draws, draws, nil)
        case (.gaussian(let energy), .along(let gradient)):
            let begin = Self.around(PixelLogit.encoded(Matrix([start])), count, startKey)
            let samples = try Self.alongGradient(of: energy.tempered(temperature), gradient, from: begin, steps: sampler.chainLength, most: sampler.draws, key: runKey, progress: progress)
            let images = PixelLogit.decoded(samples.last)
            return (images, images, samples)
        case (.memory(let energy), .along(let gradient)):
            let begin = Self.around(Matrix([start]), count, startKey)
            let samples = try Self.alongGradient(of: energy.tempered(temperature), gradient, from: begin, steps: sampler.chainLength, most: sampler.draws, key: runKey, progress: progress)
            return (samples.last, samples.last, samples)
        case (.machine(let machine), .switching(let way)):
            let tempered = temperature == 1 ? machine : machine.tempered(joint: temperature)
            let uniforms = startKey.uniforms(count * start.count)
            let begin = Matrix(rows: count, columns: start.count, values: uniforms.enumerated().map { $1 < start[$0 % start.count] ? 1 : 0 })
            let samples = try Self.switching(way, of: tempered, from: begin, steps: sampler.chainLength, most: sampler.draws, key: runKey, progress: progress)
            return (samples.last, try tempered.meanField(from: samples.last, steps: 1), samples)
        case (.deep(let energy), .along(.langevin)):
            let samples = try Self.langevin(energy.kernel(on: energy, temperature: temperature), from: energy.noise(count, key: startKey), steps: sampler.chainLength, most: sampler.draws,
                                            key: runKey, progress: progress)
            return (samples.last, samples.last, samples)
        case (.autoencoder(let energy), .closedForm):
            let draws = try energy.samples(count, temperature: temperature, key: key)
            return (draws, draws, nil)
        case (.gaussian, _), (.principal, _), (.memory, _), (.machine, _), (.deep, _), (.residual, _), (.autoencoder, _), (.diffusion, _):
            throw GibbsError(.usage, "the kernel '\(kernel.rawValue)' does not serve a model of \(self.kind) energies",
                             advice: "its kernels are \(ImageSampler.Kernel.allCases.filter { isServed(by: $0) }.map(\.rawValue).joined(separator: ", "))")
        }
    }

    /// Whether the kernel can draw from the energy.
    package func isServed(by kernel: ImageSampler.Kernel) -> Bool {
        switch (self, kernel.way) {
        case (.gaussian, .closedForm), (.principal, .closedForm), (.gaussian, .along), (.memory, .along), (.machine, .switching), (.deep, .along(.langevin)), (.autoencoder, .closedForm), (.diffusion, .descending): true
        case (.gaussian, _), (.principal, _), (.memory, _), (.machine, _), (.deep, _), (.residual, _), (.autoencoder, _), (.diffusion, _): false
        }
    }

    /// Copies of one row with a little noise.
    private static func around(_ row: Matrix, _ count: Int, _ key: Key) -> Matrix {
        let noise = key.normals(count * row.columns)
        return Matrix(rows: count, columns: row.columns, values: noise.enumerated().map { row.values[$0 % row.columns] + 0.1 * $1 })
    }

    /// Chains of a network, at the step that they were trained with.
    private static func langevin(_ kernel: some TransitionKernel, from start: Matrix, steps: Int, most: Int, key: Key, progress: (Double) throws -> Void) throws -> Samples {
        let draws = min(steps, most), thinning = max(1, steps / draws)
        return try kernel.sample(draws, from: .positions(start), burnIn: steps - draws * thinning, thinning: thinning, key: key) {
            try progress(Double($0) / Double(draws))
            return true
        }
    }

    /// Some draws of every chain, so that the diagnostics have something to go by.
    private static func alongGradient(of energy: some DifferentiableEnergy, _ kernel: ImageSampler.Kernel.Gradient, from start: Matrix, steps: Int,
                                      most: Int, key: Key,
                                      progress: (Double) throws -> Void) throws -> Samples {
        let warmUp = max(50, steps / 2), draws = min(steps, most), (warmKey, runKey) = key.split()
        func tell(_ kept: Int) throws -> Bool { try progress(Double(kept) / Double(draws)); return true }
        switch kernel {
        case .hmc:
            let found = try HamiltonianMonteCarlo(on: energy, stepSize: 0.01).warmedUp(from: start, steps: warmUp, key: warmKey)
            return try found.kernel.sample(draws, from: .positions(found.positions), thinning: max(1, steps / draws), key: runKey, progress: tell)
        case .mala, .langevin:
            let found = try MetropolisLangevin(on: energy, stepSize: 1e-4).warmedUp(from: start, steps: warmUp, key: warmKey)
            if kernel == .mala { return try found.kernel.sample(draws, from: .positions(found.positions), thinning: max(1, steps / draws), key: runKey, progress: tell) }
            let plain = Langevin(on: energy, stepSize: found.kernel.stepSize, scales: found.kernel.scales)
            return try plain.sample(draws, from: .positions(found.positions), thinning: max(1, steps / draws), key: runKey, progress: tell)
        }
    }

    private static func switching(_ kernel: ImageSampler.Kernel.Switch, of machine: RBM, from start: Matrix, steps: Int, most: Int, key: Key,
                                      progress: (Double) throws -> Void) throws -> Samples {
        let draws = min(max(1, steps / 2), most), thinning = max(1, steps / 2 / draws), burnIn = steps - draws * thinning
        func tell(_ kept: Int) throws -> Bool { try progress(Double(kept) / Double(draws)); return true }
        switch kernel {
        case .gradients: return try GibbsWithGradients(on: machine).sample(draws, from: .positions(start), burnIn: burnIn, thinning: thinning, key: key, progress: tell)
        case .tempering:
            let ladder = ParallelTempering(temperatures: .ladder(from: 1, to: 4, count: 8)) { BlockGibbs(on: $0 == 1 ? machine : machine.tempered(joint: $0)) }
            return try ladder.sample(draws, from: .positions(start), burnIn: burnIn, thinning: thinning, key: key, progress: tell)
        case .gibbs: return try BlockGibbs(on: machine).sample(draws, from: .positions(start), burnIn: burnIn, thinning: thinning, key: key, progress: tell)
        }
    }
}

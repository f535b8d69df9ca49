import Foundation
import GibbsCore
import GibbsDeep
import GibbsLandscapes
import GibbsMachines
import GibbsNumerics

/// A way from one class of images to another: at each place α the lowest point, or a draw, of E_α = (1 − α) E_from + α E_to.
///
/// Between Gaussians E_α is a Gaussian and its minimum has the closed form Λ_α⁻¹ ((1 − α) Λ μ + α Λ′ μ′), in log-odds of brightness.
/// Between machines E_α is the sum of their free energies, and no machine's: it is walked by Gibbs with gradients, each frame from the
/// last, which proposes those pixels that the sum would rather see turned over. Its draws are shown, not its lowest points, which are
/// nearly empty images: what is typical of a machine is not what is likeliest. (The machine with the hidden units of both and scaled
/// weights, `RBM.blend`, is another energy; half-way its hidden units are undecided, and its images grey.) Between the classes of a network E_α
/// is the same blend of its outputs, walked by the Langevin chains that it was trained with, each frame from the last. A diffusion's frames
/// go from the same noise down the blends of both landscapes, E_α(x, t) at every t; a blend of noised classes is no noised blend, so that only steps of a chain
/// at each t, accepted by E_α(x, t), draw from what E_α says (Du et al. 2023). Memories are not blended:
/// their lowest points are the memories.
public struct ImageBlend: Sendable {
    /// One place on the way.
    public struct Frame: Sendable {
        /// The class the way leads from here, the one it leads to, and how far it has gone, 0...1.
        public let from: String, to: String, alpha: Double
        /// E under the two classes as `probabilityTo` counts them, −ln share p(image | class), nats above the lowest that either end has along the whole way; for Gaussians above
        /// each one's own minimum. Their difference is the odds: probabilityTo = 1 / (1 + exp(energyTo − energyFrom)).
        public let energyFrom: Float, energyTo: Float
        /// p(to | image, from or to), and the class that the image most probably belongs to, of all, with its probability: ∝ exp(−E) by
        /// the class energies. For machines each is normalised; for Gaussians each is counted from its own minimum, because at a mean
        /// the volumes of the others would decide, whatever the image.
        public let probabilityTo: Float
        /// The likeliest class, as above, and its probability.
        public let likeliest: String, probability: Float
        /// Mean absolute Laplacian of the frame, and of a plain cross-fade between the classes' mean images.
        public let sharpness: Float, crossFadeSharpness: Float
        /// The mean probability with which the steps on its landscapes were accepted, of diffusions; `nil` where there were none, or nothing rejects them.
        public let acceptance: Double?
    }

    /// One image a frame; shape `[frames, pixels]`, 0...1.
    public let images: Matrix
    /// What each frame is.
    public let frames: [Frame]

    /// The most frames of a way: 10 000.
    public static let frameLimit = 10_000

    /// The frames before which a leg jumps: those that are suddenly the other end's, by `probabilityTo`, and far from the frame before, as `leaps(in:ends:)` has it.
    ///
    /// Draws of one class may be far from each other, and a fade changes sides in small steps: neither is a jump.
    public var jumps: [Int] {
        Self.leaps(in: images, ends: frames.indices.filter { [0, 1].contains(frames[$0].alpha) }).filter { index in
            // A leg begins where the last one ended, at its own α = 0.
            let before = frames[index - 1].alpha < frames[index].alpha ? frames[index - 1].probabilityTo : 0
            return (before < 0.5) != (frames[index].probabilityTo < 0.5)
        }
    }

    /// The rows of images that are further from the row before than half of the way between the ends of their leg, by Euclidean distance. Legs of fewer than four steps
    /// have none: a third of an even way is not far from half of it.
    package static func leaps(in images: Matrix, ends: [Int]) -> [Int] {
        func distance(_ a: Int, _ b: Int) -> Double { zip(images.row(a), images.row(b)).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }.squareRoot() }
        return zip(ends, ends.dropFirst()).filter { $1 - $0 > 3 }.flatMap { first, last -> [Int] in
            let half = distance(first, last) / 2
            return (first + 1 ... last).filter { distance($0 - 1, $0) > half }
        }
    }
}

extension ImageModel {
    /// Walks through classes; consumes `key` where the model is a machine or the temperature is above zero.
    ///
    /// - Parameters:
    ///   - path: Names of two or more classes.
    ///   - steps: Frames of each leg, both ends included; legs share the class where they meet.
    ///   - temperature: T; Gaussians give the lowest points at 0, which they do unless told, and draws from exp(−E_α/T) above it. Machines
    ///     give draws, at 1 unless told.
    ///   - sweeps: Sweeps of block Gibbs before the first frame, for machines; for networks ten times as many Langevin steps.
    ///   - flips: Pixels proposed to be turned over in each chain for a frame, for machines.
    ///   - corrections: Steps at every time of diffusions; `Corrections()` unless told.
    ///   - key: Feeds the draws.
    ///   - progress: Told the share done after every frame, and within those of diffusions after every time; may throw to stop.
    /// - Throws: `GibbsError` with code `.usage` for fewer than two classes or frames, a class that follows itself or is unknown, a negative
    ///   temperature, for machines also 0, corrections where there is no diffusion, or a model of memories; `.limitExceeded` for more than `ImageBlend.frameLimit` frames; what
    ///   `progress` throws.
    public func blend(through path: [String], steps: Int = 11, temperature: Float? = nil, sweeps: Int = 50, flips: Int = 1_000, corrections: Corrections? = nil,
                      key: Key = Key(1), progress: (Double) throws -> Void = { _ in }) throws -> ImageBlend {
        try checkBlend(path, steps, temperature, sweeps, flips)
        try corrections?.check(for: classes[0].energy)
        let legs = try zip(path, path.dropFirst()).map { (try self.class($0), try self.class($1)) }
        var walker = BlendWalker(temperature: temperature, sweeps: sweeps, flips: flips, correction: (corrections ?? Corrections()).ofDiffusion, key: key.folding(-1))
        var made = [BlendWalker.Found](), places = [(Class, Class, Double)]()
        let count = Double(legs.count * (steps - 1) + 1)
        for (leg, (from, to)) in legs.enumerated() {
            for step in (leg == 0 ? 0 : 1) ..< steps {
                let alpha = Double(step) / Double(steps - 1)
                made.append(try walker.frame(from: from, to: to, alpha: alpha, key: key.folding(leg).folding(step)) { try progress((Double(places.count) + $0) / count) })
                places.append((from, to, alpha))
                try progress(Double(places.count) / count)
            }
        }
        let chain = Self.mostTypical(made.map(\.energies))
        let all = Matrix(rows: places.count, columns: shape.pixels, values: made.flatMap { $0.images.row(chain) })
        return ImageBlend(images: all, frames: try frames(all, places, acceptances: made.map(\.acceptance)))
    }

    private func checkBlend(_ path: [String], _ steps: Int, _ temperature: Float?, _ sweeps: Int, _ flips: Int) throws {
        guard path.count >= 2 else { throw GibbsError(.usage, "a way through \(path.count) class\(path.count == 1 ? "" : "es")", advice: "name two at least") }
        guard steps >= 2 else { throw GibbsError(.usage, "a way in \(steps) frame\(steps == 1 ? "" : "s")", advice: "take two at least, the ends") }
        guard (1 ... 1_000_000).contains(sweeps) else { throw GibbsError(.usage, "\(sweeps) sweeps before the first frame", advice: "take 1 to 1,000,000") }
        guard (1 ... 1_000_000_000).contains(flips) else { throw GibbsError(.usage, "\(flips) flips a frame", advice: "take 1 to 1,000,000,000") }
        if let temperature {
            guard temperature >= 0, temperature.isFinite else { throw GibbsError(.usage, "a temperature of \(temperature)", advice: "give 0 for lowest points, or a positive number for draws") }
            if temperature == 0, case .deep = classes[0].energy {
                throw GibbsError(.usage, "a temperature of 0 for a network, whose chains need noise", advice: "give a positive one, a multiple of the temperature of its training")
            }
            if temperature == 0, case .diffusion = classes[0].energy {
                throw GibbsError(.usage, "a temperature of 0 for a diffusion, which begins in noise", advice: "give a positive one")
            }
            if temperature == 0, case .machine = classes[0].energy {
                throw GibbsError(.usage, "a temperature of 0 for machines, whose lowest points are nearly empty images", advice: "give a positive one: machines show draws")
            }
        }
        if let name = zip(path, path.dropFirst()).first(where: { $0 == $1 })?.0 { throw GibbsError(.usage, "a way from '\(name)' to itself", advice: "name two different classes") }
        guard path.count - 1 <= ImageBlend.frameLimit / (steps - 1) else {
            throw GibbsError(.limitExceeded, "a way of \(path.count - 1) × \(steps) frames, where \(ImageBlend.frameLimit) are the most", advice: "take fewer steps")
        }
    }

    /// The chain whose energies are nearest to the medians of all chains, summed over the frames.
    private static func mostTypical(_ energies: [[Float]]) -> Int {
        let medians = energies.map { Statistics.median($0) }
        func distance(_ chain: Int) -> Float { zip(energies, medians).reduce(0) { $0 + abs($1.0[chain] - $1.1) } }
        return energies[0].indices.min { distance($0) < distance($1) }!
    }

    private func frames(_ images: Matrix, _ places: [(from: Class, to: Class, alpha: Double)], acceptances: [Double?]) throws -> [ImageBlend.Frame] {
        let scores = try blendScores(of: images)
        let sharpness = shape.sharpness(of: images)
        // One zero for both ends, or their difference would not be the odds; Gaussians are counted from their own minima, by their scores too.
        let highest = places.enumerated().map { row, place -> Double in max(scores[index(place.from)][row], scores[index(place.to)][row]) }.max()!
        let lowest: Double = if case .gaussian = classes[0].energy { 0 } else { -highest }
        return places.enumerated().map { row, place in
            let fade = Matrix(rows: 1, columns: shape.pixels, values: zip(place.from.mean, place.to.mean).map { Float(1 - place.alpha) * $0 + Float(place.alpha) * $1 })
            let own = scores.map { $0[row] }, odds = own[index(place.to)] - own[index(place.from)]
            let best = classes.indices.max { own[$0] < own[$1] }!
            return .init(from: place.from.name, to: place.to.name, alpha: place.alpha, energyFrom: Float(-own[index(place.from)] - lowest), energyTo: Float(-own[index(place.to)] - lowest),
                         probabilityTo: Float(1 / (1 + exp(-odds))), likeliest: classes[best].name, probability: Float(exp(own[best] - logSumExp(own))),
                         sharpness: sharpness[row], crossFadeSharpness: shape.sharpness(of: fade)[0], acceptance: acceptances[row])
        }
    }

    /// ln of what `Frame.probabilityTo` is made of, up to a constant an image; shape `[classes][rows]`. Two classes compare even where a
    /// third one is far more probable than both.
    private func blendScores(of images: Matrix) throws -> [[Double]] {
        try classes.map { part in
            let energies = try part.energy.energies(of: images)
            if case .gaussian = part.energy { return energies.map { -Double($0) } }
            let constant = log(part.share) - part.logPartition.logPartition
            return energies.map { constant - Double($0) }
        }
    }

    private func index(_ part: Class) -> Int { classes.firstIndex { $0.name == part.name }! }
}

/// Makes one frame after another, machines going on from where the last frame ended.
private struct BlendWalker {
    let temperature: Float?
    let sweeps: Int, flips: Int
    /// Of diffusions, at every time.
    let correction: DiffusionSampler.Correction
    /// Of the one draw of noise that all frames of Gaussians share, and all of diffusions.
    let noise: Key
    /// The chains' states, of machines.
    private var chains: Matrix?

    /// Side by side, so that a typical one can be chosen.
    private static let chainCount = 16

    /// What a frame may be, an image a chain, and the energy of each on the blend.
    struct Found { var images: Matrix, energies: [Float], acceptance: Double? = nil }

    init(temperature: Float?, sweeps: Int, flips: Int, correction: DiffusionSampler.Correction, key: Key) {
        self.temperature = temperature
        self.sweeps = sweeps
        self.flips = flips
        self.correction = correction
        noise = key
    }

    /// Images to choose one of; `progress` is told the share of a diffusion's way from noise.
    mutating func frame(from: ImageModel.Class, to: ImageModel.Class, alpha: Double, key: Key, progress: (Double) throws -> Void) throws -> Found {
        switch (from.energy, to.energy) {
        case (.gaussian(let a), .gaussian(let b)):
            let blend = try GaussianEnergy.product([a, b], weights: [1 - alpha, alpha]), temperature = temperature ?? 0
            // A draw at temperature T lies √T times as far from the mean; the same noise in every frame keeps the way smooth.
            let draw = temperature > 0 ? Array(blend.samples(1, key: noise).row(0)) : blend.mean
            return Found(images: PixelLogit.decoded(Matrix([zip(draw, blend.mean).map { $1 + temperature.squareRoot() * ($0 - $1) }])), energies: [0])
        case (.machine(let a), .machine(let b)):
            let temperature = temperature ?? 1
            let begin = try chains ?? a.tempered(joint: temperature).sampled(from: Self.drawn(from.mean, key.folding(0)), sweeps: sweeps, key: key.folding(1))
            return try frame(of: Float(1 - alpha) / temperature * a + Float(alpha) / temperature * b, from: begin, key: key.folding(2))
        case (.deep(let a), .deep(let b)):
            let outputs = [a.output: 1 - alpha, b.output: alpha]
            var blend = WrittenEnergy(input: a.input) { try a.energy(of: $0, weights: outputs) }
            blend.device = a.device
            let kernel = try a.kernel(on: blend, temperature: temperature ?? 1), begin = chains ?? a.noise(Self.chainCount, key: key.folding(0))
            let states = try kernel.run(chains == nil ? 10 * sweeps : a.chains.steps, from: begin, key: key.folding(1)).positions
            chains = states
            return Found(images: states, energies: try blend.energies(of: states))
        case (.diffusion(let a), .diffusion(let b)):
            // The same noise for every frame, that of the corrections too: what changes on the way is the landscape alone.
            let blend = try a.blend(to: b, alpha: alpha, temperature: Double(temperature ?? 1)), start = Matrix(rows: Self.chainCount, columns: a.features, values: noise.normals(Self.chainCount * a.features))
            let draws = try DiffusionSampler(steps: ImageSampler.pathSteps, correction: correction).draw(Self.chainCount, from: blend, start: start, key: noise.folding(0), progress: progress)
            let images = DiffusionImageEnergy.decoded(draws.rows)
            let energies = try zip(a.energies(of: images), b.energies(of: images)).map { Float(1 - alpha) * $0 + Float(alpha) * $1 }
            return Found(images: images, energies: energies, acceptance: draws.acceptance)
        default:
            throw GibbsError(.usage, "a model of \(from.energy.kind) energies has no way between its classes", advice: "fit with --model gaussian, rbm, deep or diffusion; gibbs recall serves memories")
        }
    }

    /// A draw of independent pixels for each chain.
    private static func drawn(_ means: [Float], _ key: Key) -> Matrix {
        let uniforms = key.uniforms(chainCount * means.count)
        return Matrix(rows: chainCount, columns: means.count, values: uniforms.enumerated().map { $1 < means[$0 % means.count] ? 1 : 0 })
    }

    /// Moves the chains, and shows each pixel's probability to first order around where they are, 1 / (1 + exp ∂E/∂v).
    private mutating func frame(of energy: some DifferentiableEnergy, from begin: Matrix, key: Key) throws -> Found {
        let kernel = GibbsWithGradients(on: energy, flips: flips), states = try kernel.step(kernel.start(at: begin), key: key).state.positions
        chains = states
        let (energies, slopes) = try energy.energiesAndGradients(of: states)
        return Found(images: Matrix(rows: slopes.rows, columns: slopes.columns, values: slopes.values.map { 1 / (1 + exp($0)) }), energies: energies)
    }
}

import GibbsCore
import GibbsDeep
import GibbsNumerics

/// How networks are fitted to images: every setting in one place, with the defaults that `gibbs fit images --model deep` and `--model vae` take.
public struct DeepImageOptions: Sendable, Hashable {
    /// What an energy is trained for.
    public enum Objective: String, Sendable, Hashable, CaseIterable {
        /// Contrastive divergence with Langevin chains; with labels, and a classifier at the same time.
        case contrastive
        /// Denoising score matching, all images together.
        case score
        /// A plain classifier, whose −ln Σ exp f is read as an energy.
        case classifier
        /// A denoising autoencoder, whose residual is read as an energy, all images together: what tells foreign images best.
        case residual
    }

    /// What an energy is trained for.
    public var objective: Objective
    /// Passes over the images.
    public var passes: Int
    /// Batches from one report to the next.
    public var batchesAtOnce: Int
    /// The layers without the last, which is linear: from an image `[1, height, width]` to a row of numbers.
    public var layers: [Layer]
    /// Chains, regulariser and descent of `.contrastive` and `.classifier`; epochs follow from `passes`.
    public var contrastive: ContrastiveTraining
    /// What the contrastive terms weigh beside −ln p(y | x), with labels.
    public var jointWeight: Double
    /// Levels and descent of `.score`; epochs follow from `passes`.
    public var score: ScoreTraining
    /// Noise and descent of `.residual`; epochs follow from `residualSteps`.
    public var denoising: DenoisingTraining
    /// Steps of `.residual`.
    public var residualSteps: Int
    /// Numbers of an autoencoder's z; of `.residual` at most an eighth of the pixels.
    public var latent: Int
    /// Passes of an autoencoder.
    public var variationalPasses: Int
    /// The descent of an autoencoder; epochs follow from `variationalPasses`.
    public var variational: VariationalTraining

    /// A small convolutional network without norms, which is smooth and lets no image of a batch see another.
    public static let smallNetwork: [Layer] = [
        .convolution(32, kernel: 3, stride: 2, padding: 1), .silu, .convolution(64, kernel: 3, stride: 2, padding: 1), .silu,
        .convolution(64, kernel: 3, padding: 1), .silu, .flatten,
    ]

    /// Options; checked when fitting begins.
    public init(objective: Objective = .contrastive, passes: Int = 4, batchesAtOnce: Int = 10, layers: [Layer] = DeepImageOptions.smallNetwork,
                contrastive: ContrastiveTraining = ContrastiveTraining(), jointWeight: Double = 1, score: ScoreTraining = ScoreTraining(),
                denoising: DenoisingTraining = DenoisingTraining(), residualSteps: Int = 1_500, latent: Int = 32, variationalPasses: Int = 10, variational: VariationalTraining = VariationalTraining()) {
        self.objective = objective
        self.passes = passes
        self.batchesAtOnce = batchesAtOnce
        self.layers = layers
        self.contrastive = contrastive
        self.jointWeight = jointWeight
        self.score = score
        self.denoising = denoising
        self.residualSteps = residualSteps
        self.latent = latent
        self.variationalPasses = variationalPasses
        self.variational = variational
    }

    /// A descent that goes over the rows so often, in epochs of a few batches.
    func descent(_ descent: NetworkDescent, passes: Int, rows: Int) -> NetworkDescent {
        self.descent(descent, steps: passes * rows / max(1, min(descent.batchSize, rows)), rows: rows)
    }

    /// A descent of so many steps, in epochs of a few batches.
    func descent(_ descent: NetworkDescent, steps: Int, rows: Int) -> NetworkDescent {
        var descent = descent
        let batch = max(1, min(descent.batchSize, rows)), batches = max(1, steps), atOnce = min(batchesAtOnce, batches, max(1, rows / batch))
        descent.epochRows = batch * atOnce
        descent.epochs = max(1, batches / atOnce)
        return descent
    }

    /// The chains that draw from a network so trained.
    var chains: ReplayChains {
        guard objective == .score else { return contrastive.chains }
        // Of matched scores the temperature is 1, at the scale of the reference level.
        return ReplayChains(steps: contrastive.chains.steps, stepSize: 0.02 * score.reference * score.reference, temperature: 1)
    }

    /// - Throws: `GibbsError` with code `.usage`, naming the setting that cannot be served.
    func check() throws {
        guard passes > 0, batchesAtOnce > 0, latent > 0, variationalPasses > 0, residualSteps > 0 else {
            throw GibbsError(.usage, "\(passes) passes, \(batchesAtOnce) batches at once, \(latent) numbers of z, \(residualSteps) steps", advice: "give positive numbers")
        }
    }
}

/// How far a deep fit is.
public struct DeepImageProgress: Sendable {
    /// Reports so far, and in all.
    public let number: Int, count: Int
    /// The figures of the last batches, as the trainings name them.
    public let figures: [String: Double]
    /// The model as it is now, to be drawn from.
    public let model: ImageModel
}

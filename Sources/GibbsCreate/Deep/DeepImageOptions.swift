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
    /// Steps of `.contrastive` without labels, and of a classifier, whatever the number of images.
    public var steps: Int, jointSteps: Int
    /// Passes over the images in place of these, and of the four of `.score`.
    public var passes: Int?
    /// Batches from one report to the next.
    public var batchesAtOnce: Int
    /// Where a network is trained; autoencoders stay on the processor.
    public var device: Device
    /// The layers without the last, which is linear: from an image `[1, height, width]` to a row of numbers. `nil` for `energyLayers(of:)`, and for `encoder` in
    /// autoencoders.
    public var layers: [Layer]?
    /// Chains, regulariser and descent of `.contrastive`, in units of the network's outputs; epochs follow from `steps`.
    public var contrastive: ContrastiveTraining
    /// s with labels: E(x, y) = −s f_y(x), and p(y | x) is exp(s f_y) among classes. 1/s = 0.02 is the temperature of the outputs.
    public var jointScale: Double
    /// What the contrastive terms of the outputs weigh beside −ln p(y | x), with labels.
    public var jointWeight: Double
    /// The descent of classifiers; epochs follow from `jointSteps`.
    public var jointDescent: NetworkDescent
    /// Levels and descent of `.score`.
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

    /// The encoder of an autoencoder: a small convolutional network without norms.
    public static let encoder: [Layer] = [
        .convolution(32, kernel: 3, stride: 2, padding: 1), .silu, .convolution(64, kernel: 3, stride: 2, padding: 1), .silu,
        .convolution(64, kernel: 3, padding: 1), .silu, .flatten,
    ]

    /// The layers of an energy: three convolutions that halve the sides, smooth and without norms, so that no image of a batch sees another. Images with a side
    /// below eight pixels are taken as plain numbers.
    public static func energyLayers(of shape: ImageShape) -> [Layer] {
        let convolutions: [Layer] = [
            .convolution(16, kernel: 4, stride: 2, padding: 1), .silu, .convolution(32, kernel: 4, stride: 2, padding: 1), .silu,
            .convolution(64, kernel: 3, stride: 2, padding: 1), .silu, .flatten, .linear(128), .silu,
        ]
        return min(shape.height, shape.width) < 8 ? [.flatten, .linear(128), .silu, .linear(128), .silu] : convolutions
    }

    /// Chains that go 10 along the gradient, each slope within ± 0.03, with noise of the deviation 0.005: ε = 1.25e-5 and T = 1.25e-6.
    ///
    /// - Source: Du & Mordatch, NeurIPS 2019, for step, noise, regulariser and buffer; Nijkamp, Hill, Zhu & Wu, *Learning Non-Convergent Non-Persistent
    ///   Short-Run MCMC Toward Energy-Based Model*, NeurIPS 2019, for what chains far below the temperature of the loss learn.
    public static let recipe = ContrastiveTraining(
        chains: ReplayChains(steps: 20, stepSize: 1.25e-5, temperature: 1.25e-6, slopeLimit: 0.03), regularisation: 0.01, dataNoise: 0.01,
        descent: NetworkDescent(optimiser: .adam(rate: 1e-3, beta1: 0), batchSize: 64, warmUp: 50, plateau: 0.6, finalRateShare: 0.05, averaging: 0.99))

    /// Options; checked when fitting begins.
    public init(objective: Objective = .contrastive, steps: Int = 1_200, jointSteps: Int = 2_000, passes: Int? = nil, batchesAtOnce: Int = 10, device: Device = .processor, layers: [Layer]? = nil,
                contrastive: ContrastiveTraining = DeepImageOptions.recipe, jointScale: Double = 50, jointWeight: Double = 2,
                jointDescent: NetworkDescent = NetworkDescent(optimiser: .adam(rate: 1e-3, beta1: 0), batchSize: 256, warmUp: 50, plateau: 0.5, finalRateShare: 0.03, clip: 2, averaging: 0.99),
                score: ScoreTraining = ScoreTraining(), denoising: DenoisingTraining = DenoisingTraining(), residualSteps: Int = 1_500, latent: Int = 32, variationalPasses: Int = 10, variational: VariationalTraining = VariationalTraining()) {
        self.objective = objective
        self.steps = steps
        self.jointSteps = jointSteps
        self.passes = passes
        self.batchesAtOnce = batchesAtOnce
        self.device = device
        self.layers = layers
        self.contrastive = contrastive
        self.jointScale = jointScale
        self.jointWeight = jointWeight
        self.jointDescent = jointDescent
        self.score = score
        self.denoising = denoising
        self.residualSteps = residualSteps
        self.latent = latent
        self.variationalPasses = variationalPasses
        self.variational = variational
    }

    /// A descent of so many steps, in epochs of a few batches; passes are turned into steps.
    func descent(_ descent: NetworkDescent, steps: Int? = nil, passes: Int?, rows: Int) -> NetworkDescent {
        var descent = descent
        let batch = max(1, min(descent.batchSize, rows)), batches = max(1, passes.map { $0 * rows / batch } ?? steps ?? 1), atOnce = min(batchesAtOnce, batches, max(1, rows / batch))
        descent.epochRows = batch * atOnce
        descent.epochs = max(1, batches / atOnce)
        // A warm-up that fills a short descent would never get warm.
        descent.warmUp = min(descent.warmUp, batches / 10)
        return descent
    }

    /// How a classifier is trained: the contrastive terms and their chains as they are for the outputs f, told in nats of E = −s f.
    var joint: JointTraining {
        var contrastive = contrastive
        contrastive.chains.temperature *= Float(jointScale)
        contrastive.chains.slopeLimit = contrastive.chains.slopeLimit.map { $0 * Float(jointScale) }
        contrastive.regularisation /= jointScale
        if let weight = contrastive.improved?.entropyWeight { contrastive.improved?.entropyWeight = weight * jointScale }
        let rows = contrastive.descent.batchSize
        contrastive.descent = jointDescent
        contrastive.descent.watch.largestGap *= jointScale
        return JointTraining(weight: objective == .classifier ? 0 : jointWeight / jointScale, contrastiveRows: rows, contrastive: contrastive)
    }

    /// The chains that draw from a network so trained.
    func chains(classes: Int) -> ReplayChains {
        guard objective == .score else { return classes > 1 ? joint.contrastive.chains : contrastive.chains }
        // Of matched scores the temperature is 1, at the scale of the reference level.
        return ReplayChains(steps: contrastive.chains.steps, stepSize: 0.02 * score.reference * score.reference, temperature: 1)
    }

    /// The most steps or passes.
    private static let most = 1_000_000

    /// - Throws: `GibbsError` with code `.usage` or `.limitExceeded`, naming the setting that cannot be served.
    func check() throws {
        guard steps > 0, jointSteps > 0, residualSteps > 0, passes ?? 1 > 0, batchesAtOnce > 0, latent > 0, variationalPasses > 0 else {
            throw GibbsError(.usage, "\(passes ?? 1) passes, \(steps), \(jointSteps) or \(residualSteps) steps, \(batchesAtOnce) batches at once, \(latent) numbers of z", advice: "give positive numbers")
        }
        guard steps <= Self.most, jointSteps <= Self.most, residualSteps <= Self.most, passes ?? 1 <= Self.most, variationalPasses <= Self.most else {
            throw GibbsError(.limitExceeded, "\(max(passes ?? 0, variationalPasses)) passes, \(max(steps, jointSteps, residualSteps)) steps", advice: "give at most \(Self.most)")
        }
        guard contrastive.chains.range == 0 ... 1 else {
            throw GibbsError(.usage, "chains of images in the range \(contrastive.chains.range.map { "\($0)" } ?? "of all numbers")", advice: "give 0 ... 1, the brightness that there is")
        }
        guard jointScale > 0, jointScale.isFinite, jointWeight >= 0, jointWeight.isFinite else {
            throw GibbsError(.usage, "outputs scaled by \(jointScale) and chains that weigh \(jointWeight)", advice: "give positive numbers")
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

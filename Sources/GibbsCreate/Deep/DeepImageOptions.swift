import GibbsCore
import GibbsDeep

/// How deep energies are fitted to images: every setting in one place, with the defaults that `gibbs fit images --model deep` takes.
public struct DeepImageOptions: Sendable, Hashable {
    /// Passes over the images.
    public var passes: Int
    /// Batches from one report to the next.
    public var batchesAtOnce: Int
    /// The layers without the last, which is linear: from an image `[1, height, width]` to a row of numbers.
    public var layers: [Layer]
    /// Chains, regulariser and descent; its epochs follow from `passes`.
    public var contrastive: ContrastiveTraining
    /// What the contrastive terms weigh beside −ln p(y | x), with labels.
    public var jointWeight: Double

    /// A small convolutional network without norms, which is smooth and lets no image of a batch see another.
    public static let smallNetwork: [Layer] = [
        .convolution(32, kernel: 3, stride: 2, padding: 1), .silu, .convolution(64, kernel: 3, stride: 2, padding: 1), .silu,
        .convolution(64, kernel: 3, padding: 1), .silu, .flatten,
    ]

    /// Options; checked when fitting begins.
    public init(passes: Int = 4, batchesAtOnce: Int = 10, layers: [Layer] = DeepImageOptions.smallNetwork, contrastive: ContrastiveTraining = ContrastiveTraining(), jointWeight: Double = 1) {
        self.passes = passes
        self.batchesAtOnce = batchesAtOnce
        self.layers = layers
        self.contrastive = contrastive
        self.jointWeight = jointWeight
    }

    /// The method for so many images.
    func method(rows: Int) -> ContrastiveTraining {
        var method = contrastive
        let batch = max(1, min(method.descent.batchSize, rows)), batches = max(1, passes * rows / batch)
        method.descent.epochRows = batch * min(batchesAtOnce, batches)
        method.descent.epochs = max(1, batches / max(1, min(batchesAtOnce, batches)))
        return method
    }
}

/// How far a deep fit is.
public struct DeepImageProgress: Sendable {
    /// Reports so far, and in all.
    public let number: Int, count: Int
    /// The figures of the last batches, as `ContrastiveTraining` names them.
    public let figures: [String: Double]
    /// The model as it is now, to be drawn from.
    public let model: ImageModel
}

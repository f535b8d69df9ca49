import GibbsDeep
import GibbsNumerics

/// How encoders are fitted.
public struct EncoderOptions: Sendable, Hashable {
    /// How alike two embeddings are: by the cosine of their angle, or their dot product.
    public typealias Similarity = InfoNCE.Similarity

    /// Numbers of an embedding.
    public var width: Int
    /// Passes over the rows.
    public var passes: Int
    /// Rows a step: each has the others to be told from.
    public var batch: Int
    /// Keys of earlier batches that stay candidates, but for those that are right as well: copies of a pair's partner, and an image's own earlier views.
    public var queue: Int
    /// τ; where `nil`, learnt for pairs, from 0.1 on, and 0.2 for images.
    public var temperature: Float?
    /// How alike two embeddings are.
    public var similarity: Similarity
    /// Whether partners of pairs that occur often are corrected for it, instead of being left out where they are right as well.
    public var correctsFrequency: Bool
    /// What images may look like without being another thing.
    public var views: ImageViews
    /// Units of each of a pair's two hidden layers.
    public var hidden: Int
    /// The number from which all randomness is derived.
    public var seed: UInt64
    /// Where the networks are trained.
    public var device: Device

    /// Options; checked when fitting begins.
    public init(width: Int = 64, passes: Int = 20, batch: Int = 256, queue: Int = 0, temperature: Float? = nil, similarity: Similarity = .cosine, correctsFrequency: Bool = false,
                views: ImageViews = ImageViews(), hidden: Int = 128, seed: UInt64 = 1,
                device: Device = .processor) {
        (self.width, self.passes, self.batch, self.queue, self.temperature, self.similarity) = (width, passes, batch, queue, temperature, similarity)
        (self.correctsFrequency, self.views, self.hidden, self.seed, self.device) = (correctsFrequency, views, hidden, seed, device)
    }

    /// - Throws: `GibbsError` with code `.usage`, naming the setting that cannot be served.
    func check() throws {
        guard (1 ... 4096).contains(width), passes > 0, (1 ... 65_536).contains(batch), queue >= 0, (1 ... 4096).contains(hidden) else {
            throw GibbsError(.usage, "embeddings of \(width) numbers by \(passes) passes in batches of \(batch), a queue of \(queue) and \(hidden) hidden units", advice: "give positive numbers, up to 4096 for widths")
        }
        try views.check()
    }

    /// The training of so many rows; the rate rises over a twentieth of the steps, a hundred at most.
    func training(rows: Int) -> InfoNCETraining {
        var training = InfoNCETraining(queue: queue)
        (training.descent.batchSize, training.descent.epochs) = (batch, passes)
        training.descent.warmUp = min(100, passes * max(1, rows / batch) / 20)
        return training
    }
}

import Foundation
import GibbsCore
import GibbsCreate
import GibbsDeep
import GibbsNumerics

extension ContrastiveEncoder {
    /// What a fit tells on its way: passes done and in all, and the figures of the last.
    public typealias Progress = (_ done: Int, _ passes: Int, _ figures: [String: Double]) throws -> Void

    /// An encoder of images, without labels: two random views of an image belong together, those of others do not.
    ///
    /// Embeddings are whitened over the images once the fit is done: the head is what the loss judges, and distances between embeddings count all their numbers alike.
    ///
    /// - Parameters:
    ///   - images: Shape `[images, shape.pixels]`, 0...1.
    ///   - shape: Height and width, at least 8 each.
    ///   - options: What is fitted.
    ///   - digest: Of the file the images came from, for the record.
    ///   - progress: Told of every pass; may throw to stop.
    /// - Throws: `GibbsError` with code `.usage` for options that make no sense or batches of one, `.shapeMismatch` or `.unsuitableData` for images that
    ///   do not suit or are all the same. Training that diverges is no error: the last good networks stay, and `training.method` says so.
    /// - Complexity: `passes · images` forward and backward passes of two views.
    public static func fitted(toImages images: Matrix, shape: ImageShape, options: EncoderOptions = EncoderOptions(), digest: String? = nil, progress: Progress = { _, _, _ in }) throws -> ContrastiveEncoder {
        try options.check()
        guard images.columns == shape.pixels else { throw GibbsError(.shapeMismatch, "rows of \(images.columns) pixels for images of \(shape.height) × \(shape.width)", advice: "give images of that size") }
        guard shape.height >= 8, shape.width >= 8 else { throw GibbsError(.unsuitableData, "images of \(shape.height) × \(shape.width) pixels", advice: "give images of at least 8 × 8") }
        guard images.values.allSatisfy({ $0 >= 0 && $0 <= 1 }) else { throw GibbsError(.unsuitableData, "pixels outside 0...1", advice: "divide by the largest brightness") }
        guard images.rows < 2 || images.rowsDiffer else { throw GibbsError(.unsuitableData, "\(images.rows) images that are all the same", advice: "give images that differ") }
        let key = Key(options.seed), views = options.views, input = [1, shape.height, shape.width]
        let critic = try PairCritic(
            left: fresh(imageLayers + [.linear(options.width)], for: images, input, key: key.folding(0)), head: Network(headLayers + [.linear(options.width)], input: [options.width], key: key.folding(1)),
            loss: InfoNCE(similarity: options.similarity, usesOwnSide: true), temperature: options.temperature ?? 0.2, learnsTemperature: false)
        let last = try finish(critic.moved(to: options.device).training(onViewsOf: images, view: { views.views(of: $0, shape: shape, key: $1) }, by: options.training(rows: images.rows), key: key.folding(2)), options, progress)
        let figures = last.figures
        return try ContrastiveEncoder(critic: last.model.whitened(over: images), form: .images(shape), training: Training(
            digest: digest, rows: images.rows, seed: options.seed, method: method(last, options, rows: images.rows), bound: figures["bound"] ?? 0, ceiling: figures["ceiling"] ?? 0))
    }

    /// Three convolutions of stride 2, two of them with group norms; embeddings are read straight from them, and what the loss wants beyond that is the head's to learn.
    static let imageLayers: [Layer] = [
        .convolution(32, kernel: 3, stride: 2, padding: 1), .silu, .convolution(64, kernel: 3, stride: 2, padding: 1), .groupNorm(groups: 8), .silu,
        .convolution(128, kernel: 3, stride: 2, padding: 1), .groupNorm(groups: 8), .silu, .flatten,
    ]

    /// Fresh layers that begin with a convolution and answer images as if their pixels had mean 0 and deviation 1, with black around them.
    ///
    /// Brightness alone would otherwise be most of what a fresh network answers, and small sets of images take long to part.
    private static func fresh(_ layers: [Layer], for images: Matrix, _ input: [Int], key: Key) throws -> Network {
        let network = try Network(layers, input: input, key: key), mean = Float(Statistics.mean(images.values)), deviation = Float(Statistics.standardDeviation(images.values))
        guard deviation > 1e-6 else { return network }
        let (old, bias) = try (network.parameters[0], network.parameters[1].floats()), weight = try old.floats().map { $0 / deviation }, inputs = weight.count / bias.count
        let shifted = bias.indices.map { bias[$0] - mean * weight[$0 * inputs ..< ($0 + 1) * inputs].reduce(0, +) }
        return try network.with(parameters: [Tensor(weight, shape: old.shape), Tensor(shifted, shape: [bias.count])] + network.parameters.dropFirst(2))
    }

    /// The head up to its last layer. It begins with a linear map, which can undo what whitening does to embeddings.
    static let headLayers: [Layer] = [.linear(256), .silu, .linear(256), .silu]

    /// An encoder of pairs: row i of one side belongs to row i of the other.
    ///
    /// Equal rows of a side are one thing. A tenth of the pairs, 50,000 at most, is held out for the bound, whose ceiling is the logarithm of that.
    /// - Parameters:
    ///   - left: Shape `[pairs, …]`.
    ///   - right: Shape `[pairs, …]`.
    ///   - names: What each side's columns are called, where they have names, for the model to keep.
    ///   - options: What is fitted.
    ///   - digest: Of the file of the left side, for the record.
    ///   - progress: Told of every pass; may throw to stop.
    /// - Throws: `GibbsError` with code `.usage` for options that make no sense or batches of one, `.shapeMismatch` for sides of different lengths or names
    ///   that are not one a column, `.unsuitableData` for fewer than 20 pairs, missing values, or a side whose rows are all the same.
    /// - Complexity: `passes · pairs` forward and backward passes of both networks.
    public static func fitted(toPairs left: Matrix, _ right: Matrix, names: (left: [String]?, right: [String]?) = (nil, nil), options: EncoderOptions = EncoderOptions(), digest: String? = nil,
                              progress: Progress = { _, _, _ in }) throws -> ContrastiveEncoder {
        try options.check()
        guard left.rows == right.rows else { throw GibbsError(.shapeMismatch, "\(left.rows) rows of one side and \(right.rows) of the other", advice: "give as many, in the same order") }
        guard left.rows >= 20, left.columns > 0, right.columns > 0 else { throw GibbsError(.unsuitableData, "\(left.rows == 1 ? "1 pair" : "\(left.rows) pairs") of \(left.columns) and \(right.columns) columns", advice: "give at least 20 pairs of at least one column") }
        guard left.isFinite, right.isFinite else { throw GibbsError(.unsuitableData, "a value of a pair is missing or not finite", advice: "leave such pairs out") }
        let sides: [(Side, Matrix, [String]?)] = [(.left, left, names.left), (.right, right, names.right)]
        for (side, rows, given) in sides {
            guard ColumnScale.fits(given, columns: rows.columns) else { throw GibbsError(.shapeMismatch, "\(given?.count ?? 0) names for the \(rows.columns) columns of the \(side.rawValue) side", advice: "give one a column, all different") }
            guard rows.rowsDiffer else { throw GibbsError(.unsuitableData, "\(rows.rows) rows of the \(side.rawValue) side that are all the same", advice: "give rows that differ") }
        }
        let key = Key(options.seed), order = key.folding(3).permutation(left.rows), held = min(50_000, left.rows / 10), rows = Array(order.dropFirst(held))
        let (x, y) = (left.selecting(rows: rows), right.selecting(rows: rows)), scales = (ColumnScale(of: x, names: names.left), ColumnScale(of: y, names: names.right))
        var pairs = try TrainingPairs(left: scales.0.applied(to: x), right: scales.1.applied(to: y))
        let groups = (groups(x), groups(y))
        if options.correctsFrequency { (pairs.leftLogQ, pairs.rightLogQ) = (TrainingPairs.logShares(groups.0), TrainingPairs.logShares(groups.1)) } else { (pairs.leftGroups, pairs.rightGroups) = groups }
        func tower(_ columns: Int, _ key: Key) throws -> Network { try Network([.linear(options.hidden), .silu, .linear(options.hidden), .silu, .linear(options.width)], input: [columns], key: key) }
        let critic = try PairCritic(left: tower(x.columns, key.folding(0)), right: tower(y.columns, key.folding(1)), loss: InfoNCE(similarity: options.similarity),
                                    temperature: options.temperature ?? (options.similarity == .dot ? 1 : 0.1), learnsTemperature: options.temperature == nil)
        let last = try finish(critic.moved(to: options.device).training(on: pairs, by: options.training(rows: rows.count), key: key.folding(2)), options, progress), test = Array(order.prefix(held))
        let (bound, error, ceiling) = try last.model.informationBound(scales.0.applied(to: left.selecting(rows: test)), scales.1.applied(to: right.selecting(rows: test)))
        return ContrastiveEncoder(critic: last.model, form: .pairs(left: scales.0, right: scales.1), training: Training(
            digest: digest, rows: rows.count, seed: options.seed, method: method(last, options, rows: rows.count), bound: bound, boundError: error, ceiling: ceiling))
    }

    /// Equal rows have one number.
    private static func groups(_ rows: Matrix) -> [Int] {
        var known = [[Float]: Int]()
        return (0 ..< rows.rows).map { index in
            let row = Array(rows.row(index))
            if let number = known[row] { return number }
            known[row] = known.count
            return known.count - 1
        }
    }

    private static func finish(_ run: TrainingRun<PairCritic>, _ options: EncoderOptions, _ progress: Progress) throws -> Epoch<PairCritic> {
        try run.finish { epoch in
            try progress(epoch.number, options.passes, epoch.figures)
            return true
        }
    }

    private static func method(_ epoch: Epoch<PairCritic>, _ options: EncoderOptions, rows: Int) -> String {
        let weights = epoch.model.parameters.reduce(0) { $0 + $1.count }
        var text = "InfoNCE by \(options.similarity.rawValue) at τ = " + String(format: "%.3g", epoch.model.temperature) + ", \(weights) weights, batches of \(min(options.batch, rows))"
            + (options.queue > 0 ? " and a queue of \(options.queue)" : "") + String(format: ", last loss %.3f nats", epoch.figures["loss"] ?? .nan)
        if case .diverged(let reason) = epoch.ending { text += ", and gave up: \(reason)" }
        return text
    }
}

extension Matrix {
    /// Whether any row is another than the first.
    fileprivate var rowsDiffer: Bool { rows > 1 && (1 ..< rows).contains { row($0) != row(0) } }
}

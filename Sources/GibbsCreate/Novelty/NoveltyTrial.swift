import GibbsCore
import GibbsNumerics

/// How well energies that learned one kind of images tell it from others.
///
/// A tenth of the images of training is kept from the fits and calibrates them: an image alerts when p = (1 + #{calibration ≥ E}) / (n + 1) is at most the
/// false-alarm rate. A trial tunes nothing.
public struct NoveltyTrial: Sendable {
    /// Share of the images that calibrates.
    public static let calibrationShare = 0.1

    /// Images that belong: for the fits, for calibration, for the figures.
    let training: Matrix, labels: [String]?, calibration: Matrix, test: Matrix
    let shape: ImageShape, options: ImageOptions, falseAlarmRate: Double

    /// A trial.
    ///
    /// - Parameters:
    ///   - images: Images that belong; shape `[images, shape.pixels]`, pixels 0...1.
    ///   - labels: A name an image, for classifiers.
    ///   - test: Fresh images that belong.
    ///   - shape: Height and width.
    ///   - options: How energies are fitted.
    ///   - falseAlarmRate: Of the calibration.
    /// - Throws: `GibbsError` with code `.unsuitableData` for fewer images than the rate needs, or no test images; `.shapeMismatch` for another size.
    public init(images: Matrix, labels: [String]? = nil, test: Matrix, shape: ImageShape, options: ImageOptions = ImageOptions(), falseAlarmRate: Double = 0.05) throws {
        guard images.columns == shape.pixels, test.columns == shape.pixels, labels?.count ?? images.rows == images.rows else {
            throw GibbsError(.shapeMismatch, "images of \(images.columns) and \(test.columns) pixels where \(shape.height) × \(shape.width) are wanted, \(labels?.count ?? 0) labels for \(images.rows)",
                             advice: "give images of one size, and one label an image")
        }
        guard test.rows > 1 else { throw GibbsError(.unsuitableData, "\(test.rows) test images", advice: "give some hundred") }
        let order = Key(options.seed).folding(0x6f).permutation(images.rows), held = Int(Double(images.rows) * Self.calibrationShare)
        let kept = Array(order.dropFirst(held))
        calibration = images.selecting(rows: Array(order.prefix(held)))
        // Too few images fail before the fits, not after.
        _ = try Calibration(energies: [Float](repeating: 0, count: held), falseAlarmRate: falseAlarmRate)
        training = images.selecting(rows: kept)
        self.labels = labels.map { labels in kept.map { labels[$0] } }
        (self.test, self.shape, self.options, self.falseAlarmRate) = (test, shape, options, falseAlarmRate)
    }

    /// Images that are learned from.
    public var learned: Int { training.rows }

    /// Fits a model.
    ///
    /// - Throws: As `ImageModel.fitted`; `GibbsError` with code `.usage` for a model that needs labels where there are none.
    public func fitted(_ model: NoveltyModel, progress: (String, Double) throws -> Void = { _, _ in }) throws -> ImageModel {
        try model.check(labels: labels)
        return try ImageModel.fitted(to: training, shape: shape, labels: model.needsLabels ? labels : nil, options: model.options(options), progress: progress)
    }

    /// Judges a model by what was fitted, on every set.
    ///
    /// - Parameters:
    ///   - model: What is read off.
    ///   - fit: From `fitted` of `model.fitted`.
    ///   - sets: Foreign images.
    ///   - progress: Told the share of the sets that is done; may throw to stop.
    /// - Throws: As `Energy.energies(of:)`.
    public func judged(_ model: NoveltyModel, by fit: ImageModel, on sets: [NoveltySet], progress: (Double) throws -> Void = { _ in }) throws -> NoveltyResult {
        try judged(model.rawValue, on: sets, most: model.most, progress: progress) { try model.energies(of: $0, by: fit) }
    }

    /// Judges any energy on every set.
    ///
    /// - Parameters:
    ///   - name: What the figures call it.
    ///   - sets: Foreign images.
    ///   - most: Images of a set that are judged at most, evenly chosen; `nil` for all.
    ///   - progress: As above.
    ///   - energies: The energies of images. What is no number counts as infinite: as foreign as can be.
    /// - Throws: What `energies` and `progress` throw.
    public func judged(_ name: String, on sets: [NoveltySet], most: Int? = nil, progress: (Double) throws -> Void = { _ in },
                       _ energies: (Matrix) throws -> [Float]) throws -> NoveltyResult {
        var done = 0
        func judged(_ images: Matrix, atLeast needed: Int = 0) throws -> NoveltyResult.Judged {
            let rows = Self.evenly(images.rows, most: most.map { max($0, needed) }), found = try energies(images.selecting(rows: rows)).map { $0.isNaN ? .infinity : $0 }
            done += 1
            try progress(Double(done) / Double(sets.count + 2))
            return NoveltyResult.Judged(rows: rows, energies: found)
        }
        let calibration = try Calibration(energies: judged(calibration, atLeast: Calibration.recordsNeeded(for: falseAlarmRate)).energies, falseAlarmRate: falseAlarmRate)
        let own = try judged(test), foreign = try sets.map { try judged($0.images) }
        return NoveltyResult(name: name, own: own, foreign: foreign, figures: zip(sets, foreign).map { NoveltyFigure(set: $0.name, own: own.energies, foreign: $1.energies, calibration) })
    }

    /// Fits a model and judges it on every set.
    ///
    /// - Throws: As `fitted` and `judged`.
    public func figures(of model: NoveltyModel, on sets: [NoveltySet]) throws -> [NoveltyFigure] { try judged(model, by: fitted(model.fitted), on: sets).figures }

    /// So many places of a row of `count`, as far apart as can be.
    private static func evenly(_ count: Int, most: Int?) -> [Int] {
        let some = min(most ?? count, count)
        return (0 ..< some).map { $0 * count / some }
    }
}

/// What one energy said of all images.
public struct NoveltyResult: Sendable {
    /// The energy's name.
    public let name: String
    /// Images that belong, and those of each set.
    public let own: Judged, foreign: [Judged]
    /// A figure a set.
    public let figures: [NoveltyFigure]

    /// Images that were judged.
    public struct Judged: Sendable {
        /// Which, and their energies.
        public let rows: [Int], energies: [Float]
    }
}

/// How well an energy tells one set of foreign images.
public struct NoveltyFigure: Sendable, Hashable {
    /// The foreign images.
    public let set: String
    /// How many were judged.
    public let images: Int
    /// The probability that a foreign image has the higher energy than one that belongs.
    public let auroc: Double
    /// Average precision, the foreign ones being what is looked for, in as many as there are.
    public let averagePrecision: Double
    /// The share of images that belong among those as high as the 95 % highest of the foreign ones.
    public let falsePositiveRate: Double
    /// The share of foreign images that alert, and of fresh ones that belong.
    public let caught: Double, falseAlarms: Double

    init(set: String, own: [Float], foreign: [Float], _ calibration: Calibration) {
        let scores = own + foreign, positive = scores.indices.map { $0 >= own.count }, threshold = Statistics.quantile(0.05, of: foreign)
        (self.set, images) = (set, foreign.count)
        auroc = Ranking.auroc(scores: scores, positive: positive)
        averagePrecision = Ranking.averagePrecision(scores: scores, positive: positive)
        falsePositiveRate = Double(own.count { $0 >= threshold }) / Double(own.count)
        caught = Double(foreign.count { calibration.alerts(on: $0) }) / Double(foreign.count)
        falseAlarms = Double(own.count { calibration.alerts(on: $0) }) / Double(own.count)
    }
}

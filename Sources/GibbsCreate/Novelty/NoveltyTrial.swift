import GibbsCore
import GibbsNumerics

/// How well energies that learned one kind of images tell it from others.
///
/// A tenth of the images of training is kept from the fits and calibrates them: an image alerts when p = (1 + #{calibration ≥ E}) / (n + 1) is at most the
/// false-alarm rate. Nothing is tuned on the foreign images.
public struct NoveltyTrial: Sendable {
    /// Share of the images that calibrates.
    public static let calibrationShare = 0.1

    /// Images that belong: for the fits, for calibration, for the figures.
    let training: Matrix, labels: [String]?, calibration: Matrix, test: Matrix
    let shape: ImageShape, options: ImageOptions, falseAlarmRate: Double

    /// The figures of one energy on one set.
    public struct Figure: Sendable, Hashable {
        /// The energy, and the foreign images.
        public let model: NoveltyModel, set: String
        /// The probability that a foreign image has the higher energy than one that belongs.
        public let auroc: Double
        /// Average precision, the foreign ones being what is looked for, in as many as there are.
        public let averagePrecision: Double
        /// The share of images that belong among those as high as the 95 % highest of the foreign ones.
        public let falsePositiveRate: Double
        /// The share of foreign images that alert, and of fresh ones that belong.
        public let caught: Double, falseAlarms: Double
    }

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

    /// Fits an energy and judges it on every set.
    ///
    /// - Throws: As `ImageModel.fitted`; `GibbsError` with code `.usage` for a model that needs labels where there are none.
    public func figures(of model: NoveltyModel, on sets: [NoveltySet], progress: (String, Double) throws -> Void = { _, _ in }) throws -> [Figure] {
        guard !model.needsLabels || labels != nil else { throw GibbsError(.usage, "'\(model.rawValue)' without labels", advice: "give --labels FILE, or leave it out") }
        let fitted = try ImageModel.fitted(to: training, shape: shape, labels: model.needsLabels ? labels : nil, options: model.options(options), progress: progress)
        // What is no number is as foreign as can be.
        func energies(_ images: Matrix) throws -> [Float] { try fitted.surprises(of: images).map { $0.isNaN ? .infinity : $0 } }
        let calibration = try Calibration(energies: energies(calibration), falseAlarmRate: falseAlarmRate), own = try energies(test)
        let falseAlarms = Double(own.count { calibration.alerts(on: $0) }) / Double(own.count)
        return try sets.map { set in
            let foreign = try energies(set.images), scores = own + foreign, positive = scores.indices.map { $0 >= own.count }
            let threshold = Statistics.quantile(0.05, of: foreign)
            return Figure(model: model, set: set.name, auroc: Ranking.auroc(scores: scores, positive: positive), averagePrecision: Ranking.averagePrecision(scores: scores, positive: positive),
                          falsePositiveRate: Double(own.count { $0 >= threshold }) / Double(own.count),
                          caught: Double(foreign.count { calibration.alerts(on: $0) }) / Double(foreign.count), falseAlarms: falseAlarms)
        }
    }
}

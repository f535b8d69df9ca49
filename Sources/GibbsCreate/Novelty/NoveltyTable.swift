import GibbsNumerics

/// The figures of several energies over several keys: means, spreads, and where each fails.
public struct NoveltyTable: Sendable {
    /// A number over the keys.
    public struct Spread: Sendable, Hashable {
        /// Its values, a key each.
        public let values: [Double]
        /// Their mean.
        public var mean: Double { Statistics.mean(values) }
        /// Their standard deviation, with n − 1; `nil` for one key.
        public var deviation: Double? {
            values.count < 2 ? nil : (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)).squareRoot()
        }
    }

    /// One energy on one set.
    public struct Cell: Sendable, Hashable {
        /// The energy, and the set.
        public let model: String, set: String
        /// Foreign images that were judged for each key.
        public let images: Int
        /// As in `NoveltyFigure`.
        public let auroc: Spread, averagePrecision: Spread, falsePositiveRate: Spread, caught: Spread, falseAlarms: Spread
    }

    /// Energy by energy, in the order in which they came.
    public private(set) var cells = [Cell]()

    /// An empty table.
    public init() {}

    /// Adds an energy, by its results for each key. Traps unless there is one, and all are on the same sets.
    public mutating func add(_ results: [NoveltyResult]) {
        precondition(!results.isEmpty && results.allSatisfy { $0.figures.map(\.set) == results[0].figures.map(\.set) }, "results on different sets")
        for (index, figure) in results[0].figures.enumerated() {
            func spread(_ value: (NoveltyFigure) -> Double) -> Spread { Spread(values: results.map { value($0.figures[index]) }) }
            cells.append(Cell(model: results[0].name, set: figure.set, images: figure.images, auroc: spread(\.auroc), averagePrecision: spread(\.averagePrecision),
                              falsePositiveRate: spread(\.falsePositiveRate), caught: spread(\.caught), falseAlarms: spread(\.falseAlarms)))
        }
    }

    /// The energies and the sets, in order.
    public var models: [String] { cells.map(\.model).reduce(into: []) { if !$0.contains($1) { $0.append($1) } } }
    /// The sets, in order.
    public var sets: [String] { cells.map(\.set).reduce(into: []) { if !$0.contains($1) { $0.append($1) } } }

    /// The figures of an energy on a set.
    public func cell(_ model: String, _ set: String) -> Cell? { cells.first { $0.model == model && $0.set == set } }

    /// Where an energy tells foreign images worst: its set of the lowest AUROC.
    public func worst(of model: String) -> Cell? { cells.filter { $0.model == model }.min { $0.auroc.mean < $1.auroc.mean } }

    /// The energy whose worst set is best, which is what to take where nothing is known of what may come.
    public var safest: Cell? { models.compactMap { worst(of: $0) }.max { $0.auroc.mean < $1.auroc.mean } }
}

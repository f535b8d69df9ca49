import GibbsNumerics

/// Langevin chains that go on from batch to batch: where the negatives of contrastive training come from.
///
/// A buffer holds where chains ended. Each step takes some of them, starts a few anew from noise, runs all by x ← x − (ε/T) ∇E(x) + √(2ε) ξ, and
/// puts them back. So the chains are long although each step is short, and fresh ones keep showing the energy what it must push up.
///
/// - Source: Tieleman, ICML 2008, for chains that persist; Du & Mordatch, *Implicit Generation and Modeling with Energy-Based Models*, NeurIPS 2019,
///   section 3, for the buffer. There a step of 10 along the gradient and noise of deviation 0.005 hide a temperature of 1.25e-6; here it is said.
public struct ReplayChains: Sendable, Hashable {
    /// Langevin steps of a chain for each step of training.
    public var steps: Int
    /// ε, in squared units of the columns.
    public var stepSize: Float
    /// T.
    public var temperature: Float
    /// What values are clamped to after every step; `nil` for no bounds.
    public var range: ClosedRange<Float>?
    /// Chains in the buffer.
    public var capacity: Int
    /// Share of a batch's chains that start from noise: uniform in the range, or, where there is none, normal with the data's means and
    /// deviations.
    public var fresh: Double

    /// Chains at a temperature.
    public init(steps: Int = 40, stepSize: Float = 1.25e-5, temperature: Float = 1.25e-6, range: ClosedRange<Float>? = 0 ... 1, capacity: Int = 10_000, fresh: Double = 0.05) {
        self.steps = steps
        self.stepSize = stepSize
        self.temperature = temperature
        self.range = range
        self.capacity = capacity
        self.fresh = fresh
    }

    /// - Throws: `GibbsError` with code `.usage`, naming the setting that cannot be served.
    public func check() throws {
        try NetworkDescent.check([
            (steps > 0, "\(steps) Langevin steps"), (stepSize > 0 && stepSize.isFinite, "a Langevin step of \(stepSize)"), (temperature > 0 && temperature.isFinite, "a temperature of \(temperature)"),
            (capacity > 0, "a buffer of \(capacity) chains"), ((0 ... 1).contains(fresh), "a share of \(fresh) fresh chains"),
            (range.map { $0.lowerBound < $0.upperBound && $0.lowerBound.isFinite && $0.upperBound.isFinite } ?? true, "a range of \(range.map { "\($0)" } ?? "")"),
        ])
    }
}

/// The chains of one training run.
struct ReplayBuffer {
    private let chains: ReplayChains
    private let noise: (means: [Float], deviations: [Float])
    private var positions: Matrix

    /// A buffer of noise; consumes `key`.
    init(_ chains: ReplayChains, data: Matrix, key: Key) {
        self.chains = chains
        let columns = (0 ..< data.columns).map { data.column($0) }
        noise = chains.range == nil ? (columns.map { Float(Statistics.mean($0)) }, columns.map { Float(Statistics.standardDeviation($0)) }) : ([], [])
        positions = Matrix(rows: 0, columns: data.columns)
        positions = fresh(chains.capacity, key: key)
    }

    /// Where `count` chains are after this step's Langevin run on `energy`; they stay in the buffer.
    mutating func advance<Target: TensorEnergy>(_ count: Int, on energy: Target, key: Key) throws -> LangevinChains<Target>.Run {
        let slots = key.folding(0).choose(min(count, chains.capacity), of: chains.capacity), coins = key.folding(1).uniforms(slots.count)
        let renewed = slots.indices.filter { Double(coins[$0]) < chains.fresh }, anew = fresh(renewed.count, key: key.folding(2))
        var start = positions.selecting(rows: slots)
        for (source, row) in renewed.enumerated() { start.setRow(row, to: anew, source) }
        var langevin = try LangevinChains(on: energy, stepSize: chains.stepSize, temperature: chains.temperature)
        langevin.range = chains.range
        let run = try langevin.run(chains.steps, from: start, key: key.folding(3))
        for (row, slot) in slots.enumerated() { positions.setRow(slot, to: run.positions, row) }
        return run
    }

    private func fresh(_ count: Int, key: Key) -> Matrix {
        let columns = positions.columns
        if let range = chains.range {
            return Matrix(rows: count, columns: columns, values: key.uniforms(count * columns).map { range.lowerBound + (range.upperBound - range.lowerBound) * $0 })
        }
        return Matrix(rows: count, columns: columns, values: key.normals(count * columns).enumerated().map { noise.means[$0 % columns] + noise.deviations[$0 % columns] * $1 })
    }
}

extension Matrix {
    fileprivate mutating func setRow(_ row: Int, to other: Matrix, _ source: Int) {
        values.replaceSubrange(row * columns ..< (row + 1) * columns, with: other.values[source * columns ..< (source + 1) * columns])
    }
}

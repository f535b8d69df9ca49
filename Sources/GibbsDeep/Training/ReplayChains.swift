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
    /// What each number of ∇E is clamped to, ± this, before a step follows it; `nil` for no limit. Where it binds, T no longer says what chains draw:
    /// see `LangevinChains.slopeLimit`. It keeps steep energies of half-trained networks from throwing chains about.
    public var slopeLimit: Float?
    /// What values are clamped to after every step; `nil` for no bounds.
    public var range: ClosedRange<Float>?
    /// Chains in the buffer.
    public var capacity: Int
    /// Share of a batch's chains that start from noise: that of `noise(_:columns:key:)` in a range, and where there is none normal with the data's
    /// means and deviations.
    public var fresh: Double

    /// Chains at a temperature.
    public init(steps: Int = 40, stepSize: Float = 1.25e-5, temperature: Float = 1.25e-6, slopeLimit: Float? = nil, range: ClosedRange<Float>? = 0 ... 1, capacity: Int = 10_000, fresh: Double = 0.05) {
        self.steps = steps
        self.stepSize = stepSize
        self.temperature = temperature
        self.slopeLimit = slopeLimit
        self.range = range
        self.capacity = capacity
        self.fresh = fresh
    }

    /// - Throws: `GibbsError` with code `.usage`, naming the setting that cannot be served.
    public func check() throws {
        try NetworkDescent.check([
            (steps > 0, "\(steps) Langevin steps"), (stepSize > 0 && stepSize.isFinite, "a Langevin step of \(stepSize)"), (temperature > 0 && temperature.isFinite, "a temperature of \(temperature)"),
            (slopeLimit.map { $0 > 0 && $0.isFinite } ?? true, "slopes within ± \(slopeLimit ?? 0)"), (capacity > 0, "a buffer of \(capacity) chains"), ((0 ... 1).contains(fresh), "a share of \(fresh) fresh chains"),
            (range.map { $0.lowerBound < $0.upperBound && $0.lowerBound.isFinite && $0.upperBound.isFinite } ?? true, "a range of \(range.map { "\($0)" } ?? "")"),
        ])
    }

    /// Where chains in a range begin: a level and on it normal noise of a strength, both drawn anew for each row from what the range spans, and all clamped to it:
    /// from a flat grey to nearly black and white. Consumes `key`; traps without a range.
    package func noise(_ count: Int, columns: Int, key: Key) -> Matrix {
        guard let range else { preconditionFailure("noise in no range") }
        let levels = key.folding(0).uniforms(count), strengths = key.folding(1).uniforms(count), span = range.upperBound - range.lowerBound
        return Matrix(rows: count, columns: columns, values: key.folding(2).normals(count * columns).enumerated().map { index, normal in
            range.lowerBound + span * min(max(levels[index / columns] + strengths[index / columns] * normal, 0), 1)
        })
    }

    /// These chains on an energy, with their limits.
    ///
    /// - Parameter factor: Multiplies the temperature; the step along the gradient, ε/T, stays what training was tuned to.
    package func langevin<Target: TensorEnergy>(on target: Target, temperature factor: Float = 1) throws -> LangevinChains<Target> {
        var langevin = try LangevinChains(on: target, stepSize: stepSize * factor, temperature: temperature * factor)
        (langevin.range, langevin.slopeLimit) = (range, slopeLimit)
        return langevin
    }
}

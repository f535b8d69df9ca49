import CKernels
import Foundation
import GibbsCore
import GibbsNumerics

/// A restricted Boltzmann machine with binary hidden units and mixed visible ones.
///
///     E(v, h) = Σ_real (vᵢ − bᵢ)² / 2σᵢ² − Σ_other bᵢ vᵢ − Σⱼ cⱼ hⱼ − Σᵢⱼ (vᵢ / σᵢ²) Wᵢⱼ hⱼ      (σᵢ = 1 unless real)
///     F(v)    = Σ_real (vᵢ − bᵢ)² / 2σᵢ² − Σ_other bᵢ vᵢ − Σⱼ ln(1 + exp(cⱼ + Σᵢ (vᵢ / σᵢ²) Wᵢⱼ))
///
/// A categorical column is a softmax group: exactly one of its units is on, and its states are held as an index, never as
/// zeros and ones. The energy as an `Energy` is the free energy F, exact for complete rows; ln Z is not known, so that only
/// differences of F mean something.
///
/// - Source: Smolensky 1986; Hinton, *A Practical Guide to Training Restricted Boltzmann Machines*, UTML TR 2010-003;
///   real units after Cho, Ilin, Raiko, *Improved Learning of Gaussian-Bernoulli RBMs*, ICANN 2011.
public struct RBM: Sendable {
    /// Where the visible units stand in the weight matrix.
    public let layout: UnitLayout
    /// The number of hidden units.
    public let hiddenCount: Int
    /// W, shape `[layout.width, hiddenCount]`.
    public internal(set) var weights: Matrix
    /// b in weight order; length `layout.width`.
    public internal(set) var visibleBias: [Float]
    /// c, length `hiddenCount`.
    public internal(set) var hiddenBias: [Float]
    /// ln σ² of the real units, in the order of `layout.realUnits`.
    public internal(set) var logVariance: [Float]

    /// A machine with small random weights (normal, standard deviation `spread`) and zero biases; consumes `key`.
    ///
    /// Traps unless there is a visible and a hidden unit.
    public init(visible: [Variable], hidden: Int, spread: Float = 0.01, key: Key) {
        precondition(!visible.isEmpty && hidden > 0, "\(visible.count) visible and \(hidden) hidden units")
        layout = UnitLayout(visible)
        hiddenCount = hidden
        weights = Matrix(rows: layout.width, columns: hidden, values: key.normals(layout.width * hidden).map { spread * $0 })
        visibleBias = [Float](repeating: 0, count: layout.width)
        hiddenBias = [Float](repeating: 0, count: hidden)
        logVariance = [Float](repeating: 0, count: layout.realUnits.count)
    }

    /// A machine from given parameters; traps when a shape differs from the layout's.
    public init(visible: [Variable], weights: Matrix, visibleBias: [Float], hiddenBias: [Float], logVariance: [Float] = []) {
        layout = UnitLayout(visible)
        precondition(weights.rows == layout.width && visibleBias.count == layout.width && weights.columns == hiddenBias.count
            && logVariance.count == layout.realUnits.count, "parameters of other shapes than the layout's")
        hiddenCount = hiddenBias.count
        self.weights = weights
        self.visibleBias = visibleBias
        self.hiddenBias = hiddenBias
        self.logVariance = logVariance
    }
}

// MARK: - Free energy and conditionals

extension RBM: LatentEnergy {
    public var variables: [Variable] { layout.variables }

    /// The free energy F(v) of every row, nats. See `freeEnergy(_:)`.
    public func energies(of batch: Matrix) throws -> [Float] { try freeEnergy(batch) }

    /// F(v) = −ln Σₕ exp(−E(v, h)); lower is more plausible.
    ///
    /// - Parameter v: Visible states, shape `[batch, variables.count]`; binary values between 0 and 1 are no error.
    /// - Returns: Shape `[batch]`, nats. Compare differences; a probability also needs ln Z.
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData`. A missing value (`nan`) is no error: rows
    ///   that hold one give −ln Σ_missing exp(−F(v)). That is exact while the missing columns are binary or categorical and
    ///   have at most `enumerationLimit` joint states together; else it is a mean-field bound, never below the exact value.
    /// - Complexity: One `batch × width × hidden` product for dense units, one row lookup for each categorical one.
    /// - Source: Hinton, UTML TR 2010-003, section 16.1; the bound: Salakhutdinov & Hinton, *Deep Boltzmann Machines*, AISTATS
    ///   2009, section 2.2, with the missing units beside the hidden ones.
    public func freeEnergy(_ v: Matrix) throws -> [Float] {
        try v.check(against: variables)
        var result = [Float](repeating: 0, count: v.rows)
        let incomplete = (0 ..< v.rows).filter { row in v.row(row).contains { $0.isNaN } }
        if !incomplete.isEmpty {
            let marginal = marginalFreeEnergy(of: v.selecting(rows: incomplete))
            if incomplete.count == v.rows { return marginal }
            for (row, energy) in zip(incomplete, marginal) { result[row] = energy }
            let missing = Set(incomplete)
            let complete = (0 ..< v.rows).filter { !missing.contains($0) }
            for (row, energy) in zip(complete, freeEnergy(complete: v.selecting(rows: complete))) { result[row] = energy }
            return result
        }
        return freeEnergy(complete: v)
    }

    /// Rows at once in `freeEnergy(complete:)`, so that the activations stay in cache.
    static let chunk = 512

    /// F of rows without missing values, in chunks.
    func freeEnergy(complete v: Matrix) -> [Float] {
        if v.rows > Self.chunk {
            return stride(from: 0, to: v.rows, by: Self.chunk).flatMap { first in
                freeEnergy(complete: v.slice(first ..< min(v.rows, first + Self.chunk)))
            }
        }
        let states = VisibleStates(v, layout: layout)
        let activations = hiddenInput(states)
        var result = visibleEnergy(states)
        let rows = v.rows, hidden = hiddenCount
        var sums = [Float](repeating: 0, count: rows)
        sums.withUnsafeMutableBufferPointer { out in
            activations.values.withUnsafeBufferPointer { x in
                hiddenBias.withUnsafeBufferPointer { c in
                    let out = SharedPointer(out.baseAddress)
                    nonisolated(unsafe) let (x, c) = (x.baseAddress!, c.baseAddress!)
                    parallelRanges(rows, minimum: 64) { range in
                        gk_softplus_sums(x + range.lowerBound * hidden, c, range.count, hidden, out.pointer! + range.lowerBound)
                    }
                }
            }
        }
        for row in 0 ..< rows { result[row] -= sums[row] }
        return result
    }

    /// The part of F that does not touch the hidden units: Σ_real (v − b)² / 2σ² − Σ_other b v.
    func visibleEnergy(_ states: VisibleStates) -> [Float] {
        let dense = layout.denseCount, groups = layout.groupCount
        var isReal = [Bool](repeating: false, count: dense), precision = [Float](repeating: 0, count: dense)
        for (index, unit) in layout.realUnits.enumerated() {
            isReal[unit] = true
            precision[unit] = exp(-logVariance[index])
        }
        return (0 ..< states.rows).map { row in
            var sum: Float = 0
            for unit in 0 ..< dense {
                let v = states.dense.values[row * dense + unit], b = visibleBias[unit]
                sum += isReal[unit] ? (v - b) * (v - b) * precision[unit] / 2 : -b * v
            }
            for group in 0 ..< groups {
                let code = states.codes[row * groups + group]
                if code >= 0 { sum -= visibleBias[Int(layout.groupOffsets[group] + code)] }
            }
            return sum
        }
    }

    /// Σᵢ (vᵢ / σᵢ²) Wᵢⱼ without the hidden biases; shape `[rows, hiddenCount]`.
    func hiddenInput(_ states: VisibleStates) -> Matrix {
        var result = Matrix(rows: states.rows, columns: hiddenCount)
        addHiddenInput(states, into: &result)
        return result
    }

    public func hiddenMeans(given visible: Matrix) throws -> Matrix {
        var result = hiddenInput(try completeStates(visible))
        result.biasSigmoid(hiddenBias)
        return result
    }

    public func sampleHidden(given visible: Matrix, key: Key) throws -> Matrix {
        var result = hiddenInput(try completeStates(visible))
        result.biasSigmoidSample(hiddenBias, key: key)
        return result
    }

    public func sampleVisible(given hidden: Matrix, key: Key) throws -> Matrix {
        guard hidden.columns == hiddenCount else {
            throw GibbsError(.shapeMismatch, "\(hidden.columns) hidden columns where the machine has \(hiddenCount) hidden units")
        }
        var states = VisibleStates(rows: hidden.rows, layout: layout)
        sampleVisible(given: hidden, key: key, into: &states)
        return states.batch(layout: layout)
    }
}

extension RBM {
    /// The states of a batch without missing values.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData`, the latter also for a missing value: the hidden
    ///   units' distribution given only some visible ones has no closed form.
    private func completeStates(_ visible: Matrix) throws -> VisibleStates {
        try visible.check(against: variables)
        guard !visible.values.contains(where: \.isNaN) else {
            throw GibbsError(.unsuitableData, "the hidden units need rows without missing values", advice: "fill the missing cells first")
        }
        return VisibleStates(visible, layout: layout)
    }
}

// MARK: - Storage

extension RBM: Storable {
    public static let kind = "rbm"

    public init(archive: Archive) throws {
        let visible = try [Variable](text: archive.text("variables"))
        let weights = try archive.matrix("weights")
        // Before a layout is made: a short text can claim more units than an index holds.
        guard !visible.isEmpty, weights.columns > 0, visible.reduce(0, { $0 + $1.expandedWidth }) == weights.rows else {
            throw GibbsError(.unsuitableModel, "the weights are \(weights.rows) × \(weights.columns), which does not fit the columns '\(visible.text)'",
                             advice: "the file is damaged")
        }
        let layout = UnitLayout(visible)
        self.init(visible: visible, weights: weights,
                  visibleBias: try archive.vector("visibleBias", count: layout.width),
                  hiddenBias: try archive.vector("hiddenBias", count: weights.columns),
                  logVariance: try archive.vector("logVariance", count: layout.realUnits.count))
    }

    public func archive() -> Archive {
        Archive(tensors: ["weights": .init(weights), "visibleBias": .init(visibleBias), "hiddenBias": .init(hiddenBias),
                          "logVariance": .init(logVariance)],
                metadata: ["variables": variables.text])
    }
}

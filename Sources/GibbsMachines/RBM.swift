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
    /// W, shape `[layout.width, hiddenCount]`; the rows stand as `layout` says.
    public internal(set) var weights: Matrix
    /// b in weight order; length `layout.width`.
    public internal(set) var visibleBias: [Float]
    /// c, length `hiddenCount`.
    public internal(set) var hiddenBias: [Float]
    /// ln σ² of the real units, in the order of `layout.realColumns`.
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
        logVariance = [Float](repeating: 0, count: layout.realCount)
    }

    /// A machine from given parameters; traps when a shape differs from the layout's.
    public init(visible: [Variable], weights: Matrix, visibleBias: [Float], hiddenBias: [Float], logVariance: [Float] = []) {
        layout = UnitLayout(visible)
        precondition(weights.rows == layout.width && visibleBias.count == layout.width && weights.columns == hiddenBias.count
            && logVariance.count == layout.realCount, "parameters of other shapes than the layout's")
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
    /// - Complexity: One `batch × real × hidden` product for real units, one row of the weights for each binary unit that is on
    ///   and each categorical column. A row's energy has the same bits whatever rows stand beside it.
    /// - Source: Hinton, UTML TR 2010-003, section 16.1; the bound: Salakhutdinov & Hinton, *Deep Boltzmann Machines*, AISTATS
    ///   2009, section 2.2, with the missing units beside the hidden ones.
    public func freeEnergy(_ v: Matrix) throws -> [Float] {
        if v.columns != variables.count { try v.check(against: variables) }
        var (result, states) = checkedFreeEnergy(v)
        // The check that knows the words.
        if states.contains(VariableLimits.unfit) { try v.check(against: variables) }
        guard states.contains(VariableLimits.incomplete) else { return result }
        let incomplete = states.indices.filter { states[$0] == VariableLimits.incomplete }
        for (row, energy) in zip(incomplete, marginalFreeEnergy(of: v.selecting(rows: incomplete))) { result[row] = energy }
        return result
    }

    public func hiddenMeans(given visible: Matrix) throws -> Matrix {
        let states = try completeStates(visible)
        var means = Matrix(rows: states.rows, columns: hiddenCount)
        hiddenPhase(states, rows: 0 ..< states.rows, into: &means)
        return means
    }

    public func sampleHidden(given visible: Matrix, key: Key) throws -> Matrix {
        let states = try completeStates(visible)
        var means = Matrix(rows: states.rows, columns: hiddenCount), sample = means
        sample.values.withUnsafeMutableBufferPointer {
            hiddenPhase(states, rows: 0 ..< states.rows, into: &means, sample: ($0.baseAddress!, key))
        }
        return sample
    }

    public func sampleVisible(given hidden: Matrix, key: Key) throws -> Matrix {
        guard hidden.columns == hiddenCount else {
            throw GibbsError(.shapeMismatch, "\(hidden.columns) hidden columns where the machine has \(hiddenCount) hidden units")
        }
        var states = VisibleStates(rows: hidden.rows, layout: layout), inputs = [Float]()
        sampleVisible(given: hidden.values, key: key, into: &states, rows: 0 ..< hidden.rows, inputs: &inputs)
        return states.batch()
    }

    public func sampled(from visible: Matrix, sweeps: Int, key: Key) throws -> Matrix {
        var chains = BlockGibbsChains(machine: self, states: try completeStates(visible))
        for sweep in 0 ..< sweeps { chains.sweep(self, key: key.folding(sweep)) }
        return chains.states.batch()
    }
}

extension RBM {
    /// Moves every parameter a share of the way to `other`'s.
    mutating func approach(_ other: RBM, by share: Float) {
        func blend(_ own: inout [Float], _ target: [Float]) {
            own.withUnsafeMutableBufferPointer { own in
                target.withUnsafeBufferPointer { target in
                    for index in own.indices { own[index] += share * (target[index] - own[index]) }
                }
            }
        }
        blend(&weights.values, other.weights.values)
        blend(&visibleBias, other.visibleBias)
        blend(&hiddenBias, other.hiddenBias)
        blend(&logVariance, other.logVariance)
    }

    /// The states of a batch without missing values.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData`, the latter also for a missing value: the hidden
    ///   units' distribution given only some visible ones has no closed form.
    func completeStates(_ visible: Matrix) throws -> VisibleStates {
        guard try visible.incompleteRows(checkedAgainst: variables).isEmpty else {
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
                  logVariance: try archive.vector("logVariance", count: layout.realCount))
    }

    public func archive() -> Archive {
        Archive(tensors: ["weights": .init(weights), "visibleBias": .init(visibleBias), "hiddenBias": .init(hiddenBias),
                          "logVariance": .init(logVariance)],
                metadata: ["variables": variables.text])
    }
}

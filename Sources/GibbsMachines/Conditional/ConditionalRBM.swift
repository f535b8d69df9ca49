import Foundation
import GibbsCore
import GibbsNumerics

/// A restricted Boltzmann machine whose biases depend on a context u, such as the events or frames before this one:
///
///     E(v, h | u) = E_RBM(v, h) with the biases  b + A u  and  c + B u
///     p(v | u)    = exp(−F(v | u)) / Z(u)
///
/// The context is a row like any other: its categories are one-hot units, and what it misses (before a sequence begins there is no
/// history) adds nothing. Given a context it *is* an RBM, `given(_:)`, so that everything that takes one serves here. Where the
/// visible columns have few joint states, one softmax group above all, Z(u) is a sum and p(v | u) exact: `surprises(of:given:)`.
///
/// - Source: Taylor, Hinton, Roweis, *Modeling human motion using binary latent variables*, NIPS 2006; A and B as there,
///   softmax visible units after Salakhutdinov, Mnih, Hinton, ICML 2007.
public struct ConditionalRBM: Sendable {
    /// W, b and c, and the variances of real columns: the machine without a context.
    public internal(set) var machine: RBM
    /// Where the context's units stand in A and B.
    public let contextLayout: UnitLayout
    /// A, shape `[contextLayout.width, machine.layout.width]`.
    public internal(set) var visibleWeights: Matrix
    /// B, shape `[contextLayout.width, machine.hiddenCount]`.
    public internal(set) var hiddenWeights: Matrix

    /// A machine with small random W and B (normal, standard deviation `spread`), A and the biases zero; consumes `key`.
    ///
    /// Traps unless there is a visible, a context and a hidden unit.
    public init(visible: [Variable], context: [Variable], hidden: Int, spread: Float = 0.01, key: Key) {
        precondition(!context.isEmpty, "a conditional machine without a context")
        machine = RBM(visible: visible, hidden: hidden, spread: spread, key: key.folding(0))
        contextLayout = UnitLayout(context)
        visibleWeights = Matrix(rows: contextLayout.width, columns: machine.layout.width)
        hiddenWeights = Matrix(rows: contextLayout.width, columns: hidden,
                               values: key.folding(1).normals(contextLayout.width * hidden).map { spread * $0 })
    }

    /// A machine from given parameters; traps when a shape differs from the layouts'.
    public init(machine: RBM, context: [Variable], visibleWeights: Matrix, hiddenWeights: Matrix) {
        contextLayout = UnitLayout(context)
        precondition(visibleWeights.rows == contextLayout.width && hiddenWeights.rows == contextLayout.width
            && visibleWeights.columns == machine.layout.width && hiddenWeights.columns == machine.hiddenCount,
                     "parameters of other shapes than the layouts'")
        self.machine = machine
        self.visibleWeights = visibleWeights
        self.hiddenWeights = hiddenWeights
    }
}

extension ConditionalRBM: ConditionalEnergy {
    public var variables: [Variable] { machine.variables }
    public var contextVariables: [Variable] { contextLayout.variables }

    /// The machine under one context: the same weights, with the biases b + A u and c + B u.
    ///
    /// - Parameter context: Shape `[1, contextVariables.count]`; `nan` for what is not there.
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData`.
    public func given(_ context: Matrix) throws -> RBM {
        guard context.rows == 1 else {
            throw GibbsError(.shapeMismatch, "\(context.rows) contexts where one conditions a machine", advice: "give one row")
        }
        let biases = try biases(given: context)
        var result = machine
        result.visibleBias = biases.visible.values
        result.hiddenBias = biases.hidden.values
        return result
    }

    /// F(v | u) of every row under its own context, nats; see `RBM.freeEnergy(_:)`.
    ///
    /// - Parameters:
    ///   - batch: Shape `[rows, variables.count]`, without missing values.
    ///   - context: Shape `[rows, contextVariables.count]`.
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData`.
    /// - Complexity: Products `rows × context × (visible + hidden)` and `rows × visible × hidden`, the former only over units that are on.
    public func energies(of batch: Matrix, given context: Matrix) throws -> [Float] {
        let biases = try biases(given: context), states = try machine.completeStates(batch)
        try check(rows: batch.rows, of: context)
        var inputs = machine.hiddenInput(states)
        inputs.add(biases.hidden, times: 1)
        return (0 ..< batch.rows).map { row in
            let shift = biases.visible.row(row), layout = machine.layout
            var energy: Float = 0
            for unit in 0 ..< layout.realCount {
                let d = states.real[row, unit] - shift[shift.startIndex + unit]
                energy += d * d * exp(-machine.logVariance[unit]) / 2
            }
            for entry in Int(states.starts[row]) ..< Int(states.stops[row]) {
                energy -= states.values[entry] * shift[shift.startIndex + Int(states.units[entry])]
            }
            for x in inputs.row(row) { energy -= x > 20 ? x : log1p(exp(x)) }
            return energy
        }
    }

    /// p(hⱼ = 1 | v, u) of every row under its own context; shape `[rows, hiddenCount]`.
    ///
    /// - Parameters:
    ///   - batch: Shape `[rows, variables.count]`, without missing values.
    ///   - context: Shape `[rows, contextVariables.count]`.
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData`.
    public func hiddenMeans(of batch: Matrix, given context: Matrix) throws -> Matrix {
        let states = try machine.completeStates(batch)
        try check(rows: batch.rows, of: context)
        var means = machine.hiddenInput(states)
        means.add(try biases(given: context).hidden, times: 1)
        for index in means.values.indices { means.values[index] = 1 / (1 + exp(-means.values[index])) }
        return means
    }

    func check(rows: Int, of context: Matrix) throws {
        guard context.rows == rows else {
            throw GibbsError(.shapeMismatch, "\(rows) rows under \(context.rows) contexts", advice: "give every row its own context")
        }
    }

    /// b + A u and c + B u of every row; shapes `[rows, machine.layout.width]` and `[rows, hiddenCount]`.
    func biases(given context: Matrix) throws -> (visible: Matrix, hidden: Matrix) {
        try context.check(against: contextVariables)
        let states = VisibleStates(context, layout: contextLayout)
        return (states.product(visibleWeights, plus: machine.visibleBias), states.product(hiddenWeights, plus: machine.hiddenBias))
    }
}

// MARK: - Storage

extension ConditionalRBM: Storable {
    public static let kind = "conditional-rbm"

    public init(archive: Archive) throws {
        let machine = try RBM(archive: archive.nested("machine"))
        let context = try [Variable](text: archive.text("context")), a = try archive.matrix("visibleWeights"), b = try archive.matrix("hiddenWeights")
        // Before a layout is made: a short text can claim more units than an index holds.
        guard !context.isEmpty, context.reduce(0, { $0 + $1.expandedWidth }) == a.rows, a.rows == b.rows, a.columns == machine.layout.width,
              b.columns == machine.hiddenCount else {
            throw GibbsError(.unsuitableModel, "the context weights are \(a.rows) × \(a.columns) and \(b.rows) × \(b.columns), which does not fit the columns '\(context.text)'",
                             advice: "the file is damaged")
        }
        self.init(machine: machine, context: context, visibleWeights: a, hiddenWeights: b)
    }

    public func archive() -> Archive {
        var result = Archive(tensors: ["visibleWeights": .init(visibleWeights), "hiddenWeights": .init(hiddenWeights)], metadata: ["context": contextVariables.text])
        result.nest(machine.archive(), under: "machine")
        return result
    }
}

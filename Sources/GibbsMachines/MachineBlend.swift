import Foundation
import GibbsCore
import GibbsNumerics

extension RBM {
    /// The machine of a weighted sum of energies, Σ aᵢ Eᵢ(v, hᵢ): the hidden units of all, side by side, weights and biases times aᵢ.
    ///
    /// At weights (1, 0) its free energy is the first machine's, less ln 2 for each hidden unit of the second, which then is free.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` for machines of different columns, `.usage` for none, another number of weights,
    ///   or a real column: its quadratic parts would need one variance.
    public static func blend(_ machines: [RBM], weights: [Float]) throws -> RBM {
        guard let first = machines.first, weights.count == machines.count else {
            throw GibbsError(.usage, "a blend of \(machines.count) machines with \(weights.count) weights", advice: "give one weight a machine")
        }
        guard machines.allSatisfy({ $0.variables == first.variables }) else {
            throw GibbsError(.shapeMismatch, "a blend of machines of different columns", advice: "all must have the same visible units")
        }
        guard first.layout.realCount == 0 else {
            throw GibbsError(.usage, "machines with real columns cannot be blended unit by unit", advice: "add their free energies: a * E₁ + b * E₂")
        }
        let hidden = machines.reduce(0) { $0 + $1.hiddenCount }
        var table = [Float]()
        table.reserveCapacity(first.layout.width * hidden)
        for unit in 0 ..< first.layout.width {
            for (machine, weight) in zip(machines, weights) { table += machine.weights.row(unit).map { weight * $0 } }
        }
        let bias = (0 ..< first.layout.width).map { unit in zip(machines, weights).reduce(Float(0)) { $0 + $1.1 * $1.0.visibleBias[unit] } }
        return RBM(visible: first.variables, weights: Matrix(rows: first.layout.width, columns: hidden, values: table), visibleBias: bias,
                   hiddenBias: zip(machines, weights).flatMap { machine, weight in machine.hiddenBias.map { weight * $0 } })
    }

    /// The machine of E(v, h)/T: all weights and biases divided by T, the variances of real units times T. Traps unless T > 0.
    ///
    /// Its free energy is that of the joint distribution at temperature T, which is not F/T; see `tempered(_:)` for that.
    public func tempered(joint temperature: Float) -> RBM {
        precondition(temperature > 0 && temperature.isFinite, "temperature \(temperature) is not positive")
        var copy = self, share = 1 / temperature
        // Real units meet the weights divided by their variance, which takes the temperature along; so do the squares.
        for unit in 0 ..< layout.width where unit >= layout.realCount {
            copy.visibleBias[unit] *= share
            for index in unit * hiddenCount ..< (unit + 1) * hiddenCount { copy.weights.values[index] *= share }
        }
        for index in copy.hiddenBias.indices { copy.hiddenBias[index] *= share }
        share = log(temperature)
        for index in copy.logVariance.indices { copy.logVariance[index] += share }
        return copy
    }

    /// Mean-field steps v ← ⟨v | h⟩, h ← ⟨h | v⟩ of a machine with binary columns: probabilities that settle near a mode.
    ///
    /// - Parameters:
    ///   - visible: Where to start; shape `[rows, variables.count]`, values 0...1.
    ///   - steps: Steps, at least one.
    ///   - inverseTemperature: 1/T of the joint distribution.
    /// - Throws: `GibbsError` with code `.usage` when a column is not binary; as `hiddenMeans(given:)`.
    public func meanField(from visible: Matrix, steps: Int, inverseTemperature: Float = 1) throws -> Matrix {
        guard layout.binaryCount == variables.count else {
            throw GibbsError(.usage, "mean-field steps are for machines with binary columns", advice: "sample the machine by block Gibbs")
        }
        let machine = inverseTemperature == 1 ? self : tempered(joint: 1 / inverseTemperature)
        var states = visible
        for _ in 0 ..< max(1, steps) {
            let means = try machine.hiddenMeans(given: states)
            states = Matrix.product(means, machine.weights, transposeB: true)
            for index in states.values.indices { states.values[index] = 1 / (1 + exp(-states.values[index] - machine.visibleBias[index % layout.width])) }
        }
        return states
    }
}

import Foundation
import GibbsCore
import GibbsNumerics

extension RBM: MarginalEnergy {
    /// The most joint states of a row's missing discrete columns that are summed one by one.
    public static let enumerationLimit = 256

    /// The free energy with missing values (`nan`) summed out: −ln Σ_missing exp(−F(v)).
    ///
    /// Exact, by enumeration, while the missing columns are binary or categorical with at most `enumerationLimit` joint
    /// states. Beyond that the sum over hidden *and* missing units has no closed form; the value is then the mean-field
    /// bound, never below the exact one:
    ///
    ///     F ≤ min_μ  F_observed − Σⱼ μⱼ (cⱼ + xⱼ) − H(μ) − Σ_missing ln zᵢ(Wᵢ μ)
    ///
    /// with xⱼ the input from observed units and zᵢ the sum over one missing unit's states.
    ///
    /// - Complexity: One free energy a joint state, or 30 mean-field sweeps of `width × hidden`, a row.
    /// - Source: Salakhutdinov & Hinton, *Deep Boltzmann Machines*, AISTATS 2009, section 2.2 (mean-field bound).
    func marginalFreeEnergy(of batch: Matrix) -> [Float] {
        parallelMap(batch.rows, minimum: 8) { row in
            let values = Array(batch.row(row))
            return enumerated(values) ?? meanFieldFreeEnergy(values)
        }
    }

    /// The exact sum, or `nil` when it is too long or a missing column is real.
    private func enumerated(_ row: [Float]) -> Float? {
        var states = [row]
        for (column, variable) in variables.enumerated() where row[column].isNaN {
            let choices: Int
            switch variable {
            case .real: return nil
            case .binary: choices = 2
            case .categorical(let count): choices = count
            }
            guard states.count * choices <= Self.enumerationLimit else { return nil }
            states = states.flatMap { state in
                (0 ..< choices).map { choice in
                    var copy = state
                    copy[column] = Float(choice)
                    return copy
                }
            }
        }
        return Float(-logSumExp(freeEnergy(complete: Matrix(states)).map { -$0 }))
    }

    /// The mean-field bound for one row.
    private func meanFieldFreeEnergy(_ row: [Float]) -> Float {
        let missing = MissingUnits(row, machine: self)
        // Binary and categorical cells without a value are off; real ones are set to zero, where they add no input.
        var observed = VisibleStates(Matrix([row]), layout: layout)
        for unit in missing.real { observed.real.values[unit] = 0 }
        let input = zip(hiddenInput(observed).values, hiddenBias).map { $0 + $1 }
        var means = input.map { 1 / (1 + exp(-$0)) }
        for _ in 0 ..< 30 {
            let feedback = missing.feedback(means, machine: self)
            let next = zip(input, feedback).map { 1 / (1 + exp(-$0 - $1)) }
            let change = zip(next, means).map { abs($0 - $1) }.max() ?? 0
            means = next
            if change < 1e-5 { break }
        }
        var energy = visibleEnergy(observed, without: missing.real)
        for (mean, x) in zip(means, input) {
            energy -= Double(mean * x)
            for p in [Double(mean), 1 - Double(mean)] where p > 0 { energy += p * log(p) }
        }
        return Float(energy - missing.logSums(means, machine: self))
    }

    /// Σ_real (v − b)² / 2σ² − Σ_other b v of the first row, without some real units.
    private func visibleEnergy(_ states: VisibleStates, without missing: [Int]) -> Double {
        var sum = 0.0
        for unit in 0 ..< layout.realCount where !missing.contains(unit) {
            let d = Double(states.real[0, unit] - visibleBias[unit])
            sum += d * d / 2 * exp(-Double(logVariance[unit]))
        }
        for entry in 0 ..< Int(states.stops[0]) { sum -= Double(states.values[entry] * visibleBias[Int(states.units[entry])]) }
        return sum
    }
}

/// The missing units of one row, by kind.
private struct MissingUnits {
    /// Weight rows of the real and the binary units, indices of the groups.
    var real: [Int], binary: [Int], groups: [Int]

    init(_ row: [Float], machine: RBM) {
        let layout = machine.layout
        real = layout.realColumns.indices.filter { row[layout.realColumns[$0]].isNaN }
        binary = layout.binaryColumns.indices.filter { row[layout.binaryColumns[$0]].isNaN }.map { layout.realCount + $0 }
        groups = layout.groupColumns.indices.filter { row[layout.groupColumns[$0]].isNaN }
    }

    /// Wᵢ · μ of one weight row.
    private func pull(_ unit: Int, _ means: [Float], _ machine: RBM) -> Float {
        zip(machine.weights.row(unit), means).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// Σᵢ ⟨vᵢ / σᵢ²⟩ Wᵢⱼ of the missing units given hidden means.
    func feedback(_ means: [Float], machine: RBM) -> [Float] {
        var result = [Float](repeating: 0, count: means.count)
        func add(_ unit: Int, _ amount: Float) {
            for (hidden, weight) in machine.weights.row(unit).enumerated() { result[hidden] += amount * weight }
        }
        for unit in real { add(unit, (machine.visibleBias[unit] + pull(unit, means, machine)) * exp(-machine.logVariance[unit])) }
        for unit in binary { add(unit, 1 / (1 + exp(-machine.visibleBias[unit] - pull(unit, means, machine)))) }
        for group in groups {
            let rows = machine.layout.rows(ofGroup: group)
            let inputs = rows.map { machine.visibleBias[$0] + pull($0, means, machine) }
            let total = logSumExp(inputs)
            for (unit, input) in zip(rows, inputs) { add(unit, Float(exp(Double(input) - total))) }
        }
        return result
    }

    /// Σ ln zᵢ over the missing units given hidden means.
    func logSums(_ means: [Float], machine: RBM) -> Double {
        var sum = 0.0
        for unit in real {
            let variance = exp(Double(machine.logVariance[unit])), a = Double(pull(unit, means, machine))
            let b = Double(machine.visibleBias[unit])
            sum += 0.5 * log(2 * .pi * variance) + (b * a + a * a / 2) / variance
        }
        for unit in binary { sum += logSumExp([0, machine.visibleBias[unit] + pull(unit, means, machine)]) }
        for group in groups {
            sum += logSumExp(machine.layout.rows(ofGroup: group).map { machine.visibleBias[$0] + pull($0, means, machine) })
        }
        return sum
    }
}

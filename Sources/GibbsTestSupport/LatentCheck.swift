import Foundation
import GibbsCore
import GibbsNumerics

/// Checks the conditionals of a small machine by drawing from them.
///
/// p(h | v) must factorise into `hiddenMeans`. With it the free energy determines the other conditional,
/// p(v | h) ∝ exp(−F(v)) Πⱼ p(hⱼ | v), which is summed over all v and compared with draws of `sampleVisible`; so the free
/// energy, the means and both samplers must belong to one joint distribution.
///
/// - Parameters:
///   - machine: The machine to check.
///   - states: Visible and hidden states to condition on, of each kind.
///   - draws: Draws a conditional.
///   - key: Chooses the states and feeds the draws.
/// - Throws: What the machine throws, or `GibbsError` when its states cannot be enumerated.
public func checkLatent(_ machine: some LatentEnergy, states: Int = 4, draws: Int = 20_000, key: Key) throws -> [CheckFailure] {
    let visible = try StateSpace(machine.variables)
    let hidden = try StateSpace(Array(repeating: .binary, count: machine.hiddenCount), limit: 4096)
    var failures = [CheckFailure]()
    let means = try machine.hiddenMeans(given: visible.states)
    guard means.rows == visible.count, means.columns == machine.hiddenCount, means.values.allSatisfy({ (0 ... 1).contains($0) }) else {
        return [CheckFailure("hiddenMeans", "are not \(visible.count) × \(machine.hiddenCount) probabilities")]
    }
    for v in key.folding(0).choose(states, of: visible.count) {
        let exact = (0 ..< hidden.count).map { h in exp(logProbability(means.row(v), hidden.states.row(h))) }
        let drawn = try machine.sampleHidden(given: visible.states.selecting(rows: Array(repeating: v, count: draws)),
                                             key: key.folding(1).folding(v))
        failures += ChiSquare.check(try hidden.counts(of: drawn), against: exact, name: "sampleHidden given visible state \(v)")
    }
    let energies = try machine.energies(of: visible.states)
    for h in key.folding(2).choose(states, of: hidden.count) {
        let scores = (0 ..< visible.count).map { v in -Double(energies[v]) + logProbability(means.row(v), hidden.states.row(h)) }
        let total = logSumExp(scores)
        let drawn = try machine.sampleVisible(given: hidden.states.selecting(rows: Array(repeating: h, count: draws)),
                                              key: key.folding(3).folding(h))
        failures += ChiSquare.check(try visible.counts(of: drawn), against: scores.map { exp($0 - total) },
                                    name: "sampleVisible given hidden state \(h)")
    }
    return failures + latentRefusals(machine, visible.states.slice(0 ..< 1), key)
}

/// ln Πⱼ mⱼ^hⱼ (1 − mⱼ)^(1−hⱼ).
private func logProbability(_ means: ArraySlice<Float>, _ states: ArraySlice<Float>) -> Double {
    zip(means, states).reduce(0) { $0 + log($1.1 == 1 ? Double($1.0) : 1 - Double($1.0)) }
}

private func latentRefusals(_ machine: some LatentEnergy, _ row: Matrix, _ key: Key) -> [CheckFailure] {
    let wide = Matrix(rows: 1, columns: row.columns + 1), wideHidden = Matrix(rows: 1, columns: machine.hiddenCount + 1)
    var missing = row
    missing[0, 0] = .nan
    return checkRefusal([.unsuitableData], "hiddenMeans with a missing value") { _ = try machine.hiddenMeans(given: missing) }
        + checkRefusal([.unsuitableData], "sampleHidden with a missing value") { _ = try machine.sampleHidden(given: missing, key: key) }
        + checkRefusal([.shapeMismatch], "hiddenMeans of one column too many") { _ = try machine.hiddenMeans(given: wide) }
        + checkRefusal([.shapeMismatch], "sampleHidden of one column too many") { _ = try machine.sampleHidden(given: wide, key: key) }
        + checkRefusal([.shapeMismatch], "sampleVisible of one column too many") { _ = try machine.sampleVisible(given: wideHidden, key: key) }
}

/// Checks that block Gibbs sampling of a small machine leaves its exact distribution where it is and reaches it from one
/// corner; see `checkKernel`.
public func checkBlockGibbs(_ machine: some LatentEnergy, chains: Int = 20_000, mixing: Int? = nil, key: Key) throws -> [CheckFailure] {
    let space = try StateSpace(machine.variables)
    return try checkKernel(stationary: space.probabilities(of: machine), of: space, chains: chains, mixing: mixing, key: key) { states, key in
        let (hidden, visible) = key.split()
        return try machine.sampleVisible(given: machine.sampleHidden(given: states, key: hidden), key: visible)
    }
}

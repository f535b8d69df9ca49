import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport

/// Data drawn exactly from a small machine, with the exact log-likelihood that a good student should reach.
struct Known {
    let space: StateSpace
    let teacher: RBM
    let data: Matrix
    /// Share of each state among the rows of `data`.
    let shares: [Double]
    /// The teacher's exact mean log-likelihood of the data, nats a row.
    let teacherLikelihood: Double

    init(_ variables: [Variable] = Small.discrete, rows: Int, key: Key) {
        space = try! StateSpace(variables)
        teacher = Small.machine(variables, hidden: 3, spread: 2.5, key: Key(104))
        data = space.sample(try! space.probabilities(of: teacher), count: rows, key: key)
        shares = try! space.counts(of: data).map { Double($0) / Double(rows) }
        teacherLikelihood = RBMReference(teacher).logLikelihood(space.states, weights: shares)
    }

    /// A machine's exact mean log-likelihood of the data.
    func likelihood(_ machine: RBM) -> Double { RBMReference(machine).logLikelihood(space.states, weights: shares) }

    /// The best any model can reach: minus the entropy of the shares.
    var ceiling: Double { shares.reduce(0) { $1 > 0 ? $0 + $1 * log($1) : $0 } }
}

extension RBMReference {
    /// The machine with these parameters, rounded to single precision.
    var machine: RBM {
        RBM(visible: variables, weights: Matrix(weights.map { $0.map(Float.init) }), visibleBias: visibleBias.map(Float.init),
            hiddenBias: hiddenBias.map(Float.init), logVariance: logVariance.map(Float.init))
    }

    /// ln Σ exp(−E(v, h)) over all v, of one hidden state: c h plus the sum of ln zᵢ over the visible units.
    func logWeight(_ h: [Double]) -> Double {
        func input(_ row: Int) -> Double { zip(weights[row], h).reduce(0) { $0 + $1.0 * $1.1 } }
        var sum = zip(hiddenBias, h).reduce(0) { $0 + $1.0 * $1.1 }, row = 0
        for _ in variables.filter({ $0 == .real }) {
            let variance = exp(logVariance[row]), a = input(row), b = visibleBias[row]
            sum += 0.5 * log(2 * .pi * variance) + (2 * a * b + a * a) / (2 * variance)
            row += 1
        }
        for _ in variables.filter({ $0 == .binary }) {
            sum += logSumExp([0, visibleBias[row] + input(row)])
            row += 1
        }
        for variable in variables {
            guard case .categorical(let count) = variable else { continue }
            sum += logSumExp((row ..< row + count).map { visibleBias[$0] + input($0) })
            row += count
        }
        return sum
    }

    /// ln Z, exact, by summing over hidden states; real columns are integrated in closed form.
    var logPartition: Double { logSumExp(hiddenStates.map(logWeight)) }

    /// Rows drawn exactly: a hidden state by its weight, then the machine's own p(v | h).
    func sample(count: Int, key: Key) throws -> Matrix {
        let states = hiddenStates, total = logPartition
        let space = try StateSpace([.categorical(states.count)])
        let codes = space.sample(states.map { exp(logWeight($0) - total) }, count: count, key: key.folding(0))
        return try machine.sampleVisible(given: Matrix(codes.values.map { states[Int($0)].map(Float.init) }), key: key.folding(1))
    }

    /// The exact mean log-likelihood of rows, in nats.
    func logLikelihood(of rows: Matrix) -> Double {
        -(0 ..< rows.rows).reduce(0.0) { $0 + freeEnergy(Array(rows.row($1))) } / Double(rows.rows) - logPartition
    }
}

import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics

/// A slow machine in double precision, from the energy's formula alone: sums over all hidden states, one by one.
///
/// Weight rows stand as `UnitLayout` documents them: real columns, binary ones, then the categories of each categorical one.
struct RBMReference {
    var variables: [Variable]
    var weights: [[Double]]
    var visibleBias: [Double]
    var hiddenBias: [Double]
    var logVariance: [Double]

    init(_ machine: RBM) {
        variables = machine.variables
        weights = (0 ..< machine.weights.rows).map { machine.weights.row($0).map(Double.init) }
        visibleBias = machine.visibleBias.map(Double.init)
        hiddenBias = machine.hiddenBias.map(Double.init)
        logVariance = machine.logVariance.map(Double.init)
    }

    /// Weight row, value and ln σ² of each unit that is not zero in a visible state.
    func units(_ v: [Float]) -> [(row: Int, value: Double, logVariance: Double?)] {
        var result = [(row: Int, value: Double, logVariance: Double?)](), row = 0
        for (column, variable) in variables.enumerated() where variable == .real {
            result.append((row, Double(v[column]), logVariance[row]))
            row += 1
        }
        for (column, variable) in variables.enumerated() where variable == .binary {
            result.append((row, Double(v[column]), nil))
            row += 1
        }
        for (column, variable) in variables.enumerated() {
            if case .categorical(let count) = variable {
                result.append((row + Int(v[column]), 1, nil))
                row += count
            }
        }
        return result
    }

    /// E(v, h).
    func energy(_ v: [Float], _ h: [Double]) -> Double {
        var sum = -zip(hiddenBias, h).reduce(0) { $0 + $1.0 * $1.1 }
        for (row, value, logVariance) in units(v) {
            let variance = exp(logVariance ?? 0), b = visibleBias[row]
            sum += logVariance == nil ? -b * value : (value - b) * (value - b) / (2 * variance)
            sum -= value / variance * zip(weights[row], h).reduce(0) { $0 + $1.0 * $1.1 }
        }
        return sum
    }

    /// Every hidden state.
    var hiddenStates: [[Double]] {
        (0 ..< 1 << hiddenBias.count).map { code in hiddenBias.indices.map { Double(code >> $0 & 1) } }
    }

    /// F(v) = −ln Σₕ exp(−E(v, h)) by summing over every h.
    func freeEnergy(_ v: [Float]) -> Double { -logSumExp(hiddenStates.map { -energy(v, $0) }) }

    /// p(hⱼ = 1 | v).
    func hiddenMeans(_ v: [Float]) -> [Double] {
        let states = hiddenStates, scores = states.map { -energy(v, $0) }, total = logSumExp(scores)
        return hiddenBias.indices.map { j in zip(states, scores).reduce(0) { $0 + $1.0[j] * exp($1.1 - total) } }
    }

    /// The exact mean log-likelihood of weighted states of an enumerable machine, nats a row.
    func logLikelihood(_ states: Matrix, weights: [Double]) -> Double {
        let scores = (0 ..< states.rows).map { -freeEnergy(Array(states.row($0))) }
        return zip(weights, scores).reduce(0) { $0 + $1.0 * $1.1 } / weights.reduce(0, +) - logSumExp(scores)
    }

    /// All parameters in one list: weights row by row, visible biases, hidden biases, log variances.
    var parameters: [Double] {
        get { weights.flatMap { $0 } + visibleBias + hiddenBias + logVariance }
        set {
            let (width, hidden) = (visibleBias.count, hiddenBias.count)
            weights = (0 ..< width).map { Array(newValue[$0 * hidden ..< ($0 + 1) * hidden]) }
            visibleBias = Array(newValue[width * hidden ..< width * hidden + width])
            hiddenBias = Array(newValue[width * hidden + width ..< width * hidden + width + hidden])
            logVariance = Array(newValue[(width * hidden + width + hidden)...])
        }
    }

    /// The gradient of `logLikelihood` by central differences.
    func gradient(_ states: Matrix, weights: [Double]) -> [Double] { gradient { $0.logLikelihood(states, weights: weights) } }

    /// The gradient of a function of the machine by central differences.
    func gradient(_ f: (RBMReference) -> Double) -> [Double] {
        parameters.indices.map { i in
            var (up, down) = (self, self)
            up.parameters[i] += 1e-5
            down.parameters[i] -= 1e-5
            return (f(up) - f(down)) / 2e-5
        }
    }
}

extension RBMReference {
    /// Every number of a visible state in weight order, zeros included.
    func expanded(_ v: [Float]) -> [Double] {
        var result = [Double](repeating: 0, count: visibleBias.count)
        for unit in units(v) { result[unit.row] = unit.value }
        return result
    }

    /// The centred gradient by its definition, parameters as in `parameters`: of the machine −E = Σ (v − μ)/σ² W (h − λ) + v b̂/σ² +
    /// h ĉ − v²/2σ², whose b = b̂ − W λ and c = ĉ − Wᵀ μ/σ². The rows of `v` and `h` count as `counts` says.
    func centredGradient(_ v: Matrix, hidden h: Matrix, counts: [Double], visibleOffsets mu: [Double], hiddenOffsets lambda: [Double]) -> [Double] {
        let width = visibleBias.count, hidden = hiddenBias.count
        let precision = logVariance.map { exp(-$0) } + [Double](repeating: 1, count: width - logVariance.count)
        var slopes = [[Double]](repeating: [Double](repeating: 0, count: hidden), count: width)
        var b = [Double](repeating: 0, count: width), c = [Double](repeating: 0, count: hidden), s = [Double](repeating: 0, count: logVariance.count)
        for row in 0 ..< v.rows {
            let x = expanded(Array(v.row(row))), y = h.row(row).map(Double.init)
            for i in 0 ..< width {
                for j in 0 ..< hidden { slopes[i][j] += counts[row] * (x[i] - mu[i]) * precision[i] * (y[j] - lambda[j]) }
                b[i] += counts[row] * x[i] * precision[i]
            }
            for j in 0 ..< hidden { c[j] += counts[row] * y[j] }
            for i in s.indices {
                let field = zip(weights[i], y).reduce(0) { $0 + $1.0 * $1.1 }
                s[i] += counts[row] * ((x[i] - visibleBias[i]) * (x[i] - visibleBias[i]) / 2 - x[i] * field) * precision[i]
            }
        }
        for i in 0 ..< width {
            for j in 0 ..< hidden {
                b[i] -= slopes[i][j] * lambda[j]
                c[j] -= slopes[i][j] * mu[i] * precision[i]
            }
        }
        return slopes.flatMap { $0 } + b + c + s
    }
}

/// Machines and data small enough to enumerate.
enum Small {
    static let discrete: [Variable] = [.binary, .categorical(3), .binary, .binary, .binary]
    static let mixed: [Variable] = [.categorical(3), .real, .binary, .real, .categorical(2), .binary]

    /// A machine with weights of standard deviation `spread`, biases and log variances of a half; every parameter matters.
    static func machine(_ variables: [Variable], hidden: Int, spread: Float = 1, key: Key) -> RBM {
        let layout = UnitLayout(variables)
        return RBM(visible: variables,
                   weights: Matrix(rows: layout.width, columns: hidden, values: key.folding(0).normals(layout.width * hidden).map { spread * $0 }),
                   visibleBias: key.folding(1).normals(layout.width).map { $0 / 2 },
                   hiddenBias: key.folding(2).normals(hidden).map { $0 / 2 },
                   logVariance: key.folding(3).normals(layout.realCount).map { $0 / 2 })
    }

    /// Rows with every kind of value.
    static func rows(_ variables: [Variable], count: Int, key: Key) -> Matrix {
        var rows = Matrix(rows: count, columns: variables.count, values: key.normals(count * variables.count))
        for row in 0 ..< count {
            for (column, variable) in variables.enumerated() {
                let u = key.folding(row).folding(column).uniform()
                switch variable {
                case .real: break
                case .binary: rows[row, column] = u < 0.5 ? 0 : 1
                case .categorical(let n): rows[row, column] = Float(Int(u * Double(n)))
                }
            }
        }
        return rows
    }
}

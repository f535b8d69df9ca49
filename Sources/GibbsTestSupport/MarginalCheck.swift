import Foundation
import GibbsCore
import GibbsNumerics

/// What the energy of a row with missing values is compared with.
public enum MarginalPromise: Sendable, Hashable {
    /// It is the exact sum.
    case exact
    /// It is at least the exact sum, and at most `slack` nats above it.
    case upperBound(slack: Double)
}

/// Checks a marginal energy: with the missing part m of a row it must be −ln Σₘ exp(−E(x)).
///
/// Discrete columns are summed one by one; at most one missing column may be real, and is integrated by the trapezoid rule
/// in u with x = centre + sinh u, exact to rounding for energies that are smooth on the scale of 0.02 and grow at infinity.
///
/// - Parameters:
///   - energy: The energy to check.
///   - row: One row; its values in the missing columns only centre the quadrature.
///   - missing: The columns to leave out.
///   - promise: What the energy of an incomplete row is compared with.
///   - tolerance: Relative to the larger of 1 and the energy's size; the default is some hundred roundings.
/// - Throws: What the energy throws, or `GibbsError` when the missing part cannot be enumerated.
public func checkMarginal(_ energy: some MarginalEnergy, row: [Float], missing: [Int], promise: MarginalPromise = .exact,
                          tolerance: Double = 2e-5) throws -> [CheckFailure] {
    let real = missing.filter { energy.variables[$0] == .real }, discrete = missing.filter { energy.variables[$0] != .real }
    guard real.count <= 1 else { throw GibbsError(.usage, "\(real.count) missing real columns, and quadrature takes one") }
    var incomplete = Matrix([row])
    for column in missing { incomplete[0, column] = .nan }
    let found = Double(try energy.energies(of: incomplete)[0])

    let states = try enumerateStates(discrete.map { energy.variables[$0] }, limit: 4096)
    var terms = [Double]()
    for state in 0 ..< states.rows {
        var filled = row
        for (position, column) in discrete.enumerated() { filled[column] = states[state, position] }
        terms.append(try real.first.map { try logIntegral(energy, filled, column: $0) }
            ?? -Double(energy.energies(of: Matrix([filled]))[0]))
    }
    let exact = -logSumExp(terms), error = tolerance * max(1, abs(exact))
    let slack: Double = if case .upperBound(let slack) = promise { slack } else { 0 }
    if isWithin(max(exact - found, found - exact - slack), limit: error) { return [] }
    return [CheckFailure("marginal", "\(Array(row)) without columns \(missing) has the energy \(found) where \(exact) is exact"
        + (slack > 0 ? " and \(slack) above is allowed" : ""))]
}

/// ln ∫ exp(−E(x)) dx over one real column.
package func logIntegral(_ energy: some Energy, _ row: [Float], column: Int) throws -> Double {
    let points = 16_384, reach = 9.0, width = 2 * reach / Double(points)
    var batch = Matrix(rows: 0, columns: row.count), jacobian = [Double]()
    var values = [Float]()
    values.reserveCapacity((points + 1) * row.count)
    for point in 0 ... points {
        let u = -reach + width * Double(point)
        var copy = row
        copy[column] = Float(Double(row[column]) + sinh(u))
        values.append(contentsOf: copy)
        jacobian.append(log(cosh(u)))
    }
    batch = Matrix(rows: points + 1, columns: row.count, values: values)
    return logSumExp(zip(try energy.energies(of: batch), jacobian).map { -Double($0) + $1 }) + log(width)
}

/// ln Z of an energy of one or two real columns by quadrature: nested `sinh` trapezoids around `centre`.
///
/// - Throws: `GibbsError` with code `.usage` for another number of columns, and what the energy throws.
/// - Complexity: `points²` energies for two columns.
public func logPartitionByQuadrature(_ energy: some Energy, centre: [Float], points: Int = 600, reach: Double = 5) throws -> Double {
    if centre.count == 1 { return try logIntegral(energy, centre, column: 0) }
    guard centre.count == 2 else { throw GibbsError(.usage, "quadrature over \(centre.count) columns") }
    let width = 2 * reach / Double(points)
    let nodes = (0 ... points).map { -reach + width * Double($0) }, jacobian = nodes.map { log(cosh($0)) }
    var lines = [Double]()
    for (i, u) in nodes.enumerated() {
        let x = Float(Double(centre[0]) + sinh(u))
        let batch = Matrix(rows: nodes.count, columns: 2, values: nodes.flatMap { [x, Float(Double(centre[1]) + sinh($0))] })
        lines.append(logSumExp(zip(try energy.energies(of: batch), jacobian).map { -Double($0) + $1 }) + jacobian[i])
    }
    return logSumExp(lines) + 2 * log(width)
}

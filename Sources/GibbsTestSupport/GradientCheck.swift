import GibbsCore
import GibbsNumerics

/// Checks a gradient against central differences of the energy, and the energies that come with it against `energies(of:)`.
///
/// Differences at steps h and 2h are extrapolated to fourth order; the tolerance is their disagreement (what is left of the
/// truncation) plus sixteen roundings of single precision in E, or in 1 where E is less since its terms need not be, divided by h. Binary columns are moved inside 0...1 first.
///
/// - Parameters:
///   - energy: The energy to check.
///   - rows: Rows without missing values at which to compare.
///   - step: h as a share of the larger of 1 and the value's size.
/// - Throws: What the energy throws on `rows`.
public func checkGradient(_ energy: some DifferentiableEnergy, rows: Matrix, step: Float = 0.01) throws -> [CheckFailure] {
    var rows = rows
    for (column, variable) in energy.variables.enumerated() where variable == .binary {
        for row in 0 ..< rows.rows { rows[row, column] = 2 * step + rows[row, column] * (1 - 4 * step) }
    }
    let (energies, gradients) = try energy.energiesAndGradients(of: rows), plain = try energy.energies(of: rows)
    guard energies.count == rows.rows, gradients.rows == rows.rows, gradients.columns == rows.columns else {
        return [CheckFailure("gradient", "\(gradients.rows) × \(gradients.columns) slopes of \(rows.rows) × \(rows.columns) values")]
    }
    var failures = [CheckFailure]()
    if try energy.gradients(of: rows) != gradients {
        let alone = try energy.gradients(of: rows)
        for (index, value) in gradients.values.enumerated() where abs(value - alone.values[index]) > 1e-4 * max(1, abs(value)) {
            failures.append(CheckFailure("gradient", "\(alone.values[index]) alone where it is \(value) beside the energies"))
        }
    }
    for row in 0 ..< rows.rows where !isWithin(Double(abs(energies[row] - plain[row])), limit: Double(1e-5 * max(1, abs(plain[row])))) {
        failures.append(CheckFailure("gradient", "row \(row) has the energy \(plain[row]), and \(energies[row]) with its gradient"))
    }
    for row in 0 ..< rows.rows {
        for column in 0 ..< rows.columns {
            let found = Double(gradients[row, column])
            let (slope, tolerance) = try difference(energy, rows.slice(row ..< row + 1), column, step)
            if !isWithin(abs(found - slope), limit: tolerance) {
                failures.append(CheckFailure("gradient", "row \(row), column \(column) has the slope \(found) where differences give \(slope) ± \(tolerance)"))
            }
        }
    }
    return shortened(failures) + gradientRefusals(energy, rows.slice(0 ..< 1))
}

/// The slope in one column by differences, and how far it can be trusted.
private func difference(_ energy: some Energy, _ row: Matrix, _ column: Int, _ step: Float) throws -> (Double, Double) {
    let x = row[0, column], h = step * max(1, abs(x))
    var probes = Matrix(rows: 0, columns: row.columns)
    for shift in [-2 * h, -h, h, 2 * h] {
        var copy = row
        copy[0, column] = x + shift
        probes = probes.appending(copy)
    }
    let e = try energy.energies(of: probes).map(Double.init), at = (0 ..< 4).map { Double(probes[$0, column]) }
    let near = (e[2] - e[1]) / (at[2] - at[1]), far = (e[3] - e[0]) / (at[3] - at[0])
    let slope = (4 * near - far) / 3, rounding = max(1, e.map(abs).max()!) * Double(Float.ulpOfOne)
    return (slope, abs(near - far) + 16 * rounding / Double(h) + 1e-5 * max(1, abs(slope)))
}

private func gradientRefusals(_ energy: some DifferentiableEnergy, _ row: Matrix) -> [CheckFailure] {
    var missing = row
    missing[0, 0] = .nan
    return checkRefusal([.unsuitableData], "gradient with a missing value") { _ = try energy.energiesAndGradients(of: missing) }
        + checkRefusal([.shapeMismatch], "gradient of one column too many") {
            _ = try energy.energiesAndGradients(of: Matrix(rows: 1, columns: row.columns + 1))
        }
}

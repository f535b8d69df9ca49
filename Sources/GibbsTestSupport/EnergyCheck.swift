import GibbsCore
import GibbsNumerics

/// Checks what every energy promises of a batch: finite energies, one a row, each a function of its own row alone; other
/// numbers of columns and values that do not fit a column are refused with the codes of `Energy.energies(of:)`.
///
/// - Parameters:
///   - energy: The energy to check.
///   - rows: At least two rows without missing values, of finite energy.
///   - tolerance: Difference between a row's energies in different batches, as a share of the largest energy; the default
///     is a hundred roundings, since a matrix product may order its sums by the shape of the batch.
/// - Throws: What the energy throws on `rows` itself.
public func checkEnergy(_ energy: some Energy, rows: Matrix, tolerance: Float = 1e-5) throws -> [CheckFailure] {
    precondition(rows.rows > 1, "a check of an energy needs two rows")
    var failures = [CheckFailure]()
    let together = try energy.energies(of: rows)
    guard together.count == rows.rows else {
        return [CheckFailure("energy", "\(together.count) energies of \(rows.rows) rows")]
    }
    for (row, value) in together.enumerated() where !value.isFinite {
        failures.append(CheckFailure("energy", "row \(row) has the energy \(value)"))
    }
    let scale = max(1, together.map(abs).max()!)
    func compare(_ value: Float, _ row: Int, _ how: String) {
        if !isWithin(Double(abs(value - together[row])), limit: Double(tolerance * scale)) {
            failures.append(CheckFailure("energy", "row \(row) has the energy \(together[row]) in its batch, \(value) \(how)"))
        }
    }
    let reversed = Array((0 ..< rows.rows).reversed())
    for (value, row) in zip(try energy.energies(of: rows.selecting(rows: reversed)), reversed) { compare(value, row, "in reverse order") }
    for row in 0 ..< rows.rows { compare(try energy.energies(of: rows.slice(row ..< row + 1))[0], row, "alone") }
    if try energy.energies(of: rows.slice(0 ..< 0)) != [] {
        failures.append(CheckFailure("energy", "a batch without rows has energies"))
    }
    return shortened(failures) + refusals(of: energy, row: rows.slice(0 ..< 1))
}

/// The failures of an energy to refuse bad batches.
private func refusals(of energy: some Energy, row: Matrix) -> [CheckFailure] {
    var failures = [CheckFailure]()
    func refuse(_ batch: Matrix, _ codes: [GibbsError.Code], _ what: String) {
        failures += checkRefusal(codes, "energy of \(what)") { _ = try energy.energies(of: batch) }
    }
    refuse(Matrix(rows: 1, columns: row.columns + 1), [.shapeMismatch], "one column too many")
    refuse(Matrix(rows: 1, columns: row.columns - 1), [.shapeMismatch], "one column too few")
    for (column, variable) in energy.variables.enumerated() {
        func with(_ value: Float) -> Matrix {
            var copy = row
            copy[0, column] = value
            return copy
        }
        refuse(with(.infinity), [.unsuitableData], "infinity in column \(column)")
        switch variable {
        case .real: break
        case .binary: for value: Float in [-0.25, 1.5] { refuse(with(value), [.unsuitableData], "\(value) in binary column \(column)") }
        case .categorical(let count):
            for value in [-1, Float(count), 0.5] { refuse(with(value), [.unsuitableData], "\(value) in a column of \(count) categories") }
        }
        if !(energy is any MarginalEnergy) { refuse(with(.nan), [.unsuitableData], "a missing value in column \(column)") }
    }
    return shortened(failures)
}

/// A failure unless `body` throws a `GibbsError` with one of the codes.
public func checkRefusal(_ codes: [GibbsError.Code], _ name: String, _ body: () throws -> Void) -> [CheckFailure] {
    do {
        try body()
        return [CheckFailure(name, "was accepted")]
    } catch let error as GibbsError where codes.contains(error.code) {
        return []
    } catch {
        return [CheckFailure(name, "was refused by \(error) where code \(codes.map(\.rawValue).joined(separator: " or ")) is promised")]
    }
}

import GibbsCore
import GibbsNumerics

/// Checks that a model survives its archive, and that damaged archives are refused with `.unsuitableModel`.
///
/// The model read back must give the same energies and write the same archive. Then each tensor in turn is dropped, given a
/// `nan`, and cut short by one value, and each metadata entry dropped.
///
/// - Parameters:
///   - model: The model to check.
///   - rows: Rows whose energies are compared.
///   - tolerance: Relative difference of energies; 0 unless a conformer keeps more digits than its archive.
/// - Throws: What the model throws on `rows`, or reading its own archive.
public func checkStorable<Model: Energy & Storable>(_ model: Model, rows: Matrix, tolerance: Float = 0) throws -> [CheckFailure] {
    let archive = model.archive(), copy = try Model(archive: archive)
    var failures = [CheckFailure]()
    if copy.variables != model.variables { failures.append(CheckFailure("archive", "the variables changed")) }
    for (row, (old, new)) in zip(try model.energies(of: rows), try copy.energies(of: rows)).enumerated() {
        if !(abs(old - new) <= tolerance * max(1, abs(old))) {
            failures.append(CheckFailure("archive", "row \(row) has the energy \(old), and \(new) after reading back"))
        }
    }
    if tolerance == 0 && copy.archive() != archive { failures.append(CheckFailure("archive", "a model read back writes another archive")) }

    func refuse(_ what: String, _ change: (inout Archive) -> Void) {
        var damaged = archive
        change(&damaged)
        failures += checkRefusal([.unsuitableModel], "archive with \(what)") { _ = try Model(archive: damaged) }
    }
    for (name, tensor) in archive.tensors.sorted(by: { $0.key < $1.key }) {
        refuse("'\(name)' dropped") { $0.tensors[name] = nil }
        if tensor.values.isEmpty { continue }
        for value in [Float.nan, .infinity] {
            refuse("\(value) in '\(name)'") { $0.tensors[name]!.values[tensor.values.count / 2] = value }
        }
        refuse("'\(name)' one too short") { $0.tensors[name] = shortened(tensor) }
    }
    for name in archive.metadata.keys.sorted() { refuse("'\(name)' dropped") { $0.metadata[name] = nil } }
    return failures
}

/// A tensor with one entry less in its first dimension.
private func shortened(_ tensor: Archive.Tensor) -> Archive.Tensor {
    var shape = tensor.shape
    shape[0] -= 1
    return Archive.Tensor(shape: shape, values: Array(tensor.values.prefix(shape.reduce(1, *))))
}

import Foundation
import Gibbs

/// E(x, y) = ½ x² + ½ (y − x²)² / s²: x is normal, and y follows its square. ln Z = ln 2πs, ⟨y⟩ = 1, Var y = 2 + s²; missing values
/// are refused, as by every energy that does not sum them out.
struct Banana: DifferentiableEnergy {
    var width: Float = 1
    let variables: [Variable] = [.real, .real]

    func energies(of batch: Matrix) throws -> [Float] { try energiesAndGradients(of: batch).energies }

    func energiesAndGradients(of batch: Matrix) throws -> (energies: [Float], gradients: Matrix) {
        try batch.check(against: variables)
        guard !batch.values.contains(where: \.isNaN) else { throw GibbsError(.unsuitableData, "a banana needs both columns", advice: "fill in what is missing") }
        var energies = [Float](), gradients = Matrix(rows: batch.rows, columns: 2)
        for row in 0 ..< batch.rows {
            let x = batch[row, 0], y = batch[row, 1], bend = (y - x * x) / (width * width)
            energies.append(0.5 * x * x + 0.5 * bend * (y - x * x))
            gradients[row, 0] = x - 2 * x * bend
            gradients[row, 1] = bend
        }
        return (energies, gradients)
    }
}

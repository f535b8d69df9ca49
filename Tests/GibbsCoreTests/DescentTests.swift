import GibbsCore
import GibbsNumerics
import GibbsTestSupport
import Testing

@Suite struct DescentTests {
    /// (1 − x)² + 100 (y − x²)², the banana valley; its minimum is 0 at (1, 1).
    struct Banana: DifferentiableEnergy {
        var variables: [Variable] { [.real, .real] }
        func energies(of batch: Matrix) throws -> [Float] { try energiesAndGradients(of: batch).energies }
        func energiesAndGradients(of batch: Matrix) throws -> (energies: [Float], gradients: Matrix) {
            try batch.check(against: variables)
            var gradients = batch
            let energies = (0 ..< batch.rows).map { row -> Float in
                let (x, y) = (batch[row, 0], batch[row, 1]), valley = y - x * x
                gradients[row, 0] = -2 * (1 - x) - 400 * valley * x
                gradients[row, 1] = 200 * valley
                return (1 - x) * (1 - x) + 100 * valley * valley
            }
            return (energies, gradients)
        }
    }

    @Test func lbfgsFollowsTheValley() throws {
        let starts = Matrix([[-1.2, 1], [2, -3], [0, 0]])
        let found = try Banana().minimum(from: starts)
        #expect(found.hasConverged && found.steps < 120, "\(found)")
        for value in found.positions.values { #expect(abs(value - 1) < 1e-3) }
        let gradient = try Banana().minimum(from: starts, by: Descent(.gradient, maximumSteps: 50))
        #expect(gradient.endings.allSatisfy { $0 == .outOfSteps } && gradient.steps == 50)
    }

    @Test(arguments: [Descent(.gradient), Descent()]) func quadratic(descent: Descent) throws {
        let bowl = SeparableEnergy([.real, .real], strengths: [1, 30], centres: [3, -2])
        let found = try bowl.minimum(from: Matrix(rows: 2, columns: 2, values: [0, 0, 100, 100]), by: descent)
        #expect(found.hasConverged, "\(found)")
        for row in 0 ..< 2 { #expect(abs(found.positions[row, 0] - 3) < 1e-3 && abs(found.positions[row, 1] + 2) < 1e-3) }
    }

    /// A shallow basin at +2 and a deep one at −2: plain descent from +2 stays, an annealed one mostly crosses.
    @Test func annealing() throws {
        struct TwoBasins: DifferentiableEnergy {
            var variables: [Variable] { [.real] }
            func energies(of batch: Matrix) throws -> [Float] { try energiesAndGradients(of: batch).energies }
            func energiesAndGradients(of batch: Matrix) throws -> (energies: [Float], gradients: Matrix) {
                let x = batch.values
                return (x.map { ($0 * $0 - 4) * ($0 * $0 - 4) / 4 + $0 }, Matrix(rows: batch.rows, columns: 1, values: x.map { $0 * ($0 * $0 - 4) + 1 }))
            }
        }
        let starts = Matrix(rows: 40, columns: 1, repeating: 2)
        #expect(try TwoBasins().minimum(from: starts).positions.values.allSatisfy { $0 > 1 })
        let annealed = try TwoBasins().minimum(from: starts, by: Descent(.annealed(from: 10, to: 0.05, moves: 800)), key: Key(1))
        #expect(annealed.positions.values.filter { $0 < -1 }.count >= 30 && annealed.hasConverged)
    }

    @Test func refusals() {
        expect(.usage, "column 0 is binary") { _ = try Ring().minimum(from: Matrix(rows: 1, columns: 5)) }
        expect(.usage, "0 steps") { _ = try Banana().minimum(from: Matrix(rows: 1, columns: 2), by: Descent(maximumSteps: 0)) }
    }
}

import Foundation
import GibbsCore
import GibbsNumerics
import GibbsTestSupport
import Testing

/// −ln Σₖ exp(−½ ‖x − cₖ‖² / s²) with eight centres on a circle, far apart.
struct EightModes: DifferentiableEnergy {
    let radius: Float = 8, width: Float = 0.5
    var variables: [Variable] { [.real, .real] }

    func centre(_ k: Int) -> (Float, Float) { (radius * cos(Float(k) * .pi / 4), radius * sin(Float(k) * .pi / 4)) }

    func energies(of batch: Matrix) throws -> [Float] { try energiesAndGradients(of: batch).energies }

    func energiesAndGradients(of batch: Matrix) throws -> (energies: [Float], gradients: Matrix) {
        try batch.check(against: variables)
        guard !batch.values.contains(where: \.isNaN) else { throw GibbsError(.unsuitableData, "a value is missing") }
        var gradients = batch
        let energies = (0 ..< batch.rows).map { row -> Float in
            let offsets = (0 ..< 8).map { (batch[row, 0] - centre($0).0, batch[row, 1] - centre($0).1) }
            let terms = offsets.map { -Double($0.0 * $0.0 + $0.1 * $0.1) / Double(2 * width * width) }, total = logSumExp(terms)
            gradients[row, 0] = 0
            gradients[row, 1] = 0
            for (offset, term) in zip(offsets, terms) {
                let share = Float(exp(term - total)) / (width * width)
                gradients[row, 0] += share * offset.0
                gradients[row, 1] += share * offset.1
            }
            return Float(-total)
        }
        return (energies, gradients)
    }

    /// How many draws lie nearest to each centre.
    func visits(_ draws: Matrix) -> [Int] {
        var counts = [Int](repeating: 0, count: 8)
        for row in 0 ..< draws.rows {
            let angle = atan2(draws[row, 1], draws[row, 0]) / (.pi / 4)
            counts[(Int(angle.rounded()) + 8) % 8] += 1
        }
        return counts
    }
}

@Suite struct TemperingTests {
    static let start = Matrix(rows: 4, columns: 2, values: Array(repeating: [8, 0], count: 4).flatMap { $0 })

    @Test func theModesAreADistribution() throws {
        #expect(try checkGradient(EightModes(), rows: Matrix(rows: 4, columns: 2, values: Key(1).normals(8).map { 5 * $0 })) == [])
    }

    /// Chains that begin in one mode see all eight by tempering, and only their own without it.
    @Test func temperingFindsEveryMode() throws {
        let energy = EightModes()
        func kernel(_ temperature: Float) -> HamiltonianMonteCarlo<Weighted<EightModes>> {
            HamiltonianMonteCarlo(on: energy.tempered(temperature), stepSize: 0.3 * temperature.squareRoot(), leapfrogSteps: 8)
        }
        let alone = try kernel(1).sample(2_000, from: .positions(Self.start), key: Key(2))
        #expect(energy.visits(alone.positions).filter { $0 > 0 }.count == 1)
        let tempered = ParallelTempering(temperatures: .ladder(from: 1, to: 150, count: 8), kernel: kernel)
        let samples = try tempered.sample(2_000, from: .positions(Self.start), burnIn: 200, key: Key(3))
        let visits = energy.visits(samples.positions)
        #expect(visits.allSatisfy { $0 > 300 }, "of 8,000 draws \(visits) in the eight modes")
        #expect(samples.swapRates.allSatisfy { $0 > 0.1 })
    }

    @Test func refusals() {
        expect(.usage) { _ = try ParallelTempering([HamiltonianMonteCarlo<EightModes>]()).start(at: Self.start) }
    }
}

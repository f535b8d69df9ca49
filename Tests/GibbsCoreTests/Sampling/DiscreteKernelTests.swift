import GibbsCore
import GibbsNumerics
import GibbsTestSupport
import Testing

/// A small world with interactions, differentiable when its columns are read as numbers: E = Σ aᵢ xᵢ + Σ wᵢ xᵢ xᵢ₊₁ + c (Σ xᵢ)².
struct Ring: DifferentiableEnergy {
    let strengths: [Float] = [0.7, -1.2, 0.3, -0.4, 1.1]
    let couplings: [Float] = [1.5, -0.8, 0.6, -1.9, 0.5]
    let crowding: Float = 0.3
    var variables: [Variable] { Array(repeating: .binary, count: 5) }

    func energies(of batch: Matrix) throws -> [Float] { try energiesAndGradients(of: batch).energies }

    func energiesAndGradients(of batch: Matrix) throws -> (energies: [Float], gradients: Matrix) {
        try batch.check(against: variables)
        guard !batch.values.contains(where: \.isNaN) else { throw GibbsError(.unsuitableData, "a value is missing") }
        var gradients = batch
        let energies = (0 ..< batch.rows).map { row -> Float in
            let x = Array(batch.row(row)), sum = x.reduce(0, +)
            var energy = crowding * sum * sum
            for i in 0 ..< 5 {
                energy += strengths[i] * x[i] + couplings[i] * x[i] * x[(i + 1) % 5]
                gradients[row, i] = strengths[i] + couplings[i] * x[(i + 1) % 5] + couplings[(i + 4) % 5] * x[(i + 4) % 5] + 2 * crowding * sum
            }
            return energy
        }
        return (energies, gradients)
    }
}

@Suite struct DiscreteKernelTests {
    @Test func theRingKeepsItsPromises() throws {
        let rows = try StateSpace(Ring().variables).states.slice(0 ..< 8)
        #expect(try Conformer("ring", Ring(), rows: rows).failures(key: Key(1)) == [])
    }

    @Test(arguments: [1, 3]) func gibbsWithGradients(flips: Int) throws {
        #expect(try checkTransitions(GibbsWithGradients(on: Ring(), flips: flips), mixing: 60, key: Key(2)) == [])
    }

    /// Near the ground state of a hundred strong bits a blind flip is accepted once in thirty times; one along the slopes mostly.
    @Test func proposalsFollowTheSlopes() throws {
        let strengths = (0 ..< 100).map { Float($0 % 2 == 0 ? 4 : -4) }
        let bits = SeparableEnergy(Array(repeating: .binary, count: 100), strengths: strengths, centres: strengths)
        let ground = Matrix(rows: 50, columns: 100, values: (0 ..< 5_000).map { $0 % 2 == 0 ? 0 : 1 })
        let found = try GibbsWithGradients(on: bits).sample(200, from: .positions(ground), key: Key(5))
        #expect(found.acceptance! > 0.4, "\(found.acceptance!) accepted")
    }

    /// Exchanges between temperatures leave each one's distribution where it is; only the coldest is looked at.
    @Test func tempering() throws {
        let kernel = ParallelTempering(temperatures: [1, 2, 5]) { GibbsWithGradients(on: Ring().tempered($0)) }
        let space = try StateSpace(Ring().variables)
        let exact = try space.probabilities(of: Ring())
        let samples = try kernel.sample(1, from: .noise(chains: 20_000), burnIn: 80, key: Key(3))
        #expect(ChiSquare.check(try space.counts(of: samples.positions), against: exact, name: "coldest") == [])
        let long = try kernel.sample(40, from: .noise(chains: 100), key: Key(4))
        #expect(long.swapRates.count == 2 && long.swapRates.allSatisfy { $0 > 0.2 && $0 <= 1 })
    }
}

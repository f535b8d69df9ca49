import Foundation
import GibbsCore
import GibbsNumerics
import GibbsTestSupport
import Testing

/// The checkers themselves: known values, and each must see a model that breaks its promise.
@Suite struct CheckerTests {
    @Test func states() throws {
        let space = try StateSpace([.binary, .categorical(3)])
        #expect(space.states == Matrix([[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]))
        for index in 0 ..< 6 { #expect(space.index(of: space.states.row(index)) == index) }
        for row: [Float] in [[0], [0, 3], [2, 0], [0.5, 0], [-1, 0], [0, 0, 0], [.nan, 0], [.infinity, 0]] { #expect(space.index(of: row) == nil) }
        #expect(checkRefusal([.usage], "real") { _ = try enumerateStates([.real]) } == [])
        #expect(checkRefusal([.limitExceeded], "many") { _ = try enumerateStates(Array(repeating: .binary, count: 17)) } == [])
        #expect(try enumerateStates([]).rows == 1)
    }

    @Test func chiSquareTail() {
        // R: pchisq(x, k, lower.tail = FALSE).
        for (x, k, p) in [(3.841459, 1, 0.05), (18.30704, 10, 0.05), (23.92813, 1, 1e-6), (124.3421, 100, 0.05), (0.5, 3, 0.9188914)] {
            #expect(abs(ChiSquare.survival(x, degrees: k) / p - 1) < 1e-5)
        }
        // With two degrees it is exp(−x / 2).
        for x in [0.1, 1, 10, 60, 200] { #expect(abs(ChiSquare.survival(x, degrees: 2) / exp(-x / 2) - 1) < 1e-10) }
    }

    /// Without a deviation the probability is itself uniform; with one of five standard errors it vanishes.
    @Test func chiSquareOfDraws() throws {
        let space = try StateSpace([.categorical(6)]), p = [0.3, 0.2, 0.2, 0.15, 0.1, 0.05]
        let values = try (0 ..< 400).map { ChiSquare.probability(of: try space.counts(of: space.sample(p, count: 2000, key: Key(1).folding($0))), under: p) }
        #expect(checkMean(values, exact: 0.5) == [] && checkMean(values.map { $0 * $0 }, exact: 1 / 3.0, rounding: 0.01) == [])
        let counts = try space.counts(of: space.sample(p, count: 100_000, key: Key(2)))
        #expect(ChiSquare.check(counts, against: p, name: "same") == [])
        #expect(ChiSquare.check(counts, against: [0.31, 0.2, 0.2, 0.15, 0.1, 0.04], name: "other") != [])
        #expect(ChiSquare.check([10, 1], against: [1, 0], name: "impossible") != [])
        #expect(ChiSquare.check([10_000, 300], against: [1, 1e-4], name: "rare") != [])
    }

    @Test func estimates() {
        #expect(checkEstimate(1.05, standardError: 0.01, exact: 1) == [] && checkEstimate(1.07, standardError: 0.01, exact: 1) != [])
        #expect(checkEstimate(.nan, standardError: 1, exact: 0) != [] && checkEstimate(0, standardError: .nan, exact: 0) != [])
    }

    /// Metropolis with the right acceptance passes; with a wrong one, with none, and standing still it is seen.
    @Test func kernels() throws {
        let space = try StateSpace([.categorical(4)]), p = [0.5, 0.25, 0.15, 0.1]
        func metropolis(_ accept: @escaping (Double) -> Double) throws -> [CheckFailure] {
            try checkKernel(stationary: p, of: space, mixing: 60, key: Key(3)) { states, key in
                var next = states
                let u = key.folding(0).uniforms(states.rows), v = key.folding(1).uniforms(states.rows)
                for row in 0 ..< states.rows {
                    let to = Int(u[row] * 4), ratio = p[to] / p[Int(states[row, 0])]
                    if Double(v[row]) < accept(ratio) { next[row, 0] = Float(to) }
                }
                return next
            }
        }
        #expect(try metropolis { min(1, $0) } == [] )
        #expect(try metropolis { $0 / (1 + $0) } == [])
        #expect(try metropolis { min(1, $0 * 1.2) } != [])
        #expect(try metropolis { _ in 1 } != [])
        #expect(try metropolis { _ in 0 }.count == 1)
        #expect(try checkKernel(stationary: p, of: space, key: Key(4)) { states, _ in Matrix(rows: states.rows, columns: 1, repeating: 7) } != [])
    }

    /// A wrong slope, an energy that depends on its neighbours, and one that accepts anything.
    struct Broken: DifferentiableEnergy {
        var variables: [Variable] { [.real, .real] }
        var slope: Float = 1, leak: Float = 0
        func energies(of batch: Matrix) throws -> [Float] {
            guard batch.columns >= 2 else { throw GibbsError(.shapeMismatch, "one column") }
            let sum = batch.values.reduce(0, +)
            return (0 ..< batch.rows).map { batch[$0, 0] * batch[$0, 0] / 2 + batch[$0, 1] + leak * sum }
        }
        func energiesAndGradients(of batch: Matrix) throws -> (energies: [Float], gradients: Matrix) {
            (try energies(of: batch), Matrix((0 ..< batch.rows).map { [slope * batch[$0, 0], 1] }))
        }
    }

    @Test func brokenEnergies() throws {
        let rows = Matrix([[1, 2], [3, -1]])
        func names(_ failures: [CheckFailure]) -> Set<String> { Set(failures.map(\.check)) }
        #expect(try names(checkGradient(Broken(), rows: rows)).contains("gradient") == false)
        #expect(try names(checkGradient(Broken(slope: 1.002), rows: rows)).contains("gradient"))
        #expect(try names(checkEnergy(Broken(), rows: rows)).contains("energy") == false)
        #expect(try names(checkEnergy(Broken(leak: 1e-3), rows: rows)).contains("energy"))
        #expect(try names(checkEnergy(Broken(), rows: rows)).contains("energy of one column too many"))
    }
}

import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport
import Testing

/// Training to the end on data from a known machine: the exact log-likelihood reaches the teacher's.
@Suite struct RBMTrainingTests {
    static func method(_ centring: ContrastiveDivergence.Centring = .dataMeans, epochs: Int = 150) -> ContrastiveDivergence {
        ContrastiveDivergence(chains: .persistent(count: 500, steps: 2), centring: centring, optimiser: .adam(rate: 0.02), weightDecay: 0,
                              epochs: epochs, finalRateShare: 0.02)
    }

    /// The maximum lies at or above the teacher's own likelihood; 0.01 nats are the noise of 500 chains at a rate of 4e-4.
    @Test(arguments: [ContrastiveDivergence.Centring.none, .dataMeans, .enhanced]) func reachesTheTeacher(centring: ContrastiveDivergence.Centring) throws {
        let known = Known(rows: 2000, key: Key(1)), start = try RBM(visible: Small.discrete, hidden: 3, spread: 0.1, key: Key(2)).withBiases(from: known.data)
        var independent = RBMReference(start)
        independent.weights = independent.weights.map { $0.map { _ in 0 } }
        // The data are far from independent, so that learning shows.
        #expect(known.teacherLikelihood - known.likelihood(independent.machine) > 0.15)
        let last = try start.training(on: known.data, by: Self.method(centring), key: Key(3)).finish()
        #expect(last.ending == .finished)
        let reached = known.likelihood(last.model)
        #expect(reached > known.teacherLikelihood - 0.01 && reached <= known.ceiling)
    }

    /// Columns with mean 0 and variance 1, as an encoder delivers them, and ln of the volume by which that scales.
    static func standardised(_ data: Matrix, _ variables: [Variable]) -> (Matrix, Double) {
        var result = data, logVolume = 0.0
        for column in variables.indices where variables[column] == .real {
            let values = data.column(column), mean = Float(Statistics.mean(values)), deviation = Statistics.standardDeviation(values)
            for row in 0 ..< data.rows { result[row, column] = (data[row, column] - mean) / Float(deviation) }
            logVolume += log(deviation)
        }
        return (result, logVolume)
    }

    /// Real, binary and categorical units together; the variances too must be learned.
    @Test func mixedUnits() throws {
        let variables: [Variable] = [.categorical(3), .real, .binary, .real]
        let teacher = RBMReference(Small.machine(variables, hidden: 2, spread: 2, key: Key(111))), raw = try teacher.sample(count: 2000, key: Key(5))
        let (data, logVolume) = Self.standardised(raw, variables), target = teacher.logLikelihood(of: raw) + logVolume
        let start = try RBM(visible: variables, hidden: 3, spread: 0.1, key: Key(6)).withBiases(from: data)
        let trained = try start.training(on: data, by: Self.method(epochs: 100), key: Key(7)).finish().model
        #expect(RBMReference(start).logLikelihood(of: data) < target - 0.5)
        #expect(RBMReference(trained).logLikelihood(of: data) > target - 0.02)
    }

    /// Mean and variance of a real column, from a machine that starts at 0 and 1.
    @Test func variances() throws {
        let data = Matrix(rows: 2000, columns: 1, values: Key(8).normals(2000).map { 1.5 + 0.4 * $0 })
        let trained = try RBM(visible: [.real], hidden: 1, spread: 0.01, key: Key(9)).training(on: data, by: Self.method(epochs: 100), key: Key(10)).finish().model
        let (mean, variance) = Self.moments(trained), deviation = Statistics.standardDeviation(data.values)
        #expect(abs(mean - Statistics.mean(data.values)) < 0.05 * deviation)
        #expect(abs(variance / (deviation * deviation) - 1) < 0.05)
    }

    /// Mean and variance of a machine of one real unit: a mixture of normals, one a hidden state.
    static func moments(_ machine: RBM) -> (mean: Double, variance: Double) {
        let reference = RBMReference(machine), total = reference.logPartition
        var first = 0.0, second = 0.0
        for h in reference.hiddenStates {
            let p = exp(reference.logWeight(h) - total), centre = reference.visibleBias[0] + zip(reference.weights[0], h).reduce(0) { $0 + $1.0 * $1.1 }
            first += p * centre
            second += p * (centre * centre + exp(reference.logVariance[0]))
        }
        return (first, second - first * first)
    }

    @Test func variancesThatAreKept() throws {
        let data = Matrix(rows: 200, columns: 2, values: Key(11).normals(400)), start = Small.machine([.real, .real], hidden: 2, spread: 0.1, key: Key(12))
        var method = Self.method(epochs: 2)
        method.learnsVariance = false
        let trained = try start.training(on: data, by: method, key: Key(13)).finish().model
        #expect(trained.logVariance == start.logVariance && trained.weights != start.weights)
    }

    /// A third of the cells missing at random (a fifth of real ones below): the machine still learns the joint distribution, not the independent one.
    @Test func missingCells() throws {
        let known = Known(rows: 4000, key: Key(14))
        var data = known.data
        for (index, u) in Key(15).uniforms(data.values.count).enumerated() where u < 0.33 { data.values[index] = .nan }
        let start = try RBM(visible: Small.discrete, hidden: 3, spread: 0.1, key: Key(16)).withBiases(from: data)
        let trained = try start.training(on: data, by: Self.method(epochs: 80), key: Key(17)).finish().model
        #expect(known.likelihood(trained) > known.teacherLikelihood - 0.05)
        // A row without any value is no error either.
        data = data.appending(Matrix(rows: 1, columns: data.columns, repeating: .nan))
        let last = try start.training(on: data, by: Self.method(epochs: 1), key: Key(18)).finish()
        #expect(last.ending == .finished && last.model.weights.values.allSatisfy(\.isFinite))
    }

    @Test func missingRealCells() throws {
        let variables: [Variable] = [.real, .binary, .real], teacher = RBMReference(Small.machine(variables, hidden: 2, spread: 1.5, key: Key(107)))
        let raw = try teacher.sample(count: 2000, key: Key(20)), (complete, logVolume) = Self.standardised(raw, variables)
        let target = teacher.logLikelihood(of: raw) + logVolume
        var data = complete
        for (index, u) in Key(21).uniforms(data.values.count).enumerated() where u < 0.2 { data.values[index] = .nan }
        let start = try RBM(visible: variables, hidden: 3, spread: 0.1, key: Key(22)).withBiases(from: data)
        let trained = try start.training(on: data, by: Self.method(epochs: 100), key: Key(23)).finish().model
        #expect(RBMReference(start).logLikelihood(of: complete) < target - 0.2)
        #expect(RBMReference(trained).logLikelihood(of: complete) > target - 0.03)
    }
}

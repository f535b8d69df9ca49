import Foundation
import GibbsCore
import GibbsLandscapes
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport
import GibbsWatch
import Testing

/// Pools for tests: experts of each kind and each view on the same mixed columns.
enum Pools {
    static let variables: [Variable] = [.real, .categorical(3), .real, .categorical(2)]

    static func rows(_ count: Int, key: Key) -> Matrix {
        var rows = Matrix(rows: count, columns: 4, values: key.folding(0).normals(4 * count))
        let u = key.folding(1).uniforms(2 * count)
        for row in 0 ..< count {
            rows[row, 1] = Float(Int(u[2 * row] * 3))
            rows[row, 3] = u[2 * row + 1] < 0.3 ? 1 : 0
        }
        return rows
    }

    static let indicators = RecordView.indicators(scales: [[], [1, 1.5, 2], [], [0.5, 0.5]], means: [[], [0.2, 0.3, 0.5], [], [0.7, 0.3]])
    static let bins = RecordView.bins(edges: [[-1, 0, 1], [], [0.5], []])

    static let memory = Expert(name: "memory", view: .plain, energy: try! MemoryEnergy.heavyTailed(rows(60, key: Key(1)), variables: variables, key: Key(1)),
                               centre: 3.25, spread: 2)
    static let gaussian = Expert(name: "gaussian", view: indicators, energy: try! GaussianEnergy.fitted(to: indicators.apply(rows(60, key: Key(2)), variables: variables)),
                                 centre: -1, spread: 0.25)
    static let independent = Expert(name: "independent", view: bins,
                                    energy: try! IndependentEnergy.fitted(to: bins.apply(rows(60, key: Key(3)), variables: variables), variables: bins.variables(of: variables)),
                                    centre: 4, spread: 1)
    static let machine = Expert(name: "rbm", view: .plain, energy: RBM(visible: variables, hidden: 3, spread: 0.5, key: Key(4)), centre: 0.5, spread: 4)
    static let mixture = Expert(name: "mixture", view: indicators,
                                energy: try! GaussianMixtureEnergy.fitted(to: indicators.apply(rows(60, key: Key(5)), variables: variables), count: 2, key: Key(5)))

    static func pool(_ experts: Expert...) -> PooledEnergy { PooledEnergy(variables: variables, experts: experts) }
    static let whole = pool(memory, gaussian, independent, machine, mixture)
}

/// Pools: the weighted sum of centred experts, each weighted so that all have the same spread.
@Suite struct PooledEnergyTests {
    private static let rows = Pools.rows(40, key: Key(9))

    private func gapped() -> Matrix {
        var rows = Self.rows
        for (index, row) in stride(from: 0, to: 40, by: 2).enumerated() { rows[row, index % 4] = .nan }
        return rows
    }

    @Test func oneExpertIsItsOwnEnergyInNatsShifted() throws {
        for expert in Pools.whole.experts {
            let pool = Pools.pool(expert), rows = gapped()
            #expect(pool.weights == [1])
            let own = try expert.energy.energies(of: expert.view.apply(rows, variables: Pools.variables))
            for (found, energy) in zip(try pool.energies(of: rows), own) {
                let shifted = Double(energy) - expert.centre
                #expect(abs(Double(found) - shifted) <= 1e-6 * max(1, abs(Double(energy))), "\(expert.name)")
            }
        }
    }

    /// Spreads 2, ¼, 1 and 4 have the geometric mean 2^¼.
    @Test func weightsEqualiseSpreads() throws {
        let pool = Pools.pool(Pools.memory, Pools.gaussian, Pools.independent, Pools.machine), middle = exp2(0.25)
        for (weight, spread) in zip(pool.weights, [2, 0.25, 1, 4]) { #expect(abs(weight - middle / spread / 4) < 1e-12) }
        let rows = gapped(), shares = try pool.shares(of: rows), energies = try pool.energies(of: rows)
        for (k, expert) in pool.experts.enumerated() {
            let own = try expert.energy.energies(of: expert.view.apply(rows, variables: Pools.variables))
            for row in 0 ..< 40 {
                let share = pool.weights[k] * (Double(own[row]) - expert.centre)
                #expect(abs(Double(shares[k][row]) - share) < 1e-4)
            }
        }
        for row in 0 ..< 40 { #expect(abs(energies[row] - shares.reduce(0) { $0 + $1[row] }) < 1e-4) }
    }

    @Test func orderOfExpertsDoesNotMatter() throws {
        let experts = Pools.whole.experts, rows = gapped(), energies = try Pools.whole.energies(of: rows)
        for seed in 0 ..< 5 {
            let other = PooledEnergy(variables: Pools.variables, experts: Key(UInt64(seed)).permutation(experts.count).map { experts[$0] })
            for (a, b) in zip(try other.energies(of: rows), energies) { #expect(abs(a - b) < 1e-4 * max(1, abs(b))) }
        }
    }

    /// E(x) − E(x without j) is the weighted sum of the experts' own conditional surprises.
    @Test func conditionalSurprisesPool() throws {
        let pool = Pools.whole
        for column in 0 ..< 4 {
            var without = Self.rows
            for row in 0 ..< 40 { without[row, column] = .nan }
            let (whole, rest) = (try pool.energies(of: Self.rows), try pool.energies(of: without))
            var expected = [Double](repeating: 0, count: 40)
            for (expert, weight) in zip(pool.experts, pool.weights) {
                let a = try expert.energy.energies(of: expert.view.apply(Self.rows, variables: Pools.variables))
                let b = try expert.energy.energies(of: expert.view.apply(without, variables: Pools.variables))
                for row in 0 ..< 40 { expected[row] += weight * (Double(a[row]) - Double(b[row])) }
            }
            for row in 0 ..< 40 {
                let found = Double(whole[row]) - Double(rest[row])
                #expect(abs(found - expected[row]) < 1e-3)
            }
        }
    }

    /// Bins count the edges at or below a value; indicators are shifted, scaled and stay missing together.
    @Test func views() {
        let batch = Matrix([[-1, 2, 0.5, 0], [-1.01, 0, 0.49, 1], [5, .nan, .nan, .nan], [.nan, 1, 7, 0]])
        #expect(Pools.bins.variables(of: Pools.variables) == [.categorical(4), .categorical(3), .categorical(2), .categorical(2)])
        let binned = Pools.bins.apply(batch, variables: Pools.variables).values.map { $0.isNaN ? -1 : $0 }
        #expect(binned == [1, 2, 1, 0, 0, 0, 0, 1, 3, -1, -1, -1, -1, 1, 1, 0])
        #expect(Pools.indicators.variables(of: Pools.variables) == Array(repeating: .real, count: 7))
        let expanded = Pools.indicators.apply(batch, variables: Pools.variables)
        let expected: [Float] = [-1, -0.2, -0.2, 0.25, 0.5, 0.6, -0.6]
        for (found, value) in zip(expanded.row(0), expected) { #expect(abs(found - value) < 1e-6) }
        #expect(expanded.row(2).map(\.isNaN) == [false, true, true, true, true, true, true])
    }

    @Test func promises() throws {
        #expect(try checkEnergy(Pools.whole, rows: Self.rows) == [])
        // A pool of one is a distribution: missing values are summed out as its expert does, a machine's real ones by a bound.
        let patterns = try MemoryEnergy(patterns: Pools.rows(60, key: Key(6)), variables: Pools.variables, precisions: Array(repeating: 1.5, count: 60))
        let memory = Pools.pool(Expert(name: "memory", view: .plain, energy: patterns, centre: 2, spread: 3))
        let remembered = try Conformer("pool of a memory", memory, rows: Self.rows).failures(key: Key(8))
        #expect(remembered == [])
        let learned = try Conformer("pool of a machine", Pools.pool(Pools.machine), rows: Self.rows, promise: .upperBound(slack: 1)).failures(key: Key(8))
        #expect(learned == [])
        let exact = Pools.pool(Pools.memory, Pools.gaussian, Pools.independent, Pools.machine)
        #expect(try checkStorable(exact, rows: gapped()) == [])
        // A mixture's weights are stored in single precision.
        #expect(try checkStorable(Pools.whole, rows: gapped(), tolerance: 1e-6) == [])
        #expect(Set(PooledEnergy.readers.keys) == ["memory", "gaussian", "gaussian-mixture", "rbm", "independent"])
    }
}

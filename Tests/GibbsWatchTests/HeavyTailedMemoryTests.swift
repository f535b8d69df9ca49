import Foundation
import GibbsCore
import GibbsLandscapes
import GibbsNumerics
import Testing

/// The watchdog's default energy at the sizes and values that logs bring: hundreds of columns, numbers a million deviations out.
@Suite struct HeavyTailedMemoryTests {
    static let width: Float = 3

    /// `columns` columns, every third one categorical.
    static func memory(_ rows: Int, columns: Int, key: Key) throws -> MemoryEnergy {
        let variables = (0 ..< columns).map { $0 % 3 == 2 ? Variable.categorical(4) : .real }
        return try MemoryEnergy.heavyTailed(batch(rows, variables, key: key), variables: variables, mismatch: variables.map { $0 == .real ? 0 : 2.5 },
                                            width: width, key: key)
    }

    static func batch(_ rows: Int, _ variables: [Variable], key: Key) -> Matrix {
        var data = Matrix(rows: rows, columns: variables.count, values: key.normals(rows * variables.count))
        for (column, variable) in variables.enumerated() where variable != .real {
            for row in 0 ..< rows { data[row, column] = min(3, abs(data[row, column] * 2).rounded()) }
        }
        return data
    }

    /// −ln (1/n) Σᵢ Πₖ 1 / (1 + w dₖ), missing columns summed out: −ln (π/√w) for a number, −ln (1 + 3 / (1 + w m)) for a category.
    static func literal(_ memory: MemoryEnergy, _ x: [Float]) -> Double {
        let w = Double(width)
        let more = 1 + w * 2.5, numberMass = log(Double.pi / w.squareRoot()), categoryMass = log(1 + 3 / more)
        let terms = (0 ..< memory.patterns.rows).map { i -> Double in
            var sum = 0.0
            for k in x.indices {
                let isReal = memory.variables[k] == .real, difference = Double(x[k]) - Double(memory.patterns[i, k])
                if x[k].isNaN { sum += isReal ? numberMass : categoryMass }
                else if isReal { sum -= log(1 + w * difference * difference) }
                else if difference != 0 { sum -= log(more) }
            }
            return sum
        }
        return -logSumExp(terms) + log(Double(terms.count))
    }

    @Test(arguments: [1, 3, 4, 41, 300]) func literalFormula(columns: Int) throws {
        let memory = try Self.memory(130, columns: columns, key: Key(1))
        var rows = Self.batch(11, memory.variables, key: Key(2))
        for row in 5 ..< 11 { for column in 0 ..< columns where (row + column) % 5 == 0 { rows[row, column] = .nan } }
        let found = try memory.energies(of: rows)
        for row in 0 ..< rows.rows {
            let exact = Self.literal(memory, Array(rows.row(row)))
            let alone = try memory.energies(of: rows.slice(row ..< row + 1))[0]
            for value in [found[row], alone] { #expect(abs(Double(value) - exact) < 1e-5 * max(1, abs(exact)), "row \(row)") }
        }
    }

    /// Far out every column costs more the further it is; beyond 18,000 deviations the price stands still, and nothing overflows.
    @Test(arguments: [2, 300]) func hugeValuesStayFiniteAndMonotone(columns: Int) throws {
        let memory = try Self.memory(64, columns: columns, key: Key(3))
        let row = Array(Self.batch(1, memory.variables, key: Key(4)).row(0))
        // Eight rows: together they meet the kernel for whole tiles of four, alone the one for rests.
        let sizes: [Float] = [10, 100, 1000, 1e4, 1e6, 1e12, 1e15, 1e30]
        for all in [false, true] {
            let far = row.indices.filter { memory.variables[$0] == .real && (all || $0 == 0) }
            let trials = Matrix(sizes.map { size -> [Float] in
                var trial = row
                for column in far { trial[column] = size }
                return trial
            })
            let energies = try memory.energies(of: trials), lone = try sizes.indices.map { try memory.energies(of: trials.slice($0 ..< $0 + 1))[0] }
            #expect(energies.allSatisfy(\.isFinite) && lone.allSatisfy(\.isFinite))
            for (before, after) in zip(energies.prefix(4), energies.dropFirst().prefix(3)) { #expect(after > before + 4, "\(energies)") }
            #expect(zip(energies, energies.dropFirst()).allSatisfy { $1 >= $0 })
            #expect(zip(energies, lone).allSatisfy { abs($0 - $1) < 1e-4 * max(1, abs($0)) })
        }
    }

    /// A pattern left out is as if it had never been stored, up to the count that the mean divides by.
    @Test func leavingOneOut() throws {
        let memory = try Self.memory(70, columns: 7, key: Key(5))
        let found = try memory.energies(of: memory.patterns, excluding: Array(0 ..< 70))
        for row in [0, 35, 63, 64, 69] {
            let rest = try MemoryEnergy.heavyTailed(memory.patterns.selecting(rows: (0 ..< 70).filter { $0 != row }), variables: memory.variables,
                                                    mismatch: memory.mismatch, width: Self.width, key: Key(5))
            let exact = Self.literal(rest, Array(memory.patterns.row(row))) + log(70.0 / 69)
            #expect(abs(Double(found[row]) - exact) < 1e-5 * max(1, abs(exact)))
        }
    }

    /// exp(−E) integrated over a missing number by quadrature: x = sinh t reaches all but 1e-8 of a Cauchy tail.
    @Test func missingNumbersByQuadrature() throws {
        let memory = try Self.memory(40, columns: 5, key: Key(6))
        var row = Array(Self.batch(1, memory.variables, key: Key(7)).row(0))
        for column in [0, 4] {
            let step = 0.01, points = Array(stride(from: -9.0, through: 9, by: step))
            let trials = Matrix(points.map { t -> [Float] in
                var trial = row
                trial[column] = Float(sinh(t))
                return trial
            })
            let integral = logSumExp(zip(points, try memory.energies(of: trials)).map { t, energy -> Double in log(cosh(t) * step) - Double(energy) })
            let kept = row[column]
            row[column] = .nan
            // Beyond ±sinh 9 a share of 2 / (π √3 · 4051) of each kernel is left.
            let energy = Double(try memory.energies(of: Matrix([row]))[0])
            #expect(abs(energy + integral) < 3e-4)
            row[column] = kept
        }
    }
}

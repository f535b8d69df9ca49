import Foundation
import GibbsCore
import GibbsLandscapes
import GibbsNumerics
import GibbsTestSupport
import Testing

/// The bandwidth chosen by leaving one out, against a brute-force search; capacity and data that are no use.
@Suite struct MemoryFitTests {
    /// The mean leave-one-out log-density of all rows at one β, summed in double precision.
    static func score(_ data: Matrix, _ variables: [Variable], _ beta: Double) -> Double {
        var total = 0.0
        for a in 0 ..< data.rows {
            total += logSumExp((0 ..< data.rows).filter { $0 != a }.map { b in
                -beta * variables.indices.reduce(0.0) { sum, k in
                    let d = Double(data[a, k]) - Double(data[b, k])
                    return sum + (variables[k] == .real ? d * d : (d == 0 ? 0 : 2))
                }
            })
        }
        return variables.reduce(total / Double(data.rows)) { sum, variable in
            switch variable {
            case .real: sum + 0.5 * log(beta / .pi)
            case .binary: sum - log(1 + exp(-2 * beta))
            case .categorical(let count): sum - log(1 + Double(count - 1) * exp(-2 * beta))
            }
        }
    }

    /// The grid's step is ln(10⁴ d) / 24, below 0.47 for up to eight columns: the optimum lies within half a step.
    @Test(arguments: [[Variable.real], [.real, .real], Landscape.mixed]) func nearTheBestBandwidth(variables: [Variable]) throws {
        let full = Landscape.rows(150, key: Key(1)), columns = variables == Landscape.mixed ? [0, 1, 2, 3] : [0, 3].prefix(variables.count).map { $0 }
        let data = Matrix((0 ..< 150).map { row in columns.map { full[row, $0] } })
        let fitted = try MemoryEnergy.fitted(to: data, variables: variables, key: Key(2)), beta = Double(fitted.meanPrecision)
        #expect(fitted.patterns == data && Set(fitted.precisions).count == 1)
        let best = (0 ..< 100).map { exp(-5 + 0.12 * Double($0)) }.max { Self.score(data, variables, $0) < Self.score(data, variables, $1) }!
        #expect(abs(log(beta / best)) < 0.47 / 2 + 0.12)
        #expect(Self.score(data, variables, beta) > Self.score(data, variables, best) - 0.02)
    }

    @Test func capacity() throws {
        let data = Matrix(rows: 500, columns: 2, values: Key(3).normals(1000))
        let fitted = try MemoryEnergy.fitted(to: data, variables: [.real, .real], capacity: 60, probes: 30, key: Key(4))
        let stored = Set((0 ..< 500).map { Array(data.row($0)) })
        #expect(fitted.patterns.rows == 60 && Set((0 ..< 60).map { Array(fitted.patterns.row($0)) }).isSubset(of: stored))
        #expect(Set((0 ..< 60).map { Array(fitted.patterns.row($0)) }).count == 60)
        #expect(try MemoryEnergy.fitted(to: data, variables: [.real, .real], capacity: 60, probes: 30, key: Key(4)).archive() == fitted.archive())
        #expect(try MemoryEnergy.fitted(to: data, variables: [.real, .real], capacity: 60, key: Key(5)).patterns != fitted.patterns)
        let heavy = try MemoryEnergy.heavyTailed(data, variables: [.real, .real], width: 2, capacity: 60, key: Key(4))
        #expect(heavy.patterns.rows == 60 && heavy.kernel == .heavyTailed(width: 2) && heavy.meanPrecision == 1)
    }

    /// Rows that mostly repeat each other have no scale of their own; the memory is still finite.
    @Test func repeatedRows() throws {
        for data in [Matrix(rows: 50, columns: 2, repeating: 1), Matrix((0 ..< 50).map { [$0 == 0 ? 9 : 1, 1] })] {
            let fitted = try MemoryEnergy.fitted(to: data, variables: [.real, .real], key: Key(6))
            #expect(try fitted.energies(of: data).allSatisfy(\.isFinite))
            #expect(try fitted.energies(of: Matrix([[3, 3]]))[0] > fitted.energies(of: Matrix([[1, 1]]))[0])
        }
    }

    @Test func refusals() {
        func refused(_ name: String, _ codes: [GibbsError.Code], _ data: Matrix) {
            #expect(checkRefusal(codes, name) { _ = try MemoryEnergy.fitted(to: data, variables: [.real, .binary], key: Key(7)) } == [])
        }
        refused("one row", [.unsuitableData], Matrix([[0, 0]]))
        refused("a missing value", [.unsuitableData], Matrix([[0, 0], [.nan, 1], [2, 0]]))
        refused("two instead of one", [.unsuitableData], Matrix([[0, 0], [0, 2]]))
        refused("three columns", [.shapeMismatch], Matrix([[0, 0, 0], [0, 1, 1]]))
        refused("distances beyond single precision", [.unsuitableData], Matrix([[1e25, 0], [-1e25, 1], [0, 0]]))
    }
}

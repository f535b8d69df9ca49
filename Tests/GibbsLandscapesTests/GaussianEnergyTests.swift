import Foundation
import GibbsCore
import GibbsLandscapes
import GibbsNumerics
import GibbsTestSupport
import Testing

/// The Gaussian: its formula, its normaliser by quadrature, and Ledoit and Wolf's shrinkage written out.
@Suite struct GaussianEnergyTests {
    @Test func formula() throws {
        let gaussian = Landscape.gaussian(5, key: Key(1)), rows = Matrix(rows: 8, columns: 5, values: Key(2).normals(40).map { 3 * $0 })
        for (row, energy) in try gaussian.energies(of: rows).enumerated() {
            let x = zip(rows.row(row), gaussian.mean).map { Double($0) - Double($1) }
            var exact = 0.0
            for i in 0 ..< 5 { for j in 0 ..< 5 { exact += x[i] * gaussian.precision[i, j] * x[j] / 2 } }
            #expect(abs(Double(energy) - exact) < 1e-5 * max(1, exact))
        }
        #expect(try gaussian.energies(of: Matrix([gaussian.mean])) == [0])
    }

    @Test(arguments: [1, 2]) func normaliser(size: Int) throws {
        for seed: UInt64 in 1 ... 3 {
            let gaussian = Landscape.gaussian(size, key: Key(seed))
            #expect(abs(try logPartitionByQuadrature(gaussian, centre: gaussian.mean) - gaussian.logPartition) < 1e-5)
        }
    }

    /// All columns missing leave −ln Z; several missing real columns agree with integrating them one after the other.
    @Test func severalMissingColumns() throws {
        let gaussian = Landscape.gaussian(2, key: Key(3))
        #expect(abs(Double(try gaussian.energies(of: Matrix([[.nan, .nan]]))[0]) + gaussian.logPartition) < 1e-5)
        let three = Landscape.gaussian(3, key: Key(4)), x: Float = 0.7
        let grid = (0 ..< 2000).map { Float($0) * 0.02 - 20 }
        let outer = try three.energies(of: Matrix(grid.map { [x, .nan, $0] })).map { -Double($0) }
        #expect(abs(Double(try three.energies(of: Matrix([[x, .nan, .nan]]))[0]) + logSumExp(outer) + log(0.02)) < 1e-4)
    }

    /// Equation 14 of the paper, with its norm ‖A‖² = tr(AAᵀ)/p and every sum spelled out.
    @Test(arguments: [(5, 8), (20, 3), (200, 4), (3, 1)]) func ledoitWolf(rows: Int, columns: Int) throws {
        var data = Matrix(rows: rows, columns: columns, values: Key(UInt64(rows)).normals(rows * columns))
        for row in 0 ..< rows { for k in 1 ..< max(1, columns) { data[row, k] = Float(k) * data[row, k] + data[row, k - 1] } }
        let fitted = try GaussianEnergy.fitted(to: data)
        let n = Double(rows), p = Double(columns), means = (0 ..< columns).map { Statistics.mean(data.column($0)) }
        let x = (0 ..< rows).map { row in (0 ..< columns).map { Double(data[row, $0]) - means[$0] } }
        func entry(_ i: Int, _ j: Int) -> Double { x.reduce(0) { $0 + $1[i] * $1[j] } / n }
        let s = (0 ..< columns).map { i in (0 ..< columns).map { entry(i, $0) } }
        let m = (0 ..< columns).reduce(0) { $0 + s[$1][$1] } / p
        var d2 = 0.0, b2 = 0.0
        for i in 0 ..< columns {
            for j in 0 ..< columns {
                d2 += pow(s[i][j] - (i == j ? m : 0), 2) / p
                for row in x { b2 += pow(row[i] * row[j] - s[i][j], 2) / p / (n * n) }
            }
        }
        let shrinkage = d2 > 1e-12 ? min(b2, d2) / d2 : 1
        #expect(abs(fitted.shrinkage - shrinkage) < 1e-4 || columns == 1)
        for i in 0 ..< columns {
            #expect(abs(Double(fitted.mean[i]) - means[i]) < 1e-5)
            for j in 0 ..< columns {
                let exact = shrinkage * (i == j ? m : 0) + (1 - shrinkage) * s[i][j]
                #expect(abs(fitted.covarianceMatrix[i, j] - exact) < 2e-4 * m)
            }
        }
    }

    /// Columns that repeat each other, or never change, leave energies finite and ordered.
    @Test func degenerateColumns() throws {
        let base = Key(5).normals(300)
        let data = Matrix(rows: 100, columns: 4, values: (0 ..< 100).flatMap { [base[$0], base[$0], 7, base[100 + $0]] })
        let gaussian = try GaussianEnergy.fitted(to: data), energies = try gaussian.energies(of: data)
        #expect(energies.allSatisfy { $0.isFinite && $0 >= 0 })
        let broken = try gaussian.energies(of: Matrix([[1, 1, 7, 0], [1, -1, 7, 0], [1, 1, 8, 0]]))
        #expect(broken[1] > 10 * broken[0] && broken[2] > 10 * broken[0])
        let constant = try GaussianEnergy.fitted(to: Matrix(rows: 10, columns: 2, repeating: 3))
        #expect(try constant.energies(of: Matrix([[3, 3]])) == [0] && constant.logPartition.isFinite)
        #expect(try GaussianEnergy.fitted(to: Matrix([[0, 0], [1, 1]])).energies(of: Matrix([[0, 1]]))[0].isFinite)
    }

    @Test func refusals() {
        func refused(_ name: String, _ body: () throws -> Void) { #expect(checkRefusal([.unsuitableData], name, body) == []) }
        refused("one row") { _ = try GaussianEnergy.fitted(to: Matrix([[1, 2]])) }
        refused("a missing value") { _ = try GaussianEnergy.fitted(to: Matrix([[1, 2], [.nan, 1], [0, 0]])) }
        refused("an infinite value") { _ = try GaussianEnergy.fitted(to: Matrix([[1, 2], [.infinity, 1], [0, 0]])) }
        refused("an indefinite covariance") { _ = try GaussianEnergy(mean: [0, 0], covariance: SymmetricMatrix(size: 2, values: [1, 2, 2, 1])) }
        let archive = Archive(tensors: ["mean": .init([0]), "shrinkage": .init([0]), "covariance": .init(shape: [1, 1], values: [-1]),
                                        "covarianceRemainder": .init(shape: [1, 1], values: [0])])
        #expect(checkRefusal([.unsuitableModel], "a stored covariance that is none") { _ = try GaussianEnergy(archive: archive) } == [])
    }

    /// A weighted or summed marginal is not the marginal of the weighted or summed energy, so a missing value is refused.
    @Test func compositionsRefuseMissingValues() {
        let gaussian = Landscape.gaussian(2, key: Key(6)), row = Matrix([[1, .nan]])
        #expect(checkRefusal([.unsuitableData], "sum") { _ = try (gaussian + gaussian).energies(of: row) } == [])
        #expect(checkRefusal([.unsuitableData], "weighted") { _ = try (2 * gaussian).energies(of: row) } == [])
        #expect(checkRefusal([.unsuitableData], "tempered") { _ = try gaussian.tempered(2).energies(of: row) } == [])
    }
}

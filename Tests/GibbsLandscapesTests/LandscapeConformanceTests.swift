import Foundation
import GibbsCore
import GibbsLandscapes
import GibbsNumerics
import GibbsTestSupport
import Testing

/// Landscapes for tests.
enum Landscape {
    /// A covariance B Bᵀ + ½ I of a random B.
    static func covariance(_ size: Int, key: Key) -> SymmetricMatrix {
        let b = key.normals(size * size).map(Double.init)
        return SymmetricMatrix(size: size, values: (0 ..< size * size).map { index in
            let (i, j) = (index / size, index % size)
            return (0 ..< size).reduce(i == j ? 0.5 : 0) { $0 + b[i * size + $1] * b[j * size + $1] }
        })
    }

    static func gaussian(_ size: Int, key: Key) -> GaussianEnergy {
        try! GaussianEnergy(mean: key.folding(0).normals(size), covariance: covariance(size, key: key.folding(1)))
    }

    static func mixture(_ size: Int, count: Int, key: Key) -> GaussianMixtureEnergy {
        let components = (0 ..< count).map { k -> GaussianEnergy in
            let base = gaussian(size, key: key.folding(k))
            return try! GaussianEnergy(mean: base.mean.map { 3 * $0 }, covariance: base.covarianceMatrix)
        }
        let weights = (1 ... count).map { Double($0) / Double(count * (count + 1) / 2) }
        return GaussianMixtureEnergy(components: components, logWeights: weights.map { log($0) })
    }

    static let mixed: [Variable] = [.real, .categorical(4), .binary, .real]

    /// Rows of the kinds in `mixed`.
    static func rows(_ count: Int, key: Key) -> Matrix {
        var rows = Matrix(rows: count, columns: 4, values: key.normals(4 * count))
        let u = key.folding(0).uniforms(2 * count)
        for row in 0 ..< count {
            rows[row, 1] = Float(Int(u[2 * row] * 4))
            rows[row, 2] = u[2 * row + 1] < 0.5 ? 0 : 1
        }
        return rows
    }

    static func memory(_ precision: Float, count: Int = 70, kernel: MemoryEnergy.Kernel = .quadratic) -> MemoryEnergy {
        try! MemoryEnergy(patterns: rows(count, key: Key(77)), variables: mixed, precisions: Array(repeating: precision, count: count),
                          mismatch: [0, 0.7, 1.5, 0], kernel: kernel)
    }
}

extension Landscape {
    /// A memory without categories, which has a gradient.
    static func numbers(_ kernel: MemoryEnergy.Kernel) -> MemoryEnergy {
        try! MemoryEnergy(patterns: Matrix(rows: 70, columns: 3, values: Key(78).normals(210)), variables: [.real, .real, .real],
                          precisions: Array(repeating: 1.5, count: 70), kernel: kernel)
    }
}

/// Every landscape keeps the promises of its protocols.
@Suite struct LandscapeConformanceTests {
    static func points(_ columns: Int) -> Matrix { Matrix(rows: 9, columns: columns, values: Key(3).normals(9 * columns).map { 2 * $0 }) }

    static let conformers = [
        Conformer("gaussian of one column", Landscape.gaussian(1, key: Key(1)), rows: points(1)),
        Conformer("gaussian of four columns", Landscape.gaussian(4, key: Key(1)), rows: points(4)),
        Conformer("fitted gaussian", try! GaussianEnergy.fitted(to: Matrix(rows: 50, columns: 3, values: Key(2).normals(150))), rows: points(3)),
        Conformer("mixture of one column", Landscape.mixture(1, count: 3, key: Key(4)), rows: points(1)),
        Conformer("mixture of three columns", Landscape.mixture(3, count: 4, key: Key(5)), rows: points(3)),
        Conformer("fitted mixture", try! GaussianMixtureEnergy.fitted(to: Matrix(rows: 60, columns: 2, values: Key(2).normals(120)), count: 3, key: Key(3)),
                  rows: points(2)),
        Conformer("memory", Landscape.memory(1), rows: Landscape.rows(9, key: Key(6))),
        Conformer("colder memory", Landscape.memory(4), rows: Landscape.rows(9, key: Key(6))),
        Conformer("heavy-tailed memory", Landscape.memory(2, kernel: .heavyTailed(width: 3)), rows: Landscape.rows(9, key: Key(6))),
        Conformer("memory of numbers", Landscape.numbers(.quadratic), rows: points(3)),
        Conformer("heavy-tailed memory of numbers", Landscape.numbers(.heavyTailed(width: 3)), rows: points(3)),
        Conformer("sum of landscapes", Landscape.gaussian(2, key: Key(7)) + 0.5 * Landscape.mixture(2, count: 2, key: Key(8)), rows: points(2)),
    ]

    @Test(arguments: conformers) func conforms(conformer: Conformer) throws {
        let failures = try conformer.failures(key: Key(9))
        #expect(failures == [])
    }
}

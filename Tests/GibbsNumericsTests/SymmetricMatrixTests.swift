import Foundation
import GibbsNumerics
import Testing

/// Factorisations in double precision: defining equations, known values, and matrices that have none.
@Suite struct SymmetricMatrixTests {
    /// B Bᵀ + ½ I of a random B: positive definite.
    static func definite(_ size: Int) -> SymmetricMatrix {
        let b = Key(UInt64(size)).normals(size * size).map(Double.init)
        var result = SymmetricMatrix(size: size, values: [Double](repeating: 0, count: size * size))
        for i in 0 ..< size { for j in 0 ..< size { result[i, j] = (0 ..< size).reduce(i == j ? 0.5 : 0) { $0 + b[i * size + $1] * b[j * size + $1] } } }
        return result
    }

    @Test(arguments: [1, 2, 5, 30]) func inverses(size: Int) throws {
        let a = Self.definite(size), (inverse, logDeterminant) = try #require(a.inverseAndLogDeterminant())
        for i in 0 ..< size {
            for j in 0 ..< size {
                #expect(inverse[i, j] == inverse[j, i])
                let product = (0 ..< size).reduce(0.0) { $0 + a[i, $1] * inverse[$1, j] }
                #expect(abs(product - (i == j ? 1 : 0)) < 1e-10)
            }
        }
        #expect(abs(logDeterminant - a.eigen().values.reduce(0) { $0 + log($1) }) < 1e-10 * Double(size))
    }

    @Test func knownValues() throws {
        let a = SymmetricMatrix(size: 2, values: [2, 1, 1, 3]), (inverse, logDeterminant) = try #require(a.inverseAndLogDeterminant())
        #expect(zip(inverse.values, [0.6, -0.2, -0.2, 0.4]).allSatisfy { abs($0 - $1) < 1e-15 })
        #expect(abs(logDeterminant - log(5)) < 1e-15)
        let root = 5.0.squareRoot(), eigenvalues: [Double] = [(5 - root) / 2, (5 + root) / 2]
        #expect(zip(a.eigen().values, eigenvalues).allSatisfy { abs($0 - $1) < 1e-14 })
        #expect(SymmetricMatrix(size: 3, values: Array(0 ..< 9).map(Double.init)).selecting([2, 0]).values == [8, 6, 2, 0])
    }

    @Test(arguments: [1, 2, 7, 30]) func eigenvectors(size: Int) {
        let a = Self.definite(size), (values, vectors) = a.eigen()
        #expect(values == values.sorted() && values.count == size && vectors.count == size)
        for (i, vector) in vectors.enumerated() {
            for row in 0 ..< size {
                let image = (0 ..< size).reduce(0.0) { $0 + a[row, $1] * vector[$1] }
                #expect(abs(image - values[i] * vector[row]) < 1e-10 * max(1, values[size - 1]))
            }
            for j in 0 ... i { #expect(abs(zip(vector, vectors[j]).reduce(0) { $0 + $1.0 * $1.1 } - (i == j ? 1 : 0)) < 1e-12) }
        }
    }

    @Test func withoutAnInverse() {
        #expect(SymmetricMatrix(size: 2, values: [1, 2, 2, 1]).inverseAndLogDeterminant() == nil)
        #expect(SymmetricMatrix(size: 2, values: [0, 0, 0, 0]).inverseAndLogDeterminant() == nil)
        #expect(SymmetricMatrix(size: 1, values: [-1]).inverseAndLogDeterminant() == nil)
        #expect(SymmetricMatrix(size: 2, values: [.nan, 0, 0, 1]).inverseAndLogDeterminant() == nil)
        #expect(SymmetricMatrix(size: 0, values: []).inverseAndLogDeterminant()?.logDeterminant == 0)
        #expect(SymmetricMatrix(size: 0, values: []).eigen().values == [])
        // Negative eigenvalues are no hindrance to finding them.
        #expect(zip(SymmetricMatrix(size: 2, values: [1, 2, 2, 1]).eigen().values, [-1, 3]).allSatisfy { abs($0 - $1) < 1e-14 })
    }
}

import CBLAS

/// Factorisations of symmetric matrices in double precision, by LAPACK.
public struct SymmetricMatrix: Sendable {
    /// The number of rows, and of columns.
    public let size: Int
    /// `size * size` values, row-major; both triangles are kept.
    public var values: [Double]

    /// Wraps `size * size` values. Traps on another count; symmetry is not checked, and the lower triangle is what counts.
    public init(size: Int, values: [Double]) {
        precondition(values.count == size * size, "\(values.count) values for a \(size) × \(size) matrix")
        self.size = size
        self.values = values
    }

    /// One value; setting it does not touch its mirror image.
    public subscript(row: Int, column: Int) -> Double {
        get { values[row * size + column] }
        set { values[row * size + column] = newValue }
    }

    /// The sub-matrix of the named rows and columns.
    public func selecting(_ indices: [Int]) -> SymmetricMatrix {
        SymmetricMatrix(size: indices.count, values: indices.flatMap { row in indices.map { self[row, $0] } })
    }

    /// The inverse and ln of the determinant by Cholesky's factorisation; `nil` if the matrix is not positive definite.
    /// Cost: size³ operations.
    public func inverseAndLogDeterminant() -> (inverse: SymmetricMatrix, logDeterminant: Double)? {
        if size == 0 { return (self, 0) }
        SingleThreadedBLAS.prepare()
        var factor = values
        let n = Int32(size)
        guard LAPACKE_dpotrf(LAPACK_ROW_MAJOR, CChar(UInt8(ascii: "L")), n, &factor, n) == 0 else { return nil }
        var logDeterminant = 0.0
        for index in 0 ..< size { logDeterminant += 2 * logarithm(factor[index * size + index]) }
        guard LAPACKE_dpotri(LAPACK_ROW_MAJOR, CChar(UInt8(ascii: "L")), n, &factor, n) == 0 else { return nil }
        for row in 0 ..< size { for column in row + 1 ..< max(size, row + 1) { factor[row * size + column] = factor[column * size + row] } }
        return (SymmetricMatrix(size: size, values: factor), logDeterminant)
    }

    /// Eigenvalues in increasing order and their eigenvectors as rows; traps only if LAPACK fails to converge on finite
    /// input. Cost: about 9 · size³ operations.
    public func eigen() -> (values: [Double], vectors: [[Double]]) {
        var work = values, eigenvalues = [Double](repeating: 0, count: size)
        if size == 0 { return ([], []) }
        SingleThreadedBLAS.prepare()
        let status = LAPACKE_dsyevd(LAPACK_ROW_MAJOR, CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "L")),
                                    Int32(size), &work, Int32(size), &eigenvalues)
        precondition(status == 0, "eigenvalues of a \(size) × \(size) matrix did not converge")
        let vectors = (0 ..< size).map { k in (0 ..< size).map { work[$0 * size + k] } }
        return (eigenvalues, vectors)
    }
}

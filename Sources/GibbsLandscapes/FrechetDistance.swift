import GibbsNumerics

extension GaussianEnergy {
    /// The squared Fréchet distance ‖μ − μ′‖² + tr(Σ + Σ′ − 2 (Σ^½ Σ′ Σ^½)^½) from another Gaussian, in squared units of the columns: 0 for equal ones.
    ///
    /// Between Gaussians fitted to what a network makes of two sets of images, it is the figure by which generators of images are compared. It falls with the number
    /// of images, so only sets of one size compare.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` for another number of columns.
    /// - Complexity: Two eigendecompositions.
    /// - Source: Dowson & Landau, *The Fréchet distance between multivariate normal distributions*, J. Multivariate Analysis 1982; Heusel et al., *GANs Trained by a Two
    ///   Time-Scale Update Rule*, NeurIPS 2017, for features.
    public func frechetDistance(to other: GaussianEnergy) throws -> Double {
        let n = mean.count
        guard other.mean.count == n else { throw GibbsError(.shapeMismatch, "Gaussians of \(n) and \(other.mean.count) columns", advice: "compare like with like") }
        let apart = zip(mean, other.mean).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
        let root = Self.squareRoot(of: covarianceMatrix), product = Self.product(Self.product(root, other.covarianceMatrix.values, n), root, n)
        // Rounding may leave it a little asymmetric.
        let symmetric = SymmetricMatrix(size: n, values: (0 ..< n * n).map { 0.5 * (product[$0] + product[$0 % n * n + $0 / n]) })
        let traces = (0 ..< n).reduce(0.0) { $0 + covarianceMatrix[$1, $1] + other.covarianceMatrix[$1, $1] }
        return max(0, apart + traces - 2 * symmetric.eigen().values.reduce(0) { $0 + max(0, $1).squareRoot() })
    }

    private static func squareRoot(of matrix: SymmetricMatrix) -> [Double] {
        let (values, vectors) = matrix.eigen(), n = matrix.size
        var result = [Double](repeating: 0, count: n * n)
        for (value, vector) in zip(values, vectors) {
            let root = max(0, value).squareRoot()
            for row in 0 ..< n { for column in 0 ..< n { result[row * n + column] += root * vector[row] * vector[column] } }
        }
        return result
    }

    private static func product(_ a: [Double], _ b: [Double], _ n: Int) -> [Double] {
        var result = [Double](repeating: 0, count: n * n)
        for row in 0 ..< n { for inner in 0 ..< n { for column in 0 ..< n { result[row * n + column] += a[row * n + inner] * b[inner * n + column] } } }
        return result
    }
}

import GibbsCore
import GibbsNumerics

extension PairCritic {
    /// The same energy, with embeddings that have mean 0 and about unit covariance over some rows.
    ///
    /// InfoNCE judges what the head makes of an embedding, so an embedding may keep in small numbers what a distance between embeddings then overlooks.
    /// With e = A f + b before, it is M (e − μ) after, M Σ Mᵀ ≈ 1; the head's first layer undoes that, so that energies stay as they are, to rounding.
    /// Σ is raised by its mean variance times width/rows on the diagonal: what so few rows do not tell is not blown up.
    ///
    /// - Parameter rows: What goes into the network that both sides share; at least two.
    /// - Returns: The critic; unchanged where embeddings do not vary.
    /// - Throws: `GibbsError` with code `.usage` unless one network serves both sides, ends with a linear layer, and a head begins with one; as `embeddings(of:isRight:)`.
    /// - Complexity: One forward pass of the rows, their product with themselves, and some 10 · width³ operations.
    /// - Source: Ermolov et al., *Whitening for Self-Supervised Representation Learning*, ICML 2021, for what whitening is good for; here it comes after training.
    public func whitened(over rows: Matrix) throws -> PairCritic {
        guard right == nil, let head, case .linear(_, bias: true)? = left.layers.last, case .linear(_, bias: true)? = head.layers.first else {
            throw GibbsError(.usage, "whitening of a critic without a linear layer on either side of its embeddings", advice: "let one network end and the head begin with .linear")
        }
        guard rows.rows >= 2 else { throw GibbsError(.usage, "whitening over \(rows.rows) rows", advice: "give two at least") }
        let (mean, covariance) = try moments(over: rows), width = width
        let average = (0 ..< width).reduce(0) { $0 + covariance[$1, $1] } / Double(width), shrinkage = average * Double(width) / Double(rows.rows)
        // What rounding alone makes differ does not vary.
        guard average > 0, average > 1e-10 * mean.reduce(0, { $0 + $1 * $1 }) / Double(width), covariance.values.allSatisfy(\.isFinite) else { return self }
        let (values, vectors) = covariance.eigen()
        let scales = values.map { (max($0, 0) + max(shrinkage, 1e-9 * average)).squareRoot() }
        // Rows of the map are eigenvectors over their scales; columns of its inverse are eigenvectors times them.
        let map = Matrix(rows: width, columns: width, values: (0 ..< width).flatMap { i in vectors[i].map { Float($0 / scales[i]) } })
        let inverse = Matrix(rows: width, columns: width, values: (0 ..< width).flatMap { r in (0 ..< width).map { Float(vectors[$0][r] * scales[$0]) } }), centre = Matrix(rows: width, columns: 1, values: mean.map(Float.init))
        var before = left.parameters, after = head.parameters
        let last = before.count - 2, device = device
        func tensor(_ rows: Matrix, like old: Tensor) throws -> Tensor { try Tensor(rows.values, shape: old.shape).moved(to: device) }
        // e becomes M (e − μ), and the head's W e + c then W M⁻¹ e + (c + W μ).
        let bias = try before[last + 1].floats(), first = try Matrix(rows: after[1].count, columns: width, values: after[0].floats()), shift = Matrix.product(first, centre).values
        before[last] = try tensor(.product(map, Matrix(rows: width, columns: before[last].count / width, values: before[last].floats())), like: before[last])
        before[last + 1] = try tensor(.product(map, Matrix(rows: width, columns: 1, values: zip(bias, mean).map { Float(Double($0) - $1) })), like: before[last + 1])
        after[0] = try tensor(.product(first, inverse), like: after[0])
        after[1] = try Tensor(zip(after[1].floats(), shift).map { $0 + $1 }, shape: after[1].shape).moved(to: device)
        return with(parameters: before + after + parameters.dropFirst(before.count + after.count))
    }

    /// Mean and covariance of f over rows, before they are brought to length one.
    private func moments(over rows: Matrix) throws -> (mean: [Double], covariance: SymmetricMatrix) {
        try Self.check(rows, left.input, "left")
        let width = width
        var sum = [Double](repeating: 0, count: width), squares = [Double](repeating: 0, count: width * width), origin = [Float]()
        for first in stride(from: 0, to: rows.rows, by: rowsAtOnce) {
            let part = try left(Tensor(rows.slice(first ..< min(rows.rows, first + rowsAtOnce)), row: left.input, on: device)).matrix()
            // Counted from the first row, so that squares of large means do not swallow small variances.
            if origin.isEmpty { origin = Array(part.row(0)) }
            let moved = Matrix(rows: part.rows, columns: width, values: part.values.enumerated().map { $1 - origin[$0 % width] })
            for (index, value) in Matrix.product(moved, moved, transposeA: true).values.enumerated() { squares[index] += Double(value) }
            for column in 0 ..< width { sum[column] += moved.column(column).reduce(0) { $0 + Double($1) } }
        }
        let count = Double(rows.rows), mean = sum.map { $0 / count }
        var covariance = SymmetricMatrix(size: width, values: squares.map { $0 / count })
        for i in 0 ..< width { for j in 0 ... i {
            covariance[i, j] -= mean[i] * mean[j]
            covariance[j, i] = covariance[i, j]
        } }
        return (zip(origin, mean).map { Double($0) + $1 }, covariance)
    }
}

import GibbsNumerics

/// How U_u is found for a person the model never saw, given V: the exact minimum of what training minimises for one person.
public enum FoldIn: Sendable, Hashable, Codable {
    /// By least squares, as `ImplicitLeastSquares` with these settings.
    case leastSquares(ImplicitLeastSquares)
    /// By the softmax with these settings: Σ_e (ln Z_e − s_e) + ½ λ_u ‖U_u‖². The second is the mean number of events of a person in training.
    case softmax(SampledSoftmax, meanEvents: Float)
}

extension DotProductRecommender {
    /// U of people with these histories, by `foldIn`; shape people × factors. Nobody's factors depend on the others.
    ///
    /// - Complexity: Least squares, items × factors² once, then history × factors² + factors³ a person; softmax, some ten times items × factors² a
    ///   person. In parallel over people.
    func folded(_ histories: SparseRows) -> Matrix {
        switch foldIn {
        case .leastSquares(let method):
            let solver = LeastSquaresFoldIn(items: items, method: method)
            return assembled(histories) { solver.solution(histories.indices[histories.range($0)], histories.values[histories.range($0)]) }
        case .softmax(let method, let mean):
            let solver = SoftmaxFoldIn(items: items, biases: itemBiases, method: method, meanEvents: mean)
            return assembled(histories) { solver.solution(Array(histories.columns(of: $0)), start: nil) }
        }
    }

    private func assembled(_ histories: SparseRows, _ solution: @Sendable (Int) -> [Float]) -> Matrix {
        Matrix(rows: histories.rows, columns: factors, values: parallelMap(histories.rows, solution).flatMap { $0 })
    }
}

/// (w₀ VᵀV + λ_u 1 + Σ_e w_e v_e v_eᵀ) u = Σ_e w_e v_e, by Cholesky's factorisation in double precision.
struct LeastSquaresFoldIn: Sendable {
    let items: Matrix, method: ImplicitLeastSquares
    private let gramian: [Double]

    init(items: Matrix, method: ImplicitLeastSquares) {
        (self.items, self.method) = (items, method)
        let product = Gramian.of(items.values, rows: items.rows, stride: items.columns)
        gramian = product.map { Double($0) * Double(method.unobservedWeight) }
    }

    func solution(_ history: ArraySlice<Int32>, _ values: ArraySlice<Float>) -> [Float] {
        let k = items.columns
        if history.isEmpty || k == 0 { return [Float](repeating: 0, count: k) }
        var matrix = gramian, right = [Double](repeating: 0, count: k)
        for (item, value) in zip(history, values) {
            let v = items.row(Int(item)).map(Double.init), weight = Double(method.confidence.weight(of: value))
            for a in 0 ..< k {
                right[a] += weight * v[a]
                let scaled = weight * v[a]
                for b in 0 ... a { matrix[a * k + b] += scaled * v[b] }
            }
        }
        let ridge = Double(method.ridge(entries: history.count, opposite: items.rows))
        for a in 0 ..< k { matrix[a * k + a] += ridge }
        guard let inverse = SymmetricMatrix(size: k, values: matrix).inverseAndLogDeterminant()?.inverse else { return [Float](repeating: 0, count: k) }
        return (0 ..< k).map { a in Float((0 ..< k).reduce(0.0) { $0 + inverse[a, $1] * right[$1] }) }
    }
}

/// Sums of products of columns.
enum Gramian {
    /// XᵀX of rows `stride` apart, all columns; shape stride × stride. The bits depend on the shape alone.
    static func of(_ values: [Float], rows: Int, stride: Int) -> [Float] {
        let piece = max(256, (rows / 512 + 15) / 16 * 16), pieces = (rows + piece - 1) / piece, size = stride * stride
        guard pieces > 0, stride > 0 else { return [Float](repeating: 0, count: size) }
        let parts = [Float](unsafeUninitializedCapacity: pieces * size) { buffer, count in
            let out = SharedPointer(buffer.baseAddress)
            values.withUnsafeBufferPointer { x in
                nonisolated(unsafe) let x = x.baseAddress!
                parallelRanges(pieces) { range in
                    for index in range {
                        let from = x + index * piece * stride
                        Product(rows: stride, columns: stride, inner: min(piece, rows - index * piece), left: from, leftStride: stride, transposeLeft: true,
                                right: from, rightStride: stride).serial(rows: 0 ..< stride, columns: 0 ..< stride, into: out.pointer! + index * size, stride: stride)
                    }
                }
            }
            count = pieces * size
        }
        if pieces == 1 { return parts }
        return (0 ..< size).map { place in
            var sum = 0.0
            for index in 0 ..< pieces { sum += Double(parts[index * size + place]) }
            return Float(sum)
        }
    }
}

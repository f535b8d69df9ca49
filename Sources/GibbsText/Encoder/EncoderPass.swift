import CKernels
import GibbsNumerics

/// One pass of texts through an encoder: their tokens stand below one another, without padding.
struct EncoderPass {
    private let encoder: TextEncoder
    private let temperatures: [[Float]]?
    /// The rows of each text.
    let spans: [Range<Int>]
    /// The states of all tokens, shape `[tokens, width]`.
    private(set) var states: Matrix
    /// Queries, keys and values side by side: `[tokens, 3 width]`.
    private(set) var projected: Matrix
    private var attended: Matrix, mixed: Matrix, widened: Matrix

    /// The states of texts before the first layer.
    ///
    /// - Throws: `GibbsError` with code `.usage` for temperatures of another shape than `[layers][heads]`, or not positive.
    init(_ encoder: TextEncoder, _ texts: [[Int32]], temperatures: [[Float]]?) throws {
        let shape = encoder.shape, weights = encoder.weights
        if let temperatures { try shape.check(temperatures: temperatures) }
        (self.encoder, self.temperatures) = (encoder, temperatures)
        var spans = [Range<Int>](), rows = 0
        for ids in texts {
            spans.append(rows ..< rows + ids.count)
            rows += ids.count
        }
        self.spans = spans
        states = Matrix(rows: rows, columns: shape.width)
        projected = Matrix(rows: rows, columns: 3 * shape.width)
        attended = Matrix(rows: rows, columns: shape.width)
        mixed = attended
        widened = Matrix(rows: rows, columns: shape.inner)
        for (span, ids) in zip(spans, texts) {
            for (place, id) in ids.enumerated() {
                let word = weights.words.row(Int(id)), position = weights.positions.row(place), base = (span.lowerBound + place) * shape.width
                for c in 0 ..< shape.width { states.values[base + c] = word[word.startIndex + c] + position[position.startIndex + c] }
            }
        }
        states.normalise(adding: nil, bias: weights.segment, weights.norm, shape.epsilon)
    }

    /// All layers, one after another.
    mutating func run() { for layer in 0 ..< encoder.shape.layers { step(layer) } }

    /// One layer, at temperatures of its heads that replace those of the pass.
    mutating func step(_ index: Int, _ replaced: [Float]? = nil) {
        let layer = encoder.weights.layers[index], epsilon = encoder.shape.epsilon
        Matrix.multiply(states, layer.project.weight, into: &projected)
        projected.add(bias: layer.project.bias)
        attend(replaced ?? temperatures?[index])
        Matrix.multiply(attended, layer.attended.weight, into: &mixed)
        states.normalise(adding: mixed, bias: layer.attended.bias, layer.attendedNorm, epsilon)
        Matrix.multiply(states, layer.widen.weight, into: &widened)
        widened.gelu(adding: layer.widen.bias)
        Matrix.multiply(widened, layer.narrow.weight, into: &mixed)
        states.normalise(adding: mixed, bias: layer.narrow.bias, layer.outputNorm, epsilon)
    }

    /// attended = Σⱼ w_ij vⱼ of every text and head; T a head.
    private mutating func attend(_ temperatures: [Float]?) {
        let heads = encoder.shape.heads, width = encoder.shape.width, size = width / heads, stride = 3 * width, spans = spans
        attended.values.withUnsafeMutableBufferPointer { out in
            let out = SharedPointer(out.baseAddress)
            projected.values.withUnsafeBufferPointer { from in
                let from = SharedPointer(UnsafeMutablePointer(mutating: from.baseAddress))
                parallelRanges(spans.count * heads) { pairs in
                    for pair in pairs {
                        let span = spans[pair / heads], head = pair % heads, count = span.count
                        let q = UnsafePointer(from.pointer! + span.lowerBound * stride + head * size)
                        withUnsafeTemporaryAllocation(of: Float.self, capacity: count * count) { scores in
                            let w = scores.baseAddress!
                            Product(rows: count, columns: count, inner: size, left: q, leftStride: stride, right: q + width, rightStride: stride, transposeRight: true)
                                .serial(rows: 0 ..< count, columns: 0 ..< count, into: w, stride: count)
                            gk_softmax_rows(w, count, count, count, 1 / (Float(size).squareRoot() * (temperatures?[head] ?? 1)))
                            Product(rows: count, columns: size, inner: count, left: w, leftStride: count, right: q + 2 * width, rightStride: stride)
                                .serial(rows: 0 ..< count, columns: 0 ..< size, into: out.pointer! + span.lowerBound * width + head * size, stride: width)
                        }
                    }
                }
            }
        }
    }

    /// The mean of each text's states, or the first of them, as the encoder's pooling has it, scaled to length one; shape `[texts, width]`.
    func vectors() -> Matrix {
        var result = Matrix(rows: spans.count, columns: states.columns)
        for (text, span) in spans.enumerated() {
            var sums = [Double](repeating: 0, count: states.columns)
            let rows = switch encoder.pooling {
            case .mean: span
            case .firstToken: span.prefix(1)
            }
            for row in rows { for (c, value) in states.row(row).enumerated() { sums[c] += Double(value) } }
            let length = max(sums.reduce(0) { $0 + $1 * $1 }.squareRoot(), 1e-12)
            for c in 0 ..< states.columns { result[text, c] = Float(sums[c] / length) }
        }
        return result
    }
}

extension Matrix {
    /// Rows for parallel loops: short ones stay on the calling thread.
    private var leastRows: Int { max(1, 16_384 / max(1, columns)) }

    /// self += bias, row by row.
    fileprivate mutating func add(bias: [Float]) {
        let (rows, columns, least) = (rows, columns, leastRows)
        values.withUnsafeMutableBufferPointer { x in
            let x = SharedPointer(x.baseAddress)
            parallelRanges(rows, minimum: least) { gk_add_bias(x.pointer! + $0.lowerBound * columns, bias, $0.count, columns) }
        }
    }

    /// self = GELU(self + bias).
    fileprivate mutating func gelu(adding bias: [Float]) {
        let (rows, columns, least) = (rows, columns, leastRows)
        values.withUnsafeMutableBufferPointer { x in
            let x = SharedPointer(x.baseAddress)
            parallelRanges(rows, minimum: least) { gk_bias_gelu(x.pointer! + $0.lowerBound * columns, bias, $0.count, columns) }
        }
    }

    /// self = the norm of self + more + bias, row by row.
    fileprivate mutating func normalise(adding more: Matrix?, bias: [Float], _ norm: Norm, _ epsilon: Float) {
        let (rows, columns, least) = (rows, columns, leastRows)
        values.withUnsafeMutableBufferPointer { x in
            let x = SharedPointer(x.baseAddress)
            func call(_ more: SharedPointer<Float>) {
                parallelRanges(rows, minimum: least) { range in
                    let base = range.lowerBound * columns
                    gk_norm_of_sum(x.pointer! + base, more.pointer.map { UnsafePointer($0 + base) }, bias, norm.gain, norm.shift, range.count, columns, epsilon)
                }
            }
            if let more { more.values.withUnsafeBufferPointer { call(SharedPointer(UnsafeMutablePointer(mutating: $0.baseAddress))) } } else { call(SharedPointer(nil)) }
        }
    }
}

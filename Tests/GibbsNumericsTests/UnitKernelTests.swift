import CKernels
import Foundation
import GibbsNumerics
import GibbsTestSupport
import Testing

/// Bernoulli and softmax kernels against plain Swift in double precision.
@Suite struct UnitKernelTests {
    static let inputs: [Float] = [-1e30, -1000, -88, -80, -30, -10, -5, -1, -1e-3, -1e-8, 0, 1e-8, 1e-3, 0.5, 1, 3, 10, 17, 30, 80, 88, 1000, 1e30]
        + Key(1).normals(500).map { 8 * $0 }

    @Test func sigmoids() {
        var x = Self.inputs
        let bias = [Float](repeating: 0.25, count: x.count)
        gk_bias_sigmoid(&x, bias, 1, x.count)
        for (input, found) in zip(Self.inputs, x) {
            let exact = 1 / (1 + exp(-Double(input + 0.25)))
            // The exponential is clamped at exp(-87); three errors of 3e-7 follow one another.
            #expect(abs(Double(found) - exact) <= 1e-6 * exact + 2e-38, "sigmoid of \(input)")
        }
    }

    @Test func softplusKeepsRelativeAccuracy() {
        for input in Self.inputs where abs(input) <= 1000 {
            var found: Float = .nan
            gk_softplus_sums([input], [0], 1, 1, &found)
            let exact = max(Double(input), 0) + log1p(exp(-abs(Double(input))))
            #expect(abs(Double(found) - exact) <= 1e-6 * exact + 2e-38, "softplus of \(input)")
        }
    }

    @Test(arguments: [(1, 1), (3, 5), (7, 64), (2, 1000)]) func softplusSums(rows: Int, columns: Int) {
        let x = Key(2).normals(rows * columns).map { 5 * $0 }, bias = Key(3).normals(columns)
        var out = [Float](repeating: .nan, count: rows)
        gk_softplus_sums(x, bias, rows, columns, &out)
        for row in 0 ..< rows {
            let exact = (0 ..< columns).reduce(0.0) { sum, c in
                let t = Double(x[row * columns + c] + bias[c])
                return sum + max(t, 0) + log1p(exp(-abs(t)))
            }
            #expect(abs(Double(out[row]) - exact) <= 1e-6 * Double(columns).squareRoot() * exact)
        }
    }

    /// 130 columns cross a tile of the random stream; every column's frequency and every pair of neighbours' product.
    @Test func sampleMeans() {
        let rows = 20_000, columns = 130, bias = Key(4).normals(columns).map { 2 * $0 }
        var x = [Float](repeating: 0, count: rows * columns), mean = x
        gk_bias_sigmoid_sample(&x, bias, &mean, rows, columns, Key(5).raw, 0)
        #expect(x.allSatisfy { $0 == 0 || $0 == 1 })
        var deviations = [[Double]]()
        for c in 0 ..< columns {
            let p = 1 / (1 + exp(-Double(bias[c])))
            #expect(abs(Double(mean[c]) - p) < 1e-6 && mean[columns * 77 + c] == mean[c])
            let values = (0 ..< rows).map { Double(x[$0 * columns + c]) }
            #expect(checkEstimate(Statistics.mean(values), standardError: (p * (1 - p) / Double(rows)).squareRoot(), exact: p) == [])
            deviations.append(values.map { ($0 - p) / (p * (1 - p)).squareRoot() })
        }
        for c in 1 ..< columns {
            #expect(checkMean(zip(deviations[c - 1], deviations[c]).map { $0 * $1 }, exact: 0, name: "columns \(c - 1), \(c)") == [])
        }
    }

    /// The bits depend on the element, not on how rows are split or whether means are wanted.
    @Test(arguments: [1, 100, 128, 130, 300]) func samplesDoNotDependOnTheSplit(columns: Int) {
        let rows = 37, inputs = Key(6).normals(rows * columns), bias = Key(7).normals(columns)
        var whole = inputs, means = inputs, split = inputs
        gk_bias_sigmoid_sample(&whole, bias, &means, rows, columns, Key(8).raw, 0)
        split.withUnsafeMutableBufferPointer { x in
            for range in [0 ..< 1, 1 ..< 20, 20 ..< 37] {
                gk_bias_sigmoid_sample(x.baseAddress! + range.lowerBound * columns, bias, nil, range.count, columns, Key(8).raw,
                                       UInt64(range.lowerBound * gk_padded(columns)))
            }
        }
        #expect(whole == split)
    }

    @Test func bulkNumbersDoNotDependOnTheSplit() {
        var uniforms = [Float](repeating: 0, count: 1000), normals = uniforms
        for start in stride(from: 0, to: 1000, by: 256) {
            let count = min(256, 1000 - start)
            uniforms.withUnsafeMutableBufferPointer { gk_uniforms($0.baseAddress! + start, count, Key(9).raw, UInt64(start)) }
            normals.withUnsafeMutableBufferPointer { gk_normals($0.baseAddress! + start, count, Key(9).raw, UInt64(start)) }
        }
        #expect(uniforms == Key(9).uniforms(1000))
        #expect(normals == Key(9).normals(1000))
    }

    @Test func softmaxFrequencies() {
        // Groups of 1, 3, 5 and 2 categories; the last holds inputs far outside what exp can represent.
        let offsets: [Int32] = [0, 1, 4, 9, 11], bias = Key(10).normals(11), rows = 20_000
        let row = Key(11).normals(9).map { 2 * $0 } + [-2000, -2001]
        let x = Array((0 ..< rows).map { _ in row }.joined())
        var codes = [Int32](repeating: -1, count: rows * 4), scratch = [Float](repeating: 0, count: 5)
        gk_softmax_sample(x, bias, 11, offsets, 4, &codes, rows, Key(12).raw, 0, &scratch)
        for group in 0 ..< 4 {
            let range = Int(offsets[group]) ..< Int(offsets[group + 1]), scores = range.map { Double(row[$0] + bias[$0]) }
            let total = logSumExp(scores)
            var counts = [Int](repeating: 0, count: range.count)
            for r in 0 ..< rows { counts[Int(codes[r * 4 + group])] += 1 }
            #expect(ChiSquare.check(counts, against: scores.map { exp($0 - total) }, name: "group \(group)") == [])
        }
    }

    /// 200 groups take two tiles of the stream a row; any split of the rows gives the same codes, and groups are independent.
    @Test func manySoftmaxGroups() {
        let groups = 200, rows = 500, offsets = (0 ... groups).map { Int32(2 * $0) }, zeros = [Float](repeating: 0, count: 2 * groups)
        let x = [Float](repeating: 0, count: rows * 2 * groups)
        var codes = [Int32](repeating: -1, count: rows * groups), split = codes, scratch: [Float] = [0, 0]
        gk_softmax_sample(x, zeros, 2 * groups, offsets, groups, &codes, rows, Key(13).raw, 0, &scratch)
        split.withUnsafeMutableBufferPointer { out in
            for range in [0 ..< 3, 3 ..< 500] {
                gk_softmax_sample(x, zeros, 2 * groups, offsets, groups, out.baseAddress! + range.lowerBound * groups, range.count,
                                  Key(13).raw, UInt64(range.lowerBound * gk_padded(groups)), &scratch)
            }
        }
        #expect(codes == split)
        #expect(checkMean(codes.map(Double.init), exact: 0.5) == [])
        for lag in [1, 72, 128] {
            let products = (0 ..< rows).flatMap { r in (lag ..< groups).map { (Double(codes[r * groups + $0]) - 0.5) * (Double(codes[r * groups + $0 - lag]) - 0.5) } }
            #expect(checkMean(products, exact: 0, name: "lag \(lag)") == [])
        }
    }
}

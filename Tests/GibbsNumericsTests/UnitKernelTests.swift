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
        gk_bias_sigmoid(&x, bias, x.count, 1, x.count)
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

    /// Many small terms in one sum keep their relative accuracy too.
    @Test(arguments: [2, 17, 256, 300]) func sumsOfSmallSoftplus(columns: Int) {
        for y: Float in [-20, -9.75, -5, -2] {
            let x = (0 ..< columns).map { y + 0.001 * Float($0 % 7) }
            var found: Float = .nan
            gk_softplus_sums(x, [Float](repeating: 0, count: columns), 1, columns, &found)
            let exact = x.reduce(0.0) { $0 + log1p(exp(Double($1))) }
            #expect(abs(Double(found) - exact) <= 3e-6 * exact, "\(columns) of \(y)")
        }
    }

    /// 130 columns cross a tile of the random stream; every column's frequency and every pair of neighbours' product.
    @Test func sampleMeans() {
        let rows = 20_000, columns = 130, bias = Key(4).normals(columns).map { 2 * $0 }
        let zeros = [Float](repeating: 0, count: rows * columns)
        var x = zeros, mean = zeros
        gk_bias_sigmoid_sample(zeros, bias, &mean, &x, columns, rows, columns, Key(5).raw, 0, 2)
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

    /// The bits depend on the element, not on how rows or tiles of columns are split, whether means are wanted, or where they go.
    @Test(arguments: [1, 100, 128, 130, 300]) func samplesDoNotDependOnTheSplit(columns: Int) {
        let rows = 37, inputs = Key(6).normals(rows * columns), bias = Key(7).normals(columns), tiles = gk_padded(columns) / 128
        var whole = [Float](repeating: 0, count: rows * columns), means = whole, split = inputs
        gk_bias_sigmoid_sample(inputs, bias, &means, &whole, columns, rows, columns, Key(8).raw, 0, UInt64(tiles))
        split.withUnsafeMutableBufferPointer { x in
            for range in [0 ..< 1, 1 ..< 20, 20 ..< 37] {
                for first in stride(from: 0, to: columns, by: 128) {
                    let at = x.baseAddress! + range.lowerBound * columns + first
                    gk_bias_sigmoid_sample(at, Array(bias[first...]), nil, at, columns, range.count, min(128, columns - first), Key(8).raw,
                                           UInt64(range.lowerBound * tiles + first / 128), UInt64(tiles))
                }
            }
        }
        #expect(whole == split)
        for (mean, (x, b)) in zip(means, zip(inputs, (0 ..< rows).flatMap { _ in bias })) { #expect(abs(mean - 1 / (1 + exp(-x - b))) < 1e-6) }
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

    /// Draws with one row of inputs, and the frequencies of each group's units.
    static func checkFrequencies(_ row: [Float], bias: [Float], offsets: [Int32], key: Key) {
        let rows = 20_000, groups = offsets.count - 1, width = row.count, x = Array((0 ..< rows).map { _ in row }.joined())
        var index = [Int32](repeating: -1, count: rows * groups), value = [Float](repeating: 0, count: rows * groups)
        var stop = (0 ..< rows).map { Int64($0 * groups) }, scratch = [Float](repeating: 0, count: width + 16)
        gk_softmax_sample(x, bias, width, offsets, groups, &index, &value, &stop, 0, rows, key.raw, &scratch)
        #expect(value.allSatisfy { $0 == 1 } && stop == (1 ... rows).map { Int64($0 * groups) })
        for group in 0 ..< groups {
            let range = Int(offsets[group]) ..< Int(offsets[group + 1]), scores = range.map { Double(row[$0] + bias[$0]) }
            let total = logSumExp(scores)
            var counts = [Int](repeating: 0, count: range.count)
            for r in 0 ..< rows { counts[Int(index[r * groups + group]) - range.lowerBound] += 1 }
            #expect(ChiSquare.check(counts, against: scores.map { exp($0 - total) }, name: "group \(group)") == [])
        }
    }

    /// Groups of 1, 3, 5, 16 and 17 units, the last too wide for the vector path; two units before them belong to none.
    @Test func softmaxFrequencies() {
        Self.checkFrequencies(Key(11).normals(44).map { 2 * $0 }, bias: Key(10).normals(44), offsets: [2, 3, 6, 11, 27, 44], key: Key(12))
    }

    /// Inputs far outside what exp can represent, beside ordinary ones.
    @Test func softmaxOfExtremes() {
        Self.checkFrequencies([-2000, -2001, 3000, 0, 1, 90, 91, -90], bias: [Float](repeating: 0, count: 8), offsets: [0, 2, 5, 8], key: Key(14))
    }

    /// 200 groups take two tiles of the stream a row; any split of the rows gives the same units, and groups are independent.
    @Test func manySoftmaxGroups() {
        let groups = 200, rows = 500, offsets = (0 ... groups).map { Int32(2 * $0) }, zeros = [Float](repeating: 0, count: 2 * groups)
        let x = [Float](repeating: 0, count: rows * 2 * groups), places = (0 ..< rows).map { Int64($0 * groups) }
        func draw(_ ranges: [Range<Int>]) -> [Int32] {
            var index = [Int32](repeating: -1, count: rows * groups), value = [Float](repeating: 0, count: rows * groups)
            var stop = places, scratch = [Float](repeating: 0, count: 2 * groups + 16)
            for range in ranges {
                gk_softmax_sample(x, zeros, 2 * groups, offsets, groups, &index, &value, &stop, range.lowerBound, range.upperBound, Key(13).raw, &scratch)
            }
            return index.indices.map { index[$0] - Int32(2 * ($0 % groups)) }
        }
        let codes = draw([0 ..< 500])
        #expect(codes == draw([3 ..< 500, 0 ..< 3]))
        #expect(checkMean(codes.map(Double.init), exact: 0.5) == [])
        for lag in [1, 72, 128] {
            let products = (0 ..< rows).flatMap { r in (lag ..< groups).map { (Double(codes[r * groups + $0]) - 0.5) * (Double(codes[r * groups + $0 - lag]) - 0.5) } }
            #expect(checkMean(products, exact: 0, name: "lag \(lag)") == [])
        }
    }
}

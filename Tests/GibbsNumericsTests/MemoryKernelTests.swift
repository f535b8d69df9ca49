import CKernels
import Foundation
import GibbsNumerics
import GibbsTestSupport
import Testing

/// Soft minima and nearest neighbours over stored patterns against a slow reference in double precision.
@Suite struct MemoryKernelTests {
    /// A problem of the kernels with the reference's answers.
    struct Problem {
        var x: Matrix, patterns: Matrix, mismatch: [Float], width: Float, precision: [Float], offset: [Float], exclude: [Int64]?

        /// The last `squared` columns have squared distances of their own scale.
        init(rows: Int, count: Int, features: Int, categorical: Int = 0, squared: Int = 0, missing: Bool = false, exclude: Bool = false, scale: Float = 1,
             width: Float = 0) {
            self.width = width
            let key = Key(UInt64(rows * 7919 + count * 31 + features))
            func matrix(_ n: Int, _ key: Key) -> Matrix {
                var m = Matrix(rows: n, columns: features, values: key.normals(n * features).map { scale * $0 })
                for row in 0 ..< n { for k in 0 ..< categorical { m[row, k] = Float(Int(abs(m[row, k] / scale) * 2)) } }
                return m
            }
            x = matrix(rows, key.folding(0))
            patterns = matrix(count, key.folding(1))
            mismatch = (0 ..< features).map { $0 < categorical ? 0.5 + Float($0) : $0 >= features - squared ? -0.3 * Float($0) : 0 }
            precision = key.folding(2).uniforms(count).map { 0.1 + $0 }
            offset = key.folding(3).normals(count)
            if missing { for index in stride(from: 0, to: x.values.count, by: 3) { x.values[index] = .nan } }
            self.exclude = exclude ? (0 ..< rows).map { Int64($0 % 3 == 2 ? -1 : ($0 * 37) % count) } : nil
        }

        var blocks: Int { (patterns.rows + 63) / 64 }

        /// The layout the header describes, padded with a value that no result may depend on.
        var packed: [Float] {
            var result = [Float](repeating: 123, count: blocks * 64 * patterns.columns)
            for i in 0 ..< patterns.rows { for k in 0 ..< patterns.columns { result[i / 64 * 64 * patterns.columns + k * 64 + i % 64] = patterns[i, k] } }
            return result
        }

        func padded(_ values: [Float]) -> [Float] { values + [Float](repeating: 1, count: blocks * 64 - values.count) }

        func energies() -> [Float] {
            var out = [Float](repeating: .nan, count: x.rows)
            gk_memory_energies(x.values, x.rows, packed, patterns.rows, x.columns, mismatch, width, padded(precision),
                               padded(offset), exclude, &out)
            return out
        }

        func nearest(_ count: Int) -> [Float] {
            var out = [Float](repeating: .nan, count: x.rows * count)
            gk_nearest(x.values, x.rows, packed, patterns.rows, x.columns, mismatch, exclude, count, &out)
            return out
        }

        func distances(_ row: Int, width: Double = 0) -> [Double] {
            (0 ..< patterns.rows).map { i in
                if exclude?[row] == Int64(i) { return .infinity }
                return (0 ..< x.columns).reduce(0) { sum, k in
                    let (a, b) = (Double(x[row, k]), Double(patterns[i, k]))
                    if a.isNaN { return sum }
                    let square = (a - b) * (a - b), cost = mismatch[k] > 0 ? (a == b ? 0 : Double(mismatch[k])) : mismatch[k] < 0 ? -Double(mismatch[k]) * square : square
                    return sum + (width > 0 ? log(min(1 + width * cost, 1e9)) : cost)
                }
            }
        }

        func exactEnergies() -> [Double] {
            (0 ..< x.rows).map { row in -logSumExp(zip(distances(row, width: Double(width)), zip(precision, offset)).map { Double($1.1) - Double($1.0) * $0 }) }
        }
    }

    static let problems: [Problem] = {
        var list = [Problem]()
        for rows in [1, 3, 4, 5, 64, 67, 130] { for count in [1, 2, 63, 64, 65, 200] { list.append(Problem(rows: rows, count: count, features: 3)) } }
        list.append(Problem(rows: 9, count: 100, features: 1))
        list.append(Problem(rows: 9, count: 100, features: 20))
        list.append(Problem(rows: 10, count: 150, features: 5, categorical: 2))
        list.append(Problem(rows: 10, count: 150, features: 4, categorical: 4))
        list.append(Problem(rows: 10, count: 150, features: 5, categorical: 2, missing: true))
        list.append(Problem(rows: 3, count: 70, features: 1, missing: true))
        list.append(Problem(rows: 10, count: 150, features: 5, categorical: 2, exclude: true))
        list.append(Problem(rows: 70, count: 65, features: 4, missing: true, exclude: true))
        list.append(Problem(rows: 6, count: 130, features: 4, scale: 1e4))
        list.append(Problem(rows: 6, count: 130, features: 4, scale: 1e-4))
        for width in [0, 0.7 as Float] { for missing in [false, true] { list.append(Problem(rows: 11, count: 150, features: 6, categorical: 2, squared: 2, missing: missing, width: width)) } }
        // With width, logarithms of products of up to four factors.
        for rows in [1, 3, 4, 5, 66] { for features in [1, 3, 4, 5, 9] { list.append(Problem(rows: rows, count: 130, features: features, width: 0.7)) } }
        list.append(Problem(rows: 10, count: 150, features: 5, categorical: 2, width: 3))
        list.append(Problem(rows: 10, count: 150, features: 4, categorical: 4, width: 3))
        list.append(Problem(rows: 10, count: 150, features: 7, categorical: 2, missing: true, exclude: true, width: 0.1))
        list.append(Problem(rows: 6, count: 130, features: 9, scale: 1e4, width: 2))
        list.append(Problem(rows: 6, count: 130, features: 9, scale: 1e-3, width: 2))
        return list
    }()

    /// Distances are sums of at most 20 squares in single precision; a kernel adds some roundings of exp and ln.
    @Test func energiesAgreeWithTheReference() {
        for (index, problem) in Self.problems.enumerated() {
            for (found, exact) in zip(problem.energies(), problem.exactEnergies()) {
                #expect(abs(Double(found) - exact) <= 3e-6 * max(1, abs(exact)), "problem \(index)")
            }
        }
    }

    @Test(arguments: [1, 3, 64, 250]) func nearestAgreeWithTheReference(nearest: Int) {
        for (index, problem) in Self.problems.enumerated() {
            let found = problem.nearest(nearest)
            for row in 0 ..< problem.x.rows {
                let exact = (problem.distances(row).sorted() + Array(repeating: .infinity, count: nearest)).prefix(nearest)
                for (a, b) in zip(found[row * nearest ..< (row + 1) * nearest], exact) {
                    #expect(Double(a) == b || abs(Double(a) - b) <= 2e-6 * b, "problem \(index), row \(row)")
                }
            }
        }
    }

    /// Batches are cut into groups of four rows and tiles of 64; no row may notice.
    @Test func rowsDoNotNoticeTheirBatch() {
        for problem in Self.problems {
            let together = problem.energies(), neighbours = problem.nearest(2)
            for row in 0 ..< problem.x.rows {
                var alone = problem
                alone.x = problem.x.slice(row ..< row + 1)
                alone.exclude = problem.exclude.map { [$0[row]] }
                if problem.width == 0 { #expect(alone.energies() == [together[row]]) }
                // Logarithms of four factors at once where four rows are complete, of each factor else: roundings apart.
                #expect(abs(alone.energies()[0] - together[row]) <= 1e-6 * max(1, abs(together[row])))
                #expect(alone.nearest(2) == Array(neighbours[2 * row ..< 2 * row + 2]))
            }
        }
    }

    @Test func specialCases() {
        // A row on identical patterns: all distances are zero.
        var same = Problem(rows: 5, count: 100, features: 3)
        same.patterns = Matrix(Array(repeating: [1, 2, 3], count: 100))
        same.x = Matrix(Array(repeating: [1, 2, 3], count: 5))
        same.offset = Array(repeating: -Float(log(100.0)), count: 100)
        #expect(same.energies().allSatisfy { abs($0) < 1e-6 })
        #expect(same.nearest(3).allSatisfy { $0 == 0 })
        // A row without any value: every pattern fits.
        same.x = Matrix(rows: 1, columns: 3, repeating: .nan)
        #expect(abs(same.energies()[0]) < 1e-6)
        // Distances beyond single precision: the energy is infinite, not nan.
        same.x = Matrix([[1e25, 0, 0]])
        #expect(same.energies() == [.infinity])
        #expect(same.nearest(1) == [.infinity])
        // The only pattern left out.
        var single = Problem(rows: 1, count: 1, features: 2)
        single.exclude = [0]
        #expect(single.energies() == [.infinity])
        #expect(single.nearest(1) == [.infinity])
        // No rows at all.
        single.x = Matrix(rows: 0, columns: 2)
        #expect(single.energies() == [])
    }

    /// Terms 200 nats below the best contribute nothing, in whatever order the blocks come.
    @Test func farBlocksBeforeAndAfterNearOnes() {
        var problem = Problem(rows: 4, count: 192, features: 1)
        problem.precision = Array(repeating: 1, count: 192)
        problem.offset = Array(repeating: 0, count: 192)
        problem.x = Matrix([[0], [100], [200], [50]])
        problem.patterns = Matrix((0 ..< 192).map { [Float($0 / 64) * 100 + Float($0 % 64) * 0.01] })
        for (found, exact) in zip(problem.energies(), problem.exactEnergies()) {
            #expect(abs(Double(found) - exact) <= 3e-6 * max(1, abs(exact)))
        }
    }
}

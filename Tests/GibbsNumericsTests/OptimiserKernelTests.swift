import CKernels
import Foundation
import GibbsNumerics
import Testing

/// Adam and momentum against their papers' formulas in double precision, over several steps.
@Suite struct OptimiserKernelTests {
    static let count = 37, start = Key(1).normals(37)
    static func gradient(_ step: Int) -> [Float] { Key(2).folding(step).normals(count) }

    @Test func adam() {
        var w = Self.start, m = [Float](repeating: 0, count: Self.count), v = m
        var exact = w.map(Double.init), em = [Double](repeating: 0, count: Self.count), ev = em
        for step in 1 ... 20 {
            let g = Self.gradient(step), c1 = 1 - pow(0.9, Double(step)), c2 = 1 - pow(0.999, Double(step))
            gk_adam(&w, g, &m, &v, Self.count, 0.01, 0.9, 0.999, 1e-8, Float(c1), Float(c2), 0.1)
            for i in 0 ..< Self.count {
                em[i] = 0.9 * em[i] + 0.1 * Double(g[i])
                ev[i] = 0.999 * ev[i] + 0.001 * Double(g[i]) * Double(g[i])
                exact[i] += 0.01 * (em[i] / c1 / ((ev[i] / c2).squareRoot() + 1e-8) - 0.1 * exact[i])
            }
        }
        #expect(zip(w, exact).allSatisfy { abs(Double($0) - $1) < 1e-5 })
    }

    @Test func momentum() {
        var w = Self.start, m = [Float](repeating: 0, count: Self.count)
        var exact = w.map(Double.init), em = [Double](repeating: 0, count: Self.count)
        for step in 1 ... 20 {
            let g = Self.gradient(step)
            gk_momentum(&w, g, &m, Self.count, 0.01, 0.9, 0.1)
            for i in 0 ..< Self.count {
                em[i] = 0.9 * em[i] + 0.01 * (Double(g[i]) - 0.1 * exact[i])
                exact[i] += em[i]
            }
        }
        #expect(zip(w, exact).allSatisfy { abs(Double($0) - $1) < 1e-5 })
    }
}

import Foundation
import GibbsNumerics
import Testing

/// Summaries of lists against known values, and ln Σ exp where a naive sum overflows.
@Suite struct StatisticsTests {
    @Test func quantiles() {
        let values = [3.0, 1, 2, 10]
        #expect(Statistics.quantile(0, of: values) == 1 && Statistics.quantile(1, of: values) == 10)
        #expect(Statistics.median(values) == 2.5)
        // R: quantile(c(3, 1, 2, 10), c(.25, .75, .9), type = 7) gives 1.75, 4.75, 7.9.
        for (q, expected) in [(0.25, 1.75), (0.75, 4.75), (0.9, 7.9)] { #expect(abs(Statistics.quantile(q, of: values) - expected) < 1e-12) }
        #expect(Statistics.quantile(0.3, of: [Float(7)]) == 7)
        #expect(Statistics.quantile(0.5, ofSorted: [Float(1), 2, 4]) == 2)
    }

    /// An infinite neighbour that carries no weight leaves the quantile finite.
    @Test func quantilesBesideInfinity() {
        #expect(Statistics.median([1, 2, Double.infinity]) == 2)
        #expect(Statistics.quantile(0, of: [1, Double.infinity]) == 1)
        #expect(Statistics.quantile(1, of: [1, Double.infinity]) == .infinity)
    }

    @Test func moments() {
        #expect(Statistics.mean([1, 2, 6]) == 3 && Statistics.mean([Float]()).isNaN)
        #expect(abs(Statistics.standardDeviation([2.0, 4, 4, 4, 5, 5, 7, 9]) - 2) < 1e-15)
        #expect(Statistics.standardDeviation([Float(5)]) == 0)
        // Single-precision input is summed in double precision.
        #expect(abs(Statistics.mean([Float](repeating: 0.1, count: 1_000_000)) - Double(Float(0.1))) < 1e-12)
    }

    @Test func logSumExps() {
        #expect(abs(logSumExp([0.0, 0, 0]) - log(3)) < 1e-15)
        #expect(abs(logSumExp([1000.0, 1000]) - 1000 - log(2)) < 1e-12)
        #expect(abs(logSumExp([-1000.0, -1001]) - (-1000 + log1p(exp(-1)))) < 1e-12)
        #expect(logSumExp([Float]()) == -.infinity)
        #expect(logSumExp([-Double.infinity, -.infinity]) == -.infinity)
        #expect(logSumExp([-Double.infinity, 2]) == 2)
        #expect(logSumExp([Double.infinity, 2]) == .infinity)
        #expect(logSumExp([Float(3e38), 3e38]) == Double(Float(3e38)) + log(2))
    }
}

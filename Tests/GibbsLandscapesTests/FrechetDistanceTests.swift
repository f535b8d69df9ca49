import Foundation
import GibbsLandscapes
import GibbsNumerics
import GibbsTestSupport
import Testing

@Suite struct FrechetDistanceTests {
    /// Along axes it is Σ (μ − μ′)² + (σ − σ′)², and turning both changes nothing.
    @Test(arguments: [0, 0.7] as [Double]) func axes(angle: Double) throws {
        let (c, s) = (cos(angle), sin(angle))
        func turned(_ mean: [Double], _ deviations: [Double]) throws -> GaussianEnergy {
            let (a, b) = (deviations[0] * deviations[0], deviations[1] * deviations[1])
            return try GaussianEnergy(mean: [Float(c * mean[0] - s * mean[1]), Float(s * mean[0] + c * mean[1])],
                                      covariance: SymmetricMatrix(size: 2, values: [c * c * a + s * s * b, c * s * (a - b), c * s * (a - b), s * s * a + c * c * b]))
        }
        let first = try turned([0, 1], [1, 2]), second = try turned([3, 1], [1.5, 0.5])
        #expect(abs(try first.frechetDistance(to: second) - (9 + 0.25 + 2.25)) < 1e-5)
        #expect(try first.frechetDistance(to: first) < 1e-6)
        #expect(abs(try first.frechetDistance(to: second) - second.frechetDistance(to: first)) < 1e-6)
    }

    @Test func otherColumns() throws {
        let one = try GaussianEnergy(mean: [0], covariance: SymmetricMatrix(size: 1, values: [1])), two = try GaussianEnergy(mean: [0, 0], covariance: SymmetricMatrix(size: 2, values: [1, 0, 0, 1]))
        #expect(checkRefusal([.shapeMismatch], "columns") { _ = try one.frechetDistance(to: two) } == [])
    }
}

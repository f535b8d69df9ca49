import Foundation
import GibbsCore
import GibbsNumerics
import GibbsTestSupport
import Testing

@Suite struct ChainDiagnosticsTests {
    /// x ← ρ x + √(1 − ρ²) ξ: draws / (1 + 2 Σ ρᵗ) = draws (1 − ρ) / (1 + ρ).
    static func autoregressive(_ rho: Float, chains: Int, draws: Int, key: Key) -> [[Float]] {
        (0 ..< chains).map { chain in
            var x = key.folding(chain).folding(0).normals(1)[0]
            return key.folding(chain).folding(1).normals(draws).map { x = rho * x + (1 - rho * rho).squareRoot() * $0; return x }
        }
    }

    @Test(arguments: [Float(0), 0.5, 0.9]) func autoregression(rho: Float) {
        let found = ChainDiagnostics(Self.autoregressive(rho, chains: 8, draws: 5_000, key: Key(1)))
        let exact = 40_000 * Double((1 - rho) / (1 + rho))
        #expect(abs(found.effectiveSampleSize / exact - 1) < 0.15, "\(found.effectiveSampleSize) where \(exact) is exact")
        #expect(found.splitRHat < 1.01 && found.draws == 40_000)
    }

    @Test func chainsThatDisagree() {
        var chains = Self.autoregressive(0, chains: 4, draws: 1_000, key: Key(2))
        #expect(ChainDiagnostics(chains).splitRHat < 1.01)
        let shifted = chains.enumerated().map { chain, values in chain == 0 ? values.map { $0 + 2 } : values }
        #expect(ChainDiagnostics(shifted).splitRHat > 1.1 && ChainDiagnostics(shifted).effectiveSampleSize < 100)
        // A trend within each chain shows because chains are split; a different spread because ranks are folded.
        let trend = chains.map { $0.enumerated().map { $1 + Float($0) / 300 } }
        #expect(ChainDiagnostics(trend).splitRHat > 1.1)
        chains[0] = chains[0].map { 10 * $0 }
        #expect(ChainDiagnostics(chains).splitRHat > 1.1)
    }

    /// Cauchy draws have no mean, and ranks do not mind.
    @Test func heavyTails() {
        let chains = (0 ..< 4).map { chain in zip(Key(3).folding(chain).normals(1_000), Key(4).folding(chain).normals(1_000)).map { $0 / $1 } }
        let found = ChainDiagnostics(chains)
        #expect(found.splitRHat < 1.02 && (2_500 ... 6_000).contains(found.effectiveSampleSize))
    }

    @Test func tooLittleToSay() {
        #expect(ChainDiagnostics([[1, 2, 3]]).effectiveSampleSize.isNaN)
        #expect(ChainDiagnostics([[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1]]).splitRHat.isNaN)
    }
}

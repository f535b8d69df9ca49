import Foundation
import GibbsCore
import GibbsCreate
import GibbsData
import GibbsLandscapes
import GibbsNumerics
import Testing

/// Plots of energies and chains: what they say is what was computed another way.
@Suite struct PlotTests {
    /// An autoregressive chain xₜ = ρ xₜ₋₁ + noise has the correlation ρᵗ.
    @Test func autocorrelation() {
        let rho: Float = 0.7, chains = (0 ..< 16).map { chain -> [Float] in
            var x: Float = 0
            return Key(1).folding(chain).normals(4_000).map { noise in
                x = rho * x + (1 - rho * rho).squareRoot() * noise
                return x
            }
        }
        let found = ChainDiagnostics.autocorrelation(of: chains, upTo: 10)
        #expect(found.count == 11 && found[0] == 1)
        for lag in 1 ... 10 { #expect(abs(found[lag] - pow(0.7, Double(lag))) < 0.03, "lag \(lag): \(found[lag])") }
        // Chains that sit apart stay correlated for ever.
        let apart = chains.enumerated().map { chain, draws in draws.map { $0 + Float(10 * chain) } }
        #expect(ChainDiagnostics.autocorrelation(of: apart, upTo: 10)[10] > 0.99)
    }

    @Test func rankShares() {
        let shares = ChainDiagnostics.rankShares(of: [[1, 2, 3, 4], [5, 6, 7, 8]], bins: 4)
        #expect(shares == [[0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5]])
        // Ties share the middle of their ranks.
        #expect(ChainDiagnostics.rankShares(of: [[1, 1], [1, 1]], bins: 2) == [[0, 1], [0, 1]])
        let even = ChainDiagnostics.rankShares(of: (0 ..< 4).map { Key(2).folding($0).normals(1_000) }, bins: 10)
        #expect(even.allSatisfy { $0.allSatisfy { abs($0 - 0.1) < 0.05 } && abs($0.reduce(0, +) - 1) < 1e-9 })
    }

    @Test func chainPanels() throws {
        let series = (0 ..< 9).map { Key(3).folding($0).normals(200) }, diagnostics = ChainDiagnostics(series)
        let svg = try PlotPanels.chains(series, of: "y (m)", title: "nine").svg
        for text in ["nine: 6 of 9 chains", "y (m)", String(format: "ESS %.0f of 1800 draws", diagnostics.effectiveSampleSize), String(format: "split R̂ %.3f", diagnostics.splitRHat)] {
            #expect(svg.contains(text), "no '\(text)'")
        }
        for (bad, words) in [([[Float]](), "0 chains"), ([[1, 2, 3]], "8 draws"), ([Array(repeating: 1, count: 20)], "no chain ever moved"),
                             ([[1, 2, 3, 4, 5, 6, 7, .infinity]], "no finite")] {
            #expect { _ = try PlotPanels.chains(bad) } throws: { "\($0)".contains(words) && ($0 as? GibbsError)?.advice != nil }
        }
    }

    @Test func energyHistograms() throws {
        let normal = Key(4).normals(2_000), far = normal.prefix(100).map { $0 + 1_000 }
        let svg = try Plot.energies([EnergySample("normal", normal), EnergySample("far", far)], threshold: (2.5, "alert above 2.5")).svg
        #expect(svg.contains("far (100 % beyond)") && svg.contains("alert above 2.5") && svg.contains("energy (nats)"))
        #expect(throws: GibbsError.self) { _ = try Plot.energies([]) }
        #expect(throws: GibbsError.self) { _ = try Plot.energies([EnergySample("one", [1])]) }
        #expect(throws: GibbsError.self) { _ = try Plot.energies([EnergySample("broken", [1, .nan])]) }
        #expect(try Plot.energies([EnergySample("wild", [1, 2, .infinity])], isLogarithmic: true).svg.contains("33 % beyond"))
    }

    @Test func landscapes() throws {
        let bowl = try GaussianEnergy(mean: [1, 2], covariance: SymmetricMatrix(size: 2, values: [1, 0, 0, 1]))
        let svg = try Plot.landscape(of: bowl, x: -2 ... 4, y: -1 ... 5, points: bowl.samples(50, key: Key(5)), title: "bowl").svg
        #expect(svg.contains("bowl") && svg.contains("energy above the lowest (nats)") && svg.contains("image/png"))
        let line = try GaussianEnergy(mean: [1], covariance: SymmetricMatrix(size: 1, values: [1]))
        #expect(throws: GibbsError.self) { _ = try Plot.landscape(of: line, x: 0 ... 1, y: 0 ... 1) }
        #expect(throws: GibbsError.self) { _ = try Plot.landscape(of: bowl, x: 0 ... 0, y: 0 ... 1) }
        #expect(throws: GibbsError.self) { _ = try Plot.landscape(of: bowl, x: 0 ... 1, y: 0 ... 1, ceiling: 0) }
    }

    /// A plane is looked at piece by piece, and whoever is told how far it has come can stop it.
    @Test func largePlanes() throws {
        struct Stop: Error {}
        let (images, labels) = Bars.images(60, key: Key(6)), points = ImagePoints(images, labels: labels), model = try Bars.model(.gaussian, count: 60)
        var told = [Double]()
        _ = try model.landscape(points: points, size: 100) { told.append($0) }
        #expect(told.count == 3 && told.last == 1 && told == told.sorted(), "\(told)")
        #expect(throws: Stop.self) { _ = try model.landscape(points: points, size: 100) { _ in throw Stop() } }
    }

    /// A machine's blend at temperature 0 is refused instead of trapping, and limits hold.
    @Test func limits() throws {
        let model = try Bars.model(.rbm, count: 60)
        func fails(_ code: GibbsError.Code, _ body: () throws -> Void) { #expect { try body() } throws: { ($0 as? GibbsError)?.code == code } }
        fails(.usage) { _ = try model.blend(through: ["down", "across"], temperature: 0) }
        fails(.limitExceeded) { _ = try model.blend(through: ["down", "across"], steps: .max) }
        fails(.limitExceeded) { _ = try model.draw(.max, key: Key(1)) }
        fails(.usage) { _ = try model.filters(count: 0) }
        fails(.usage) { _ = try model.landscape(of: ["down"]) }
    }
}

import Foundation
import GibbsCore
import GibbsDeep
import GibbsLandscapes
import GibbsNumerics
import GibbsTestSupport
import Testing

extension DeepTests {
    /// A linear autoencoder is probabilistic PCA, whose density is a Gaussian in closed form.
    @Suite struct AutoencoderTests {
        static let deviation: Float = 0.5
        static let loadings: [Double] = [1, -0.6, 0.8]
        /// x = w z + 0.5 ξ.
        static let world = try! GaussianEnergy(mean: [0, 0, 0], covariance: SymmetricMatrix(size: 3, values: (0 ..< 9).map { (index: Int) -> Double in
            let noise: Double = index % 4 == 0 ? 0.25 : 0
            return loadings[index / 3] * loadings[index % 3] + noise
        }))
        static func linear() throws -> VariationalAutoencoder {
            try VariationalAutoencoder(encoder: Network([.linear(2)], input: [3], key: Key(1)), decoder: Network([.linear(3)], input: [1], key: Key(2)), likelihood: .gaussian(deviation: deviation))
        }
        static func surprise(_ rows: Matrix) throws -> [Double] { try world.energies(of: rows).map { Double($0) + world.logPartition } }

        @Test func learnsThePrincipalComponent() throws {
            let data = Self.world.samples(4_000, key: Key(3)), test = Self.world.samples(1_000, key: Key(4)), start = try Self.linear()
            let method = VariationalTraining(descent: NetworkDescent(optimiser: .adam(rate: 2e-2), batchSize: 200, epochs: 120, clip: 100))
            let last = try start.training(on: data, by: method, key: Key(5)).finish()
            let model = last.model
            let exact = try Self.surprise(test), found = try model.energies(of: test).map { Double($0) }
            let gap = Statistics.mean(found) - Statistics.mean(exact)
            // Encoder and posterior are of the same family, so that the bound is tight but for the fit.
            #expect(gap > -0.03 && gap < 0.1, "−ELBO is \(gap) nats above −ln p")
            #expect(try Statistics.mean(start.energies(of: test)) > Statistics.mean(exact) + 0.5, "the start knows it already")
            #expect(SmallWorlds.agreement(found.map { Float($0) }, exact.map { Float($0) }).correlation > 0.98)
            #expect(abs(last.figures["loss"]! - last.figures["reconstruction"]! - last.figures["divergence"]!) < 1e-4 && last.ending == .finished)
            let draws = try model.samples(4_000, key: Key(6))
            // Means of p(x | z), without its noise.
            for column in 0 ..< 3 {
                let spread: Double = Statistics.standardDeviation(draws.column(column)), wanted: Double = abs(Self.loadings[column])
                #expect(abs(spread - wanted) < 0.12)
            }
        }

        /// −ELBO is the bound by one draw on average; more draws come closer to −ln p from above.
        @Test func importanceBounds() throws {
            // The true decoder with an encoder that knows nothing: q is the prior, so that the bound by K draws is that of plain Monte Carlo.
            let start = try Self.linear(), weights = try Tensor(Self.loadings.map { Float($0) }, shape: [3, 1])
            let decoder = start.decoder.with(parameters: [weights, try Tensor(repeating: 0, shape: [3])])
            let encoder = start.encoder.with(parameters: try start.encoder.parameters.map { try 0 * $0 })
            var model = try VariationalAutoencoder(encoder: encoder, decoder: decoder, likelihood: .gaussian(deviation: Self.deviation))
            model.draws = 400
            model.rowsAtOnce = 64
            let rows = Self.world.samples(150, key: Key(7)), exact = try Statistics.mean(Self.surprise(rows))
            let elbo = try Statistics.mean(model.energies(of: rows)), bounds = try [1, 10, 2_000].map { try Statistics.mean(model.importanceBound(of: rows, draws: $0, key: Key(8))) }
            #expect(elbo > bounds[1] && bounds[1] > bounds[2] + 0.05, "\(elbo) \(bounds) \(exact)")
            #expect(abs(bounds[2] - exact) < 0.05, "\(bounds[2]) where −ln p is \(exact)")
            // One draw: the mean of −ELBO, up to the noise of 150 draws.
            #expect(abs(bounds[0] - elbo) < 1.2)
            #expect(checkRefusal([.usage], "no draw") { _ = try model.importanceBound(of: rows, draws: 0, key: Key(1)) } == [])
        }

        /// ½ (μ² + σ² − ln σ² − 1) and Bernoulli's log-likelihood, written out for one row.
        @Test func bernoulliByHand() throws {
            let encoder = try Network([.linear(2)], input: [2], key: Key(1)), decoder = try Network([.linear(2)], input: [1], key: Key(2))
            let model = try VariationalAutoencoder(encoder: encoder.with(parameters: [Tensor([0, 0, 0, 0] as [Float], shape: [2, 2]), Tensor([0.5, -30] as [Float], shape: [2])]),
                                                   decoder: decoder.with(parameters: [Tensor([2, -1] as [Float], shape: [2, 1]), Tensor([0, 0.3] as [Float], shape: [2])]))
            // The variance is held at e⁻²⁰, so that z = 0.5 and the logits are 1 and −0.2.
            let divergence: Double = 0.5 * (0.25 + 20 - 1)
            let first: Double = 1 - log(1 + exp(1.0)), second: Double = -0.05 - log(1 + exp(-0.2)), likelihood = first + second
            #expect(abs(Double(try model.energies(of: Matrix([[1, 0.25]]))[0]) - (divergence - likelihood)) < 1e-3)
            let drawn = try model.samples(3, key: Key(3))
            #expect(drawn.values.allSatisfy { (0 ... 1).contains($0) } && drawn.rows == 3)
        }

        @Test func conformanceFilesAndMisfits() throws {
            let encoder = try Network([.flatten, .linear(8), .silu, .linear(6)], input: [1, 2, 2], key: Key(1)), decoder = try Network([.linear(8), .silu, .linear(4)], input: [3], key: Key(2))
            for likelihood in [.bernoulli, .gaussian(deviation: 0.3)] as [VariationalAutoencoder.Likelihood] {
                let model = try VariationalAutoencoder(encoder: encoder, decoder: decoder, likelihood: likelihood)
                let conformer = Conformer("\(likelihood)", model, rows: Matrix(rows: 5, columns: 4, values: Key(3).uniforms(20)))
                #expect(try conformer.failures(key: Key(4)) == [])
                let again = try VariationalAutoencoder(archive: model.archive())
                #expect(again.likelihood == likelihood && again.archive() == model.archive())
                var broken = model.archive()
                broken.metadata["likelihood"] = "{\"gaussian\":{\"deviation\":-1}}"
                #expect(checkRefusal([.unsuitableModel], "a negative deviation") { _ = try VariationalAutoencoder(archive: broken) } == [])
            }
            #expect(checkRefusal([.shapeMismatch], "halves") { _ = try VariationalAutoencoder(encoder: encoder, decoder: Network([.linear(4)], input: [2], key: Key(1))) } == [])
            #expect(checkRefusal([.shapeMismatch], "pixels") { _ = try VariationalAutoencoder(encoder: encoder, decoder: Network([.linear(5)], input: [3], key: Key(1))) } == [])
            let model = try VariationalAutoencoder(encoder: encoder, decoder: decoder)
            #expect(checkRefusal([.unsuitableData], "brightness of 2") { _ = try model.training(on: Matrix(rows: 2, columns: 4, repeating: 2), key: Key(1)).finish() } == [])
        }
    }
}

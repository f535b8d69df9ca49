import Foundation
import GibbsCore
import GibbsDeep
import GibbsLandscapes
import GibbsNumerics
import GibbsTestSupport
import Testing

extension DeepTests {
    /// Autoencoders as energies: the formula by hand, the denoiser in closed form, and images that do not belong.
    @Suite struct ResidualTests {
        /// f(x) = 0.25 everywhere.
        static func flat(_ height: Int, _ width: Int) throws -> ResidualEnergy {
            let network = try Network([.convolution(1, kernel: 1)], input: [1, height, width], key: Key(1))
            return try ResidualEnergy(network.with(parameters: [Tensor([0] as [Float], shape: [1, 1, 1, 1]), Tensor([0.25] as [Float], shape: [1])]))
        }

        /// ‖x − 0.25‖²/d and G/d of an image, the image lying in black.
        static func parts(_ image: [Float], _ height: Int, _ width: Int) -> (residual: Double, contrast: Double) {
            func pixel(_ row: Int, _ column: Int) -> Double { (0 ..< height).contains(row) && (0 ..< width).contains(column) ? Double(image[row * width + column]) : 0 }
            var sum = 0.0
            for row in -1 ... height { for column in -1 ... width { sum += pow(pixel(row, column) - pixel(row + 1, column), 2) + pow(pixel(row, column) - pixel(row, column + 1), 2) } }
            let d = Double(height * width)
            return (image.reduce(0) { $0 + pow(Double($1) - 0.25, 2) } / d, sum / d)
        }

        @Test func formula() throws {
            let energy = try Self.flat(3, 4), rows = Matrix(rows: 6, columns: 12, values: Key(2).uniforms(72)).appending(Matrix(rows: 1, columns: 12)), found = try energy.energies(of: rows)
            let exact = (0 ..< 7).map { row -> Double in
                let parts = Self.parts(Array(rows.row(row)), 3, 4)
                return 6 * (log(parts.residual + 0.1 / 784) - log(parts.contrast + 1.0 / 784))
            }
            for (a, b) in zip(found, exact) { #expect(abs(Double(a) - b) < 1e-4) }
            // Calibrated, what has a contrast beyond three deviations costs more: black images here, and nothing else.
            let usual = rows.slice(0 ..< 6), whole = try energy.calibrated(on: usual), contrasts = (0 ..< 6).map { log(Self.parts(Array(rows.row($0)), 3, 4).contrast + 1.0 / 784) }
            let (mean, deviation, spread) = (Statistics.mean(contrasts), Statistics.standardDeviation(contrasts), Statistics.standardDeviation(exact.prefix(6)))
            let z = (log(1.0 / 784) - mean) / deviation, costs = try zip(whole.energies(of: rows), found).map { Double($0) - Double($1) }
            #expect(abs(z) > 3 && abs(costs[6] - spread * 0.5 * pow(abs(z) - 3, 2)) < 1e-3 * costs[6] && costs.prefix(6).allSatisfy { abs($0) < 1e-5 }, "\(costs)")
            #expect(try whole.reconstructions(of: usual).values.allSatisfy { $0 == 0.25 })
        }

        @Test func conformanceFilesAndMisfits() throws {
            let layers = try Layer.autoencoder(of: [1, 8, 8], latent: 4), rows = Matrix(rows: 5, columns: 64, values: Key(3).uniforms(320).enumerated().map { $0 < 64 ? 0.2 * $1 : $1 })
            // Of contrasts that vary, so that of the rows only the first, which is dull, is beyond what is usual.
            let usual = Matrix(rows: 9, columns: 64, values: Key(5).uniforms(576).enumerated().map { (0.6 + 0.05 * Float($0 / 64)) * $1 }), bare = try ResidualEnergy(Network(layers, input: [1, 8, 8], key: Key(4)))
            let energy = try bare.calibrated(on: usual), costs = try zip(energy.energies(of: rows), bare.energies(of: rows)).map { $0 - $1 }
            #expect(costs[0] > 1 && costs.dropFirst().allSatisfy { $0 == 0 }, "\(costs)")
            let failures = try Conformer("residual", energy, rows: rows).failures(key: Key(6))
            #expect(failures == [], "\(failures)")
            let again = try ResidualEnergy(archive: energy.archive())
            #expect(try again.contrast == energy.contrast && again.archive() == energy.archive() && again.energies(of: rows) == energy.energies(of: rows))
            #expect(try ResidualEnergy(archive: ResidualEnergy(energy.network).archive()).contrast == nil)
            for spoilt in ["{\"mean\":0,\"deviation\":0,\"energyDeviation\":1}", "{\"mean\":0,\"deviation\":1,\"energyDeviation\":-1}", "{}"] {
                var archive = energy.archive()
                archive.metadata["contrast"] = spoilt
                #expect(checkRefusal([.unsuitableModel], spoilt) { _ = try ResidualEnergy(archive: archive) } == [])
            }
            #expect(checkRefusal([.shapeMismatch], "one number") { _ = try ResidualEnergy(Network([.flatten, .linear(1)], input: [1, 8, 8], key: Key(1))) } == [])
            #expect(checkRefusal([.shapeMismatch], "rows of numbers") { _ = try ResidualEnergy(Network([.linear(8)], input: [8], key: Key(1))) } == [])
            #expect(checkRefusal([.unsuitableData], "one image") { _ = try energy.calibrated(on: rows.slice(0 ..< 1)) } == [])
        }

        /// Images of any size come back as they were.
        @Test func mirroredLayers() throws {
            for (height, width) in [(28, 28), (28, 20), (8, 8), (5, 5), (28, 27), (4, 4), (2, 3), (64, 48), (33, 65)] {
                let network = try Network(Layer.autoencoder(of: [1, height, width], latent: 6), input: [1, height, width], key: Key(1))
                #expect(network.output == network.input)
                #expect(try network(Tensor(normal: Key(2), shape: [2, 1, height, width])).shape == [2, 1, height, width])
            }
            let shapes = try Network(Layer.autoencoder(of: [1, 28, 28], latent: 32), input: [1, 28, 28], key: Key(1)).parameters.map(\.shape)
            #expect(shapes == [[16, 1, 4, 4], [16], [32, 16, 4, 4], [32], [64, 32, 3, 3], [64], [32, 1024], [32],
                               [1024, 32], [1024], [64, 32, 3, 3], [32], [32, 16, 4, 4], [16], [16, 1, 4, 4], [1]])
            #expect(checkRefusal([.shapeMismatch], "a row") { _ = try Layer.autoencoder(of: [8], latent: 2) } == [])
            #expect(checkRefusal([.usage], "no number") { _ = try Layer.autoencoder(of: [1, 8, 8], latent: 0) } == [])
        }

        /// A linear denoiser of Gaussian columns is Σ (Σ + σ²)⁻¹: here columns of variance 1, 1, 4 and 4, σ = 1.
        @Test func denoisesAGaussian() throws {
            let variances: [Float] = [1, 1, 4, 4], normals = Key(1).normals(16_000)
            let data = Matrix(rows: 4_000, columns: 4, values: normals.enumerated().map { variances[$0 % 4].squareRoot() * $1 })
            let start = try ResidualEnergy(Network([.flatten, .linear(4), .reshape([1, 2, 2])], input: [1, 2, 2], key: Key(2)))
            var method = DenoisingTraining(noise: 1)
            (method.descent.epochs, method.descent.optimiser) = (30, .adam(rate: 1e-2))
            let last = try start.training(on: data, by: method, key: Key(3)).finish(), weights = try last.model.network.parameters[0].floats()
            for (index, weight) in weights.enumerated() { #expect(abs(weight - (index % 5 != 0 ? 0 : index < 10 ? 0.5 : 0.8)) < 0.06, "weight \(index) is \(weight)") }
            // ⟨‖f(x + σξ) − x‖²⟩ = Σ vσ²/(v + σ²).
            #expect(abs(last.figures["loss"]! - (0.5 + 0.5 + 0.8 + 0.8) / 4) < 0.05 && last.ending == .finished)
            #expect(try start.training(on: data, by: method, key: Key(3)).finish { $0.number < 2 }.model.archive() == start.training(on: data, by: method, key: Key(3)).finish { $0.number < 2 }.model.archive())
            method.noise = 0
            #expect(checkRefusal([.usage], "no noise") { _ = try start.training(on: data, by: method, key: Key(1)).finish() } == [])
        }

        /// The rate rises over the warm-up, and falls along a cosine. Adam's first step moves every weight by the rate.
        @Test func warmUpAndCosine() throws {
            let data = Matrix(rows: 64, columns: 4, values: Key(1).normals(256)), start = try ResidualEnergy(Network([.flatten, .linear(4), .reshape([1, 2, 2])], input: [1, 2, 2], key: Key(2)))
            var method = DenoisingTraining(noise: 1)
            (method.descent.optimiser, method.descent.batchSize, method.descent.epochs, method.descent.warmUp) = (.adam(rate: 0.1), 64, 5, 50)
            var shares = [Double](), first = 0.0
            _ = try start.training(on: data, by: method, key: Key(3)).finish { epoch in
                shares.append(epoch.figures["rateShare"]!)
                if epoch.number == 1 { first = try zip(epoch.model.network.parameters[0].doubles(), start.network.parameters[0].doubles()).map { abs($0 - $1) }.max()! }
                return true
            }
            #expect(abs(first - 0.1 / 50) < 1e-4, "the first step is \(first)")
            let fallen = [1, 0.01 + 0.99 * (0.5 + 0.5 * cos(.pi / 4)), 0.505, 0.01 + 0.99 * (0.5 - 0.5 * cos(.pi / 4)), 0.01]
            for (step, found) in shares.enumerated() { #expect(abs(found - fallen[step] * Double(step + 1) / 50) < 1e-9) }
            method.descent.warmUp = -1
            #expect(checkRefusal([.usage], "a negative warm-up") { _ = try start.training(on: data, by: method, key: Key(1)).finish() } == [])
        }

        /// Contrastive training goes on where denoising ended, and lifts noise further above the images.
        @Test func contrastiveRefinement() throws {
            let places = Key(1).uniforms(256), data = Matrix(rows: 256, columns: 64, values: (0 ..< 256 * 64).map { index in
                let at = 1 + Int(places[index / 64] * 5)
                return index % 8 == at || index % 8 == at + 1 ? 0.9 : 0
            })
            var method = DenoisingTraining()
            (method.descent.epochs, method.descent.warmUp) = (50, 5)
            let start = try ResidualEnergy(Network(Layer.autoencoder(of: [1, 8, 8], latent: 8), input: [1, 8, 8], key: Key(2)))
            let plain = try start.training(on: data, by: method, key: Key(3)).finish().model, noise = Matrix(rows: 100, columns: 64, values: Key(4).uniforms(6_400))
            func gap(_ energy: ResidualEnergy) throws -> Double { try Statistics.mean(energy.energies(of: noise)) - Statistics.mean(energy.energies(of: data)) }
            let contrastive = ContrastiveTraining(chains: ReplayChains(steps: 5, stepSize: 1e-4, temperature: 1, capacity: 500), regularisation: 0, dataNoise: 0.01,
                                                  descent: NetworkDescent(optimiser: .adam(rate: 3e-4), epochs: 5, watch: TrainingWatch(largestGap: 1e3)))
            let refined = try plain.training(on: data, by: contrastive, key: Key(5)).finish()
            let gaps = try [start, plain, refined.model].map { try gap($0) }
            #expect(gaps[1] > gaps[0] && gaps[2] > gaps[1] + 1, "\(gaps)")
            #expect(refined.ending == .finished && refined.figures["returns"] == 0)
        }
    }

    /// Likelihood regret where the best q is known.
    @Suite struct RegretTests {
        /// A linear decoder has a Gaussian posterior, at which the ELBO is ln p(x): the regret of an encoder that knows nothing is all of its gap.
        @Test func closesTheGap() throws {
            let start = try AutoencoderTests.linear(), decoder = start.decoder.with(parameters: [try Tensor(AutoencoderTests.loadings.map { Float($0) }, shape: [3, 1]), try Tensor(repeating: 0, shape: [3])])
            var model = try VariationalAutoencoder(encoder: start.encoder.with(parameters: start.encoder.parameters.map { try 0 * $0 }), decoder: decoder, likelihood: .gaussian(deviation: AutoencoderTests.deviation))
            model.rowsAtOnce = 32
            let rows = AutoencoderTests.world.samples(100, key: Key(1)), found = try LikelihoodRegret(model, steps: 200).energies(of: rows)
            let exact = try zip(model.energies(of: rows), AutoencoderTests.surprise(rows)).map { Double($0) - $1 }
            for (a, b) in zip(found, exact) { #expect(abs(Double(a) - b) < 0.02 + 0.01 * b, "\(a) where the gap is \(b)") }
            #expect(exact.max()! > 3)
            // The encoder that is best leaves nothing to regret; fewer steps find less.
            let variance = Double(AutoencoderTests.deviation * AutoencoderTests.deviation), precision = 1 + AutoencoderTests.loadings.reduce(0) { $0 + $1 * $1 } / variance
            let weights = AutoencoderTests.loadings.map { Float($0 / variance / precision) } + [0, 0, 0]
            let best = try VariationalAutoencoder(encoder: model.encoder.with(parameters: [Tensor(weights, shape: [2, 3]), Tensor([0, Float(-log(precision))], shape: [2])]),
                                                  decoder: decoder, likelihood: model.likelihood)
            #expect(try LikelihoodRegret(best, steps: 50).energies(of: rows).allSatisfy { $0 >= 0 && $0 < 1e-3 })
            let fewer = try LikelihoodRegret(model, steps: 5).energies(of: rows)
            #expect(zip(fewer, found).allSatisfy { $0 <= $1 + 1e-3 } && Statistics.mean(fewer) < 0.7 * Statistics.mean(found))
            #expect(try Conformer("regret", LikelihoodRegret(model, steps: 3), rows: rows.slice(0 ..< 5)).failures(key: Key(2)) == [])
            #expect(checkRefusal([.usage], "no step") { _ = try LikelihoodRegret(model, steps: 0) } == [])
        }

        /// Of several z, that pull at each other: the best q of independent z lies ½ (Σ ln P_ii − ln |P|) nats above −ln p, P = 1 + WᵀW/σ² the precision of p(z | x);
        /// what a search makes of its own draws must not pass for more.
        @Test func severalLatents() throws {
            let loadings: [[Double]] = [[1, 0.8, 0.6], [0.9, 1, 0.7], [-0.5, -0.6, -0.8], [0.4, 0.3, 0.9]], variance = 0.25
            let encoder = try Network([.linear(6)], input: [4], key: Key(1)), decoder = try Network([.linear(4)], input: [3], key: Key(2))
            var model = try VariationalAutoencoder(encoder: encoder.with(parameters: encoder.parameters.map { try 0 * $0 }),
                                                   decoder: decoder.with(parameters: [Tensor(loadings.flatMap { $0.map { Float($0) } }, shape: [4, 3]), Tensor(repeating: 0, shape: [4])]),
                                                   likelihood: .gaussian(deviation: 0.5))
            model.draws = 2
            func product(_ rows: Int, _ cell: (Int, Int) -> Double) throws -> SymmetricMatrix { SymmetricMatrix(size: rows, values: (0 ..< rows * rows).map { cell($0 / rows, $0 % rows) }) }
            let world = try GaussianEnergy(mean: [0, 0, 0, 0], covariance: product(4) { i, j in zip(loadings[i], loadings[j]).reduce(i == j ? variance : 0) { $0 + $1.0 * $1.1 } })
            let precision = try product(3) { i, j in loadings.reduce(i == j ? 1 : 0) { $0 + $1[i] * $1[j] / variance } }
            // ln |P| by ln Z of the Gaussian whose covariance it is.
            let logDeterminant = try 2 * GaussianEnergy(mean: [0, 0, 0], covariance: precision).logPartition - 3 * log(2 * Double.pi)
            let floor = 0.5 * ((0 ..< 3).reduce(0) { $0 + log(precision[$1, $1]) } - logDeterminant)
            let rows = world.samples(200, key: Key(3)), surprise = try world.energies(of: rows).map { Double($0) + world.logPartition }
            // −ELBO of q = N(0, 1), in closed form: −E ln p(x | z).
            let squares: Double = loadings.flatMap { $0 }.reduce(0) { $0 + $1 * $1 }
            let constant: Double = squares / (2 * variance) + 2 * log(2 * Double.pi * variance)
            let begin = (0 ..< 200).map { row -> Double in
                let length: Float = rows.row(row).reduce(0) { $0 + $1 * $1 }
                return constant + Double(length) / (2 * variance)
            }
            let found = try Statistics.mean(LikelihoodRegret(model, steps: 200, draws: 400).energies(of: rows)), exact = Statistics.mean(zip(begin, surprise).map { $0 - $1 - floor })
            #expect(floor > 0.3 && found < exact + 0.1 && found > exact - 0.25, "\(found), the best being \(exact), \(floor) short of −ln p")
        }
    }
}

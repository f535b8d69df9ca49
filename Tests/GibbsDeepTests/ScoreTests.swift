import Foundation
import GibbsCore
import GibbsDeep
import GibbsLandscapes
import GibbsNumerics
import GibbsTestSupport
import Testing

extension DeepTests {
    /// Score matching and joint training against densities and posteriors in closed form.
    @Suite struct ScoreTests {
        /// One level: the slope of the blurred density, whose covariance is Σ + σ²; twice the level, another density.
        @Test(arguments: [0.4, 0.8] as [Float]) func learnsTheBlurredDensity(level: Float) throws {
            let world = SmallWorlds.gaussian, data = world.samples(4_000, key: Key(1)), start = try DeepEnergy(SmallWorlds.layers, input: [2], key: Key(2))
            let method = ScoreTraining(levels: [level], descent: NetworkDescent(optimiser: .adam(rate: 5e-3), batchSize: 200, epochs: 30, averaging: 0.98))
            let last = try start.training(on: data, by: method, key: Key(3)).finish()
            let variance = Double(level * level), s = world.covarianceMatrix
            let blurred = try GaussianEnergy(mean: world.mean, covariance: SymmetricMatrix(size: 2, values: [s[0, 0] + variance, s[0, 1], s[1, 0], s[1, 1] + variance]))
            let test = blurred.samples(500, key: Key(4))
            let found = try last.model.gradients(of: test).values, exact = try blurred.gradients(of: test).values
            let error = zip(found, exact).reduce(0.0) { $0 + pow(Double($1.0 - $1.1), 2) } / exact.reduce(0.0) { $0 + pow(Double($1), 2) }
            #expect(error < 0.02, "off by \(error) of the squared slope")
            #expect(last.ending == .finished && last.figures["loss"]! < 1)
        }

        /// Levels together: what is learned is the compromise of their blurred densities by the weights of the method, in closed form for a linear slope.
        @Test func levelsWeighEqually() throws {
            // One normal column of variance 1 and E = ½ a x²: the loss is the mean over σ of (σ₀²/σ)² a² (1 + σ²) − 2 (σ₀²/σ) σ a, so that a = 2 / Σ (σ₀²/σ)² (1 + σ²) · σ₀².
            let data = Matrix(rows: 8_000, columns: 1, values: Key(1).normals(8_000)), levels: [Float] = [0.3, 1.2]
            let valley = Valley(network: try Network([.linear(1, bias: false)], input: [1], key: Key(2)))
            let method = ScoreTraining(levels: levels, descent: NetworkDescent(optimiser: .adam(rate: 2e-2), batchSize: 500, epochs: 60, averaging: 0.98))
            let last = try valley.training(on: data, by: method, key: Key(3)).finish(), slope = try last.model.gradients(of: Matrix([[1]])).values[0]
            let reference = Double(levels[0] * levels[1]), sum = levels.reduce(0.0) { $0 + pow(reference / Double($1), 2) * (1 + Double($1 * $1)) }
            #expect(abs(Double(slope) / (2 * reference / sum) - 1) < 0.05, "\(slope), not \(2 * reference / sum)")
        }

        @Test func levels() throws {
            let ladder = ScoreTraining.ladder(from: 0.1, to: 1.6, count: 5)
            for (found, exact) in zip(ladder, [0.1, 0.2, 0.4, 0.8, 1.6] as [Float]) { #expect(abs(found / exact - 1) < 1e-5) }
            #expect(abs(ScoreTraining(levels: ladder).reference - 0.4) < 1e-5)
            let start = try DeepEnergy(SmallWorlds.layers, input: [2], key: Key(2)), data = SmallWorlds.gaussian.samples(64, key: Key(1))
            for levels in [[], [0], [-1], [.infinity]] as [[Float]] {
                #expect(checkRefusal([.usage], "\(levels)") { _ = try start.training(on: data, by: ScoreTraining(levels: levels), key: Key(1)).finish() } == [])
            }
        }

        /// Two Gaussians: p(y | x) is Bayes', E(x | y) each one's density, and E(x) low where the data are, which the plain classifier's is not.
        @Test func jointEnergy() throws {
            let parts = try [GaussianEnergy(mean: [-1, 0], covariance: SymmetricMatrix(size: 2, values: [0.3, 0, 0, 0.3])),
                             GaussianEnergy(mean: [1, 0], covariance: SymmetricMatrix(size: 2, values: [0.3, 0, 0, 0.3]))]
            let data = parts[0].samples(1_280, key: Key(1)).appending(parts[1].samples(1_280, key: Key(2))), labels = (0 ..< 2_560).map { $0 / 1_280 }
            let start = try JointEnergy(Network([.linear(48), .silu, .linear(48), .silu, .linear(2)], input: [2], key: Key(3)))
            let last = try start.training(on: data, labels: labels, by: JointTraining(contrastiveRows: 128, contrastive: SmallWorlds.method()), key: Key(4)).finish()
            let test = parts[0].samples(250, key: Key(5)).appending(parts[1].samples(250, key: Key(6))), energies = try parts.map { try $0.energies(of: test) }
            let bayes = (0 ..< 500).map { 1 / (1 + exp(energies[1][$0] - energies[0][$0])) }, found = try last.model.classProbabilities(of: test).column(1)
            #expect(Statistics.mean(zip(found, bayes).map { abs($0 - $1) }) < 0.05)
            for index in 0 ..< 2 {
                let own = test.slice(250 * index ..< 250 * (index + 1)), agreement = try SmallWorlds.agreement(ClassEnergy(last.model, class: index).energies(of: own), parts[index].energies(of: own))
                #expect(agreement.correlation > 0.9 && abs(agreement.slope - 1) < 0.3, "\(index) \(agreement)")
            }
            // E(x, y) = −f_y, and E(x) sums them.
            let joint = try (0 ..< 2).map { try ClassEnergy(last.model, class: $0).energies(of: test) }, whole = try last.model.energies(of: test)
            for row in 0 ..< 500 { #expect(abs(Double(whole[row]) + logSumExp([-Double(joint[0][row]), -Double(joint[1][row])])) < 1e-4) }
            #expect(last.figures["crossEntropy"]! < 0.2 && last.figures["energyGap"] != nil)
            // Each chain went down the energy of its class, which draws its data.
            for (index, part) in parts.enumerated() {
                let ends = try LangevinChains(on: ClassEnergy(last.model, class: index), stepSize: 0.02).run(300, from: Matrix(rows: 400, columns: 2), key: Key(7)).positions
                #expect(abs(Statistics.mean(ends.column(0)) - Double(part.mean[0])) < 0.25 && abs(Statistics.standardDeviation(ends.column(0)) / 0.3.squareRoot() - 1) < 0.3)
            }
            #expect(last.figures["accuracy"]! > 0.93 && last.figures["accuracy"]! <= 1)
            // Without chains far away is as good as any place.
            let plain = try start.training(on: data, labels: labels, by: JointTraining(weight: 0, contrastive: SmallWorlds.method(epochs: 5)), key: Key(4)).finish()
            let far = Matrix([[8, 0], [-8, 0]]), near = Matrix([[1, 0], [-1, 0]])
            #expect(plain.figures["energyGap"] == nil && plain.figures["crossEntropy"]! < 0.3)
            #expect(try plain.model.energies(of: far).max()! < plain.model.energies(of: near).min()!)
            #expect(try last.model.energies(of: far).min()! > last.model.energies(of: near).max()! + 2)
        }

        /// On a device what the processor finds: energies, slopes and a training's first steps.
        @Test(arguments: Device.allCases.filter { $0 != .processor && $0.isAvailable }) func onADevice(device: Device) throws {
            let network = try Network([.convolution(4, kernel: 3, padding: 1), .silu, .flatten, .linear(1)], input: [1, 8, 8], key: Key(1)), rows = Matrix(rows: 70, columns: 64, values: Key(2).uniforms(4_480))
            let (here, there) = try (DeepEnergy(network), DeepEnergy(network.moved(to: device)))
            for (one, other) in zip(try here.energies(of: rows) + here.gradients(of: rows).values, try there.energies(of: rows) + there.gradients(of: rows).values) { #expect(abs(one - other) < 1e-4) }
            let method = ScoreTraining(levels: [0.3], descent: NetworkDescent(optimiser: .adam(rate: 1e-3), batchSize: 35, epochs: 2))
            let ends = try [here, there].map { try $0.training(on: rows, by: method, key: Key(3)).finish().model.energies(of: rows) }
            for (one, other) in zip(ends[0], ends[1]) { #expect(abs(one - other) < 1e-2) }
        }

        @Test func jointFilesAndLabels() throws {
            let network = try Network([.linear(8), .silu, .linear(3)], input: [2], key: Key(1)), joint = try JointEnergy(network), rows = Matrix([[0.1, 2], [1, -1]])
            #expect(try JointEnergy(archive: joint.archive()).energies(of: rows) == joint.energies(of: rows) && joint.classes == 3)
            // A scale multiplies the outputs: energies as of logits, and kept in the file.
            let scaled = try JointEnergy(network, scale: 3), logits = try network(Tensor(rows, row: [2])).floats().map { 3 * Double($0) }
            for row in 0 ..< 2 { #expect(abs(Double(try scaled.energies(of: rows)[row]) + logSumExp(Array(logits[3 * row ..< 3 * row + 3]))) < 1e-5) }
            #expect(try abs(Double(ClassEnergy(scaled, class: 1).energies(of: rows)[1]) + logits[4]) < 1e-5)
            #expect(try JointEnergy(archive: scaled.archive()).scale == 3 && scaled.with(network).scale == 3)
            #expect(checkRefusal([.usage], "no scale") { _ = try JointEnergy(network, scale: 0) } == [])
            let sums = try joint.classProbabilities(of: rows)
            for row in 0 ..< 2 { #expect(abs(sums.row(row).reduce(0, +) - 1) < 1e-5) }
            #expect(checkRefusal([.shapeMismatch], "images") { _ = try JointEnergy(Network([.convolution(1, kernel: 1)], input: [1, 2, 2], key: Key(1))) } == [])
            for (labels, code) in [([0], .shapeMismatch), ([0, 3], .unsuitableData), ([-1, 0], .unsuitableData)] as [([Int], GibbsError.Code)] {
                #expect(checkRefusal([code], "\(labels)") { _ = try joint.training(on: rows, labels: labels, by: JointTraining(), key: Key(1)).finish() } == [])
            }
        }
    }
}

import Foundation
import GibbsCore
import GibbsDeep
import GibbsLandscapes
import GibbsNumerics
import GibbsTestSupport
import Testing

extension DeepTests {
    /// Diffusions that networks learn: their slopes against those of the truth, classes, files, and whether they are landscapes.
    @Suite struct DiffusionTrainingTests {
        static let world = DiffusedMixture.three
        static let layers: [Layer] = [.linear(64), .modulate, .silu, .residual([.linear(64), .modulate, .silu, .linear(64)]), .silu, .linear(2)]
        static let method = DiffusionTraining(descent: NetworkDescent(optimiser: .adam(rate: 4e-3), batchSize: 256, epochs: 40, averaging: 0.98))

        static func network(classes: Int = 0) throws -> TimeNetwork { try TimeNetwork(layers, input: [2], classes: classes, context: 32, key: Key(1)) }

        /// ⟨‖ε − ε*‖²⟩ at some times, the share of what knowing nothing but the data's mean and deviation leaves.
        static func error(of field: some DiffusionNetwork) throws -> Double {
            let rows = try world.samples(400, key: Key(11)).rows, plain = try UnconstrainedScore(TimeNetwork([.linear(2, bias: false), .modulate], input: [2], key: Key(1)), scale: field.scale)
            // The Gaussian from afar: a network of zeros.
            let nothing = plain.with(parameters: try plain.parameters.map { try 0 * $0 })
            var sums = (0.0, 0.0)
            for (index, time) in [0.1, 0.3, 0.5, 0.7].enumerated() {
                let level = world.schedule.level(at: time), noise = Key(12).folding(index).normals(rows.values.count)
                let x = try Tensor(Matrix(rows: rows.rows, columns: 2, values: rows.values.enumerated().map { Float(level.signal) * $1 + Float(level.noise) * noise[$0] }))
                let exact = try world.noise(in: x, at: time, differentiable: false)
                sums.0 += try (field.noise(in: x, at: time, differentiable: false) - exact).squared().mean().number()
                sums.1 += try (nothing.noise(in: x, at: time, differentiable: false) - exact).squared().mean().number()
            }
            return sums.0 / sums.1
        }

        @Test func learnsTheLandscape() throws {
            let data = try Self.world.samples(6_000, key: Key(2)).rows, scale = try DiffusionScale(.cosine, data: data)
            for form in DiffusionEnergy.Form.allCases {
                let start = try DiffusionEnergy(Self.network(), scale: scale, form: form), last = try start.training(on: data, by: Self.method, key: Key(3)).finish()
                let (before, after) = try (Self.error(of: start), Self.error(of: last.model))
                #expect(after < 0.05 && before > 0.5, "\(form): off by \(after), from \(before)")
                #expect(last.ending == .finished && last.figures["loss"]! < 0.9 && last.figures["lossEarly"]! < last.figures["lossMiddle"]!, "\(last.figures)")
                // Draws have the shares of the parts, and every kernel of Gibbs walks E at a time.
                let draws = try DiffusionSampler(path: .flow, steps: 25, denoises: false).draw(1_500, from: last.model, key: Key(4)).rows
                for (index, part) in Self.world.parts.enumerated() {
                    let share = Double((0 ..< 1_500).count { Self.world.nearest(draws.row($0)) == index }) / 1_500
                    #expect(abs(share - part.share) < 0.06, "\(form): part \(index) has the share \(share)")
                }
                let chain = try HamiltonianMonteCarlo(on: last.model.at(0.6), stepSize: 0.4, leapfrogSteps: 3).sample(40, from: .positions(Matrix(rows: 200, columns: 2)), burnIn: 20, key: Key(5))
                let exact = try Self.world.at(0.6).energies(of: chain.last)
                #expect(chain.acceptance! > 0.8 && exact.allSatisfy(\.isFinite))
            }
            let score = try UnconstrainedScore(Self.network(), scale: scale).training(on: data, by: Self.method, key: Key(3)).finish().model
            #expect(try Self.error(of: score) < 0.05)
            try Self.landscapes(score: score, energy: DiffusionEnergy(score.network, scale: scale), data.slice(0 ..< 30))
        }

        /// The same weights, read as a score and as an energy.
        static func landscapes(score: UnconstrainedScore, energy: DiffusionEnergy, _ rows: Matrix) throws {
            for time in [0.2, 0.6] {
                let (free, held) = try (LandscapeCheck(of: score, at: time, rows: rows, key: Key(6)), LandscapeCheck(of: energy, at: time, rows: rows, key: Key(6)))
                #expect(held.asymmetry < 1e-4 && held.loopShare < 1e-2, "\(held)")
                #expect(free.asymmetry > 20 * held.asymmetry && free.loop > 5 * held.loop, "\(free) \(held)")
            }
        }

        /// The classes apart, all together, and guided.
        @Test func classes() throws {
            let (data, labels) = try Self.world.samples(6_000, key: Key(2)), start = try DiffusionEnergy(Self.network(classes: 3), scale: DiffusionScale(.cosine, data: data))
            let model = try start.training(on: data, labels: labels, by: Self.method, key: Key(3)).finish().model
            for guidance in [0, 1.5] {
                for label in 0 ..< 3 {
                    let draws = try DiffusionSampler(path: .ddim, steps: 40).draw(100, from: model.given(label, guidance: guidance), key: Key(4)).rows
                    #expect((0 ..< 100).count { Self.world.nearest(draws.row($0)) == label } > 94, "class \(label) with guidance \(guidance)")
                }
            }
            // (1 + g) ε(x | y) − g ε(x), by three networks' worth of one.
            let x = try Tensor(data.slice(0 ..< 20), row: model.input), guided = try model.given(1, guidance: 1.5).noise(in: x, at: 0.4, differentiable: false).floats()
            let (own, every) = try (model.given(1).noise(in: x, at: 0.4, differentiable: false).floats(), model.noise(in: x, at: 0.4, differentiable: false).floats())
            for (index, value) in guided.enumerated() { #expect(abs(value - (2.5 * own[index] - 1.5 * every[index])) < 1e-4 * max(1, abs(value))) }
            #expect(zip(own, every).contains { abs($0 - $1) > 0.1 })
            let all = try DiffusionSampler(path: .ddim, steps: 40).draw(600, from: model, key: Key(4)).rows
            #expect(abs(Double((0 ..< 600).count { Self.world.nearest(all.row($0)) == 0 }) / 600 - 0.5) < 0.1)
            #expect(checkRefusal([.usage], "class 3") { _ = try model.given(3) } == [])
            #expect(checkRefusal([.usage], "guidance") { _ = try model.given(0, guidance: -1) } == [])
            #expect(checkRefusal([.usage], "no classes") { _ = try DiffusionEnergy(Self.network(), scale: model.scale).given(0) } == [])
            for (labels, code) in [([0], .shapeMismatch), (Array(repeating: 3, count: 6_000), .unsuitableData)] as [([Int], GibbsError.Code)] {
                #expect(checkRefusal([code], "labels") { _ = try model.training(on: data, labels: labels, key: Key(1)).finish() } == [])
            }
        }

        @Test func energiesAmongOthers() throws {
            let data = try Self.world.samples(200, key: Key(2)).rows, scale = try DiffusionScale(.cosine, data: data)
            for form in DiffusionEnergy.Form.allCases {
                let energy = try DiffusionEnergy(Self.network(classes: 2), scale: scale, form: form)
                for conformer in [Conformer("\(form)", energy.at(0.3), rows: data.slice(0 ..< 6)), Conformer("\(form) of a class", try energy.given(1, guidance: 0.5).at(0.7), rows: data.slice(0 ..< 6))] {
                    let failures = try conformer.failures(key: Key(9))
                    #expect(failures == [], "\(conformer): \(failures)")
                }
                #expect(try DiffusionEnergy(archive: energy.archive()).at(0.4).energies(of: data) == energy.at(0.4).energies(of: data))
            }
            #expect(checkRefusal([.unsuitableData], "one row twice") { _ = try DiffusionScale(.cosine, data: Matrix([[1, 2], [1, 2]])) } == [])
            #expect(checkRefusal([.usage], "nan") { _ = try DiffusionScale(.linear(from: .nan), data: data) } == [])
            #expect(checkRefusal([.shapeMismatch], "three columns") { _ = try DiffusionEnergy(Self.network(), scale: DiffusionScale(.cosine, data: Matrix([[1, 2, 3], [3, 2, 1]]))) } == [])
        }

        @Test func brokenFiles() throws {
            let data = try Self.world.samples(50, key: Key(2)).rows, whole = try DiffusionEnergy(Self.network(classes: 2), scale: DiffusionScale(.linear(), data: data)).archive()
            #expect(try DiffusionEnergy(archive: whole).archive() == whole)
            for (name, text) in [("diffusion", "{}"), ("diffusion", whole.metadata["diffusion"]!.replacing("20", with: "-20")), ("diffusion", whole.metadata["diffusion"]!.replacing("inner", with: "outer")),
                                 ("network.body.architecture", whole.metadata["network.body.architecture"]!.replacing("\"context\":32", with: "\"context\":33")),
                                 ("network.body.architecture", whole.metadata["network.body.architecture"]!.replacing("\"context\":32", with: "\"context\":-1")),
                                 ("network.body.architecture", whole.metadata["network.body.architecture"]!.replacing("\"input\":[2]", with: "\"input\":[3]"))] {
                var broken = whole
                broken.metadata[name] = text
                #expect(text != whole.metadata[name] && checkRefusal([.unsuitableModel], "\(text.prefix(60))") { _ = try DiffusionEnergy(archive: broken) } == [])
            }
            for name in whole.tensors.keys {
                var broken = whole
                broken.tensors[name]!.values[0] = .nan
                #expect(checkRefusal([.unsuitableModel], "nan in \(name)") { _ = try DiffusionEnergy(archive: broken) } == [])
            }
        }

        /// Images of any size, odd ones too.
        @Test(arguments: [[28, 20], [8, 8], [9, 7], [3, 5]]) func sizes(size: [Int]) throws {
            let input = [1] + size, network = try TimeNetwork(Layer.smallUNet(fine: 8, coarse: 8, coarsest: 8), input: input, classes: 2, context: 16, key: Key(1)), pixels = size[0] * size[1]
            let rows = Matrix(rows: 4, columns: pixels, values: Key(2).uniforms(4 * pixels)), start = try DiffusionEnergy(network, scale: DiffusionScale(.cosine, data: rows))
            let last = try start.training(on: rows, labels: [0, 1, 0, 1], by: DiffusionTraining(descent: NetworkDescent(batchSize: 4, epochs: 2)), key: Key(3)).finish()
            #expect(last.ending == .finished && last.figures["returns"] == 0)
            let draws = try DiffusionSampler(steps: 3).draw(3, from: last.model.given(1), key: Key(4))
            #expect(draws.rows.columns == pixels && draws.rows.isFinite)
        }

        /// Of a context: derivatives, and rows that do not see each other.
        @Test func modulation() throws {
            let image: [Layer] = [.beside([.convolution(3, kernel: 3, stride: 2, padding: 1), .modulate, .silu, .transposedConvolution(2, kernel: 4, stride: 2, padding: 1)]), .modulate, .convolution(1, kernel: 1)]
            for (index, (layers, input)) in [([Layer.linear(3), .modulate, .tanh], [4]), (image, [1, 5, 6])].enumerated() {
                var network = try Network(layers, input: input, context: 3, key: Key(20).folding(index)).converted(to: .double)
                // Away from the identity that it starts as.
                network = network.with(parameters: try network.parameters.enumerated().map { try $1 + 0.2 * Tensor.doubles($1.shape, key: Key(21).folding($0)) })
                let x = try Tensor.doubles([2] + input, key: Key(22)), context = try Tensor.doubles([2, 3], key: Key(23))
                let errors = try derivativeErrors([x, context] + network.parameters, key: Key(24)) { try network.with(parameters: Array($0.dropFirst(2)))($0[0], context: $0[1]) }
                #expect(errors.first < DerivativeTests.limit && errors.second < DerivativeTests.limit, "\(layers): \(errors)")
                let both = try network(x, context: context).doubles(), one = try network(x.slice(1 ..< 2), context: context.slice(1 ..< 2)).doubles()
                #expect(zip(both.suffix(one.count), one).allSatisfy { abs($0 - $1) < 1e-12 })
                #expect(checkRefusal([.shapeMismatch], "no context") { _ = try network(x) } == [])
            }
            #expect(checkRefusal([.shapeMismatch], "no context") { _ = try Network([.linear(2), .modulate], input: [2], key: Key(1)) } == [])
            #expect(checkRefusal([.shapeMismatch], "a smaller image") { _ = try Network([.beside([.averagePool(2)])], input: [1, 4, 4], key: Key(1)) } == [])
            #expect(checkRefusal([.shapeMismatch], "another shape") { _ = try TimeNetwork([.linear(3)], input: [2], key: Key(1)) } == [])
        }
    }
}

import Foundation
import GibbsCore
import GibbsDeep
import GibbsNumerics
import Testing

extension DeepTests {
    /// Steps of training against the rules written out in double precision, and who sees the weights change.
    @Suite struct TrainingTests {
        /// Two inputs, one weight each, no bias: the loss is quadratic in the weights.
        static func network() throws -> Network { try Network([.linear(1, bias: false)], input: [2], key: Key(1)) }
        static let inputs: [[Double]] = [[1, 2], [-1, 0.5], [0.3, -2]], wanted = [1.0, 0, -1]

        static func loss(_ network: Network) throws -> Tensor {
            let x = try Tensor(inputs.flatMap { $0 }.map { Float($0) }, shape: [3, 2]), y = try Tensor(wanted.map { Float($0) }, shape: [3, 1])
            return try (network(x) - y).squared().mean()
        }
        static func slope(_ w: [Double]) -> [Double] {
            (0 ..< 2).map { k in zip(inputs, wanted).reduce(0) { $0 + 2 * ($1.0[0] * w[0] + $1.0[1] * w[1] - $1.1) * $1.0[k] } / 3 }
        }

        @Test(arguments: [0, 0.1]) func adam(decay: Double) throws {
            let start = try Self.network(), training = try NetworkTraining(start, by: .adam(rate: 0.05), decay: decay, averaging: 0.8)
            var w = try start.parameters[0].doubles(), m = [0.0, 0], v = [0.0, 0], average = w
            for step in 1 ... 20 {
                let g = Self.slope(w)
                for k in 0 ..< 2 {
                    m[k] = 0.9 * m[k] + 0.1 * g[k]
                    v[k] = 0.999 * v[k] + 0.001 * g[k] * g[k]
                    w[k] -= 0.05 * (m[k] / (1 - pow(0.9, Double(step))) / ((v[k] / (1 - pow(0.999, Double(step)))).squareRoot() + 1e-8) + decay * w[k])
                    average[k] += (1 - min(0.8, Double(step) / Double(9 + step))) * (w[k] - average[k])
                }
                let report = try training.step(Self.loss)
                #expect(report.isTaken && abs(report.gradientLength - hypot(g[0], g[1])) < 1e-4)
            }
            #expect(training.steps == 20)
            for (found, exact) in zip(try training.current().parameters[0].doubles() + training.averaged().parameters[0].doubles(), w + average) { #expect(abs(found - exact) < 1e-4) }
        }

        @Test func momentumAndClipping() throws {
            let start = try Self.network(), training = try NetworkTraining(start, by: .momentum(rate: 0.1, momentum: 0.7), decay: 0.05, clip: 0.5)
            var w = try start.parameters[0].doubles(), m = [0.0, 0]
            for index in 0 ..< 20 {
                let g = Self.slope(w), length = hypot(g[0], g[1]), scale = index < 10 ? 1.0 : 0.5
                for k in 0 ..< 2 { m[k] = 0.7 * m[k] + min(1, 0.5 / length) * g[k] + 0.05 * w[k]; w[k] -= 0.1 * scale * m[k] }
                #expect(abs(try training.step(scale: scale, Self.loss).gradientLength - length) < 1e-4)
            }
            for (found, exact) in zip(try training.current().parameters[0].doubles(), w) { #expect(abs(found - exact) < 1e-4) }
        }

        @Test func onlyTheTrainingSeesItsWeightsChange() throws {
            let start = try Self.network(), training = try NetworkTraining(start, by: .adam(rate: 0.1), averaging: 0.5)
            let archive = start.archive()
            _ = try training.step(Self.loss)
            let handed = try training.current(), averaged = try training.averaged(), before = (handed.archive(), averaged.archive())
            _ = try training.step(Self.loss)
            #expect(start.archive() == archive && handed.archive() == before.0 && averaged.archive() == before.1)
            #expect(try training.current().archive() != before.0)
        }

        /// A loss that is no number leaves the weights and says so.
        @Test func lossThatIsNotFinite() throws {
            let start = try Self.network(), training = try NetworkTraining(start, by: .adam(rate: 0.1))
            let report = try training.step { try (Self.loss($0) - 1e6).log() }
            #expect(!report.isTaken && report.loss.isNaN && training.steps == 0)
            #expect(try training.current().archive() == start.archive())
        }

        /// Gradients by way of other gradients come in other layouts, or as one number for all: a step goes along each, element by element.
        @Test func gradientsInAnyLayout() throws {
            let convolutions = try Network([.convolution(5, kernel: 4, stride: 2, padding: 1), .silu, .convolution(3, kernel: 3, padding: 1), .silu, .flatten, .linear(1)], input: [2, 8, 8], key: Key(2))
            let rows = try Tensor(normal: Key(3), shape: [7, 2, 8, 8])
            let losses: [(String, (Network) throws -> Tensor)] = [
                ("slopes", { network in
                    let x = try rows.variable(), slopes = try network(x).sum().gradients(of: [x], differentiable: true)[0]
                    return try (slopes - rows).squared().sum()
                }),
                ("one number for all", { try $0.parameters[0].sum() + $0.parameters[2].permuted([2, 0, 3, 1]).squared().sum() }),
            ]
            for optimiser in [Optimiser.momentum(rate: 0.01, momentum: 0), .adam(rate: 0.01)] {
                for (name, loss) in losses {
                    let training = try NetworkTraining(convolutions, by: optimiser, clip: 1e3), weights = try convolutions.parameters.map { try $0.variable() }
                    let gradients = try loss(convolutions.with(parameters: weights)).gradients(of: weights)
                    let length = try gradients.flatMap { try $0.doubles() }.reduce(0) { $0 + $1 * $1 }.squareRoot(), scale = min(1, 1e3 / length)
                    #expect(try training.step(loss).isTaken)
                    for (index, (before, after)) in zip(convolutions.parameters, try training.current().parameters).enumerated() {
                        for ((w, moved), g) in zip(zip(try before.doubles(), try after.doubles()), try gradients[index].doubles()) {
                            // A first step of Adam goes by the sign of its gradient.
                            let exact = if case .adam = optimiser { abs(g) < 1e-4 ? moved - w : -0.01 * (g > 0 ? 1 : -1) } else { -0.01 * scale * g }
                            #expect(abs(moved - w - exact) < 1e-4 * max(1, abs(exact)), "\(optimiser), \(name), weight \(index): \(moved - w), not \(exact)")
                        }
                    }
                }
            }
        }

        /// Through the gradient by the input, as score matching does: the weights' slopes of a slope.
        @Test func lossWithAGradientInside() throws {
            let network = try Network([.linear(8), .tanh, .linear(1)], input: [2], key: Key(2)), rows = try Tensor(normal: Key(3), shape: [32, 2])
            let training = try NetworkTraining(network, by: .adam(rate: 0.01))
            let losses = try (0 ..< 300).map { _ in
                try training.step { network in
                    let x = try rows.variable(), slopes = try network(x).sum().gradients(of: [x], differentiable: true)[0]
                    return try (slopes - rows).squared().mean()
                }.loss
            }
            #expect(losses.last! < 0.2 * losses[0], "\(losses[0]) to \(losses.last!)")
        }
    }
}

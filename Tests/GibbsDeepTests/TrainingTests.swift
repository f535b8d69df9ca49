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

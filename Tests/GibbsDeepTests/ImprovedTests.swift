import Foundation
import GibbsCore
import GibbsDeep
import GibbsNumerics
import GibbsTestSupport
import Testing

extension DeepTests {
    /// The term that contrastive divergence leaves out, against differences in double precision, and what it learns.
    @Suite struct ImprovedTests {
        struct World: CustomTestStringConvertible, Sendable {
            let testDescription: String, layers: [Layer], input: [Int], chains: ReplayChains
        }

        static let worlds = [
            World(testDescription: "two columns", layers: [.linear(6), .tanh, .linear(1)], input: [2], chains: ReplayChains(stepSize: 0.02, temperature: 0.05, range: nil)),
            World(testDescription: "images", layers: [.convolution(3, kernel: 3, stride: 2, padding: 1), .silu, .flatten, .linear(4), .silu, .linear(1)], input: [1, 8, 8],
                  chains: ReplayChains(stepSize: 0.01, temperature: 0.005, slopeLimit: 0.02, range: 0 ... 1)),
        ]

        /// d⟨E(x_K(θ))⟩ and d⟨ln distance⟩ along a direction of the weights, E held.
        @Test(arguments: worlds) func slopes(world: World) throws {
            let network = try Network(world.layers, input: world.input, key: Key(1)).converted(to: .double), columns = world.input.reduce(1, *), rows = 12
            let positions = try Tensor(Key(2).uniforms(rows * columns).map { Double($0) }, shape: [rows] + world.input), noise = try Tensor.doubles([rows] + world.input, key: Key(3))
            let others = Matrix(rows: 40, columns: columns, values: Key(4).uniforms(40 * columns)), step = LastLangevinStep(from: positions, noise: noise, by: world.chains)
            let directions = try network.parameters.enumerated().map { try Tensor.doubles($1.shape, key: Key(5).folding($0)) }
            func values(_ parameters: [Tensor]) throws -> [Tensor] {
                let moving = network.with(parameters: parameters), x = try step.positions { try moving($0).reshaped([rows]) }
                return [try network(x).mean(), try LastLangevinStep.logNearestDistance(of: x, to: others)]
            }
            func moved(_ by: Double) throws -> [Double] { try values(zip(network.parameters, directions).map { try $0 + by * $1 }).map { try $0.number() } }
            let variables = try network.parameters.map { try $0.variable() }, (above, below) = try (moved(1e-5), moved(-1e-5))
            for index in above.indices {
                let slope = try zip(values(variables)[index].gradients(of: variables), directions).reduce(0.0) { try $0 + ($1.0 * $1.1).sum().number() }, difference = (above[index] - below[index]) / 2e-5
                #expect(abs(slope) > 1e-4 && abs(slope - difference) < 1e-5 * max(1, abs(slope)), "term \(index): \(slope), by differences \(difference)")
            }
        }

        /// The step is that of the chains with the same noise, its limit and range too, and the distance is that to the nearest.
        @Test func stepAndDistance() throws {
            let world = Self.worlds[1], energy = try DeepEnergy(world.layers, input: world.input, key: Key(1)), start = Matrix(rows: 5, columns: 64, values: Key(2).uniforms(320))
            let step = LastLangevinStep(from: try Tensor(start, row: world.input), noise: try Tensor(normal: Key(3).folding(0), shape: [5, 1, 8, 8]), by: world.chains)
            let found = try step.positions { try energy.energy(of: $0) }, run = try world.chains.langevin(on: energy).run(1, from: start, key: Key(3)).positions
            for (one, other) in zip(try found.floats(), run.values) { #expect(abs(one - other) < 1e-5) }
            let others = Matrix(rows: 2, columns: 2, values: [0, 0, 3, 0]), at = try Tensor([0.5 as Float, 0, 3, 2], shape: [2, 2])
            #expect(abs(try LastLangevinStep.logNearestDistance(of: at, to: others).number() - (0.5 * log(0.25) + 0.5 * log(4)) / 2) < 1e-5)
        }

        /// The more entropy weighs, the further the chains stay apart.
        @Test func entropySpreadsChains() throws {
            let data = SmallWorlds.gaussian.samples(2_560, key: Key(1)), start = try DeepEnergy(SmallWorlds.layers, input: [2], key: Key(3))
            func distance(_ weight: Double) throws -> Double {
                var method = SmallWorlds.method(epochs: 12)
                method.improved = ImprovedContrast(entropyWeight: weight, others: 300)
                return try start.training(on: data, by: method, key: Key(4)).finish().figures["logNearestDistance"]!
            }
            let (none, much) = try (distance(0), distance(20))
            #expect(much > none + 0.15, "ln of the distance to the nearest chain is \(none) without, \(much) with entropy")
        }

        /// At its best the term is zero: it learns the same density.
        @Test func learnsADensity() throws {
            let world = SmallWorlds.gaussian, data = world.samples(2_560, key: Key(1)), test = world.samples(500, key: Key(2)), start = try DeepEnergy(SmallWorlds.layers, input: [2], key: Key(3))
            var method = SmallWorlds.method(epochs: 20)
            method.improved = ImprovedContrast(others: 300)
            let last = try start.training(on: data, by: method, key: Key(4)).finish(), after = try SmallWorlds.agreement(last.model.energies(of: test), world.energies(of: test))
            #expect(after.correlation > 0.95 && abs(after.slope - 1) < 0.3 && last.figures["logNearestDistance"]! < 0, "\(after) \(last.figures)")
            for spoil in [{ $0.weight = -1 }, { $0.entropyWeight = .nan }, { $0.others = 0 }] as [(inout ImprovedContrast) -> Void] {
                var improved = ImprovedContrast()
                spoil(&improved)
                method.improved = improved
                #expect(checkRefusal([.usage], "a setting") { _ = try start.training(on: data, by: method, key: Key(1)).finish() } == [])
            }
        }
    }
}

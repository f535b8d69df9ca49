// One step of training, or one run of chains, each time a line on standard input names it; answers with its seconds, and those of the processors.
// peers/deep_steps.py asks, and does the same in PyTorch between the questions.
import Foundation
import GibbsDeep
import GibbsNumerics

if let threads = CommandLine.arguments.dropFirst().first.flatMap({ Int($0) }) { Engine.threads = threads }
let rows = 128
let layers: [Layer] = [.convolution(32, kernel: 3, stride: 2, padding: 1), .silu, .convolution(64, kernel: 3, stride: 2, padding: 1), .silu,
                       .residual([.groupNorm(groups: 8), .silu, .convolution(64, kernel: 3, padding: 1)]), .flatten, .linear(128), .silu, .linear(1)]
let energy = try DeepEnergy(layers, input: [1, 28, 28], key: Key(1))
let training = try NetworkTraining(energy.network, by: .adam(rate: 1e-4), averaging: 0.999)
let data = try Tensor(normal: Key(2), shape: [rows, 1, 28, 28]), model = try Tensor(normal: Key(3), shape: [rows, 1, 28, 28])
let start = try data.matrix()
let chains = try LangevinChains(on: energy, stepSize: 1e-4)

/// What the lines name.
@MainActor func run(_ task: String, number: Int) throws {
    switch task {
    case "contrast":
        _ = try training.step { network in
            let (low, high) = try (network(data), network(model))
            return try low.mean() - high.mean() + 0.1 * (low.squared().mean() + high.squared().mean())
        }
    case "score":
        _ = try training.step { network in
            let noise = try Tensor(normal: Key(4).folding(number), shape: data.shape), x = try (data + 0.3 * noise).variable()
            let score = try network(x).sum().gradients(of: [x], differentiable: true)[0]
            return try (0.3 * score - noise).squared().mean()
        }
    default: _ = try chains.run(60, from: start, key: Key(5).folding(number))
    }
}

print(Engine.version ?? "none", Engine.threads, energy.network.parameterCount)
fflush(nil)
var number = 0
while let task = readLine() {
    let wall = ContinuousClock(), before = clock()
    let elapsed = try wall.measure { try run(task, number: number) }
    number += 1
    print(Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18, Double(clock() - before) / Double(CLOCKS_PER_SEC))
    fflush(nil)
}

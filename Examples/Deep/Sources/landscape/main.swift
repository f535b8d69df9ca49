// A network as an energy: its slopes and curvature, a sum with a Gaussian, samples of that, and a file.
import Gibbs
import GibbsDeep

let deep = try DeepEnergy([.linear(64), .silu, .residual([.linear(64), .silu]), .linear(1)], input: [2], key: Key(1))
let rows = Matrix([[0.5, -1], [2, 0]])
let (energies, gradients) = try deep.energiesAndGradients(of: rows)
print("E", energies, "∇E", gradients.values)

// ∂²E/∂x², by differentiating the gradient again.
let x = try Tensor(rows).variable()
let slopes = try deep.energy(of: x).gradients(of: [x], differentiable: true)[0]
print("∂²E/∂x₀∂x", try slopes.selecting(0, along: 1).gradients(of: [x])[0].floats())

// Nothing confines the network alone; the sum with a Gaussian is an energy like any other.
let gaussian = try GaussianEnergy(mean: [0, 0], covariance: SymmetricMatrix(size: 2, values: [1, 0.5, 0.5, 1]))
let both = 2 * deep + gaussian
let samples = try HamiltonianMonteCarlo(on: both, stepSize: 0.4, leapfrogSteps: 5).sample(200, from: .noise(chains: 32), burnIn: 50, key: Key(2))
print("acceptance", samples.acceptance ?? .nan, "effective draws", samples.columnDiagnostics().map(\.effectiveSampleSize))

// One written freely, and a long run that stays in tensors.
let ring = WrittenEnergy(input: [2]) { x in try 8 * (x.squared().rowSums().squareRoot() - 2).squared() }
let run = try LangevinChains(on: ring, stepSize: 0.01, temperature: 0.5).run(500, from: samples.last, key: Key(3))
print("mean radius", Statistics.mean((0 ..< 32).map { (run.positions[$0, 0] * run.positions[$0, 0] + run.positions[$0, 1] * run.positions[$0, 1]).squareRoot() }.map(Double.init)))

let path = CommandLine.arguments.dropFirst().first ?? "deep.gibbs"
try deep.write(to: path)
print("read back, the energies differ by", try zip(DeepEnergy(contentsOf: path).energies(of: rows), energies).map { abs($0 - $1) }.max()!)

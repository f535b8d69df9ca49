// Prints every figure that the documentation's articles quote.
import Foundation
import Gibbs

func show(_ values: [some BinaryFloatingPoint], digits: Int = 3) -> String {
    values.map { String(format: "%.\(digits)f", Double($0)) }.joined(separator: " ")
}

// MARK: - What an alert means

print("# What an alert means")
let calibration = try Calibration(energies: (1 ... 99).map(Float.init), falseAlarmRate: 0.05)
print(calibration.threshold, calibration.pValue(of: 95), calibration.pValue(of: 96), calibration.alerts(on: 95), calibration.alerts(on: 96))
print(Calibration.recordsNeeded(for: 0.001))
do { _ = try calibration.with(falseAlarmRate: 0.001) } catch { print(error) }

// MARK: - Why was this flagged

print("# Why was this flagged")
let normal = try ConnectionSimulator(key: Key(1)).records(20_000)
let today = try ConnectionSimulator(key: Key(2), attackShare: 0.04).records(5_000)
let watchdog = try Watchdog.fitted(to: normal, options: .init(ignoring: ["time", "label"], falseAlarmRate: 0.001))
let scores = try watchdog.scores(of: today), strangest = scores.indices.max { scores[$0].energy < scores[$1].energy }!
let explanation = try watchdog.explanation(of: today, row: strangest)
print("record \(scores[strangest].line) (\(try today.text(row: strangest, column: "label")!)): E = \(show([explanation.energy], digits: 2)) nats,",
      "reference \(show([explanation.referenceEnergy], digits: 2))")
print("field            value    expected surprise excess  share")
for reason in explanation.reasons.prefix(5) {
    let cells = [reason.field, reason.value ?? "missing", reason.expected ?? "nothing"]
    print(zip(cells, [16, 8, 8]).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }.joined(separator: " "),
          [reason.surprise, reason.excess, reason.share].map { String(format: "%7.2f", Double($0)) }.joined(separator: " "))
}
let rest = explanation.reasons.dropFirst(5)
print("the other \(rest.count) fields share", show([rest.reduce(0) { $0 + $1.share }], digits: 2),
      "| all shares", show([explanation.reasons.reduce(0) { $0 + $1.share }], digits: 2),
      "| E(x) - E(reference)", show([explanation.energy - explanation.referenceEnergy], digits: 2))

// MARK: - Energies and how they combine

print("# Energies and how they combine")
let left = try GaussianEnergy(mean: [-1], covariance: SymmetricMatrix(size: 1, values: [1]))
let right = try GaussianEnergy(mean: [3], covariance: SymmetricMatrix(size: 1, values: [0.25]))
let points = Matrix([[-1], [1], [2.2], [3]])
let (energies, gradients) = try (left + right).energiesAndGradients(of: points)
print(show(energies), "|", show(gradients.values))
print(show(try left.tempered(2).energies(of: points)), "|", show(try (0.5 * left + 0.5 * right).energies(of: points)))
let either = GaussianMixtureEnergy(components: [left, right], logWeights: [log(0.5), log(0.5)])
print(show(try either.energies(of: points)))
let pair = try GaussianEnergy(mean: [0, 0], covariance: SymmetricMatrix(size: 2, values: [1, 0.8, 0.8, 1]))
let whole = try pair.energies(of: Matrix([[1, -1]]))[0], without = try pair.energies(of: Matrix([[1, .nan]]))[0]
print(show([whole, without, whole - without]))

// MARK: - Restricted Boltzmann machines

print("# Restricted Boltzmann machines")
let columns: [Variable] = [.real, .binary, .categorical(3)]
let rows = (0 ..< 2000).map { index -> [Float] in
    let key = Key(9).folding(index), kind = Int(key.folding(0).uniform() * 3)
    return [key.folding(1).normals(1)[0] * 0.5 + Float(kind) - 1, key.folding(2).uniform() < 0.9 ? (kind == 2 ? 1 : 0) : (kind == 2 ? 0 : 1), Float(kind)]
}
let data = Matrix(rows)
var machine = try RBM(visible: columns, hidden: 8, key: Key(1)).withBiases(from: data)
let method = ContrastiveDivergence(chains: .persistent(count: 100, steps: 1), optimiser: .adam(rate: 0.01), epochs: 200, validationShare: 0.1,
                                   patience: 50)
let last = try machine.training(on: data, by: method, key: Key(2)).finish()
machine = last.model
print("epochs \(last.number), ending \(last.ending!)", last.figures.sorted { $0.key < $1.key }.map { "\($0.key) \(show([$0.value]))" })
let trials = Matrix((0 ..< 3).map { [1, 1, Float($0)] })
let conditional = GibbsDistribution(energies: try machine.energies(of: trials))
print("p(kind | 1.0, true)", show(conditional.probabilities), "surprise of kind 0:", show([conditional.surprise(of: 0)]))
// What made the data: p(kind) N(1; kind − 1, ½²) p(true | kind).
let truth = GibbsDistribution(energies: (0 ..< 3).map { (kind: Int) -> Float in
    let distance = Float(2 - kind)
    return 2 * distance * distance - (kind == 2 ? logf(0.9) : logf(0.1))
})
print("truth                ", show(truth.probabilities))
let summedOut = try machine.energies(of: Matrix([[1, 1, .nan]]))[0], complete = try machine.energies(of: trials)[0]
print("by the free energy with the field summed out:", show([complete - summedOut]))

// MARK: - Surprise of categories

print("# Surprise of categories")
var services = CategoricalEnergy(["dns", "https", "dns", "dns", "https", "ssh", "dns", "https"])
for name in ["dns", "https", "ssh", "telnet"] { print(name, show([services.probability(of: name), services.surprise(of: name), services.bits(of: name)])) }
print("unseen", show([services.unseenProbability]))
let counted = GibbsDistribution.maximumLikelihood(counts: [4, 3, 1])
let (learned, steps) = GibbsDistribution.descended(from: [4, 3, 1])
print(show(counted.energies, digits: 5), "|", show(learned.energies, digits: 5), "| \(steps) steps")
var stream = CategoricalEnergy<String>(halfLife: 1000)
for index in 0 ..< 10_000 { stream.observe(index < 5000 ? "old" : index.isMultiple(of: 2) ? "old" : "new") }
print(show([stream.total, stream.probability(of: "old"), stream.probability(of: "new")]))

// MARK: - Keys and reproducibility

print("# Keys and reproducibility")
let key = Key(42), (first, second) = key.split()
print(show(key.uniforms(3)), "|", show(key.uniforms(3)), "|", show(first.uniforms(3)), "|", show(second.uniforms(3)))
print(key.permutation(8), key.choose(3, of: 100))
print(GibbsDistribution(energies: [0, 1, 2, 3]).sample(count: 10, key: key), GibbsDistribution(energies: [0, 1, 2, 3]).draw(2, key: key))

// MARK: - Sampling, partition functions, blending

try printSampling()
try printPartition()
try printBlending()
try readmeSampling(pair, GaussianEnergy(mean: [2, 0], covariance: SymmetricMatrix(size: 2, values: [1, 0, 0, 1])))

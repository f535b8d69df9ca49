import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics
import Testing

/// Machines under a context: the same as a machine with other biases, choices with exact probabilities, learned by their exact gradient.
@Suite struct ConditionalRBMTests {
    static let context: [Variable] = [.categorical(5), .binary, .categorical(3), .real]

    /// A machine with sizeable parameters everywhere.
    static func machine(visible: [Variable], hidden: Int = 6, scale: Float = 0.7, key: Key = Key(1)) -> ConditionalRBM {
        let start = ConditionalRBM(visible: visible, context: context, hidden: hidden, spread: scale, key: key), width = start.machine.layout.width
        let base = RBM(visible: visible, weights: start.machine.weights, visibleBias: key.folding(3).normals(width), hiddenBias: key.folding(4).normals(hidden),
                       logVariance: [Float](repeating: 0.3, count: start.machine.layout.realCount))
        return ConditionalRBM(machine: base, context: context, visibleWeights: Matrix(rows: start.contextLayout.width, columns: width,
                              values: key.folding(5).normals(start.contextLayout.width * width).map { scale * $0 }), hiddenWeights: start.hiddenWeights)
    }

    /// Contexts, some of their cells missing.
    static func contexts(_ rows: Int, key: Key) -> Matrix {
        var result = Matrix(rows: rows, columns: 4)
        let draws = key.uniforms(rows * 4), gaps = key.folding(1).uniforms(rows * 4)
        for row in 0 ..< rows {
            let u = draws[row * 4 ..< row * 4 + 4].map { $0 }
            let values: [Float] = [(5 * u[0]).rounded(.down), u[1] < 0.5 ? 0 : 1, (3 * u[2]).rounded(.down), 4 * u[3] - 2]
            for column in 0 ..< 4 { result[row, column] = gaps[row * 4 + column] < 0.2 ? .nan : values[column] }
        }
        return result
    }

    /// Seventeen categories and 70 hidden units reach every block of the kernel, weights of 9 its other path.
    @Test(arguments: [(17, 6, Float(0.7)), (64, 70, 0.3), (3, 5, 9), (70, 67, 0.5), (1, 1, 1)])
    func choicesAreExact(categories: Int, hidden: Int, scale: Float) throws {
        let model = Self.machine(visible: [.categorical(categories)], hidden: hidden, scale: scale), context = Self.contexts(20, key: Key(2))
        let logs = try model.logProbabilities(given: context)
        let all = Matrix((0 ..< categories).map { [Float($0)] })
        for row in 0 ..< context.rows {
            let energies = try model.given(context.slice(row ..< row + 1)).energies(of: all).map { -Double($0) }, total = logSumExp(energies)
            for k in 0 ..< categories {
                #expect(abs(Double(logs[row, k]) - (energies[k] - total)) < 2e-5 * max(1, abs(energies[k] - total)) + 2e-5 * Double(hidden) * Double(scale))
            }
        }
        let chosen = Matrix((0 ..< 20).map { [Float($0 % categories)] }), surprises = try model.surprises(of: chosen, given: context)
        #expect(zip(0 ..< 20, surprises).allSatisfy { abs($1 + logs[$0, $0 % categories]) < 1e-4 * max(1, $1) })
    }

    /// F(v | u) is the free energy of the machine given u, for every kind of column.
    @Test func energiesAreThoseOfTheMachineGiven() throws {
        let model = Self.machine(visible: [.real, .categorical(4), .binary, .real]), context = Self.contexts(12, key: Key(3))
        let batch = Matrix((0 ..< 12).map { row in [Float(row) / 5 - 1, Float(row % 4), Float(row % 2), 0.3] })
        let energies = try model.energies(of: batch, given: context)
        for row in 0 ..< 12 {
            let alone = try model.given(context.slice(row ..< row + 1)).energies(of: batch.slice(row ..< row + 1))[0]
            #expect(abs(alone - energies[row]) < 1e-4 * max(1, abs(alone)))
        }
    }

    /// One plain step at rate 1 moves each parameter by the gradient of the mean log-likelihood, here compared with differences.
    @Test func gradientIsThatOfTheLikelihood() throws {
        let model = Self.machine(visible: [.categorical(4)], hidden: 3, scale: 0.8), context = Self.contexts(40, key: Key(4))
        let chosen = Matrix((0 ..< 40).map { [Float(($0 * 7 + 3) % 4)] })
        let method = MaximumLikelihood(optimiser: .momentum(rate: 1, momentum: 0), weightDecay: 0, batchSize: 40, epochs: 1)
        let after = try model.training(on: chosen, given: context, by: method, key: Key(5)).finish().model
        func likelihood(_ change: (inout [String: [Float]]) -> Void) throws -> Double {
            var tensors = ["W": model.machine.weights.values, "b": model.machine.visibleBias, "c": model.machine.hiddenBias, "A": model.visibleWeights.values, "B": model.hiddenWeights.values]
            change(&tensors)
            let base = RBM(visible: model.variables, weights: Matrix(rows: 4, columns: 3, values: tensors["W"]!), visibleBias: tensors["b"]!, hiddenBias: tensors["c"]!)
            let other = ConditionalRBM(machine: base, context: Self.context, visibleWeights: Matrix(rows: model.visibleWeights.rows, columns: 4, values: tensors["A"]!),
                                       hiddenWeights: Matrix(rows: model.hiddenWeights.rows, columns: 3, values: tensors["B"]!))
            return -Statistics.mean(try other.surprises(of: chosen, given: context))
        }
        let before = ["W": model.machine.weights.values, "b": model.machine.visibleBias, "c": model.machine.hiddenBias, "A": model.visibleWeights.values, "B": model.hiddenWeights.values]
        let moved = ["W": after.machine.weights.values, "b": after.machine.visibleBias, "c": after.machine.hiddenBias, "A": after.visibleWeights.values, "B": after.hiddenWeights.values]
        for (name, values) in before {
            var largest = 0.0
            for index in values.indices {
                let up = try likelihood { $0[name]![index] += 1e-2 }, down = try likelihood { $0[name]![index] -= 1e-2 }
                let slope = (up - down) / 2e-2, step = Double(moved[name]![index] - values[index])
                largest = max(largest, abs(step))
                #expect(abs(slope - step) < 2e-4, "\(name)[\(index)]: \(step) for \(slope)")
            }
            #expect(largest > 1e-3, "\(name) does not move")
        }
    }

    /// What comes next is the exclusive-or of the two last events, now and then by chance: no sum of separate pulls can say that.
    static func exclusive(_ count: Int, key: Key) -> (next: Matrix, context: Matrix) {
        var events = key.uniforms(2).map { $0 < 0.5 ? 0 : 1 }
        let noise = key.folding(1).uniforms(count), fresh = key.folding(2).uniforms(count)
        for index in 0 ..< count { events.append(noise[index] < 0.1 ? (fresh[index] < 0.5 ? 0 : 1) : events[index] ^ events[index + 1]) }
        // Two states in three would be absorbing without noise; a third category never follows.
        return (Matrix((0 ..< count).map { [Float(events[$0 + 2])] }), Matrix((0 ..< count).map { [Float(events[$0]), Float(events[$0 + 1])] }))
    }

    @Test func learnsWhatOnlyHiddenUnitsCan() throws {
        let (next, context) = Self.exclusive(4_000, key: Key(6)), (freshNext, freshContext) = Self.exclusive(2_000, key: Key(7))
        let start = try ConditionalRBM(visible: [.categorical(3)], context: [.categorical(2), .categorical(2)], hidden: 8, spread: 0.3, key: Key(8)).withBiases(from: next)
        let method = MaximumLikelihood(optimiser: .adam(rate: 1e-2), weightDecay: 1e-4, batchSize: 64, epochs: 20)
        let model = try start.training(on: next, given: context, by: method, key: Key(9)).finish().model
        let surprise = Statistics.mean(try model.surprises(of: freshNext, given: freshContext))
        // 0.1986 nats is the entropy of a choice that is right 95 % of the time; an independent or linear choice pays about ln 2.
        #expect(surprise < 0.25, "\(surprise)")
        let never = try model.logProbabilities(given: Matrix([[0, 1]]))[0, 2]
        #expect(never < -4)
    }

    @Test func trainingIsTheSameOnAnyThreads() throws {
        let (next, context) = Self.exclusive(700, key: Key(10))
        let start = ConditionalRBM(visible: [.categorical(3)], context: [.categorical(2), .categorical(2)], hidden: 8, key: Key(11))
        let run = start.training(on: next, given: context, by: .init(epochs: 2), key: Key(12))
        let one = try Parallelism.$width.withValue(1) { try run.finish().model }, many = try Parallelism.$width.withValue(5) { try run.finish().model }
        #expect(one.archive() == many.archive())
    }

    @Test func stopsEarlyAtTheBest() throws {
        // Chance alone: what is learned beyond the biases is noise.
        let next = Matrix(Key(13).uniforms(300).map { [($0 * 3).rounded(.down)] }), context = Matrix(Key(14).uniforms(300).map { [($0 * 50).rounded(.down)] })
        let start = try ConditionalRBM(visible: [.categorical(3)], context: [.categorical(50)], hidden: 30, key: Key(15)).withBiases(from: next)
        let method = MaximumLikelihood(optimiser: .adam(rate: 0.05), weightDecay: 0, batchSize: 32, epochs: 60, validationShare: 0.3, patience: 2)
        var figures = [Double]()
        let last = try start.training(on: next, given: context, by: method, key: Key(16)).finish { figures.append($0.figures["validationSurprise"]!); return true }
        guard case .stoppedEarly? = last.ending else { Issue.record("\(String(describing: last.ending))"); return }
        #expect(figures.count < 60 && figures.last! > figures.min()!)
    }

    @Test func survivesAnArchive() throws {
        let model = Self.machine(visible: [.categorical(4)]), copy = try ConditionalRBM(archive: model.archive()), context = Self.contexts(5, key: Key(17))
        #expect(try copy.logProbabilities(given: context) == model.logProbabilities(given: context))
        var damaged = model.archive()
        damaged.metadata["context"] = "c9"
        #expect(throws: GibbsError.self) { try ConditionalRBM(archive: damaged) }
    }

    @Test func refusesWhatItCannotDo() throws {
        let choice = Self.machine(visible: [.categorical(4)]), frame = Self.machine(visible: [.binary, .binary]), one = Matrix([[0, 1, 2, 0.5]])
        #expect(throws: GibbsError.self) { try frame.logProbabilities(given: one) }
        #expect(throws: GibbsError.self) { try choice.surprises(of: Matrix([[1], [2]]), given: one) }
        #expect(throws: GibbsError.self) { try choice.surprises(of: Matrix([[.nan]]), given: one) }
        #expect(throws: GibbsError.self) { try choice.surprises(of: Matrix([[4]]), given: one) }
        #expect(throws: GibbsError.self) { try choice.given(Matrix([[9, 1, 2, 0.5]])) }
        #expect(throws: GibbsError.self) { try choice.training(on: Matrix(rows: 0, columns: 1), given: Matrix(rows: 0, columns: 4), by: .init(), key: Key(1)).finish() }
        #expect(throws: GibbsError.self) { try choice.training(on: Matrix([[1]]), given: one, by: .init(epochs: 0), key: Key(1)).finish() }
    }
}

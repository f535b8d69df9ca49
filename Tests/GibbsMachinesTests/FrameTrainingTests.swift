import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics
import Testing

/// Frames of binary and real columns under a context, learned by contrastive divergence.
@Suite struct FrameTrainingTests {
    static let method = ContrastiveDivergence(chains: .data(steps: 3), centring: .none, optimiser: .adam(rate: 1e-2), weightDecay: 1e-4, batchSize: 50, epochs: 40,
                                              finalRateShare: 0.05)

    /// Three lamps: after lamp k comes lamp k + 1 mostly, and the second column of the context changes nothing.
    static func lamps(_ count: Int, key: Key) -> (frames: Matrix, context: Matrix) {
        let u = key.uniforms(count * 3)
        var frames = Matrix(rows: count, columns: 3), context = Matrix(rows: count, columns: 2)
        for row in 0 ..< count {
            let before = Int(u[3 * row] * 3)
            context[row, 0] = Float(before)
            context[row, 1] = u[3 * row + 1] < 0.5 ? 0 : 1
            frames[row, u[3 * row + 2] < 0.9 ? (before + 1) % 3 : before] = 1
        }
        return (frames, context)
    }

    /// The likelihood, exact because so few lamps have few states, comes near the entropy of the process, 0.325 nats; frames alone
    /// cost at least ln 3.
    @Test func learnsWhatFollows() throws {
        let (frames, context) = Self.lamps(3_000, key: Key(1)), (fresh, freshContext) = Self.lamps(400, key: Key(2))
        let start = try ConditionalRBM(visible: [.binary, .binary, .binary], context: [.categorical(3), .binary], hidden: 8, spread: 0.1, key: Key(3)).withBiases(from: frames)
        let model = try start.training(on: frames, given: context, by: Self.method, key: Key(4)).finish().model
        let surprise = try (0 ..< 400).map { row -> Double in
            let machine = try model.given(freshContext.slice(row ..< row + 1))
            return Double(try machine.freeEnergy(fresh.slice(row ..< row + 1))[0]) + (try machine.exactLogPartition().logPartition)
        }
        #expect(Statistics.mean(surprise) < 0.45, "\(Statistics.mean(surprise)) nats")
    }

    /// A real column that follows twice the number before it, with noise of deviation ½ as the machine is told; order of columns mixed.
    @Test func learnsARealColumn() throws {
        let count = 3_000, x = Key(5).normals(count), noise = Key(6).normals(count)
        let frames = Matrix(rows: count, columns: 2, values: (0 ..< count).flatMap { [x[$0] > 0 ? Float(1) : 0, 2 * x[$0] + 0.5 * noise[$0]] })
        let context = Matrix(rows: count, columns: 1, values: x)
        let base = RBM(visible: [.binary, .real], weights: Matrix(rows: 2, columns: 4, values: Key(7).normals(8).map { 0.05 * $0 }), visibleBias: [0, 0],
                       hiddenBias: [0, 0, 0, 0], logVariance: [Float(log(0.25))])
        let start = ConditionalRBM(machine: base, context: [.real], visibleWeights: Matrix(rows: 1, columns: 2), hiddenWeights: Matrix(rows: 1, columns: 4))
        let model = try start.training(on: frames, given: context, by: Self.method, key: Key(8)).finish().model
        for value in [Float(-1), 0.5, 1.5] {
            let machine = try model.given(Matrix([[value]]))
            let draws = try machine.sampled(from: Matrix(rows: 2_000, columns: 2), sweeps: 30, key: Key(9))
            #expect(abs(Statistics.mean(draws.column(1)) - Double(2 * value)) < 0.25, "mean \(Statistics.mean(draws.column(1))) after \(value)")
            #expect((Statistics.mean(draws.column(0)) > 0.5) == (value > 0))
        }
    }

    @Test func trainingIsTheSameOnAnyThreads() throws {
        let (frames, context) = Self.lamps(230, key: Key(10))
        let start = ConditionalRBM(visible: [.binary, .binary, .binary], context: [.categorical(3), .binary], hidden: 70, key: Key(11))
        var method = Self.method
        method.epochs = 2
        let run = start.training(on: frames, given: context, by: method, key: Key(12))
        let one = try Parallelism.$width.withValue(1) { try run.finish().model }, many = try Parallelism.$width.withValue(5) { try run.finish().model }
        #expect(one.archive() == many.archive())
    }

    @Test func refusals() throws {
        let choice = ConditionalRBM(visible: [.categorical(3)], context: [.binary], hidden: 2, key: Key(1)), frame = ConditionalRBM(visible: [.binary], context: [.binary], hidden: 2, key: Key(1))
        let one = Matrix([[1]])
        var persistent = Self.method
        persistent.chains = .persistent(count: 5, steps: 1)
        #expect(throws: GibbsError.self) { try choice.training(on: one, given: one, by: Self.method, key: Key(1)).finish() }
        #expect(throws: GibbsError.self) { try frame.training(on: one, given: one, by: persistent, key: Key(1)).finish() }
        #expect(throws: GibbsError.self) { try frame.training(on: Matrix([[.nan]]), given: one, by: Self.method, key: Key(1)).finish() }
        #expect(throws: GibbsError.self) { try frame.training(on: Matrix([[1], [0]]), given: one, by: Self.method, key: Key(1)).finish() }
    }
}

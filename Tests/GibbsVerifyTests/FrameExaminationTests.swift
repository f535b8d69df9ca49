import Foundation
import Gibbs
import GibbsTestSupport
import GibbsVerify
import Testing

/// Models of frames, sound and damaged; and each check of their sums fails when what it looks at is a little wrong.
@Suite struct FrameExaminationTests {
    /// Two numbers that follow each other and three switches, of which two go together.
    static func frames(_ count: Int, shift: Float = 0, key: Key) throws -> FrameSequences {
        let normals = key.folding(0).normals(2 * count), u = key.folding(1).uniforms(2 * count)
        var values = [Float](), x: Float = 0, lamp: Float = 0
        for t in 0 ..< count {
            x = 0.8 * x + normals[2 * t]
            if u[2 * t] < 0.2 { lamp = 1 - lamp }
            values += [10 + 2 * x + shift, 300 - x + 0.5 * normals[2 * t + 1] + shift, lamp, u[2 * t + 1] < 0.05 ? 1 - lamp : lamp, u[2 * t + 1] < 0.3 ? 1 : 0]
        }
        return try FrameSequences(columns: ["a", "b", "lamp", "door", "noise"], frames: Matrix(rows: count, columns: 5, values: values))
    }

    static let model = Result {
        var options = FrameOptions()
        (options.epochs, options.hidden, options.history, options.steps, options.rate) = (12, 6, 2, 2, 1e-2)
        return try FrameModel.fitted(to: FrameExaminationTests.frames(3_000, key: Key(1)), options: options)
    }

    @Test func sound() throws {
        let model = try Self.model.get(), own = try FrameExamination(of: model, key: Key(2)).findings()
        #expect(own.odd == [] && own.contains { $0.subject == "annealing both ways" }, "\(own)")
        let fresh = try FrameExamination(of: model, sequences: Self.frames(1_000, key: Key(3)), key: Key(2)).findings()
        #expect(fresh.odd == [] && fresh.contains { $0.subject == "energy gap" }, "\(fresh)")
        #expect(try FrameExamination(of: model, sequences: Self.frames(1_000, shift: 40, key: Key(3)), key: Key(2)).findings().odd.contains("energy gap"))
    }

    @Test func damaged() throws {
        func odd(_ change: (inout Archive) -> Void) throws -> [String] {
            var archive = try Self.model.get().archive()
            change(&archive)
            return try FrameExamination(of: FrameModel(archive: archive), key: Key(2)).findings().odd
        }
        let names = try Self.model.get().archive().tensors.keys.filter { $0.contains("conditional") }
        let hidden = try #require(names.first { $0.hasSuffix("hiddenWeights") }), weights = try #require(names.first { $0.hasSuffix("machine.weights") })
        #expect(try odd { $0.tensors[hidden]!.values[0] = 90 }.contains("weights"))
        #expect(try odd { archive in
            for name in [hidden, weights] { for index in archive.tensors[name]!.values.indices where index % 6 == 4 { archive.tensors[name]!.values[index] = 0 } }
        }.contains("dead hidden units"))
    }

    // MARK: - Broken mathematics

    /// A machine with every kind of parameter, and rows for it.
    private static func world() throws -> (model: ConditionalRBM, frames: Matrix, contexts: Matrix) {
        let key = Key(4), start = ConditionalRBM(visible: [.real, .binary, .real, .binary], context: [.real, .binary, .real], hidden: 5, spread: 0.5, key: key)
        let base = RBM(visible: start.variables, weights: start.machine.weights, visibleBias: key.folding(2).normals(4).map { $0 / 2 }, hiddenBias: key.folding(3).normals(5).map { $0 / 2 }, logVariance: [0.4, -0.7])
        let model = ConditionalRBM(machine: base, context: start.contextVariables, visibleWeights: Matrix(rows: 3, columns: 4, values: key.folding(4).normals(12).map { $0 / 2 }), hiddenWeights: start.hiddenWeights)
        let normals = key.folding(5).normals(32), contexts = key.folding(6).normals(24)
        return (model, Matrix(rows: 8, columns: 4, values: normals.enumerated().map { $0 % 2 == 1 ? ($1 > 0 ? 1 : 0) : $1 }),
                Matrix(rows: 8, columns: 3, values: contexts.enumerated().map { $0 % 3 == 1 ? ($1 > 0 ? 1 : 0) : $1 }))
    }

    @Test func brokenColumns() throws {
        let (model, frames, contexts) = try Self.world()
        func failures(by measure: @escaping FrameChecks.Measure = { try $0.pseudoSurprises(of: $1, given: $2) }) throws -> [CheckFailure] {
            try FrameChecks.columns(model, frames: frames, contexts: contexts, columns: [0, 1, 2, 3], by: measure)
        }
        #expect(try failures() == [])
        // Another context, other variances, one column too dear, and nonsense.
        #expect(try failures { model, frames, _ in try model.pseudoSurprises(of: frames, given: Matrix(rows: 8, columns: 3, repeating: .nan)) } != [])
        for column in 0 ..< 4 {
            #expect(try failures {
                var found = try $0.pseudoSurprises(of: $1, given: $2)
                found[3, column] += 2e-4
                return found
            } != [], "column \(column)")
        }
        #expect(try failures { model, frames, contexts in
            let whole = model.machine, wide = RBM(visible: whole.variables, weights: whole.weights, visibleBias: whole.visibleBias, hiddenBias: whole.hiddenBias, logVariance: whole.logVariance.map { $0 + 0.001 })
            return try ConditionalRBM(machine: wide, context: model.contextVariables, visibleWeights: model.visibleWeights, hiddenWeights: model.hiddenWeights).pseudoSurprises(of: frames, given: contexts)
        } != [])
        #expect(try failures { _, frames, _ in Matrix(rows: frames.rows, columns: frames.columns, repeating: .nan) } != [])
    }

    @Test func brokenPartitions() throws {
        let (model, _, contexts) = try Self.world()
        #expect(try FrameChecks.exact(model, contexts: contexts) == [] && FrameChecks.annealed(model, contexts: contexts, key: Key(7)) == [])
        #expect(try FrameChecks.exact(model, contexts: contexts) { try $0.exactLogPartitions(given: $1).map { $0 + 1e-3 } } != [])
        #expect(try FrameChecks.annealed(model, contexts: contexts, key: Key(7)) { model, contexts, method, key in
            try model.logPartitions(given: contexts, by: method, key: key).map { bracket in
                func raised(_ estimate: PartitionEstimate) -> PartitionEstimate { PartitionEstimate(logPartition: estimate.logPartition + 0.3, standardError: estimate.standardError, kind: estimate.kind) }
                return PartitionBracket(lower: raised(bracket.lower), upper: raised(bracket.upper))
            }
        } != [])
        // The contexts of others.
        #expect(try FrameChecks.annealed(model, contexts: contexts, key: Key(7)) { try $0.logPartitions(given: $1.selecting(rows: (0 ..< 8).reversed()), by: $2, key: $3) } != [])
    }

    /// The first units of a machine are those of the whole.
    @Test func part() throws {
        let (model, frames, contexts) = try Self.world(), part = FrameChecks.part(of: model, hidden: 3), whole = FrameChecks.part(of: model, hidden: 99)
        #expect(part.machine.hiddenCount == 3 && whole.machine.hiddenCount == 5)
        #expect(try whole.energies(of: frames, given: contexts) == model.energies(of: frames, given: contexts))
        let means = try part.hiddenMeans(of: frames, given: contexts), all = try model.hiddenMeans(of: frames, given: contexts)
        for row in 0 ..< 8 { for unit in 0 ..< 3 { #expect(abs(means[row, unit] - all[row, unit]) < 1e-6) } }
    }
}

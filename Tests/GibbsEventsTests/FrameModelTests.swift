import Foundation
import GibbsCore
import GibbsData
import GibbsEvents
import GibbsMachines
import GibbsNumerics
import Testing

/// What the next frame looks like: learned, judged against what is known, kept in a file.
@Suite struct FrameModelTests {
    /// x_t = φ x_{t−1} + e, a piece of `count` frames in other units than one, with a switch that repeats itself beside it.
    static func process(_ count: Int, pieces: Int = 12, phi: Float = 0.9, key: Key) throws -> FrameSequences {
        var values = [Float](), parts = [FrameSequences.Piece]()
        for piece in 0 ..< pieces {
            let noise = key.folding(2 * piece).normals(count), chance = key.folding(2 * piece + 1).uniforms(count)
            var x = noise[0] / (1 - phi * phi).squareRoot(), lamp: Float = chance[0] < 0.5 ? 1 : 0
            for t in 0 ..< count {
                if t > 0 {
                    x = phi * x + noise[t]
                    lamp = chance[t] < 0.9 ? lamp : 1 - lamp
                }
                values += [20 + 3 * x, lamp]
            }
            parts.append(.init(id: "p\(piece)", frames: piece * count ..< (piece + 1) * count))
        }
        return try FrameSequences(columns: ["heat", "lamp"], frames: Matrix(rows: pieces * count, columns: 2, values: values), pieces: parts)
    }

    static func options(_ epochs: Int = 15, hidden: Int = 4, history: Int = 1, rate: Float = 3e-3) -> FrameOptions {
        var options = FrameOptions()
        (options.epochs, options.hidden, options.history, options.steps, options.rate) = (epochs, hidden, history, 2, rate)
        return options
    }

    /// A linear-Gaussian process and a switch have a known likelihood: nothing can be better on average, and little is lost.
    @Test func knownProcess() throws {
        let model = try FrameModel.fitted(to: Self.process(200, key: Key(1)), options: Self.options(30, rate: 1e-2)), fresh = try Self.process(150, key: Key(2))
        let found = try model.likelihood(of: fresh, key: Key(3)), phi = 0.9
        // −½ ln 2πe σ² in the data's units, and the switch's entropy; without the history the stationary deviation and ln 2.
        let normal = -(log(2 * Double.pi) + 1) / 2, known = normal - log(3) + 0.9 * log(0.9) + 0.1 * log(0.1)
        let blind = normal - log(3 / (1 - phi * phi).squareRoot()) - log(2)
        #expect(found.isExact && found.annealingError == 0 && model.columns.map(\.isBinary) == [false, true])
        // The first frame of each piece has no history.
        #expect(abs(found.conditional.best - known) < 0.05 + 3 * found.conditional.standardError, "\(found.conditional.best) nats, and the process has \(known)")
        #expect(abs(found.plain.best - blind) < 0.05 + 6 * found.plain.standardError, "\(found.plain.best) nats, and frames alone have \(blind)")
        #expect(found.conditional.best > found.plain.best + 0.8 * (known - blind))
        #expect(abs(found.independent.best - blind) < 0.05 + 6 * found.independent.standardError)
    }

    /// Columns whose history foretells them to a ten-thousandth of their spread are learned, not blown up.
    @Test func smoothProcess() throws {
        let rows = 600, values = (0 ..< rows).flatMap { t -> [Float] in [1_000 + sin(Float(t) / 20), cos(Float(t) / 20)] }
        let smooth = try FrameSequences(columns: ["a", "b"], frames: Matrix(rows: rows, columns: 2, values: values))
        let model = try FrameModel.fitted(to: smooth, options: Self.options(10, history: 2)), energies = try model.energies(of: smooth)
        #expect(energies.allSatisfy(\.isFinite) && Statistics.mean(energies.dropFirst(10)) < -6)
        var jump = values
        jump[2 * 300] += 0.2
        let odd = try FrameSequences(columns: ["a", "b"], frames: Matrix(rows: rows, columns: 2, values: jump)), found = try model.energies(of: odd)
        #expect(found[300] > energies[300] + 20 && model.calibration!.alerts(on: found[300]))
    }

    /// The energy is the sum of what each column costs given the rest: with one column, −ln p(v | history) itself.
    @Test func energyOfOneColumn() throws {
        let both = try Self.process(100, key: Key(4))
        for column in 0 ..< 2 {
            let frames = Matrix(rows: both.frames.rows, columns: 1, values: both.frames.column(column)), one = try FrameSequences(columns: ["x"], frames: frames, pieces: both.pieces)
            let model = try FrameModel.fitted(to: one, options: Self.options(6)), found = try model.likelihood(of: one, key: Key(5))
            #expect(abs(found.energy + found.conditional.best) < 1e-3, "\(found.energy) against \(-found.conditional.best)")
        }
    }

    /// Annealing of every frame's machine encloses the exact sums.
    @Test func annealingAgainstSums() throws {
        let data = try Self.process(100, key: Key(6)), model = try FrameModel.fitted(to: data, options: Self.options(20, hidden: 6)), rows = Array(stride(from: 0, to: 1_200, by: 60))
        let contexts = try model.contexts(of: data, rows: rows), exact = try model.conditional.exactLogPartitions(given: contexts)
        let found = try model.conditional.logPartitions(given: contexts, by: MachineAnnealing(chains: 100, steps: 200, sweeps: 50), key: Key(7))
        for (bracket, value) in zip(found, exact) {
            #expect(abs(bracket.lower.logPartition - value) < 5 * bracket.lower.standardError + 0.01, "\(bracket.lower.logPartition) from below, and the sum is \(value)")
            #expect(abs(bracket.upper.logPartition - value) < 5 * bracket.upper.standardError + 0.01, "\(bracket.upper.logPartition) from above, and the sum is \(value)")
        }
        // A context's estimate does not depend on those beside it, nor on how many threads there are.
        let fewer = try model.conditional.logPartitions(given: contexts.slice(0 ..< 3), by: MachineAnnealing(chains: 100, steps: 200, sweeps: 50), key: Key(7))
        for index in 0 ..< 3 { #expect(abs(fewer[index].lower.logPartition - found[index].lower.logPartition) < 1e-3) }
    }

    /// Few and hasty steps err to the known side: over many contexts ln Z comes out low forward and high in reverse, far beyond its scatter.
    @Test func annealingErrsToItsSide() throws {
        let key = Key(11), contexts = Matrix(rows: 200, columns: 2, values: key.folding(0).normals(400))
        let model = ConditionalRBM(visible: [Variable](repeating: .binary, count: 10), context: [.real, .real], hidden: 6, spread: 1.5, key: key.folding(1))
        let exact = try model.exactLogPartitions(given: contexts)
        let found = try model.logPartitions(given: contexts, by: MachineAnnealing(chains: 4, steps: 4, sweeps: 200), key: key.folding(2))
        func deviations(_ errors: [Double]) -> Double { Statistics.mean(errors) * Double(errors.count).squareRoot() / Statistics.standardDeviation(errors) }
        let below = deviations(zip(found, exact).map { $0.lower.logPartition - $1 }), above = deviations(zip(found, exact).map { $0.upper.logPartition - $1 })
        #expect(below < -4 && above > 4, "\(below) and \(above) standard errors")
    }

    /// A model of residuals, restored, says the same of the frames.
    @Test func restoredMachine() throws {
        let key = Key(8), frames = Matrix(rows: 60, columns: 3, values: key.folding(0).normals(180).enumerated().map { $0 % 3 == 2 ? ($1 > 0 ? 1 : 0) : $1 })
        let contexts = Matrix(rows: 60, columns: 2, values: key.folding(1).normals(120))
        let model = ConditionalRBM(visible: [.real, .real, .binary], context: [.real, .real], hidden: 5, spread: 0.4, key: key.folding(2))
        let regression = try FrameRegression(of: frames, on: contexts, for: model), restored = regression.restored(model)
        let mine = try model.pseudoSurprises(of: regression.residuals(of: frames, given: contexts), given: contexts), theirs = try restored.pseudoSurprises(of: frames, given: contexts)
        for row in 0 ..< 60 {
            for column in 0 ..< 3 { #expect(abs(mine[row, column] + (column < 2 ? log(regression.deviations[column]) : 0) - theirs[row, column]) < 2e-3) }
        }
    }

    @Test func keptInAFile() throws {
        let data = try Self.process(60, key: Key(9)), model = try FrameModel.fitted(to: data, options: Self.options(3)), path = NSTemporaryDirectory() + "frames-\(UUID().uuidString).gibbs"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try model.write(to: path)
        let again = try FrameModel(contentsOf: path)
        #expect(try again.energies(of: data) == model.energies(of: data) && again.calibration == model.calibration && again.training == model.training && again.columns == model.columns)
        for name in model.archive().tensors.keys {
            var damaged = model.archive()
            damaged.tensors[name] = .init([.nan])
            #expect(throws: GibbsError.self, "a damaged \(name)") { try FrameModel(archive: damaged) }
            damaged.tensors[name] = nil
            #expect(throws: GibbsError.self, "without \(name)") { try FrameModel(archive: damaged) }
        }
        for (old, new) in [("\"history\":1", "\"history\":2"), ("\"history\":1", "\"history\":0"), ("\"deviation\":1", "\"deviation\":-1"), ("\"lamp\"", "\"heat\""), ("\"falseAlarmRate\":", "\"falseAlarmRate\":9"), ("{", "[")] {
            var damaged = model.archive()
            damaged.metadata["gibbs.schema"] = damaged.metadata["gibbs.schema"]!.replacing(old, with: new)
            #expect(throws: GibbsError.self, "\(new)") { try FrameModel(archive: damaged) }
        }
    }

    @Test func refusals() throws {
        let data = try Self.process(60, key: Key(10)), model = try FrameModel.fitted(to: data, options: Self.options(1))
        let other = try FrameSequences(columns: ["heat", "door"], frames: data.frames), odd = try FrameSequences(columns: ["heat", "lamp"], frames: Matrix([[1, 0.5]]))
        #expect(throws: GibbsError.self) { try model.energies(of: other) }
        #expect(throws: GibbsError.self) { try model.energies(of: odd) }
        #expect(throws: GibbsError.self) { try FrameModel.fitted(to: odd, options: Self.options(1)) }
        #expect(throws: GibbsError.self) { try FrameModel.fitted(to: data, options: Self.options(0)) }
        let still = try FrameSequences(columns: ["a"], frames: Matrix(rows: 50, columns: 1, repeating: 7))
        #expect(throws: GibbsError.self) { try FrameModel.fitted(to: still, options: Self.options(1)) }
    }
}

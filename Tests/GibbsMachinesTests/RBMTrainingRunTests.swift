import GibbsCore
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport
import Testing

/// How training runs: same bits for the same key, early stopping, divergence, cancellation, and settings that make no sense.
@Suite struct RBMTrainingRunTests {
    static let data = Known(rows: 300, key: Key(1)).data
    static let start = RBM(visible: Small.discrete, hidden: 4, key: Key(2))
    static let methods: [ContrastiveDivergence] = [
        .init(epochs: 3), .init(chains: .persistent(count: 70, steps: 2), centring: .enhanced, batchSize: 64, epochs: 3, validationShare: 0.2),
        .init(chains: .data(steps: 3), centring: .none, optimiser: .momentum(rate: 0.01), epochs: 3),
    ]

    @Test(arguments: methods) func sameKeySameBits(method: ContrastiveDivergence) async throws {
        var gaps = Self.data
        for index in stride(from: 0, to: gaps.values.count, by: 17) { gaps.values[index] = .nan }
        for data in [Self.data, gaps] {
            let run = Self.start.training(on: data, by: method, key: Key(3)), first = try run.finish()
            #expect(try run.finish().model.archive() == first.model.archive())
            var last: Epoch<RBM>?
            for try await epoch in run { last = epoch }
            #expect(last?.model.archive() == first.model.archive() && last?.figures == first.figures)
            #expect(try Self.start.training(on: data, by: method, key: Key(4)).finish().model.weights != first.model.weights)
        }
    }

    /// Machines large enough that every loop is split, on one, two and five threads: the same bits.
    @Test(arguments: [[Variable](repeating: .binary, count: 400), [Variable](repeating: .categorical(7), count: 60) + [.binary, .real],
                      [Variable](repeating: .real, count: 150)])
    func bitsDoNotDependOnThreads(variables: [Variable]) throws {
        let data = Small.rows(variables, count: 600, key: Key(5)), start = RBM(visible: variables, hidden: 600, key: Key(6))
        func train(_ threads: Int, _ chains: ContrastiveDivergence.Chains) throws -> Archive {
            try Parallelism.$width.withValue(threads) {
                try start.training(on: data, by: .init(chains: chains, batchSize: 200, epochs: 1), key: Key(7)).finish().model.archive()
            }
        }
        for chains in [ContrastiveDivergence.Chains.data(steps: 2), .persistent(count: 150, steps: 1)] {
            let one = try train(1, chains)
            #expect(try train(2, chains) == one)
            #expect(try train(5, chains) == one)
        }
    }

    /// Batches of one row, and a last batch of another size than the rest.
    @Test(arguments: [1, 7, 299, 1000]) func batchesOfAnySize(batchSize: Int) throws {
        for chains in [ContrastiveDivergence.Chains.data(steps: 2), .persistent(count: 1, steps: 1), .persistent(count: 9, steps: 2)] {
            let epoch = try Self.start.training(on: Self.data, by: .init(chains: chains, batchSize: batchSize, epochs: 1), key: Key(16)).finish()
            #expect(epoch.rows == 300 && epoch.model.weights != Self.start.weights && epoch.model.weights.values.allSatisfy(\.isFinite))
        }
    }

    @Test func figures() throws {
        var numbers = [Int]()
        let last = try Self.start.training(on: Self.data, by: .init(epochs: 4, validationShare: 0.25), key: Key(8)).finish { epoch in
            numbers.append(epoch.number)
            return true
        }
        #expect(numbers == [1, 2, 3, 4] && last.rows == 225 && last.seconds > 0 && last.ending == .finished)
        #expect(Set(last.figures.keys) == ["trainFreeEnergy", "validationFreeEnergy", "freeEnergyGap", "gradientNorm", "weightNorm", "hiddenActivity"])
        #expect(last.figures.values.allSatisfy(\.isFinite) && (0 ... 1).contains(last.figures["hiddenActivity"]!))
        let gap = last.figures["validationFreeEnergy"]! - last.figures["trainFreeEnergy"]!
        #expect(abs(last.figures["freeEnergyGap"]! - gap) < 1e-9)
        let unwatched = try Self.start.training(on: Self.data, by: .init(epochs: 1), key: Key(8)).finish()
        #expect(unwatched.rows == 300 && Set(unwatched.figures.keys) == ["gradientNorm", "weightNorm", "hiddenActivity"])
    }

    /// Fifty hidden units on forty rows of noise learn them by heart; training ends `patience` epochs after the best one and
    /// returns it.
    @Test func stopsEarlyWithTheBest() throws {
        let variables = [Variable](repeating: .binary, count: 20), data = Small.rows(variables, count: 60, key: Key(9))
        let method = ContrastiveDivergence(optimiser: .adam(rate: 0.02), weightDecay: 0, batchSize: 10, epochs: 500, validationShare: 0.33, patience: 3)
        var models = [RBM]()
        let last = try RBM(visible: variables, hidden: 50, key: Key(10)).training(on: data, by: method, key: Key(11)).finish { epoch in
            models.append(epoch.model)
            return true
        }
        guard case .stoppedEarly = last.ending else {
            Issue.record("ended by \(String(describing: last.ending))")
            return
        }
        #expect(last.number < 500 && last.number > 3)
        #expect(last.model.archive() == models[last.number - 1 - 3].archive())
    }

    static let wild: [(String, [Variable], Optimiser)] = [
        ("real, momentum", [.real, .real], .momentum(rate: 1e6)), ("real, adam", [.real, .real], .adam(rate: 1e6)),
        ("binary, momentum", [.binary, .binary], .momentum(rate: 1e6)), ("binary, adam", [.binary, .binary], .adam(rate: 1e6)),
        ("mixed", Small.mixed, .momentum(rate: 1e6)), ("mixed, infinite step", Small.mixed, .momentum(rate: 3e38)),
        ("binary, infinite step", [.binary, .binary], .momentum(rate: 3e38)),
    ]

    /// A rate a billion times too large ends training as a result, with a machine whose every number is finite.
    @Test(arguments: wild.indices) func divergenceIsAResult(index: Int) throws {
        let (name, variables, optimiser) = Self.wild[index], rows = Small.rows(variables, count: 200, key: Key(12))
        let last = try RBM(visible: variables, hidden: 5, key: Key(13)).training(on: rows, by: .init(optimiser: optimiser, epochs: 60), key: Key(14)).finish()
        guard case .diverged = last.ending else {
            Issue.record("\(name) ended by \(String(describing: last.ending))")
            return
        }
        #expect(last.model.archive().tensors.values.allSatisfy { $0.values.allSatisfy(\.isFinite) })
        #expect(try last.model.freeEnergy(rows).allSatisfy(\.isFinite))
    }

    @Test func cancellation() async throws {
        let run = Self.start.training(on: Self.data, by: .init(epochs: 1000), key: Key(15))
        let task = Task {
            var last: Epoch<RBM>?
            do {
                for try await epoch in run {
                    last = epoch
                    if epoch.number == 3 { withUnsafeCurrentTask { $0?.cancel() } }
                }
            } catch is CancellationError {}
            return last
        }
        let last = try await task.value
        #expect(last?.number == 3 && last?.ending == nil && last?.model.weights.values.allSatisfy(\.isFinite) == true)
    }

    @Test func senselessSettings() {
        let settings: [(String, ContrastiveDivergence)] = [
            ("no steps", .init(chains: .data(steps: 0))), ("no persistent steps", .init(chains: .persistent(count: 10, steps: 0))),
            ("no chains", .init(chains: .persistent(count: 0, steps: 1))), ("no rows a batch", .init(batchSize: 0)), ("no epochs", .init(epochs: 0)),
            ("rate 0", .init(optimiser: .adam(rate: 0))), ("rate below 0", .init(optimiser: .momentum(rate: -1))),
            ("rate nan", .init(optimiser: .adam(rate: .nan))), ("rate infinite", .init(optimiser: .adam(rate: .infinity))),
            ("negative decay", .init(weightDecay: -1)), ("decay nan", .init(weightDecay: .nan)), ("all held out", .init(validationShare: 1)),
            ("negative share", .init(validationShare: -0.1)), ("share nan", .init(validationShare: .nan)), ("no patience", .init(patience: 0)),
            ("final rate below 0", .init(finalRateShare: -1)), ("final rate nan", .init(finalRateShare: .nan)),
        ]
        for (name, method) in settings {
            let run = Self.start.training(on: Self.data, by: method, key: Key(16))
            #expect(checkRefusal([.usage], name) { _ = try run.finish() } == [])
        }
    }

    @Test func unsuitableData() {
        func refused(_ code: GibbsError.Code, _ data: Matrix) {
            #expect(checkRefusal([code], "\(data.rows) × \(data.columns)") { _ = try Self.start.training(on: data, by: .init(), key: Key(17)).finish() } == [])
        }
        refused(.unsuitableData, Matrix(rows: 0, columns: 5))
        refused(.shapeMismatch, Matrix(rows: 3, columns: 4))
        refused(.unsuitableData, Matrix([[0, 3, 0, 0, 0]]))
        #expect(throws: Never.self) { try Self.start.training(on: Matrix([[0, 2, 0, 0, 1]]), by: .init(epochs: 1, validationShare: 0.5), key: Key(18)).finish() }
    }
}

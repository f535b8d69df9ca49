import Foundation
import GibbsCore
import GibbsDeep
import GibbsLandscapes
import GibbsNumerics
import GibbsTestSupport
import Testing

/// Worlds small enough that what should be learned is known.
enum SmallWorlds {
    /// Two correlated columns.
    static let gaussian = try! GaussianEnergy(mean: [0.5, -0.5], covariance: SymmetricMatrix(size: 2, values: [0.5, 0.25, 0.25, 0.4]))
    static let layers: [Layer] = [.linear(48), .silu, .linear(48), .silu, .linear(1)]

    /// How an energy's differences go with those of another: the slope of the regression, and the correlation.
    static func agreement(_ found: [Float], _ exact: [Float]) -> (slope: Double, correlation: Double) {
        let (m, n) = (Statistics.mean(found), Statistics.mean(exact))
        let products = zip(found, exact).reduce(into: (0.0, 0.0, 0.0)) { sums, pair in
            let (a, b) = (Double(pair.0) - m, Double(pair.1) - n)
            sums = (sums.0 + a * b, sums.1 + a * a, sums.2 + b * b)
        }
        return (products.0 / products.2, products.0 / (products.1 * products.2).squareRoot())
    }

    /// Quick settings for two columns: chains that mix, and no bounds.
    static func method(temperature: Float = 1, epochs: Int = 30) -> ContrastiveTraining {
        ContrastiveTraining(chains: ReplayChains(steps: 10, stepSize: 0.05, temperature: temperature, range: nil, capacity: 1_000), regularisation: 0.002, dataNoise: 0,
                            descent: NetworkDescent(optimiser: .adam(rate: 3e-3, beta1: 0.5), batchSize: 128, epochs: epochs, averaging: 0.98))
    }
}

/// E = ½ x · f(x): of a linear f without bias a valley whose curvature is f's weights.
struct Valley: NetworkEnergy {
    let network: Network
    var input: [Int] { network.input }
    var device: Device { .processor }
    func energy(of x: Tensor) throws -> Tensor { try 0.5 * (x * network(x)).rowSums() }
    func with(_ network: Network) -> Valley { Valley(network: network) }
}

extension DeepTests {
    /// Contrastive training against densities that are known, and what it does when energies run away.
    @Suite struct ContrastiveTests {
        /// At the temperature of the chains exp(−E/T) is the data's density: E = T · (that of the Gaussian), up to a constant.
        @Test(arguments: [1, 0.25] as [Float]) func learnsADensity(temperature: Float) throws {
            let world = SmallWorlds.gaussian, data = world.samples(2_560, key: Key(1)), test = world.samples(500, key: Key(2))
            let start = try DeepEnergy(SmallWorlds.layers, input: [2], key: Key(3))
            let last = try start.training(on: data, by: SmallWorlds.method(temperature: temperature), key: Key(4)).finish()
            let before = try SmallWorlds.agreement(start.energies(of: test), world.energies(of: test))
            let after = try SmallWorlds.agreement(last.model.energies(of: test).map { $0 / temperature }, world.energies(of: test))
            #expect(before.correlation < 0.9, "the start knows it already: \(before)")
            #expect(after.correlation > 0.95 && abs(after.slope - 1) < 0.25, "\(after)")
            #expect(last.ending == .finished && last.number == 30 && last.rows == 2_560 && last.figures["returns"] == 0)
            // Chains of the learned energy have the data's moments.
            let ends = try LangevinChains(on: last.model, stepSize: 0.02, temperature: temperature).run(300, from: Matrix(rows: 500, columns: 2), key: Key(5)).positions
            for column in 0 ..< 2 {
                #expect(abs(Statistics.mean(ends.column(column)) - Double(world.mean[column])) < 0.2)
                #expect(abs(Statistics.standardDeviation(ends.column(column)) / world.covarianceMatrix[column, column].squareRoot() - 1) < 0.25)
            }
        }

        /// Chains go on from step to step: with the weights all but still, short ones walk down as far as their steps add up to.
        @Test func chainsGoOn() throws {
            let data = SmallWorlds.gaussian.samples(64, key: Key(1)), network = try Network([.linear(2, bias: false)], input: [2], key: Key(3))
            let valley = Valley(network: network.with(parameters: [try Tensor([1, 0, 0, 1] as [Float], shape: [2, 2])]))
            var method = ContrastiveTraining(chains: ReplayChains(steps: 1, stepSize: 0.001, temperature: 0.01, range: nil, capacity: 64, fresh: 0), regularisation: 0, dataNoise: 0,
                                             descent: NetworkDescent(optimiser: .momentum(rate: 1e-9, momentum: 0), batchSize: 64, epochs: 20))
            method.descent.watch.largestGap = 1e6
            var energies = [Double]()
            _ = try valley.training(on: data, by: method, key: Key(4)).finish { energies.append($0.figures["chainEnergy"]!); return true }
            // Each step multiplies x by 1 − ε/T = 0.9, so the energy by 0.81, but for noise of the deviation √(2ε): 20 steps leave little of it.
            #expect(energies.count == 20 && energies[19] < 0.1 * energies[0], "\(energies)")
        }

        @Test func figuresKeysAndEpochs() throws {
            let data = SmallWorlds.gaussian.samples(300, key: Key(1)), start = try DeepEnergy(SmallWorlds.layers, input: [2], key: Key(3))
            var method = SmallWorlds.method(epochs: 3)
            method.descent.batchSize = 50
            method.descent.epochRows = 120
            func run(_ key: Key) throws -> (Archive, [Epoch<DeepEnergy>]) {
                var seen = [Epoch<DeepEnergy>](), before = start.archive()
                let last = try start.training(on: data, by: method, key: key).finish { epoch in
                    let archive = epoch.model.archive()
                    #expect(archive != before, "an epoch changes the energy")
                    before = archive
                    seen.append(epoch)
                    return true
                }
                return (last.model.archive(), seen)
            }
            let (first, epochs) = try run(Key(4))
            #expect(try run(Key(4)).0 == first && run(Key(5)).0 != first)
            // Two steps of 50 rows fit into 120; two short batches make no third.
            #expect(epochs.map(\.number) == [1, 2, 3] && epochs.allSatisfy { $0.rows == 100 })
            #expect(abs(epochs[2].figures["rateShare"]! - 0.1) < 1e-6)
            for epoch in epochs {
                let gap = epoch.figures["chainEnergy"]! - epoch.figures["dataEnergy"]!
                #expect(abs(epoch.figures["energyGap"]! - gap) < 1e-5 && epoch.figures["gradientLength"]! > 0 && epoch.figures["loss"]!.isFinite)
            }
        }

        /// A rate at which energies explode: training goes back with half the rate until it can go on.
        @Test func comesBack() throws {
            let data = SmallWorlds.gaussian.samples(640, key: Key(1)), start = try DeepEnergy(SmallWorlds.layers, input: [2], key: Key(3))
            var method = SmallWorlds.method(epochs: 4)
            method.descent.optimiser = .adam(rate: 2, beta1: 0)
            method.descent.watch = TrainingWatch(largestGap: 5, returns: 40, snapshotSteps: 2)
            let last = try start.training(on: data, by: method, key: Key(6)).finish()
            let returns = last.figures["returns"]!
            #expect(returns > 0 && last.ending == .finished, "\(last.figures)")
            #expect(abs(last.figures["rateShare"]! - 0.1 * pow(0.5, returns)) < 1e-9)
            #expect(try last.model.energies(of: data).allSatisfy(\.isFinite))
        }

        /// A loss that is never a number: training ends, says why, and hands back where it began.
        @Test func givesUp() throws {
            let data = SmallWorlds.gaussian.samples(640, key: Key(1)), start = try DeepEnergy(SmallWorlds.layers, input: [2], key: Key(3))
            var method = SmallWorlds.method(epochs: 4)
            method.descent.watch = TrainingWatch(largestGap: 1e-9, returns: 2)
            let last = try start.training(on: data, by: method, key: Key(6)).finish()
            guard case .diverged(let reason) = last.ending else { Issue.record("ended by \(String(describing: last.ending))"); return }
            #expect(reason.contains("nats apart in epoch 1, after 2 returns") && last.number == 1)
            #expect(last.figures["alarmsGap"] == 3 && last.figures["alarmsNotFinite"] == 0 && last.model.archive() == start.archive())
            let steep = try DeepEnergy(start.network.with(parameters: start.network.parameters.map { try $0 * 1e30 }))
            let lost = try steep.training(on: data, by: SmallWorlds.method(epochs: 2), key: Key(6)).finish()
            guard case .diverged = lost.ending else { Issue.record("ended by \(String(describing: lost.ending))"); return }
            // Five steps an epoch: the seventh alarm is the second of the second epoch.
            #expect(lost.figures["returns"] == 6 && lost.number == 2 && lost.rows == 0)
            #expect(lost.figures["alarmsNotFinite"]! + lost.figures["alarmsChains"]! + lost.figures["alarmsGap"]! == 2)
        }

        @Test func cancelled() async throws {
            let data = SmallWorlds.gaussian.samples(64, key: Key(1)), start = try DeepEnergy(SmallWorlds.layers, input: [2], key: Key(3))
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                for try await _ in start.training(on: data, by: SmallWorlds.method(), key: Key(1)) { Issue.record("trained an epoch") }
            }
            await #expect(throws: CancellationError.self) { try await task.value }
        }

        /// Chains stay within their range, and chains of one run are those of the next.
        @Test func rangeOfChains() throws {
            let push = WrittenEnergy(input: [3]) { try -5 * $0.rowSums() }
            var chains = try LangevinChains(on: push, stepSize: 0.1)
            chains.range = 0 ... 1
            let ends = try chains.run(20, from: Matrix(rows: 20, columns: 3), key: Key(1)).positions
            #expect(ends.values.allSatisfy { (0 ... 1).contains($0) } && Statistics.mean(ends.values) > 0.9)
        }

        /// A slope beyond the limit counts as the limit: −5 Σ x with slopes within 0.5 is walked as −½ Σ x is; below the limit nothing changes.
        @Test func limitOfSlopes() throws {
            let steep = WrittenEnergy(input: [3]) { try -5 * $0.rowSums() }, gentle = WrittenEnergy(input: [3]) { try -0.5 * $0.rowSums() }, start = Matrix(rows: 20, columns: 3)
            var limited = try LangevinChains(on: steep, stepSize: 0.1)
            limited.slopeLimit = 0.5
            var loose = try LangevinChains(on: gentle, stepSize: 0.1)
            let wanted = try loose.run(7, from: start, key: Key(1)).positions
            #expect(try zip(limited.run(7, from: start, key: Key(1)).positions.values, wanted.values).allSatisfy { abs($0 - $1) < 1e-5 })
            loose.slopeLimit = 0.6
            #expect(try loose.run(7, from: start, key: Key(1)).positions == wanted)
        }

        /// Where chains begin: rows from flat to black and white, at every level, within the range.
        @Test func noiseOfChains() {
            let noise = ReplayChains(range: -1 ... 3).noise(2_000, columns: 50, key: Key(1)), rows = (0 ..< 2_000).map { Array(noise.row($0)) }
            #expect(noise.values.allSatisfy { (-1 ... 3).contains($0) } && abs(Statistics.mean(noise.values) - 1) < 0.1)
            let flat = rows.count { Statistics.standardDeviation($0) < 0.2 }, harsh = rows.count { row in row.count { $0 == -1 || $0 == 3 } > 25 }
            // Strengths are uniform in 0...4: a twentieth is below 0.2. Levels are uniform too, which the flat ones show.
            #expect((60 ... 140).contains(flat) && harsh > 200, "\(flat) \(harsh)")
            let levels = rows.filter { Statistics.standardDeviation($0) < 0.2 }.map { Statistics.mean($0) }
            #expect(levels.min()! < 0 && levels.max()! > 2)
        }

        /// The rate rises, stays, and falls.
        @Test func ratesOfSteps() throws {
            let data = SmallWorlds.gaussian.samples(64, key: Key(1)), start = try DeepEnergy(SmallWorlds.layers, input: [2], key: Key(3))
            var method = SmallWorlds.method(epochs: 11), shares = [Double]()
            (method.descent.batchSize, method.descent.warmUp, method.descent.plateau, method.descent.finalRateShare) = (64, 2, 0.6, 0.2)
            _ = try start.training(on: data, by: method, key: Key(1)).finish { shares.append($0.figures["rateShare"]!); return true }
            let wanted = [0.5, 1, 1, 1, 1, 1, 1, 0.8, 0.6, 0.4, 0.2]
            #expect(zip(shares, wanted).allSatisfy { abs($0 - $1) < 1e-9 } && shares.count == 11, "\(shares)")
        }

        @Test func settings() throws {
            let data = SmallWorlds.gaussian.samples(64, key: Key(1)), start = try DeepEnergy(SmallWorlds.layers, input: [2], key: Key(3))
            let spoilt: [(inout ContrastiveTraining) -> Void] = [
                { $0.chains.steps = 0 }, { $0.chains.stepSize = 0 }, { $0.chains.temperature = -1 }, { $0.chains.capacity = 0 }, { $0.chains.fresh = 2 },
                { $0.chains.range = 0 ... .infinity }, { $0.chains.slopeLimit = 0 }, { $0.descent.warmUp = -1 }, { $0.descent.plateau = 1 }, { $0.regularisation = -1 }, { $0.dataNoise = .nan }, { $0.descent.batchSize = 0 }, { $0.descent.epochs = 0 }, { $0.descent.epochRows = 0 },
                { $0.descent.optimiser = .adam(rate: 0) }, { $0.descent.averaging = 1 }, { $0.descent.clip = 0 }, { $0.descent.watch.returns = -1 }, { $0.descent.watch.snapshotSteps = 0 },
            ]
            for (index, spoil) in spoilt.enumerated() {
                var method = SmallWorlds.method()
                spoil(&method)
                #expect(checkRefusal([.usage], "setting \(index)") { _ = try start.training(on: data, by: method, key: Key(1)).finish() } == [])
            }
            let method = SmallWorlds.method()
            #expect(checkRefusal([.shapeMismatch], "three columns") { _ = try start.training(on: Matrix(rows: 4, columns: 3), by: method, key: Key(1)).finish() } == [])
            #expect(checkRefusal([.unsuitableData], "a gap") { _ = try start.training(on: Matrix([[.nan, 1]]), by: method, key: Key(1)).finish() } == [])
            #expect(checkRefusal([.unsuitableData], "no row") { _ = try start.training(on: Matrix(rows: 0, columns: 2), by: method, key: Key(1)).finish() } == [])
        }
    }
}

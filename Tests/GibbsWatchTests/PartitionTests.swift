import Foundation
import GibbsCore
import GibbsData
import GibbsLandscapes
import GibbsMachines
import GibbsNumerics
import GibbsWatch
import Testing

/// ln Z of watchdogs: against the sum over all records, of tables of names alone.
@Suite struct WatchdogPartitionTests {
    private static let names = [["a", "b", "c"], ["x", "y"]]

    private static func table(_ count: Int) throws -> Table {
        let path = NSTemporaryDirectory() + "/gibbs-partition-\(UUID().uuidString).csv"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let rows = (0 ..< count).map { "\(names[0][$0 * $0 % 3]),\(names[1][$0 % 7 < 4 ? 0 : 1])\n" }
        try Data(("u,v\n" + rows.joined()).utf8).write(to: URL(fileURLWithPath: path))
        return try TableReader(path: path).readAll()
    }

    @Test(arguments: [WatchdogOptions.Model.rbm, .memory, .categorical]) func probabilitiesSumToOne(model: WatchdogOptions.Model) throws {
        let table = try Self.table(400), watchdog = try Watchdog.fitted(to: table, options: .init(model: model, hidden: 4, epochs: 5))
        let found = try watchdog.partition(annealing: MachineAnnealing(chains: 50, steps: 200, sweeps: 20), base: table, key: Key(1))
        // Every pair of names, those that stand for new ones included.
        let variables = watchdog.encoder.variables, counts = variables.map(\.expandedWidth)
        let all = Matrix((0 ..< counts.reduce(1, *)).map { [Float($0 % counts[0]), Float($0 / counts[0])] })
        let expert = watchdog.energy.experts[0]
        let sum = logSumExp(try expert.energy.energies(of: expert.view.apply(all, variables: variables)).map { -Double($0) })
        #expect(abs(sum - found.best.logPartition) < 1e-3, "\(model): \(found.best.logPartition), and the sum is \(sum)")
        #expect(found.exact != nil && (found.bracket == nil) == (model != .rbm))
        let likelihood = try watchdog.likelihood(of: table, partition: found)
        #expect(likelihood.count == 400 && likelihood.best < 0 && likelihood.best > -3)
    }

    @Test func refusals() throws {
        let table = try Self.table(200), gaussian = try Watchdog.fitted(to: table, options: .init(model: .gaussian))
        func fails(_ words: String, _ body: () throws -> Void) { #expect { try body() } throws: { "\($0)".contains(words) && ($0 as? GibbsError)?.code == .unsuitableModel } }
        fails("indicators") { _ = try gaussian.partition(key: Key(1)) }
    }
}

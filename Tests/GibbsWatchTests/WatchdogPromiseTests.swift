import Foundation
import GibbsCore
import GibbsData
import GibbsNumerics
import GibbsWatch
import Testing

/// What a watchdog promises people, on a simulated network whose truth is known.
@Suite struct WatchdogPromiseTests {
    static let normalRows = 6000
    static let watchdog = try! Watchdog.fitted(to: Sample.connections(normalRows, key: Key(1)).table)

    /// P(k alerts among m) after calibration on n: beta-binomial with a = ⌊α (n + 1)⌋, b = n + 1 − a.
    static func betaBinomial(_ m: Int, _ a: Double, _ b: Double) -> [Double] {
        func beta(_ x: Double, _ y: Double) -> Double { lgamma(x) + lgamma(y) - lgamma(x + y) }
        let total = Double(m)
        return (0 ... m).map { count -> Double in
            let k = Double(count), ways = -log(total + 1) - beta(k + 1, total - k + 1)
            return exp(ways + beta(k + a, total - k + b) - beta(a, b))
        }
    }

    /// The count of false alarms on rows of another day lies in the central 99.9 % of what the promise allows.
    @Test(arguments: [0.01, 0.05, 0.2]) func falseAlarmsAreAsPromised(rate: Double) throws {
        let watchdog = try Self.watchdog.alerting(at: rate), n = try #require(watchdog.calibration).energies.count, m = 4000
        let alerts = try watchdog.scores(of: Sample.connections(m, key: Key(2)).table).count { $0.alert }
        let a = (rate * Double(n + 1) + 1e-9).rounded(.down), p = Self.betaBinomial(m, a, Double(n + 1) - a)
        #expect(abs(p.reduce(0, +) - 1) < 1e-6)
        let (below, above) = (p[0 ... alerts].reduce(0, +), p[alerts...].reduce(0, +))
        #expect(below > 0.0005 && above > 0.0005, "\(alerts) alerts of \(m) at \(rate)")
    }

    @Test func attacksStandOutMoreThanForTheBaseline() throws {
        let (table, attack) = try Sample.connections(4000, key: Key(3), attackShare: 0.1)
        let joint = Ranking.auroc(scores: try Self.watchdog.energies(of: table), positive: attack)
        let alone = Ranking.auroc(scores: try Self.watchdog.baselineEnergies(of: table), positive: attack)
        // Attacks come in some ten campaigns, whose areas spread by 0.1: the standard error of either mean is below 0.03.
        #expect(joint > 0.92 && joint > alone + 0.09, "\(joint), and \(alone) for independent columns")
    }
}

/// Detection on a public data set, where it is at hand.
@Suite struct KnownDataTests {
    static let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("../shared/data/nsl-kdd").standardizedFileURL

    /// Rows of NSL-KDD without attack name and difficulty, and which are attacks.
    private func read(_ file: String) throws -> (table: Table, attack: [Bool]) {
        let table = try TableReader(path: Self.folder.appendingPathComponent(file).path, options: .init(format: .csv, hasHeader: false)).readAll()
        let label = try table.column("c42")
        return (table.dropping(columns: ["c42", "c43"]), (0 ..< table.rowCount).map { label.text($0) != "normal" })
    }

    /// Tavallaee et al. 2009: 22,544 connections, 43 % normal; the watchdog sees normal ones only, of another period.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: folder.path), "the data set NSL-KDD is not here"),
          arguments: [(WatchdogOptions.Model.auto, 0.97), (.rbm, 0.95)]) func intrusions(model: WatchdogOptions.Model, area: Double) throws {
        let (train, trainAttack) = try read("KDDTrain+_20Percent.txt.gz"), (test, attack) = try read("KDDTest+.txt.gz")
        let watchdog = try Watchdog.fitted(to: train.selecting(rows: train.lines.indices.filter { !trainAttack[$0] }), options: .init(model: model))
        let found = Ranking.auroc(scores: try watchdog.energies(of: test), positive: attack)
        #expect(found >= area, "\(found)")
    }
}

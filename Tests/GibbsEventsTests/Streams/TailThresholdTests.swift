import Foundation
import GibbsCore
import GibbsEvents
import GibbsNumerics
import Testing

/// Where alerts of rare rates begin: read off the tail, within what the order of the days allows.
@Suite struct TailThresholdTests {
    /// Scores of n days, Pareto above 1: P(x > t) = t^(−1/γ).
    private static func days(_ n: Int, gamma: Double, key: Key) -> [Float] { key.uniforms(n).map { Float(pow(1 - Double($0), -gamma)) } }

    /// At the ideal quantiles of a Pareto tail θ is the true quantile.
    @Test(arguments: [0.2, 0.5, 1.0]) func idealTail(gamma: Double) throws {
        let n = 40_000, ideal = try Calibration(energies: (1 ... n).map { Float(pow(Double(n) / (Double($0) - 0.5), gamma)) }, falseAlarmRate: 2e-4)
        let found = Foundation.log(Double(ideal.tailThreshold)), truth = -gamma * Foundation.log(2e-4)
        #expect(abs(found - truth) < 0.05 * gamma, "\(found), not \(truth)")
    }

    /// On days drawn at random the rate is kept in the mean, and θ varies less than the score of the same place does: the standard error of ln θ is
    /// γ √((1 + ln²(m/αn)) / m) and that of the j-th highest γ/√j.
    @Test func steadier() throws {
        let n = 14_000, rate = 2.0 / 14_000, gamma = 0.5, draws = 300, m = Double(n / 100)
        let found = try (0 ..< draws).map { draw -> (tail: Double, plain: Double) in
            let calibration = try Calibration(energies: Self.days(n, gamma: gamma, key: Key(UInt64(draw))), falseAlarmRate: rate)
            return (Foundation.log(Double(calibration.tailThreshold)), Foundation.log(Double(calibration.threshold)))
        }
        func spread(_ values: [Double]) -> Double { (Statistics.mean(values.map { $0 * $0 }) - Statistics.mean(values) * Statistics.mean(values)).squareRoot() }
        let error = gamma * ((1 + pow(Foundation.log(m / 2), 2)) / m).squareRoot(), tail = spread(found.map(\.tail)), mean = Statistics.mean(found.map(\.tail))
        #expect(abs(tail - error) < 0.25 * error && tail < 0.7 * spread(found.map(\.plain)), "\(tail), not \(error); the order's \(spread(found.map(\.plain)))")
        #expect(abs(mean + gamma * Foundation.log(rate)) < 5 * error / Double(draws).squareRoot() + 0.02, "\(mean), not \(-gamma * Foundation.log(rate))")
    }

    /// A tail of another form: θ stays between the scores whose places agree with the rate, by P(N ≤ j) and P(N ≥ j) of Poisson's N.
    @Test(arguments: [1.0, 5, 12, 40]) func withinTheOrder(expected: Double) throws {
        let n = 20_000, body = (0 ..< n).map { Float($0) / Float(n) + 1 }
        // Light: nothing beyond 2. Heavy: the highest fortieth as high as the sky.
        for scores in [body, body.dropLast(n / 40) + (0 ..< n / 40).map { 1e6 + Float($0) }] {
            let calibration = try Calibration(energies: scores, falseAlarmRate: expected / Double(n + 1)), sorted = scores.sorted(by: >)
            func below(_ j: Int) -> Double { (0 ..< j).reduce(0.0) { (sum: Double, i: Int) -> Double in sum + exp(Double(i) * Foundation.log(expected) - expected - lgamma(Double(i) + 1)) } }
            let least = (1 ..< 200).first { below($0 + 1) > 0.025 }!, most = (1 ..< 200).last { 1 - below($0) > 0.025 }!
            #expect((sorted[most - 1] ... sorted[least - 1]).contains(calibration.tailThreshold), "\(calibration.tailThreshold) of places \(least) to \(most)")
        }
        let heavy = Self.days(n, gamma: 0.01, key: Key(3)).enumerated().map { $0 < 3 ? 1e9 : $1 }
        #expect(try Calibration(energies: heavy, falseAlarmRate: 12.0 / Double(n + 1)).tailThreshold < 2, "three days of twelve do not lift it")
    }

    /// A rarer alert is never easier, over all rates that the days can promise.
    @Test(arguments: [1, 2]) func ascends(seed: UInt64) throws {
        let calibration = try Calibration(energies: Self.days(5_000, gamma: 0.7, key: Key(seed)), falseAlarmRate: 0.01), rates = (0 ..< 60).map { 0.2 * pow(0.88, Double($0)) }
        let found = rates.filter { $0 * 5_001 >= 1 }.map { calibration.tailThreshold(falseAlarmRate: $0) }
        #expect(found.count > 40 && !zip(found, found.dropFirst()).contains { $0 > $1 }, "\(found)")
        #expect(calibration.tailThreshold(falseAlarmRate: 1e-4) == .infinity)
    }

    /// Shares that the days tell themselves, and tails without a form, go by the order.
    @Test func orderWhereItTells() throws {
        let calibration = try Calibration(energies: Self.days(2_000, gamma: 0.7, key: Key(5)), falseAlarmRate: 0.002)
        #expect(calibration.tailThreshold(falseAlarmRate: 0.003) == calibration.threshold(falseAlarmRate: 0.003) && calibration.tailThreshold != calibration.threshold)
        let flat = try Calibration(energies: [Float](repeating: 0, count: 1_995) + [1, 2, 3, 4, 5], falseAlarmRate: 0.001)
        #expect(flat.tailThreshold == flat.threshold)
        let endless = try Calibration(energies: Self.days(1_999, gamma: 0.7, key: Key(6)) + [.infinity], falseAlarmRate: 0.001)
        #expect(endless.tailThreshold == endless.threshold)
    }

    /// That is where a monitor's alerts and a grade's false alarms begin.
    @Test func alertsBeginThere() throws {
        let watchdog = try SmallLog.watchdog.get().calibrated(on: SmallLog.log(SmallLog.events(60, days: 30, key: Key(21))), falseAlarmRate: 0.001), calibration = try #require(watchdog.calibration)
        #expect(calibration.tailThreshold != calibration.threshold)
        var monitor = watchdog.monitor()
        let alerts = monitor.observe(SmallLog.batch(SmallLog.attack))
        #expect(!alerts.isEmpty && alerts.allSatisfy { $0.threshold == calibration.tailThreshold })
        #expect(watchdog.training == (try SmallLog.watchdog.get().training))
    }
}

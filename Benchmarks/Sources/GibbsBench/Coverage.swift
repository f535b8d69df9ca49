import Foundation
import Gibbs

/// The false-alarm rate on fresh normal rows against the rate promised, over the ADBench tables.
///
/// Given n calibration rows and k = ⌊α(n + 1)⌋ allowed, the number of alerts among m fresh rows is beta-binomial with
/// parameters (m, k, n + 1 − k): the promise α bounds its mean, and the interval printed is its own 99 % range, which is the
/// binomial one widened by the draw of the calibration rows.
enum Coverage {
    static func run(folder: String, keys: Int) throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".npz") }.sorted()
        var pooled = [Double: (alerts: Int, rows: Int, expected: Double, draws: [Int])]()
        for file in files {
            let table = try TableReader(path: folder + "/" + file).readAll()
            guard case .numbers(let labels) = try table.column("y").storage else { continue }
            let normals = labels.indices.filter { labels[$0] == 0 }
            let features = table.dropping(columns: ["y"])
            for key in 1 ... keys {
                let (train, test) = Outliers.split(normals: normals.count, key: UInt64(key))
                let watchdog = try Watchdog.fitted(to: features.selecting(rows: train.map { normals[$0] }), options: .init(seed: UInt64(key)))
                let energies = try watchdog.energies(of: features.selecting(rows: test.map { normals[$0] }))
                guard let calibration = watchdog.calibration else { continue }
                let n = calibration.energies.count
                for rate in [0.05, 0.01, 0.001] where Calibration.recordsNeeded(for: rate) <= n {
                    let threshold = try calibration.with(falseAlarmRate: rate)
                    let alerts = energies.count { threshold.alerts(on: $0) }
                    let allowed = Int(rate * Double(n + 1) + 1e-9)
                    let draws = BetaBinomial.draws(4000, rows: energies.count, allowed: allowed, calibration: n, key: Key(UInt64(key)).folding(Int(rate * 1e4)))
                    let sorted = draws.sorted()
                    let inside = (sorted[20] ... sorted[3979]).contains(alerts)
                    report("coverage", "false_alarm_rate", Double(alerts) / Double(energies.count), [
                        "table": file.replacingOccurrences(of: ".npz", with: ""), "key": key, "promised": rate, "fresh_rows": energies.count,
                        "calibration_rows": n, "low": Double(sorted[20]) / Double(energies.count), "high": Double(sorted[3979]) / Double(energies.count), "inside": inside,
                    ])
                    var sum = pooled[rate] ?? (0, 0, 0, [Int](repeating: 0, count: 4000))
                    sum = (sum.alerts + alerts, sum.rows + energies.count, sum.expected + Double(allowed) / Double(n + 1) * Double(energies.count),
                           zip(sum.draws, draws).map { $0 + $1 })
                    pooled[rate] = sum
                }
            }
        }
        for (rate, sum) in pooled.sorted(by: { $0.key > $1.key }) {
            let sorted = sum.draws.sorted(), rows = Double(sum.rows)
            report("coverage", "pooled_false_alarm_rate", Double(sum.alerts) / rows, [
                "promised": rate, "expected": sum.expected / rows, "fresh_rows": sum.rows, "low": Double(sorted[20]) / rows,
                "high": Double(sorted[3979]) / rows, "inside": (sorted[20] ... sorted[3979]).contains(sum.alerts),
            ])
        }
    }
}

/// Draws of the number of alerts among fresh rows, by simulating the calibration's order statistic.
enum BetaBinomial {
    static func draws(_ count: Int, rows: Int, allowed: Int, calibration n: Int, key: Key) -> [Int] {
        var generator = KeyedGenerator(key: key)
        return (0 ..< count).map { _ in
            // Beta(k, n + 1 − k) as a ratio of gamma variates; then a binomial through a normal or by counting.
            let a = gamma(Double(allowed), &generator), b = gamma(Double(n + 1 - allowed), &generator), p = a / (a + b)
            return binomial(rows, p, &generator)
        }
    }

    private static func normal(_ generator: inout KeyedGenerator) -> Double {
        let u = Double.random(in: 1e-300 ..< 1, using: &generator), v = Double.random(in: 0 ..< 1, using: &generator)
        return (-2 * log(u)).squareRoot() * cos(2 * .pi * v)
    }

    /// Marsaglia & Tsang 2000, for shape ≥ 1.
    private static func gamma(_ shape: Double, _ generator: inout KeyedGenerator) -> Double {
        let d = shape - 1 / 3.0, c = 1 / (9 * d).squareRoot()
        while true {
            let x = normal(&generator), v = pow(1 + c * x, 3)
            if v > 0, log(Double.random(in: 1e-300 ..< 1, using: &generator)) < 0.5 * x * x + d - d * v + d * log(v) { return d * v }
        }
    }

    private static func binomial(_ n: Int, _ p: Double, _ generator: inout KeyedGenerator) -> Int {
        if Double(n) * p > 200 { return Int((Double(n) * p + (Double(n) * p * (1 - p)).squareRoot() * normal(&generator)).rounded()) }
        // Geometric gaps between successes.
        var position = 0, hits = 0
        while true {
            position += 1 + Int(log(Double.random(in: 1e-300 ..< 1, using: &generator)) / log1p(-p))
            if position > n { return hits }
            hits += 1
        }
    }
}

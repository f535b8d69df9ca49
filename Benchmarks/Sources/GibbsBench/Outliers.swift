import Foundation
import Gibbs

/// AUROC of the watchdog on ADBench tables: train on half of the normal rows, score the others and all anomalies.
enum Outliers {
    /// The same split as `peers/outliers.py`: normal row i of key k hashes to splitmix64(k · φ + i); the half with the smaller
    /// hashes trains.
    static func split(normals: Int, key: UInt64) -> (train: [Int], test: [Int]) {
        func hash(_ row: Int) -> UInt64 {
            var z = key &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(row) &+ 0x9E37_79B9_7F4A_7C15
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
        let order = (0 ..< normals).map { (hash($0), $0) }.sorted { $0 < $1 }.map(\.1)
        return (order.prefix(normals / 2).sorted(), order.dropFirst(normals / 2).sorted())
    }

    static func run(folder: String, keys: Int, only: Set<String>) throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".npz") }.sorted()
        var means = [Double]()
        for file in files where only.isEmpty || only.contains(where: { file.contains($0) }) {
            let table = try TableReader(path: folder + "/" + file).readAll()
            guard case .numbers(let labels) = try table.column("y").storage else { continue }
            let normals = labels.indices.filter { labels[$0] == 0 }, anomalies = labels.indices.filter { labels[$0] != 0 }
            let features = table.dropping(columns: ["y"])
            var aurocs = [Double]()
            for key in 1 ... keys {
                let (train, test) = split(normals: normals.count, key: UInt64(key))
                var watchdog: Watchdog!, scores = [Float]()
                let fit = try seconds { watchdog = try Watchdog.fitted(to: features.selecting(rows: train.map { normals[$0] }), options: .init(seed: UInt64(key))) }
                let rows = test.map { normals[$0] } + anomalies
                let score = try seconds { scores = try watchdog.energies(of: features.selecting(rows: rows)) }
                let positive = rows.map { labels[$0] != 0 }
                aurocs.append(Ranking.auroc(scores: scores, positive: positive))
                report("adbench", "auroc", aurocs.last!, [
                    "table": file.replacingOccurrences(of: ".npz", with: ""), "key": key, "fit_seconds": fit, "score_seconds": score,
                    "average_precision": Ranking.averagePrecision(scores: scores, positive: positive), "train_rows": train.count,
                    "train_index_sum": train.reduce(0, +), "test_rows": rows.count,
                ])
            }
            means.append(Statistics.mean(aurocs))
        }
        report("adbench", "mean_auroc", Statistics.mean(means), ["tables": means.count, "keys": keys])
    }
}

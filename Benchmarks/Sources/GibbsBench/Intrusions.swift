import Foundation
import Gibbs

/// NSL-KDD: fit on the normal rows of `KDDTrain+_20Percent`, AUROC of attacks on `KDDTest+`.
enum Intrusions {
    static func run(folder: String, keys: Int) throws {
        func read(_ name: String) throws -> Table { try TableReader(path: folder + "/" + name, options: .init(hasHeader: false)).readAll() }
        let training = try read("KDDTrain+_20Percent.txt.gz"), test = try read("KDDTest+.txt.gz")
        let label = try training.column("c42"), testLabel = try test.column("c42")
        let normal = training.selecting(rows: (0 ..< training.rowCount).filter { label.text($0) == "normal" }).dropping(columns: ["c42", "c43"])
        let positive = (0 ..< test.rowCount).map { testLabel.text($0) != "normal" }
        for model in WatchdogOptions.Model.allCases {
            for key in 1 ... keys {
                var watchdog: Watchdog!, scores = [Float]()
                let fit = try seconds { watchdog = try Watchdog.fitted(to: normal, options: .init(model: model, seed: UInt64(key))) }
                let score = try seconds { scores = try watchdog.energies(of: test) }
                report("nsl-kdd", "auroc", Ranking.auroc(scores: scores, positive: positive), [
                    "model": model.rawValue, "key": key, "fit_seconds": fit, "score_seconds": score, "peak_memory_bytes": peakMemory(),
                ])
            }
        }
    }
}

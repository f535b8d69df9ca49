import Foundation
import Gibbs

/// How well a watchdog separates positives from normal sessions, the n-gram baseline and the counts alone beside.
struct SessionFigures {
    let watchdog: EventWatchdog
    let energies: Evaluate.Energies
    let positives: [Bool]
    /// The label of every session; empty where none is known.
    let kinds: [String?]
    /// The counts that the figures are for; those of the files where `nil`.
    let mix: Ranking.Mix?

    /// The figures of one list of energies.
    private struct Row {
        var auroc: Double, averagePrecision: Double, bestF1: Double
        /// At the calibrated threshold.
        var rates: (falseAlarmRate: Double, detectionRate: Double)?, f1: Double?, threshold: Float?

        init(_ scores: [Float], _ positives: [Bool], _ calibration: Calibration?, _ mix: Ranking.Mix) {
            auroc = Ranking.auroc(scores: scores, positive: positives)
            averagePrecision = Ranking.averagePrecision(scores: scores, positive: positives, mix: mix)
            bestF1 = Ranking.bestF1(scores: scores, positive: positives, mix: mix)
            guard let calibration else { return }
            let found = Ranking.rates(alerts: scores.map(calibration.alerts), positive: positives)
            rates = (found.falseAlarmRate, found.detectionRate)
            f1 = mix.f1(falseAlarmRate: found.falseAlarmRate, detectionRate: found.detectionRate)
            threshold = calibration.threshold
        }

        var json: [(String, JSONValue)] {
            [("auroc", .number(auroc)), ("averagePrecision", .number(averagePrecision))]
                + (rates.map { [("falseAlarmRate", .number($0.falseAlarmRate)), ("detectionRate", .number($0.detectionRate)), ("f1", .number(f1!))] } ?? [])
                + [("bestF1", .number(bestF1))] + (threshold.map { [("threshold", .number(Double($0)))] } ?? [])
        }
    }

    private var normalCount: Int { positives.count { !$0 } }
    private var effectiveMix: Ranking.Mix { mix ?? .init(normal: Double(normalCount), positive: Double(positives.count - normalCount)) }
    private var own: Row { Row(energies.own, positives, watchdog.calibration?.energy, effectiveMix) }
    private var baseline: Row { Row(energies.baseline, positives, watchdog.calibration?.baseline, effectiveMix) }
    private var counts: Row { Row(energies.countVectors, positives, watchdog.calibration?.counts, effectiveMix) }
    private var baselineName: String { "\(watchdog.energy.baseline.order)-gram" }

    var json: JSONValue {
        var pairs: [(String, JSONValue)] = [("sessions", .int(positives.count)), ("positives", .int(positives.count - normalCount))]
        if let mix { pairs.append(("mix", .object([("normal", .number(mix.normal)), ("positive", .number(mix.positive))]))) }
        if let calibration = watchdog.calibration { pairs.append(("promisedFalseAlarmRate", .number(calibration.falseAlarmRate))) }
        pairs += own.json
        pairs += [("baseline", .object([("model", .string(baselineName))] + baseline.json)), ("counts", .object([("model", .string("count vectors"))] + counts.json))]
        if !kinds.isEmpty, watchdog.calibration != nil {
            pairs.append(("detectionByLabel", .object(byLabel.map {
                ($0.kind, .object([("sessions", .int($0.sessions)), ("detectionRate", .number($0.rate, digits: 4))]))
            })))
        }
        return .object(pairs)
    }

    /// The same for people.
    var text: String {
        let rows = [(watchdog.energy.kind.rawValue, own), (baselineName, baseline), ("count vectors", counts)]
        var lines = ["".padded(16) + "AUROC    average precision   best F1   F1      false alarms   found"]
        lines += rows.map { name, row in
            name.padded(16) + String(format: "%.4f   %.4f              %.4f    ", row.auroc, row.averagePrecision, row.bestF1)
                + (row.rates.map { String(format: "%.4f  ", row.f1!) + Summary.percent($0.falseAlarmRate).padded(15) + Summary.percent($0.detectionRate) } ?? "–")
        }
        lines.append("\(normalCount) normal sessions, \(positives.count - normalCount) positives"
            + (mix.map { ", figures for a mix of \($0.normal.shortText) to \($0.positive.shortText)" } ?? "")
            + (watchdog.calibration.map { "; \($0.folds == 0 ? "promised" : "expected") \(Summary.percent($0.falseAlarmRate)) false alarms" } ?? "; not calibrated"))
        if watchdog.calibration != nil { lines += byLabel.map { "  " + $0.kind.oneLine.padded(20) + "\($0.sessions) sessions".padded(16) + Summary.percent($0.rate) } }
        return lines.joined(separator: "\n")
    }

    /// Detection rate of each positive label, most frequent first, forty at most.
    private var byLabel: [(kind: String, sessions: Int, rate: Double)] {
        guard !kinds.isEmpty, let calibration = watchdog.calibration?.energy else { return [] }
        var counts = [String: (alerts: Int, sessions: Int)]()
        for (index, energy) in energies.own.enumerated() where positives[index] {
            let old = counts[kinds[index] ?? "(missing)"] ?? (0, 0)
            counts[kinds[index] ?? "(missing)"] = (old.alerts + (calibration.alerts(on: energy) ? 1 : 0), old.sessions + 1)
        }
        return counts.sorted { ($1.value.sessions, $0.key) < ($0.value.sessions, $1.key) }.prefix(40)
            .map { ($0.key, $0.value.sessions, Double($0.value.alerts) / Double($0.value.sessions)) }
    }
}

import Foundation
import Gibbs

/// How well a watchdog separates positives from normal records, beside the plain baseline.
struct Figures {
    let scores: [Float]
    let baseline: [Float]
    let positives: [Bool]
    /// The label of every record; empty where none is known.
    let kinds: [String?]
    let calibration: Calibration?

    private var auroc: Double { Ranking.auroc(scores: scores, positive: positives) }
    private var averagePrecision: Double { Ranking.averagePrecision(scores: scores, positive: positives) }
    private var baselineAUROC: Double { Ranking.auroc(scores: baseline, positive: positives) }
    private var alerts: [Bool] { calibration.map { scores.map($0.alerts) } ?? [] }

    var json: JSONValue {
        var pairs: [(String, JSONValue)] = [
            ("records", .int(scores.count)), ("positives", .int(positives.count { $0 })),
            ("auroc", .number(auroc)), ("averagePrecision", .number(averagePrecision)),
            ("baseline", .object([("model", .string("independent columns")), ("auroc", .number(baselineAUROC)),
                                  ("averagePrecision", .number(Ranking.averagePrecision(scores: baseline, positive: positives)))])),
        ]
        if let calibration {
            let rates = Ranking.rates(alerts: alerts, positive: positives)
            pairs += [("promisedFalseAlarmRate", .number(calibration.falseAlarmRate)), ("falseAlarmRate", .number(rates.falseAlarmRate)),
                      ("detectionRate", .number(rates.detectionRate)), ("f1", .number(rates.f1)), ("threshold", .number(Double(calibration.threshold)))]
            if !kinds.isEmpty {
                pairs.append(("detectionByLabel", .object(byLabel.map {
                    ($0.kind, .object([("rows", .int($0.rows)), ("detectionRate", .number($0.rate, digits: 4))]))
                })))
            }
        }
        return .object(pairs)
    }

    /// The same for people.
    var text: String {
        let normal = positives.count { !$0 }, attacks = positives.count - normal
        var lines = [String(format: "ranking: AUROC %.3f, average precision %.3f   (independent columns: AUROC %.3f)", auroc, averagePrecision, baselineAUROC)]
        if baselineAUROC > auroc {
            lines.append("independent columns rank these records better than the model does; compare other models: gibbs fit table --model gaussian, memory, rbm or categorical")
        }
        if let calibration {
            let rates = Ranking.rates(alerts: alerts, positive: positives)
            lines.append("false alarms: promised \(Summary.percent(calibration.falseAlarmRate)), seen \(Summary.percent(rates.falseAlarmRate)) of \(normal) normal records")
            lines.append("found: \(Summary.percent(rates.detectionRate)) of \(attacks) positives")
            lines += byLabel.map { "  " + $0.kind.padded(20) + "\($0.rows) records".padded(16) + Summary.percent($0.rate) }
        }
        return lines.joined(separator: "\n")
    }

    /// Detection rate of each positive label, most frequent first, forty at most.
    private var byLabel: [(kind: String, rows: Int, rate: Double)] {
        if kinds.isEmpty { return [] }
        var counts = [String: (alerts: Int, rows: Int)]()
        for (index, alert) in alerts.enumerated() where positives[index] {
            counts[kinds[index] ?? "(missing)", default: (0, 0)].rows += 1
            counts[kinds[index] ?? "(missing)"]!.alerts += alert ? 1 : 0
        }
        return counts.sorted { ($1.value.rows, $0.key) < ($0.value.rows, $1.key) }.prefix(40)
            .map { ($0.key, $0.value.rows, Double($0.value.alerts) / Double($0.value.rows)) }
    }
}

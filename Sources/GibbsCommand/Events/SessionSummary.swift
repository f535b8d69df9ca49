import Foundation
import Gibbs

/// A watchdog on sessions in words and as JSON.
enum SessionSummary {
    /// What a fit learned, in a screenful.
    static func fitted(_ watchdog: EventWatchdog, path: String, seconds: Double) -> String {
        let training = watchdog.training
        let head = String(format: "fitted to %d sessions, %d events in %.1f s: ", training.sessions, training.events, seconds) + training.method
        return ([head] + about(watchdog) + ["wrote \(path)"]).joined(separator: "\n")
    }

    static func inspected(_ watchdog: EventWatchdog, path: String) -> String {
        let training = watchdog.training
        let head = ["\(path): watchdog on sessions of events, \(training.method)",
                    "trained on \(training.sessions) sessions, \(training.events) events, \(training.epochs) epochs, key \(training.seed)"
                        + (training.digest.map { ", data digest \($0)" } ?? "")]
        return (head + about(watchdog)).joined(separator: "\n")
    }

    private static func about(_ watchdog: EventWatchdog) -> [String] {
        let model = watchdog.energy.model, training = watchdog.training
        let fields = zip(model.fields, model.vocabularies).map { field, vocabulary in
            let shown = vocabulary.names.prefix(6).map { $0.oneLine.capped(60) }.joined(separator: ", ") + (vocabulary.names.count > 6 ? ", …" : "")
            return "\(field): \(vocabulary.names.count) names: \(shown)" + (vocabulary.rareCount > 0 ? "; \(vocabulary.rareCount) events of rarer ones count as new" : "")
        }
        return fields + ["energy: \(watchdog.energy.kind.rawValue), \(watchdog.energy.kind.words) (\(training.choice))"] + surprise(watchdog) + [alarm(watchdog)]
    }

    private static func surprise(_ watchdog: EventWatchdog) -> [String] {
        let found = watchdog.training.diagnostics
        guard let held = found.heldSurprise, let baseline = found.heldBaseline else { return [] }
        let mixed = found.heldMixture.map { mixed in
            String(format: "mixed with the %d-gram and the session's own past: %.3f nats (weights %.2f, %.2f, %.2f)", watchdog.energy.baseline.order, mixed,
                   watchdog.energy.mixture.weights[0], watchdog.energy.mixture.weights[1], watchdog.energy.mixture.weights[2])
        }
        return [String(format: "the next event over %d held-out sessions: %.3f nats, where a plain %d-gram needs %.3f", watchdog.training.heldSessions, held,
                       watchdog.energy.baseline.order, baseline)] + (mixed.map { [$0] } ?? [])
    }

    static func alarm(_ watchdog: EventWatchdog) -> String {
        guard let calibration = watchdog.calibration?.energy, let folds = watchdog.calibration?.folds else { return "not calibrated; run gibbs calibrate with normal sessions" }
        return "alert above \(Double(calibration.threshold).shortText) nats: \(Summary.percent(calibration.falseAlarmRate)) of normal sessions, "
            + (folds == 0 ? "promised by \(calibration.energies.count) calibration sessions"
                : "as of \(calibration.energies.count), each scored by a fit that had not seen it (\(folds) parts)")
    }

    /// A default rate above one in a hundred.
    static func rateRemark(_ watchdog: EventWatchdog, calibrationShare: Double?) -> String? {
        guard let calibration = watchdog.calibration?.energy, calibration.falseAlarmRate > 0.01 else { return nil }
        let needed = Calibration.recordsNeeded(for: 0.01), all = Int((Double(needed) / (calibrationShare ?? 1)).rounded(.up))
        return "the rate is \(Summary.percent(calibration.falseAlarmRate)) instead of 1 %, because \(calibration.energies.count) calibration sessions "
            + "bear no smaller one; 1 % needs \(needed), so about \(all) sessions in all, or gibbs calibrate with \(needed) fresh ones"
    }
}

extension SessionEnergy.Kind {
    /// What the energy is, in words.
    var words: String {
        switch self {
        case .workflow: "the largest surprise and the counts"
        case .trace: "the mean of the middle half of the surprises"
        }
    }
}

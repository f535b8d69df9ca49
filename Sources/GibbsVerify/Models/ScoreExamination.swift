import Foundation
import GibbsNumerics

/// Looks at the energies by which a model decides.
public enum ScoreExamination {
    /// A gap beyond this many deviations of the calibration energies is a warning.
    public static let largestGap = 1.0
    /// This many different energies, or fewer, are a handful.
    public static let handful = 5

    /// Whether energies tell rows apart at all.
    public static func variety(_ energies: [Float], of rows: String) -> Finding {
        let distinct = Set(energies).count, spread = Statistics.standardDeviation(energies), scale = max(1, abs(Statistics.mean(energies)))
        let isConstant = energies.count > 1 && !(spread > 1e-6 * scale), isHandful = energies.count >= 20 && distinct <= handful
        return Finding("scores of \(rows)", "\(distinct) different energies of \(energies.count), deviation " + String(format: "%.3g nats", spread),
                       warnsIf: isConstant || isHandful,
                       advice: isConstant ? "one energy for all cannot tell anything apart: the training collapsed, or the columns hold a single value; fit again"
                           : "so few energies bear few false-alarm rates; give columns with more values, or another model")
    }

    /// How far the energies of rows lie from those the model was calibrated on: the distance of the medians, in deviations of the latter
    /// that are told from the quartiles, so that a few wild records hide nothing.
    public static func gap(_ energies: [Float], of rows: String, calibration: [Float], allowed: Double = largestGap, advice: String) -> Finding {
        let median = Double(Statistics.median(energies)), usual = Double(Statistics.median(calibration))
        let quartiles = Double(Statistics.quantile(0.75, of: calibration) - Statistics.quantile(0.25, of: calibration))
        let relative = (median - usual) / max(quartiles / 1.349, 1e-3)
        return Finding("energy gap", String(format: "median %.3g nats over %@, %.3g over the calibration records: %+.2f deviations", median, rows as NSString, usual, relative),
                       warnsIf: !(abs(relative) <= allowed), advice: advice)
    }
}

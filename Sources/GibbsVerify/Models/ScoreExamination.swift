import Foundation
import GibbsCore
import GibbsNumerics

/// Looks at the energies by which a model decides.
public enum ScoreExamination {
    /// A gap beyond this many deviations is a warning, once it is also beyond six of its standard errors.
    public static let largestGap = 1.0
    /// So many alerts among records that keep the promise are a warning: one look in five hundred at such records finds as many.
    public static let leastChance = 0.002
    /// This many different energies, or fewer, are a handful.
    public static let handful = 5

    /// Whether energies are numbers, and tell rows apart at all.
    ///
    /// - Parameters:
    ///   - energies: Nats, in any order.
    ///   - rows: What they are energies of, in words.
    public static func variety(_ energies: [Float], of rows: String) -> Finding {
        let subject = "scores of \(rows)", finite = energies.filter(\.isFinite)
        guard finite.count == energies.count else {
            return Finding(subject, "\(energies.count - finite.count) of \(energies.count) energies are infinite or no numbers",
                           .warning(advice: "a weight is too large to compute with: the training ran away or the file is damaged; fit again"))
        }
        guard finite.count > 1 else { return Finding(subject, "\(finite.count) of them", .unknown(need: "give more records")) }
        let distinct = Set(finite).count, spread = Statistics.standardDeviation(finite), scale = max(1, abs(Statistics.mean(finite)))
        // A few roundings of the energies themselves are no difference.
        let isConstant = !(spread > 1e-6 * scale), isHandful = finite.count >= 20 && distinct <= handful
        return Finding(subject, "\(distinct) different energies of \(finite.count), deviation " + String(format: "%.3g nats", spread),
                       warnsIf: isConstant || isHandful,
                       advice: isConstant ? "one energy for all cannot tell anything apart: the training collapsed, or the columns hold a single value; fit again"
                           : "so few energies bear few false-alarm rates; give columns with more values, or another model")
    }

    /// How far the energies of rows lie from others: the distance of the medians, in deviations of the latter,
    /// told from the quartiles, so that a few wild records hide nothing.
    ///
    /// - Parameters:
    ///   - energies: Nats.
    ///   - rows: What they are energies of, in words.
    ///   - expected: The energies to compare with, nats.
    ///   - expectedRows: What those are energies of, in words.
    ///   - allowed: Deviations that are no warning; six standard errors of the two medians are allowed on top.
    ///   - advice: What to do about a gap.
    public static func gap(_ energies: [Float], of rows: String, expected: [Float], of expectedRows: String, allowed: Double = largestGap,
                           advice: String) -> Finding {
        guard !energies.isEmpty, !expected.isEmpty else { return Finding("energy gap", "no energies to compare", .unknown(need: "give more records")) }
        let found = Double(Statistics.median(energies)), usual = Double(Statistics.median(expected))
        let quartiles = Double(Statistics.quantile(0.75, of: expected) - Statistics.quantile(0.25, of: expected))
        let relative = (found - usual) / max(quartiles / 1.349, 1e-3)
        // The median of n normal values has the standard error 1.2533 σ/√n.
        let noise = 6 * 1.2533 * (1 / Double(energies.count) + 1 / Double(expected.count)).squareRoot()
        return Finding("energy gap", String(format: "median %.4g nats over %@, %.4g over %@: %+.2f deviations", found, rows as NSString, usual, expectedRows as NSString, relative),
                       warnsIf: !(abs(relative) <= allowed + noise), advice: advice)
    }

    /// Alerts among normal records, against the promise: P(K ≥ k) for a count K that is beta-binomial, since the threshold itself comes from
    /// as many records as the calibration has: a hundred that promise 1 % may well give 3 %. A warning below `chance`, and at twice the promised rate or
    /// more; fewer alerts than promised are no fault.
    ///
    /// - Parameters:
    ///   - alerts: k, the records that raised an alert.
    ///   - count: n, all records.
    ///   - calibration: What the alerts are raised by.
    ///   - chance: The probability below which so many alerts are a warning; smaller where records come in clusters, and alerts with them.
    public static func falseAlarms(_ alerts: Int, of count: Int, calibration: Calibration, leastChance chance: Double = leastChance) -> Finding {
        let size = Double(calibration.energies.count), above = max(1, ((size + 1) * calibration.falseAlarmRate).rounded(.down)), below = size + 1 - above
        // ln P(K = k) = ln C(n, k) B(k + a, n − k + b) / B(a, b)
        let terms = (alerts ... count).map { k -> Double in
            let k = Double(k), n = Double(count)
            return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + lgamma(k + above) + lgamma(n - k + below) - lgamma(n + above + below)
                - lgamma(above) - lgamma(below) + lgamma(above + below)
        }
        let isFrequent = Double(alerts) >= 2 * calibration.falseAlarmRate * Double(count)
        return Finding("false alarms", String(format: "%d of %d records raise an alert, where %.3g %% are promised", alerts, count, 100 * calibration.falseAlarmRate),
                       warnsIf: isFrequent && logSumExp(terms) < log(chance),
                       advice: "they are not like those of the fit, or the promise does not hold: look at them with gibbs score --explain; leave out those that are not normal, and if all are, calibrate again with them")
    }
}

import Foundation
import GibbsNumerics

/// What energies mean, learned from normal records that the model was not fitted to.
///
///     p(E) = (1 + #{calibration energies ≥ E}) / (n + 1)
///
/// For a fresh normal record, exchangeable with the calibration records, P(p ≤ α) ≤ α for every α and every model: the
/// false-alarm rate holds in finite samples, without assumptions on the energy's distribution.
///
/// - Source: Vovk, Gammerman, Shafer, *Algorithmic Learning in a Random World*, 2005; split-conformal prediction after
///   Papadopoulos et al., ECML 2002.
public struct Calibration: Sendable, Hashable {
    /// Energies of normal records, ascending; nats.
    public let energies: [Float]
    /// α, the false-alarm rate at which a record raises an alert.
    public let falseAlarmRate: Double

    /// A calibration on the energies of these records.
    ///
    /// - Parameters:
    ///   - energies: In any order; infinite ones are no error.
    ///   - falseAlarmRate: α, above 0 and below 1.
    /// - Throws: `GibbsError` with code `.usage` for a rate outside its range, `.unsuitableData` for an energy that is `nan`, and,
    ///   saying how many records are needed, when there are too few for the rate: α · (n + 1) must be at least 1.
    /// - Complexity: One sort.
    public init(energies: [Float], falseAlarmRate: Double) throws {
        guard falseAlarmRate > 0, falseAlarmRate < 1 else {
            throw GibbsError(.usage, "a false-alarm rate of \(falseAlarmRate)", advice: "give a share between 0 and 1, for instance 0.01 for 1 %")
        }
        let needed = Self.recordsNeeded(for: falseAlarmRate)
        guard energies.count >= needed else {
            throw GibbsError(.unsuitableData,
                             "a false-alarm rate of \(falseAlarmRate) needs at least \(needed) calibration records, and there are \(energies.count)",
                             advice: energies.isEmpty ? "calibrate with normal records" :
                                "give more normal records, or ask for a rate of \(Self.roundedUp(1 / Double(energies.count + 1))) or more")
        }
        guard !energies.contains(where: \.isNaN) else {
            throw GibbsError(.unsuitableData, "\(energies.count(where: \.isNaN)) of \(energies.count) calibration energies are no numbers (nan)",
                             advice: "leave those records out, or fit the model again")
        }
        self.energies = energies.sorted()
        self.falseAlarmRate = falseAlarmRate
    }

    /// The fewest calibration records with which the rate can be promised: ⌈1/α⌉ − 1.
    public static func recordsNeeded(for falseAlarmRate: Double) -> Int {
        // No table is as long as 2⁵³ rows; beyond it the count itself would overflow.
        max(1, Int(min(0x1p53, (1 / falseAlarmRate - 1e-9).rounded(.up))) - 1)
    }

    private static func roundedUp(_ rate: Double) -> String { String(format: "%.2g", rate * 1.05) }

    /// The share of calibration energies at least this high, with the finite-sample +1; between 1/(n + 1) and 1. Ties count
    /// as at least this high, which can only make the p-value larger. Cost: log n.
    public func pValue(of energy: Float) -> Double {
        Double(1 + energies.count - firstIndex(atLeast: energy)) / Double(energies.count + 1)
    }

    /// The energy above which the p-value is at most `rate`; `+infinity` when there are too few records for the rate.
    ///
    /// A record alerts exactly when its energy is greater than this.
    public func threshold(falseAlarmRate rate: Double) -> Float {
        let allowed = Int((rate * Double(energies.count + 1) + 1e-9).rounded(.down))
        return allowed < 1 ? .infinity : energies[energies.count - min(allowed, energies.count)]
    }

    /// The threshold at this calibration's own rate.
    public var threshold: Float { threshold(falseAlarmRate: falseAlarmRate) }

    /// Whether a record of this energy raises an alert: p ≤ α, where an α · (n + 1) within 1e-9 of a whole number counts as it.
    public func alerts(on energy: Float) -> Bool { energy > threshold }

    /// Thresholds for a range of rates that these records can promise, loosest first.
    public var table: [(falseAlarmRate: Double, threshold: Float)] {
        [0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001, 0.00001]
            .filter { Self.recordsNeeded(for: $0) <= energies.count }
            .map { ($0, threshold(falseAlarmRate: $0)) }
    }

    /// The same energies at another rate.
    ///
    /// - Throws: As the initialiser.
    public func with(falseAlarmRate: Double) throws -> Calibration { try Calibration(energies: energies, falseAlarmRate: falseAlarmRate) }

    private func firstIndex(atLeast energy: Float) -> Int {
        var low = 0, high = energies.count
        while low < high {
            let middle = (low + high) / 2
            if energies[middle] < energy { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

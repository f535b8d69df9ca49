import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics

/// Settings of a fit on sessions.
public struct SessionOptions: Sendable, Hashable {
    /// Which energy sessions have; chosen by the sessions where `nil`.
    public var kind: SessionEnergy.Kind?
    /// N, the events remembered.
    public var history = 5
    /// Hidden units a field.
    public var hidden = 64
    /// Passes over the events; `nil` for 20, or as many more as make some 2,000 steps where the events are few.
    public var epochs: Int?
    /// Share of the sessions kept for calibration.
    public var calibrationShare = 0.25
    /// Share of normal sessions that may raise an alert.
    public var falseAlarmRate: Double?
    /// Number from which all randomness is derived.
    public var seed: UInt64 = 1

    /// The defaults.
    public init() {}
}

/// A watchdog on sessions: learns normal ones, calibrates, scores.
public struct SessionWatchdog: Sendable {
    /// The energy of a session.
    public let energy: SessionEnergy
    /// What alerts; `nil` without sessions to calibrate on.
    public let calibration: Calibration?

    /// Learns normal sessions and calibrates on a share of them that the fit has not seen.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableData` or `.usage`.
    public static func fitted(to sequences: EventSequences, options: SessionOptions = .init(),
                              report: (Int, Epoch<ConditionalRBM>) throws -> Void = { _, _ in }) throws -> SessionWatchdog {
        let key = Key(options.seed), order = key.folding(0).permutation(sequences.sessions.count)
        let held = Int((options.calibrationShare * Double(order.count)).rounded())
        guard order.count - held >= 2 else {
            throw GibbsError(.unsuitableData, "\(order.count) normal sessions cannot teach what is normal", advice: "give some hundred")
        }
        let fit = sequences.selecting(order.dropFirst(held).sorted()), fresh = sequences.selecting(order.prefix(held).sorted())
        var method = MaximumLikelihood()
        method.epochs = options.epochs ?? min(200, max(20, 2_000 * method.batchSize / max(1, fit.eventCount)))
        let model = try EventModel.fitted(to: fit, history: options.history, hidden: options.hidden, by: method, key: key.folding(1), report: report)
        let levels = try CountEnergy.levels(of: fit, model: model), freshLevels = try CountEnergy.levels(of: fresh, model: model)
        let energy = SessionEnergy(model: model, counts: try CountEnergy(fitting: levels, key: key.folding(2)),
                                   kind: options.kind ?? SessionEnergy.kind(fit: levels, held: freshLevels))
        let rate = options.falseAlarmRate ?? max(0.01, 1 / Double(held + 1))
        let calibration = held == 0 ? nil : try Calibration(energies: energy.energies(of: fresh), falseAlarmRate: rate)
        return SessionWatchdog(energy: energy, calibration: calibration)
    }
}

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
    /// Share of normal sessions that may raise an alert; 1 % unless told, or what few sessions bear.
    public var falseAlarmRate: Double?
    /// Number from which all randomness is derived.
    public var seed: UInt64 = 1
    /// The member that told normal sessions from others, and its value; kept in the training record.
    public var labelColumn: String?, normalValue: String?

    /// The defaults.
    public init() {}

    func check() throws {
        guard 1 ... EventModel.historyLimit ~= history, hidden > 0, epochs ?? 1 > 0 else {
            throw GibbsError(.usage, "a history of \(history) events, \(hidden) hidden units and \(epochs ?? 1) epochs",
                             advice: "give positive numbers, and a history up to \(EventModel.historyLimit)")
        }
        guard 0 ..< 1 ~= calibrationShare else {
            throw GibbsError(.usage, "a calibration share of \(calibrationShare)", advice: "give a share from 0, below 1")
        }
    }
}

extension EventWatchdog {
    /// Learns normal sessions and calibrates on a share of them that the fit has not seen.
    ///
    /// - Parameter report: Sees the epochs of each field, with their number in all; what it throws ends the fit.
    /// - Throws: `GibbsError` with code `.unsuitableData` or `.usage`.
    /// - Complexity: That of `EventModel.fitted(to:)`.
    public static func fitted(to sequences: EventSequences, options: SessionOptions = .init(),
                              report: (_ field: Int, _ epochs: Int, Epoch<ConditionalRBM>) throws -> Void = { _, _, _ in }) throws -> EventWatchdog {
        try options.check()
        let key = Key(options.seed), order = key.folding(0).permutation(sequences.sessions.count)
        let held = Int((options.calibrationShare * Double(order.count)).rounded())
        guard order.count - held >= 2 else {
            throw GibbsError(.unsuitableData, "\(order.count) normal sessions cannot teach what is normal", advice: "give some hundred")
        }
        let fresh = sequences.selecting(order.prefix(held).sorted()), seen = sequences.selecting(order.dropFirst(held).sorted())
        let told = try Self.kind(seen, fresh, options), tuning = told.kind == .workflow ? 0 : Self.tuningCount(seen.sessions.count)
        let apart = key.folding(3).permutation(seen.sessions.count)
        let fit = seen.selecting(apart.dropFirst(tuning).sorted()), weighed = seen.selecting(apart.prefix(tuning).sorted())
        var method = MaximumLikelihood(), final = [Double](repeating: 0, count: sequences.fields.count)
        method.epochs = options.epochs ?? min(200, max(20, 2_000 * method.batchSize / max(1, fit.eventCount)))
        let model = try EventModel.fitted(to: fit, history: options.history, hidden: options.hidden, by: method, key: key.folding(1)) { field, epoch in
            final[field] = epoch.figures["surprise"] ?? .nan
            try report(field, method.epochs, epoch)
        }
        let baseline = try NGramModel(fitting: fit, like: model, order: options.history + 1)
        let mixture = tuning == 0 ? EventMixture.even : EventMixture(fitting: try EventMixture.opinions(
            of: weighed, surprises: model.surprises(of: weighed), model: model, baseline: baseline).flatMap(\.self))
        let counts = try CountEnergy(fitting: CountEnergy.levels(of: fit, model: model), key: key.folding(2))
        let energy = SessionEnergy(model: model, counts: counts, kind: told.kind, baseline: baseline, mixture: mixture)
        let training = Training(
            digest: sequences.digest, sessions: seen.sessions.count, events: seen.eventCount, tuningSessions: tuning, heldSessions: held, seed: options.seed,
            method: "maximum likelihood, exact: history \(options.history), \(options.hidden) hidden units", epochs: method.epochs, temperature: 1, choice: told.choice,
            diagnostics: try Self.diagnostics(of: energy, fresh, final), labelColumn: options.labelColumn, normalValue: options.normalValue)
        let watchdog = EventWatchdog(energy: energy, calibration: nil, training: training)
        return held == 0 ? watchdog : try watchdog.calibrated(on: fresh, falseAlarmRate: options.falseAlarmRate ?? max(0.01, 1 / Double(held + 1)))
    }

    /// An eighth of the sessions weighs the parts of a mixture, unless there are too few for that.
    private static func tuningCount(_ sessions: Int) -> Int { sessions < 40 ? 0 : sessions / 8 }

    private static func kind(_ fit: EventSequences, _ held: EventSequences, _ options: SessionOptions) throws -> (kind: SessionEnergy.Kind, choice: String) {
        if let kind = options.kind { return (kind, "on request") }
        let blank = EventModel.blank(for: fit, history: options.history)
        return SessionEnergy.kind(fit: try CountEnergy.levels(of: fit, model: blank), held: try CountEnergy.levels(of: held, model: blank))
    }

    private static func diagnostics(of energy: SessionEnergy, _ fresh: EventSequences, _ final: [Double]) throws -> Diagnostics {
        func mean(_ surprises: [[Float]]) -> Double? { surprises.contains { !$0.isEmpty } ? Statistics.mean(surprises.flatMap(\.self)) : nil }
        func first(_ surprises: [[EventModel.Surprises]]) -> [[Float]] { surprises.map { $0.map { $0[0] } } }
        let own = try energy.model.surprises(of: fresh)
        return Diagnostics(finalSurprise: final, heldSurprise: mean(first(own)), heldMixture: energy.kind == .workflow ? nil : try mean(first(energy.surprises(of: fresh))),
                           heldBaseline: try mean(energy.baseline.surprises(of: fresh, like: energy.model)))
    }
}

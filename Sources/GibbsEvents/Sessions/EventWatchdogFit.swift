import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics

extension EventWatchdog {
    /// Learns normal sessions and calibrates on them: on a share that the fit has not seen, or by cross-fitting on all; see `SessionCalibration`.
    ///
    /// - Parameter report: Sees the epochs; what it throws ends the fit.
    /// - Throws: `GibbsError` with code `.unsuitableData` or `.usage`.
    /// - Complexity: That of `EventModel.fitted(to:)`; with cross-fitting as many more as there are parts, each on the other parts.
    public static func fitted(to sequences: EventSequences, options: SessionOptions = .init(), report: (SessionFitStep) throws -> Void = { _ in }) throws -> EventWatchdog {
        try options.check()
        let key = Key(options.seed), count = sequences.sessions.count, order = key.folding(0).permutation(count), held = options.held(of: count)
        guard count - (held ?? count / options.folds) >= 2 else {
            throw GibbsError(.unsuitableData, "\(count) normal sessions cannot teach what is normal", advice: "give some hundred")
        }
        let seen = sequences.selecting(order.dropFirst(held ?? 0).sorted()), told = try kind(seen, options)
        let folds = held == nil ? min(options.folds, count) : 0
        var fresh = Fresh()
        for fold in 0 ..< folds {
            let apart = order.indices.filter { $0 % folds == fold }.map { order[$0] }, rest = order.indices.filter { $0 % folds != fold }.map { order[$0] }
            let found = try SessionFit(sequences.selecting(rest.sorted()), kind: told.kind, options, key: key.folding(4).folding(fold)) { try report(.init($0, fit: fold, of: folds + 1)) }
            try fresh.add(sequences.selecting(apart.sorted()), scoredBy: found.energy)
        }
        let fit = try SessionFit(seen, kind: told.kind, options, key: key) { try report(.init($0, fit: folds, of: folds + 1)) }
        if let held { try fresh.add(sequences.selecting(order.prefix(held).sorted()), scoredBy: fit.energy) }
        let training = Training(
            digest: sequences.digest, sessions: seen.sessions.count, events: seen.eventCount, tuningSessions: fit.tuning, heldSessions: fresh.energies.count,
            folds: held == nil ? folds : nil, seed: options.seed, method: "maximum likelihood, exact: history \(options.history), \(options.hidden) hidden units",
            epochs: fit.epochs, temperature: 1, choice: told.choice, diagnostics: fresh.diagnostics(fit), labelColumn: options.labelColumn, normalValue: options.normalValue)
        let calibration = fresh.energies.isEmpty ? nil : try SessionCalibration(
            energies: fresh.energies, baseline: fresh.baseline, counts: fresh.counts, falseAlarmRate: options.falseAlarmRate ?? max(0.01, 1 / Double(fresh.energies.count + 1)), folds: folds)
        return EventWatchdog(energy: fit.energy, calibration: calibration, training: training)
    }

    private static func kind(_ seen: EventSequences, _ options: SessionOptions) throws -> (kind: SessionEnergy.Kind, choice: String) {
        if let kind = options.kind { return (kind, "on request") }
        return SessionEnergy.kind(levels: try CountEnergy.levels(of: seen, model: EventModel.blank(for: seen, history: options.history)))
    }

    /// What fits said of sessions that they had not seen.
    private struct Fresh {
        private(set) var energies = [Float](), baseline = [Float](), counts = [Float]()
        private var own = Mean(), mixed = Mean(), plain = Mean()

        mutating func add(_ sessions: EventSequences, scoredBy energy: SessionEnergy) throws {
            let parts = try energy.parts(of: sessions)
            energies += parts.map(energy.energy)
            counts += parts.map(\.counts)
            baseline += try energy.baselineEnergies(of: sessions)
            for session in try energy.model.surprises(of: sessions) { own.add(session.map { $0[0] }) }
            for session in try energy.surprises(of: sessions) where energy.kind == .trace { mixed.add(session.map { $0[0] }) }
            for session in try energy.baseline.surprises(of: sessions, like: energy.model) { plain.add(session) }
        }

        func diagnostics(_ fit: SessionFit) -> Diagnostics {
            Diagnostics(finalSurprise: fit.finalSurprise, heldSurprise: own.value, heldMixture: mixed.value, heldBaseline: plain.value)
        }
    }

    private struct Mean {
        private var sum = 0.0, count = 0
        mutating func add(_ values: [Float]) { (sum, count) = (values.reduce(sum) { $0 + Double($1) }, count + values.count) }
        var value: Double? { count == 0 ? nil : sum / Double(count) }
    }
}

/// One fit: the energy of sessions like these.
struct SessionFit {
    let energy: SessionEnergy
    /// Mean surprise in the last epoch, by field.
    private(set) var finalSurprise: [Double]
    /// Sessions that weighed the parts of a mixture, and passes over the others' events.
    let tuning: Int, epochs: Int

    /// An epoch of one of the fields' machines.
    struct Step { var field: Int, fields: Int, epoch: Epoch<ConditionalRBM>, epochs: Int }

    init(_ seen: EventSequences, kind: SessionEnergy.Kind, _ options: SessionOptions, key: Key, report: (Step) throws -> Void) throws {
        // An eighth of the sessions weighs the parts of a mixture, unless there are too few for that.
        tuning = kind == .workflow || seen.sessions.count < 40 ? 0 : seen.sessions.count / 8
        let apart = key.folding(3).permutation(seen.sessions.count)
        let fit = seen.selecting(apart.dropFirst(tuning).sorted()), weighed = seen.selecting(apart.prefix(tuning).sorted())
        var method = MaximumLikelihood(), final = [Double](repeating: 0, count: seen.fields.count)
        method.epochs = options.epochs ?? min(200, max(20, 2_000 * method.batchSize / max(1, fit.eventCount)))
        let model = try EventModel.fitted(to: fit, history: options.history, hidden: options.hidden, by: method, key: key.folding(1)) { field, epoch in
            final[field] = epoch.figures["surprise"] ?? .nan
            try report(Step(field: field, fields: seen.fields.count, epoch: epoch, epochs: method.epochs))
        }
        let baseline = try NGramModel(fitting: fit, like: model)
        let mixture = tuning == 0 ? EventMixture.even : EventMixture(fitting: try EventMixture.opinions(
            of: weighed, surprises: model.surprises(of: weighed), model: model, baseline: baseline).flatMap(\.self))
        let counts = try CountEnergy(fitting: CountEnergy.levels(of: fit, model: model), key: key.folding(2))
        energy = SessionEnergy(model: model, counts: counts, kind: kind, baseline: baseline, mixture: mixture)
        (finalSurprise, epochs) = (final, method.epochs)
    }
}

extension SessionFitStep {
    init(_ step: SessionFit.Step, fit: Int, of fits: Int) {
        self.init(fit: fit, fits: fits, field: step.field, fields: step.fields, epoch: step.epoch, epochs: step.epochs)
    }
}

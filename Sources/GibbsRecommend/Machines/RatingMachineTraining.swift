import Foundation
import GibbsCore
import GibbsNumerics

extension RatingMachine {
    /// Learns a machine of ratings; each epoch is a machine.
    ///
    /// Figures of an epoch: `surprise`, the mean −ln p(v_i | the person's other ratings) of the ratings as they were met, nats, by conditional
    /// likelihood; `reconstruction`, the share of ratings that the chains have left where they were, by contrastive divergence; and
    /// `validationError`, the RMSE of the ratings held out, where some are. With ratings held out the run ends early.
    ///
    /// - Parameters:
    ///   - ratings: Shape people × items, values on the scale.
    ///   - features: Of the people and items, where there are any.
    ///   - key: Holds ratings out, starts the weights, orders people, hides ratings and draws chains.
    /// - Throws: On the first read, `GibbsError` with code `.usage`, `.shapeMismatch` or `.unsuitableData`. Divergence is no error but an ending.
    /// - Complexity: An epoch takes entries × K × hidden sigmoids, times the Gibbs steps by contrastive divergence. The bits do not depend on threads.
    /// - Source: Contrastive divergence: Salakhutdinov et al. 2007, section 2.2. Conditional likelihood: Besag, *Statistical Analysis of Non-Lattice
    ///   Data*, The Statistician 24, 1975.
    public static func training(on ratings: SparseRows, scale: RatingScale, features: RatingFeatures = .init(), options: RatingMachineOptions = .init(), key: Key) -> TrainingRun<RatingMachine> {
        TrainingRun {
            var trial = try Trial(ratings, scale, features, options, key)
            return { trial.epoch() }
        }
    }

    /// A machine fitted to ratings: a trial on all but the held-out ones finds how many epochs are best, then all are learned for as many.
    ///
    /// - Parameter report: Sees what is done (`trial` or `fit`) and the epoch; what it throws ends the fit.
    /// - Throws: As `training(on:scale:features:options:key:)`; divergence counts as unsuitable data.
    public static func fitted(to ratings: SparseRows, scale: RatingScale, features: RatingFeatures = .init(), options: RatingMachineOptions = .init(),
                              report: (String, Epoch<RatingMachine>) throws -> Void = { _, _ in }) throws -> RatingMachine {
        let key = Key(options.seed)
        var best = (epoch: options.epochs, error: Double.infinity)
        if options.validationShare > 0 {
            _ = try training(on: ratings, scale: scale, features: features, options: options, key: key).finish { epoch in
                try report("trial", epoch)
                if let error = epoch.figures["validationError"], error < best.error { best = (epoch.number, error) }
                return true
            }
        }
        var whole = options
        whole.validationShare = 0
        let last = try training(on: ratings, scale: scale, features: features, options: whole, key: key).finish { epoch in
            try report("fit", epoch)
            return epoch.number < best.epoch
        }
        if case .diverged(let reason) = last.ending { throw GibbsError(.unsuitableData, "the training of the rating machine diverged: \(reason)", advice: "learn more slowly, with a smaller rate") }
        return last.model
    }
}

/// A run with ratings held out, which may end early.
private struct Trial {
    private var trainer: RatingTrainer
    private let options: RatingMachineOptions, people: Matrix?
    private let held: SparseRows?, histories: SparseRows
    private var best: (error: Double, epoch: Int, model: RatingMachine)?
    private var good: RatingMachine
    private var number = 0, ended = false

    init(_ ratings: SparseRows, _ scale: RatingScale, _ features: RatingFeatures, _ options: RatingMachineOptions, _ key: Key) throws {
        try options.check()
        let split = ratings.holdingOut(options.validationShare, key: key.folding(1))
        (self.options, people, histories) = (options, features.people, split.kept)
        held = split.held.entries > 0 ? split.held : nil
        trainer = try RatingTrainer(split.kept, scale, features, options, key.folding(2))
        good = trainer.parameters.machine()
    }

    mutating func epoch() -> Epoch<RatingMachine>? {
        if ended { return nil }
        number += 1
        let clock = ContinuousClock(), begin = clock.now
        var figures = trainer.epoch(number), model = trainer.parameters.machine()
        if let held, let error = try? rootMeanSquare(model, held) {
            figures["validationError"] = error
            if error < best?.error ?? .infinity { best = (error, number, model) }
        }
        var ending = number == options.epochs ? Epoch<RatingMachine>.Ending.finished : nil
        if !model.weights.isFinite || !model.biases.isFinite || figures.values.contains(where: { !$0.isFinite }) {
            ending = .diverged(reason: "a weight is no longer finite after epoch \(number)")
            model = good
        } else if let best, number - best.epoch >= options.patience || ending != nil {
            ending = ending ?? .stoppedEarly(reason: "\(options.patience) epochs without a smaller error of the \(held?.entries ?? 0) ratings held out")
            model = best.model
        }
        good = model
        ended = ending != nil
        let took = clock.now - begin
        return Epoch(number: number, model: model, figures: figures, seconds: Double(took.components.seconds) + Double(took.components.attoseconds) * 1e-18, rows: histories.rows, ending: ending)
    }

    private func rootMeanSquare(_ model: RatingMachine, _ held: SparseRows) throws -> Double {
        let energies = try model.ratingEnergies(of: held, for: People(histories: histories), features: people)
        return RatingFigures(energies: energies, ratings: held.values, scale: model.scale).rmse
    }
}

extension SparseRows {
    /// The entries parted at random, the same people and items in both; a share of 0 holds none out.
    func holdingOut(_ share: Float, key: Key) -> (kept: SparseRows, held: SparseRows) {
        let isHeld = key.uniforms(entries).map { $0 < share }
        return (selecting { !isHeld[$0] }, selecting { isHeld[$0] })
    }

    /// The entries at these places.
    func selecting(_ isChosen: (Int) -> Bool) -> SparseRows {
        var starts = [0], chosen = [Int]()
        for row in 0 ..< rows {
            chosen += range(row).filter(isChosen)
            starts.append(chosen.count)
        }
        return SparseRows(columns: columns, starts: starts, indices: chosen.map { indices[$0] }, values: chosen.map { values[$0] })
    }
}

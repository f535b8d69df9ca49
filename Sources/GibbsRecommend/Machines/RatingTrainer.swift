import CKernels
import Foundation
import GibbsCore
import GibbsNumerics

/// The state of training a rating machine on all of some ratings.
///
/// A step takes some people. First what each rating says about the weights of its own item is found, person by person; then each item that
/// they rated sums what its ratings say, in their order, and moves. Nothing is summed across threads, so that the bits depend on none.
struct RatingTrainer {
    /// Numbers that the ratings of a step may take, unless a single person's take more.
    private static let numberLimit = 16_000_000

    var parameters: RatingParameters
    let options: RatingMachineOptions, ratings: SparseRows, levels: [Int32], key: Key, people: Matrix?
    private var counts: [Int], moves: [Int32]
    private var item: Moments, bias: Moments
    private var shared: OptimiserState, mix: OptimiserState, sharedBias: OptimiserState, hiddenBias: OptimiserState
    private var features: (hidden: OptimiserState, levels: OptimiserState, items: OptimiserState)

    init(_ ratings: SparseRows, _ scale: RatingScale, _ features: RatingFeatures, _ options: RatingMachineOptions, _ key: Key) throws {
        guard ratings.entries > 0 else { throw GibbsError(.unsuitableData, "there are no ratings to learn from") }
        guard features.people?.rows ?? ratings.rows == ratings.rows, features.items?.rows ?? ratings.columns == ratings.columns else {
            throw GibbsError(.shapeMismatch, "features of \(features.people?.rows ?? 0) people and \(features.items?.rows ?? 0) items for \(ratings.rows) and \(ratings.columns)")
        }
        (self.options, self.ratings, self.key, people) = (options, ratings, key, features.people)
        parameters = RatingParameters(scale: scale, items: ratings.columns, options: options, features: features, key: key.folding(1))
        levels = try ratings.values.map { value in
            guard let level = scale.level(of: value) else { throw GibbsError(.unsuitableData, "the rating \(value) is not on the scale from \(scale.lowest) to \(scale.highest) by \(scale.step)") }
            return Int32(level)
        }
        var histogram = [Float](repeating: 0.5, count: scale.count)
        for level in levels { histogram[Int(level)] += 1 }
        parameters.sharedBias = histogram.map { log($0 / Float(ratings.entries)) }
        (counts, moves) = (ratings.countsByColumn(), [Int32](repeating: 0, count: ratings.columns))
        func state(_ count: Int) -> OptimiserState { OptimiserState(options.optimiser, count: count) }
        (item, bias) = (Moments(parameters.item.values.count), Moments(parameters.bias.values.count))
        (shared, mix, sharedBias) = (state(parameters.shared.values.count), state(parameters.mix.values.count), state(scale.count))
        hiddenBias = state(parameters.hidden)
        self.features = (state(parameters.people?.hidden.values.count ?? 0), state(parameters.people?.levels.values.count ?? 0), state(parameters.itemLevels.values.count))
    }

    /// One pass over the people, in a random order; epochs count from 1.
    mutating func epoch(_ number: Int) -> [String: Double] {
        let order = key.folding(2).folding(number).permutation(ratings.rows).filter { !ratings.range($0).isEmpty }
        let scale = 1 - (1 - options.finalRateShare) * Float(number - 1) / Float(max(1, options.epochs - 1))
        let size = parameters.scale.count * parameters.hidden
        var total = 0.0, first = 0
        while first < order.count {
            var last = first, entries = 0
            repeat {
                entries += ratings.range(order[last]).count
                last += 1
            } while last < order.count && last - first < options.batch && (entries + ratings.range(order[last]).count) * size <= Self.numberLimit
            total += step(RatingStep(Array(order[first ..< last]), ratings), number: number, scale: scale)
            first = last
        }
        let mean = total / Double(ratings.entries)
        return options.method == .conditionalLikelihood ? ["surprise": mean] : ["reconstruction": mean]
    }

    /// A gradient step; returns the sum of what `epoch` reports.
    private mutating func step(_ step: RatingStep, number: Int, scale: Float) -> Double {
        var evidence = RatingEvidence(step, parameters.part(of: step.items))
        evidence.gather(levels: levels, features: people, options: options, gibbsSteps: options.steps(epoch: number), key: key.folding(3).folding(number))
        move(step, RatingGradient(evidence, parameters, features: people), scale)
        return evidence.reported.reduce(0, +)
    }

    private mutating func move(_ step: RatingStep, _ gradient: RatingGradient, _ scale: Float) {
        // Sums go uphill by Adam, whose steps have no scale, and means by momentum.
        var share: Float = 1
        if case .momentum = options.optimiser { share = 1 / Float(step.places.count) }
        func scaled(_ values: [Float]) -> [Float] { share == 1 ? values : values.map { $0 * share } }
        let mixGradient = gradient.mix(parameters)
        for i in step.items { moves[i] += 1 }
        ItemMove(step: step, gradient: gradient, options: options, counts: counts, moves: moves, mix: parameters.mix, basis: parameters.basis, parts: parameters.shapes + 1, width: parameters.width, scale: scale)
            .run(&parameters.item.values, &item, &parameters.bias.values, &bias)
        shared.step(&parameters.shared.values, along: scaled(gradient.shared), scale: scale)
        if parameters.mix.rows > 0 { mix.step(&parameters.mix.values, along: scaled(mixGradient), scale: scale, decay: 1e-3) }
        sharedBias.step(&parameters.sharedBias, along: scaled(gradient.levels), scale: scale)
        hiddenBias.step(&parameters.hiddenBias, along: scaled(gradient.hidden), scale: scale)
        if parameters.people != nil {
            features.hidden.step(&parameters.people!.hidden.values, along: scaled(gradient.featureHidden.values), scale: scale, decay: 1e-3)
            features.levels.step(&parameters.people!.levels.values, along: scaled(gradient.featureLevels.values), scale: scale, decay: 1e-3)
        }
        if parameters.itemLevels.rows > 0 { features.items.step(&parameters.itemLevels.values, along: scaled(gradient.itemLevels(parameters)), scale: scale, decay: 1e-3) }
    }
}

import Foundation
import GibbsCore
import GibbsNumerics

/// Three opinions of what comes next, as one probability:
///
///     p(x | past) = w₁ p_machine(x | the last N events) + w₂ p_counted(x | the last N events) + w₃ p_own(x | what this sequence did so far)
///
/// The machine generalises, the n-gram remembers, and what a session did before it does again. As energies this is an OR: an event is cheap where one of
/// them expects it. The weights are those under which sessions that none of them has seen are most probable; no label is involved.
///
/// - Source: interpolated models and caches: Jelinek & Mercer 1980; Kuhn & De Mori, *A cache-based natural language model for speech recognition*, IEEE
///   PAMI 1990.
public struct EventMixture: Sendable, Hashable {
    /// w of the machine, the n-gram and the session's own past; sum 1.
    public let weights: [Float]

    init(weights: [Float]) { self.weights = weights }

    /// As much of each: where nothing tells more.
    static let even = EventMixture(weights: [1.0 / 3, 1.0 / 3, 1.0 / 3])

    /// The weights under which these events are most probable, by expectation maximisation.
    ///
    /// - Parameter opinions: The probabilities that each of the three gave to what happened, an element an event.
    init(fitting opinions: [[Double]]) {
        var weights = [Double](repeating: 1.0 / 3, count: 3)
        for _ in 0 ..< 50 where !opinions.isEmpty {
            // One event more for each, so that none is ruled out by a short sample.
            var sums = [1.0, 1, 1]
            for p in opinions {
                let joint = zip(weights, p).map { $0 * $1 }, total = joint.reduce(0, +)
                for index in sums.indices where total > 0 { sums[index] += joint[index] / total }
            }
            let total = sums.reduce(0, +)
            weights = sums.map { $0 / total }
        }
        self.init(weights: weights.map(Float.init))
    }

    /// −ln p of what happened, nats.
    func surprise(_ opinions: [Double]) -> Float {
        -Float(log(zip(weights, opinions).reduce(0) { $0 + Double($1.0) * $1.1 }))
    }

    /// The three probabilities of every event of the first field of every session, the end last where it is an event.
    ///
    /// - Parameter surprises: −ln p of the machine, by session, event and field.
    /// - Throws: `GibbsError` with code `.shapeMismatch` when the fields differ.
    static func opinions(of sequences: EventSequences, surprises: [[EventModel.Surprises]], model: EventModel, baseline: NGramModel) throws -> [[[Double]]] {
        let coded = try model.coded(sequences)[0], counted = try baseline.surprises(of: sequences, like: model)
        return parallelMap(sequences.sessions.count, minimum: 4) { number in
            let codes = Array(coded[sequences.sessions[number].events]) + (model.hasEnd ? [Int32(model.endCode)] : [])
            var own = GrowingHistories()
            return codes.indices.map { at in
                let history = codes[max(0, at - model.history) ..< at]
                let p = own.probability(of: codes[at], after: history, base: 1 / Double(baseline.size))
                own.count(codes[at], after: history)
                return [exp(-Double(surprises[number][at][0])), exp(-Double(counted[number][at])), p]
            }
        }
    }

    /// The surprises of every session under the mixture, by event and field; a missing value still costs nothing.
    func mixed(_ surprises: [[EventModel.Surprises]], of sequences: EventSequences, model: EventModel, baseline: NGramModel) throws -> [[EventModel.Surprises]] {
        let opinions = try Self.opinions(of: sequences, surprises: surprises, model: model, baseline: baseline)
        return sequences.sessions.indices.map { number in
            let events = sequences.sessions[number].events
            return surprises[number].enumerated().map { at, fields in
                if at < events.count, sequences.codes[0][events.lowerBound + at] < 0 { return fields }
                return [surprise(opinions[number][at])] + fields.dropFirst()
            }
        }
    }
}

import Foundation
import GibbsMachines
import GibbsNumerics

/// Evidence that an entity comes to its subjects as a stranger again and again, and to no avail: of its n events today, k had a value that
/// was new to their subject and did not become a habit.
///
///     R = ln ∫ θᵏ(1 − θ)ⁿ⁻ᵏ dBeta(θ; ½, ½) − ln p₀ᵏ(1 − p₀)ⁿ⁻ᵏ   for k > n p₀, else 0
///
/// The Bayes factor of "this entity's events are strange at a rate of their own" against the share p₀ of all events. While events are strange
/// independently at the rate p₀, exp(R) before the cut at 0 is an e-value at every n. They are not, quite: who errs once errs again. So R joins a score at a
/// weight w ≤ 1, by which it reaches the threshold as seldom as the rest of the score does on normal days.
///
/// - Source: the mixture: Krichevsky and Trofimov, *The performance of universal encoding*, IEEE Trans. Inf. Theory 1981; as an e-process: Ramdas, Grünwald,
///   Vovk, Shafer, *Game-theoretic statistics and safe anytime-valid inference*, Statistical Science 2023.
public struct StrangeRate: Sendable, Hashable, Codable {
    /// The familiar field whose `new` is counted.
    public let field: String
    /// p₀, the share of normal events.
    public let share: Double
    /// w, between 0 and 1.
    public internal(set) var weight: Float = 1

    /// The rate of a field.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableModel` for a share or weight beyond its range.
    public init(field: String, share: Double, weight: Float = 1) throws {
        guard share > 0, share < 1, weight >= 0, weight <= 1 else {
            throw GibbsError(.unsuitableModel, "a share of \(share) and a weight of \(weight) of strange events", at: .init(field: field), advice: "the file is damaged")
        }
        (self.field, self.share, self.weight) = (field, share, weight)
    }

    /// R of k strange events of n, nats; 0 while k is no more than is usual.
    public func gain(_ k: Int, of n: Int) -> Float {
        guard k > 0, Double(k) > Double(n) * share else { return 0 }
        let a = Double(k), b = Double(n - min(n, k))
        let mixture = lgamma(a + 0.5) + lgamma(b + 0.5) - lgamma(a + b + 1) - Foundation.log(.pi)
        return Float(max(0, mixture - a * Foundation.log(share) - b * log1p(-share)))
    }

    /// What a day's counts gain most of some rates, weighted, and at which of them; `nil` where none gains.
    static func best<Counts: Collection>(_ rates: [StrangeRate], counts: Counts, of total: Int) -> (gain: Float, rate: Int)? where Counts.Element == UInt16 {
        var best: (gain: Float, rate: Int)?
        for (index, count) in counts.enumerated() where count > 0 {
            let gain = rates[index].weight * rates[index].gain(Int(count), of: total)
            if gain > best?.gain ?? 0 { best = (gain, index) }
        }
        return best
    }
}

extension StreamModel {
    /// How often the events of a fit are strange; of full weight.
    func strangeRates(of fit: EventSequences) throws -> [StrangeRate] {
        let habitual = schema.habitual.flatMap { fit.names[0].firstIndex(of: $0) }.map(Int32.init)
        return try profile.strange.map { field in
            let new = fit.names[field].firstIndex(of: EventSchema.familiarNames[3]).map(Int32.init)
            let count = (0 ..< fit.eventCount).count { fit.codes[field][$0] == new && (habitual == nil || fit.codes[0][$0] != habitual) }
            return try StrangeRate(field: schema.fields[field].name, share: (Double(count) + 0.5) / Double(fit.eventCount + 1))
        }
    }

    /// A copy with these rates, the weight of each such that it reaches, on normal days, the height of the other scores as seldom as they do; at most 1.
    ///
    ///     w_f = min(1, θ(S + max(0, g)) / θ(R_f)),   θ: the k-th largest news of an entity-day, k = max(2, ⌊α (n + 1) / 2⌋)
    ///
    /// - Parameter rate: α.
    func counting(_ rates: [StrangeRate], on log: EventLog, where counted: [Bool], rate: Double) -> StreamModel {
        if rates.isEmpty { return self }
        var others = self, strangers = [Peaks](repeating: Peaks(), count: rates.count)
        others.strange = rates
        var monitor = StreamMonitor(others, calibration: nil, limit: max(1, log.entities.count))
        others.strange = []
        log.batches(of: 4_096) { batch, events in
            monitor.strangeGains(batch) { index, rate, gain in
                let event = events[index]
                if counted[event] { strangers[rate].add(gain, entity: log.entity[event], day: log.day(event), event: event) }
            }
        }
        func height(_ peaks: [Peak]) -> Float {
            let k = max(2, Int(rate * Double(peaks.count + 1) / 2))
            return peaks.isEmpty ? 0 : peaks.map(\.score).sorted(by: >)[min(k, peaks.count) - 1]
        }
        let usual = height(others.peaks(of: log, where: counted))
        for index in strangers.indices {
            let height = height(strangers[index].all)
            others.strange.append(rates[index])
            others.strange[index].weight = height > usual ? usual / height : 1
        }
        return others
    }
}

import Foundation
import GibbsCore
import GibbsNumerics

/// How often each name comes nowadays: counts that decay, by which the biases of the model follow the stream and nothing else does.
///
///     n_k ← n_k 2^{−1/h} + [x = k],   b_k ← b_k + ln (n_k + a f_k) / (n + a) − ln f_k
///
/// f are the frequencies at the fit and a = h / ln 2 counts that they weigh at the beginning. Dropping this value undoes all.
public struct Frequencies: Sendable, Hashable, Codable {
    /// h, the events after which a count is worth half.
    public let halfLife: Double
    /// The longest half-life, beyond which an event would not change a count's bits.
    private static let longest = 1e12
    /// Decayed counts of every field, the names never seen last.
    public private(set) var counts: [[Double]]
    /// Frequencies at the fit.
    private let base: [[Double]]
    /// Events seen since the biases were last made.
    private var pending = 0
    /// The shifts in force: those of the last time that enough events had come.
    private(set) var applied: [[Float]]?
    /// The shares of names never seen in force.
    private var appliedUnseen: [Double]?
    /// Events after which the biases are made anew.
    private static let period = 1_000
    /// What an event counts now: grows instead of all others shrinking.
    private var weight = 1.0

    /// Frequencies as they were at the fit of this model.
    ///
    /// - Throws: `GibbsError` with code `.usage` for a half-life that is not positive.
    public init(of model: EventModel, halfLife: Double) throws {
        guard halfLife >= 100, halfLife <= Self.longest else { throw GibbsError(.usage, "a half-life of \(halfLife) events", advice: "give 100 or more, and 1e12 at most") }
        self.halfLife = halfLife
        base = model.vocabularies.map(\.probabilities)
        counts = base.map { f in f.map { $0 * halfLife / log(2) } }
    }

    /// The share of names never seen, by field, as it was when the biases were last made.
    public var unseen: [Double] { appliedUnseen ?? base.map { $0.last! / $0.reduce(0, +) } }

    /// How many events fit in before the biases are made anew.
    var room: Int { max(1, Self.period - pending) }

    /// Whether these are of that model's names.
    func fit(_ model: EventModel) -> Bool {
        counts.count == base.count && zip(counts, base).allSatisfy { $0.count == $1.count && $0.allSatisfy { $0 >= 0 && $0 < 1e30 } && $0.reduce(0, +) > 0 }
            && (applied.map { $0.map(\.count) == base.map { $0.count - 1 } && $0.allSatisfy { $0.allSatisfy(\.isFinite) } } ?? true)
            && (appliedUnseen.map { $0.count == base.count && $0.allSatisfy { 0 ... 1 ~= $0 } } ?? true)
            && base == model.vocabularies.map(\.probabilities) && weight >= 1 && weight < 1e12 && halfLife >= 100 && 0 ... 1_000_000 ~= pending
    }

    /// Counts an event's field.
    mutating func count(_ code: Int32, field: Int) {
        if field == 0 {
            weight *= exp2(1 / halfLife)
            pending += 1
        }
        guard code != Examples.missing else { return }
        let place = code == Examples.unseen ? counts[field].count - 1 : Int(code)
        if place < counts[field].count { counts[field][place] += weight }
    }

    /// What to add to ln p of every known name, by field, when enough events have come to make it anew.
    mutating func shiftsIfDue() -> [[Float]]? {
        if pending < Self.period { return nil }
        pending = 0
        if weight > 1e6 {
            for field in counts.indices { for k in counts[field].indices { counts[field][k] /= weight } }
            weight = 1
        }
        applied = shifts
        appliedUnseen = counts.map { $0.last! / $0.reduce(0, +) }
        return applied
    }

    /// What to add to ln p of every known name, by field, nats.
    var shifts: [[Float]] {
        zip(counts, base).map { now, base in
            let known = now.dropLast().reduce(0, +), usual = base.dropLast().reduce(0, +)
            return zip(now.dropLast(), base.dropLast()).map { n, f in
                f > 0 ? Float(log(max(n, 1e-9 * known) / known) - log(f / usual)) : 0
            }
        }
    }
}

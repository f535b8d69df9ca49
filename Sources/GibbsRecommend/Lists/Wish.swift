import GibbsNumerics

/// What a list of recommendations shall be like.
public struct Wish: Sendable, Hashable {
    /// How far to stray from the best items.
    public enum Dial: Sendable, Hashable {
        /// τ, at least 0: 0 gives the best items in order, 1 the model's own probabilities, more explores.
        case temperature(Double)
        /// τ such that exp(entropy), the effective number of items, is this; from 1 to the number of candidates.
        case effectiveItems(Double)
        /// τ such that the effective number is candidates^x: 0 gives the best items, 1 any item alike, and steps between are equal in entropy.
        case explore(Double)
    }

    /// Items a list, at least 1.
    public var count: Int
    /// How far to stray.
    public var dial: Dial
    /// Whether items that the person has rated may come up.
    public var allowsRated = false
    /// Items that must not come up.
    public var excluded: Set<Int> = []
    /// The only items that may come up; nil for all.
    public var only: Set<Int>?

    /// A list of the best items that a person has not rated, unless told otherwise.
    ///
    /// - Throws: `GibbsError` with code `.usage` for a count below 1 or a dial out of its range.
    public init(count: Int, dial: Dial = .temperature(0)) throws {
        guard count > 0 else { throw GibbsError(.usage, "a list of \(count) items", advice: "ask for at least 1") }
        switch dial {
        case .temperature(let t): try Temperature.check(t)
        case .effectiveItems(let n) where !(n >= 1): throw GibbsError(.usage, "\(n) effective items", advice: "give a number from 1 to that of the candidates")
        case .explore(let x) where !(0 ... 1 ~= x): throw GibbsError(.usage, "to explore by \(x)", advice: "give a share from 0 (the best items) to 1 (any item)")
        default: break
        }
        (self.count, self.dial) = (count, dial)
    }
}

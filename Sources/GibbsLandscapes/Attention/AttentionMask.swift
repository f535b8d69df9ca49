/// Which keys a query may look at; the others have infinite energy.
public enum AttentionMask: Sendable, Hashable {
    /// All of them.
    case none
    /// Those up to its own place: query i sees the keys 0...i.
    case causal
    /// The keys marked `true`, the same for every query: what padding wants.
    case keys([Bool])
    /// A mark for every query and key, row-major, shape `[queries, keys]`.
    case pairs([Bool])

    /// Whether query i may look at key j, of `keys` keys.
    func permits(_ query: Int, _ key: Int, of keys: Int) -> Bool {
        switch self {
        case .none: true
        case .causal: key <= query
        case .keys(let marks): marks[key]
        case .pairs(let marks): marks[query * keys + key]
        }
    }

    /// The number of marks that this mask must have; `nil` for one without marks.
    func marks(queries: Int, keys: Int) -> (found: Int, wanted: Int)? {
        switch self {
        case .none, .causal: nil
        case .keys(let marks): (marks.count, keys)
        case .pairs(let marks): (marks.count, queries * keys)
        }
    }
}

/// The lines of highest energy, at most `limit` of them, strangest first.
struct Strongest {
    let limit: Int
    private var kept: [(energy: Float, text: String)] = []

    init(limit: Int) { self.limit = limit }

    /// Whether a line of this energy would be kept.
    func admits(_ energy: Float) -> Bool { kept.count < limit || kept.last.map { energy > $0.energy } ?? false }

    mutating func add(_ text: String, energy: Float) {
        let at = kept.firstIndex { $0.energy < energy } ?? kept.count
        kept.insert((energy, text), at: at)
        if kept.count > limit { kept.removeLast() }
    }

    var texts: [String] { kept.map(\.text) }
}

/// The names a categorical field took, with how often.
public struct Vocabulary: Sendable, Hashable, Codable {
    /// Most frequent first; ties in alphabetical order.
    public var names: [String]
    /// Rows with each name.
    public var counts: [Int]
    /// Rows whose name was too rare to keep; they stand for the unseen.
    public var rareCount: Int

    /// A vocabulary. Names must not repeat, and there is one count a name.
    public init(names: [String], counts: [Int], rareCount: Int = 0) {
        self.names = names
        self.counts = counts
        self.rareCount = rareCount
    }

    /// The index that stands for every name not in the vocabulary.
    public var unseen: Int { names.count }

    /// The Good–Turing probability of a name never seen, (n₁ + ½) / (N + 1), at least the share of rare names.
    public var unseenProbability: Double {
        let total = Double(counts.reduce(0, +) + rareCount)
        return (Double(counts.count { $0 == 1 } + rareCount) + 0.5) / (total + 1)
    }

    /// Probability of every index, the unseen one last; sums to one.
    public var probabilities: [Double] {
        let unseen = min(unseenProbability, 0.99), total = Double(max(1, counts.reduce(0, +)))
        return counts.map { (1 - unseen) * Double($0) / total } + [unseen]
    }
}

// MARK: - Decoding: a file may claim anything

extension Vocabulary {
    /// Refuses names that repeat, counts that do not fit the names, and negative or absurd counts.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(names: try values.decode([String].self, forKey: .names), counts: try values.decode([Int].self, forKey: .counts),
                  rareCount: try values.decode(Int.self, forKey: .rareCount))
        guard Set(names).count == names.count, counts.count == names.count, (counts + [rareCount]).allSatisfy({ 0 ... 1 << 40 ~= $0 }) else {
            throw DecodingError.dataCorruptedError(forKey: .names, in: values, debugDescription: "\(names.count) names that repeat, or \(counts.count) counts that do not fit them")
        }
    }
}

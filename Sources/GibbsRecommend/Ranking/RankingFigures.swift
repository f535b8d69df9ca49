import Foundation
import GibbsNumerics

/// How good lists of unseen items are, against the items that people did turn to; means over the people with at least one such item.
///
/// With R a person's test items and rel_r whether the list's item at rank r = 1 … k is one of them:
///
///     NDCG@k = Σ_r rel_r / log₂(r + 1)  /  Σ_{r ≤ min(k, |R|)} 1 / log₂(r + 1)
///     recall@k = Σ_r rel_r / |R|     precision@k = Σ_r rel_r / k     AP@k = Σ_r rel_r precision@r / min(k, |R|)
///
/// - Source: Järvelin & Kekäläinen, *Cumulated gain-based evaluation of IR techniques*, TOIS 2002, with gains 0 and 1; average precision cut at k
///   as in the MovieLens and KDD cup tools (and `implicit.evaluation`).
public struct RankingFigures: Sendable, Hashable {
    /// k.
    public let length: Int
    /// People who were judged.
    public let people: Int
    /// See the type.
    public let ndcg: Double, recall: Double, precision: Double, averagePrecision: Double
    /// The share of people with at least one test item in the list.
    public let hitRate: Double
    /// The share of all items that stand in at least one list.
    public let coverage: Double
    /// Mean over lists of 1 − cos(i, j) over pairs of their items, where cos(i, j) = |users of both| / √(|users of i| |users of j|) in train.
    public let diversity: Double
    /// Mean of −ln((n_i + 1) / (n + 1)) over listed items, nats: n_i of n people have item i in train.
    public let novelty: Double

    /// The figures of some lists.
    ///
    /// - Parameters:
    ///   - lists: A list for each person.
    ///   - test: What each of them turned to, shape people × items.
    ///   - train: Histories over the same items, of whichever people, for popularity and co-occurrence.
    /// - Complexity: people × k² / 2 merges of the items' users in train, in parallel, for the diversity; the rest is a pass.
    public init(_ lists: TopItems, test: SparseRows, train: SparseRows) {
        precondition(lists.items.count == test.rows && test.columns == train.columns, "\(lists.items.count) lists for \(test.rows) people")
        let judged = (0 ..< test.rows).filter { !test.range($0).isEmpty }, k = lists.length
        var sums = [Double](repeating: 0, count: 5), listed = [Bool](repeating: false, count: test.columns)
        for person in judged {
            for (place, value) in Self.figures(lists.items[person], test.columns(of: person), k).enumerated() { sums[place] += value }
        }
        for person in judged { for item in lists.items[person] { listed[Int(item)] = true } }
        let count = Double(judged.count), company = ItemCompany(train), found = judged.map { lists.items[$0].map(Int.init) }
        (length, people) = (k, judged.count)
        (ndcg, recall, precision, averagePrecision, hitRate) = (sums[0] / count, sums[1] / count, sums[2] / count, sums[3] / count, sums[4] / count)
        coverage = Double(listed.count { $0 }) / Double(max(1, test.columns))
        let several = found.filter { $0.count > 1 }
        diversity = Statistics.mean(parallelMap(several.count) { company.diversity(of: several[$0]) })
        novelty = Statistics.mean(found.flatMap { $0.map(company.novelty) })
    }

    /// NDCG, recall, precision, AP and hit of one list; `relevant` is ascending.
    private static func figures(_ list: [Int32], _ relevant: ArraySlice<Int32>, _ k: Int) -> [Double] {
        let wanted = Set(relevant)
        var gain = 0.0, hits = 0.0, precisions = 0.0
        for (place, item) in list.prefix(k).enumerated() where wanted.contains(item) {
            hits += 1
            gain += 1 / log2(Double(place + 2))
            precisions += hits / Double(place + 1)
        }
        let most = min(k, wanted.count), ideal = (0 ..< most).reduce(0.0) { $0 + 1 / log2(Double($1 + 2)) }
        if most == 0 { return [0, 0, 0, 0, 0] }
        return [gain / ideal, hits / Double(wanted.count), hits / Double(k), precisions / Double(most), hits > 0 ? 1 : 0]
    }
}

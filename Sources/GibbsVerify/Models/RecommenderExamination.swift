import Foundation
import GibbsCore
import GibbsNumerics
import GibbsRecommend

/// Looks into a recommender: whether it keeps what every one of them promises, and whether its lists say anything.
public struct RecommenderExamination: Sendable {
    /// People it is looked at with, at most.
    public static let people = 200
    /// People who are folded in again, at most.
    public static let foldedIn = 20
    /// How far a fitted person's energies may lie from those of the same history folded in, as a share of their spread.
    public static let foldInLimit = 0.02

    private let recommender: Recommender
    private let chosen: [Int]

    /// An examination of a recommender.
    ///
    /// - Parameter key: Which people it is looked at with.
    public init(of recommender: Recommender, key: Key) {
        self.recommender = recommender
        let active = (0 ..< recommender.users.count).filter { !recommender.history.range($0).isEmpty }
        chosen = key.permutation(active.count).prefix(Self.people).map { active[$0] }.sorted()
    }

    /// Everything there is to say.
    ///
    /// - Throws: As `ItemModel.itemEnergies(for:)`.
    /// - Complexity: The energies of all items for `people` people twice, once one by one.
    public func findings() throws -> [Finding] {
        guard !chosen.isEmpty else { return [Finding("people", "none has a history", warnsIf: true, advice: "fit it to data with people in it")] }
        let people = recommender.everyone.selecting(chosen), energies = try recommender.energy.itemEnergies(for: people)
        return [numbers(energies), try company(people, energies), variety(people, energies)] + (try foldIn(people, energies)) + (try stars(people))
    }

    private func numbers(_ energies: Matrix) -> Finding {
        let odd = energies.values.count { !($0 > -.infinity) }
        return Finding("energies", odd == 0 ? "\(energies.values.count) of items, all numbers" : "\(odd) of \(energies.values.count) are no numbers", warnsIf: odd > 0, advice: "fit it again, more slowly or more regularised")
    }

    /// Nobody's answer depends on who else is asked about.
    private func company(_ people: People, _ energies: Matrix) throws -> Finding {
        var largest: Float = 0
        for place in stride(from: 0, to: people.count, by: max(1, people.count / 20)) {
            let alone = try recommender.energy.itemEnergies(for: people.selecting([place]))
            for (a, b) in zip(alone.values, energies.row(place)) where a != b { largest = max(largest, abs(a - b)) }
        }
        return Finding("answers to one and to many", largest == 0 ? "the same" : String(format: "%.2g nats apart", Double(largest)), warnsIf: largest > 0, advice: "a fault of this program, or of the model that it was given")
    }

    /// Lists that are the same for everybody are not personal.
    private func variety(_ people: People, _ energies: Matrix) -> Finding {
        let first = Set((0 ..< people.count).map { row in energies.row(row).enumerated().min { $0.element < $1.element }?.offset ?? -1 })
        let spread = Statistics.mean((0 ..< people.count).map { Temperature.effectiveItems(energies.row($0), temperature: 1) })
        let isEven = spread > 0.99 * Double(recommender.items.count) && recommender.items.count > 20 && recommender.ratingModel == nil
        return Finding("variety", "\(first.count) different first items for \(people.count) people, " + String(format: "%.4g effective items of %d", spread, recommender.items.count), warnsIf: isEven,
                       advice: "its probabilities are all but even; fit it longer, or with less regularisation")
    }

    /// Where U is fitted, the same history folded in must give it again.
    private func foldIn(_ people: People, _ energies: Matrix) throws -> [Finding] {
        guard recommender.energy.fittedCount != nil else { return [] }
        let count = min(Self.foldedIn, people.count), strangers = try recommender.energy.itemEnergies(for: People(histories: people.histories.selecting(rows: Array(0 ..< count))))
        var gap = 0.0, spread = 0.0
        for row in 0 ..< count {
            let own = energies.row(row).map(Double.init), mean = Statistics.mean(own)
            for (a, b) in zip(own, strangers.row(row)) {
                gap += pow(a - Double(b), 2)
                spread += pow(a - mean, 2)
            }
        }
        let share = spread > 0 ? (gap / spread).squareRoot() : gap.squareRoot()
        return [Finding("people folded in again", String(format: "%.2g of their energies' spread away", share), warnsIf: !(share <= Self.foldInLimit),
                        advice: "strangers with the same history get other lists; fit it longer")]
    }

    /// p(r) sums to one, and is not the same for everybody.
    private func stars(_ people: People) throws -> [Finding] {
        guard let model = recommender.ratingModel else { return [] }
        let count = min(Self.foldedIn, people.count), items = min(50, recommender.items.count)
        let asked = SparseRows(columns: recommender.items.count, starts: (0 ... count).map { $0 * items }, indices: (0 ..< count * items).map { Int32($0 % items) }, values: [Float](repeating: 1, count: count * items))
        let expected = try model.expectedRatings(of: asked, for: people.selecting(Array(0 ..< count))), scale = model.scale
        let outside = expected.count { !($0 >= scale.lowest - 1e-6 && $0 <= scale.highest + 1e-6) }, spread = Statistics.standardDeviation(expected)
        return [Finding("expected ratings", outside == 0 ? String(format: "on the scale, spread %.3g", spread) : "\(outside) of \(expected.count) off the scale", warnsIf: outside > 0 || spread < 1e-3 * scale.step,
                        advice: "the model says the same of everything, or nonsense; fit it again")]
    }
}

import Foundation
import GibbsNumerics

/// Some people and what each of them has rated: whom a model is asked about.
public struct People: Sendable {
    /// What they rated, shape people × items of the model.
    public let histories: SparseRows
    /// For each of them, the index it had when the model was fitted, or nil for a person the model never saw; nil for all being new.
    public let fitted: [Int?]?

    /// People with these histories. Traps when `fitted` has another length.
    public init(histories: SparseRows, fitted: [Int?]? = nil) {
        precondition(fitted == nil || fitted!.count == histories.rows, "\(fitted?.count ?? 0) indices for \(histories.rows) people")
        (self.histories, self.fitted) = (histories, fitted)
    }

    /// How many they are.
    public var count: Int { histories.rows }

    /// What a key is folded by for one of them: the index it was fitted with, else its place here; so that a fitted person's draws do not depend on who else is
    /// asked about.
    func number(of place: Int) -> Int { fitted?[place] ?? place }

    /// These of them, in this order.
    public func selecting(_ chosen: [Int]) -> People {
        People(histories: histories.selecting(rows: chosen), fitted: fitted.map { fitted in chosen.map { fitted[$0] } })
    }
}

/// A model of which item: E(u, i), whose distribution over items is p(i | u) = exp(−E(u, i)/τ) / Z.
public protocol ItemModel: Sendable {
    /// The items it knows.
    var itemCount: Int { get }

    /// E of every item for every person, nats at τ = 1; shape `[people.count, itemCount]`. Items that a person has rated are not left out.
    ///
    /// People it was fitted on are answered from what it learned of them, others from their histories alone (fold-in); nobody's answer
    /// depends on who else is asked about.
    /// - Throws: `GibbsError` with code `.shapeMismatch` when the histories have other columns than the model has items.
    func itemEnergies(for people: People) throws -> Matrix
}

extension ItemModel {
    /// Refuses people whose histories are over other items.
    func check(_ people: People) throws {
        guard people.histories.columns == itemCount else {
            throw GibbsError(.shapeMismatch, "histories over \(people.histories.columns) items where the model knows \(itemCount)", advice: "number the ratings by the model's items")
        }
    }
}

/// A model of which rating: E(r | u, i), whose distribution over a scale is p(r | u, i) = exp(−E(r | u, i)) / Z.
public protocol RatingModel: Sendable {
    /// The ratings there are.
    var scale: RatingScale { get }
    /// The items it knows.
    var itemCount: Int { get }

    /// E of every rating of some pairs, nats; shape `[targets.entries, scale.count]`.
    ///
    /// - Parameters:
    ///   - targets: Which items of which person, shape people × items; in the order of its entries. Its values are never read.
    ///   - people: As in `ItemModel`. A target that is also in the history is no error, and is not hidden from the model.
    /// - Throws: As `ItemModel.itemEnergies(for:)`.
    func ratingEnergies(of targets: SparseRows, for people: People) throws -> Matrix
}

extension RatingModel {
    /// Σ r p(r | u, i) of every target, in the order of its entries.
    ///
    /// - Throws: As `ratingEnergies(of:for:)`.
    public func expectedRatings(of targets: SparseRows, for people: People) throws -> [Double] {
        let energies = try ratingEnergies(of: targets, for: people), values = scale.values
        return (0 ..< energies.rows).map { row in zip(RatingScale.law(of: energies.row(row)).p, values).reduce(0.0) { $0 + $1.0 * $1.1 } }
    }
}

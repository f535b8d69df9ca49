import Foundation
import GibbsNumerics

/// What everybody likes: E(i) = −ln((n_i + ½) / (n + m/2)), with n_i of n events on item i of m; the same for every person.
public struct Popularity: ItemModel {
    /// E of every item, nats.
    public let energies: [Float]

    init(energies: [Float]) { self.energies = energies }

    /// Counts the events of these histories.
    public init(histories: SparseRows) {
        let counts = histories.countsByColumn(), total = Double(histories.entries) + Double(histories.columns) / 2
        energies = counts.map { Float(-log((Double($0) + 0.5) / total)) }
    }

    /// The items it knows.
    public var itemCount: Int { energies.count }

    /// See the type; throws `.shapeMismatch` for histories over other items.
    public func itemEnergies(for people: People) throws -> Matrix {
        try check(people)
        return Matrix(rows: people.count, columns: itemCount, values: (0 ..< people.count).flatMap { _ in energies })
    }
}

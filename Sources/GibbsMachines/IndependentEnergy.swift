import Foundation
import GibbsCore
import GibbsNumerics

/// Independent categorical columns: E(x) = Σₖ −ln pₖ(xₖ), nats, normalised. The plain baseline of every joint model.
public struct IndependentEnergy: Sendable, Hashable {
    /// All categorical.
    public let variables: [Variable]
    /// −ln p of every category in nats, column after column.
    public let surprises: [[Float]]

    /// Columns with these surprises. Traps when a column is not categorical or has another number of categories.
    public init(surprises: [[Float]]) {
        self.surprises = surprises
        variables = surprises.map { .categorical($0.count) }
    }

    /// The columns' probabilities from counts, (n + ½) / (N + K/2): Krichevsky & Trofimov's estimate, so that a category
    /// never seen keeps a finite price.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch`, or `.unsuitableData` for a column that is not categorical. Missing
    ///   values are left out; a column without any value is no error and becomes uniform.
    /// - Complexity: One pass.
    /// - Source: Krichevsky & Trofimov, *The performance of universal encoding*, IEEE Trans. Information Theory 1981.
    public static func fitted(to data: Matrix, variables: [Variable]) throws -> IndependentEnergy {
        try data.check(against: variables)
        return IndependentEnergy(surprises: try variables.enumerated().map { column, variable in
            guard case .categorical(let count) = variable else {
                throw GibbsError(.unsuitableData, "column \(column) is not categorical", advice: "bin real columns first")
            }
            var counts = [Double](repeating: 0.5, count: count)
            for row in 0 ..< data.rows where !data[row, column].isNaN { counts[Int(data[row, column])] += 1 }
            let total = counts.reduce(0, +)
            return counts.map { Float(-log($0 / total)) }
        })
    }
}

extension IndependentEnergy: MarginalEnergy {
    /// Σ −ln pₖ in nats over the columns that are there: a missing column sums to one and adds nothing.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData`.
    public func energies(of batch: Matrix) throws -> [Float] {
        try batch.check(against: variables)
        return (0 ..< batch.rows).map { row in
            batch.row(row).enumerated().reduce(0) { $1.element.isNaN ? $0 : $0 + surprises[$1.offset][Int($1.element)] }
        }
    }
}

extension IndependentEnergy: Storable {
    public static let kind = "independent"

    public init(archive: Archive) throws {
        let variables = try [Variable](text: archive.text("variables"))
        var rest = try archive.vector("surprises")[...]
        self.init(surprises: try variables.map { variable in
            guard case .categorical(let count) = variable, count <= rest.count else {
                throw GibbsError(.unsuitableModel, "the surprises do not fit the columns", advice: "the file is damaged")
            }
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        })
    }

    public func archive() -> Archive {
        Archive(tensors: ["surprises": .init(surprises.flatMap { $0 })], metadata: ["variables": variables.text])
    }
}

import Foundation
import GibbsCore
import GibbsNumerics

/// An energy that a watchdog can hold: missing values sum out, and it can be stored.
public typealias RecordEnergy = MarginalEnergy & Storable

/// One opinion in a pool: an energy, how it looks at a record, and what its values are on normal records.
public struct Expert: Sendable {
    /// A word for people: "memory", "rbm".
    public var name: String
    public var view: RecordView
    public var energy: any RecordEnergy
    /// Mean of its energies on normal records that it was not fitted to, nats.
    public var centre: Double
    /// Standard deviation of the same, nats; positive.
    public var spread: Double

    public init(name: String, view: RecordView, energy: any RecordEnergy, centre: Double = 0, spread: Double = 1) {
        self.name = name
        self.view = view
        self.energy = energy
        self.centre = centre
        self.spread = spread
    }
}

/// A product of experts, each at the temperature that gives all of them the same spread on normal records:
///
///     E(x) = (1/K) Σₖ (s̄ / sₖ) (Eₖ(x) − mₖ)          s̄: geometric mean of the spreads sₖ; nats
///
/// Normal records have a mean near zero. With one expert it is that expert's own energy, shifted.
///
/// - Source: Hinton, *Training Products of Experts*, Neural Computation 2002; logarithmic opinion pools with such weights
///   are Heskes, NIPS 1998.
public struct PooledEnergy: Sendable {
    public let variables: [Variable]
    public let experts: [Expert]

    /// Traps when there is no expert or one's energy does not fit its view of the variables.
    public init(variables: [Variable], experts: [Expert]) {
        precondition(!experts.isEmpty, "a pool without experts")
        for expert in experts {
            precondition(expert.view.variables(of: variables) == expert.energy.variables, "expert '\(expert.name)' expects other variables")
            precondition(expert.spread > 0 && expert.spread.isFinite, "expert '\(expert.name)' has a spread of \(expert.spread)")
        }
        self.variables = variables
        self.experts = experts
    }

    /// (1/K) s̄ / sₖ.
    public var weights: [Double] {
        let meanLog = experts.reduce(0.0) { $0 + log($1.spread) } / Double(experts.count)
        return experts.map { exp(meanLog) / $0.spread / Double(experts.count) }
    }

    /// Each expert's share of E, `weights[k] · (Eₖ − mₖ)`, for every row.
    public func shares(of batch: Matrix) throws -> [[Float]] {
        try batch.check(against: variables)
        return try zip(experts, weights).map { expert, weight in
            try expert.energy.energies(of: expert.view.apply(batch, variables: variables)).map { Float(weight * (Double($0) - expert.centre)) }
        }
    }
}

extension PooledEnergy: MarginalEnergy {
    /// The pooled energy. For a missing value each expert sums it out by itself, so that the difference with and without a
    /// value is the pooled conditional surprise Σₖ wₖ · (−ln pₖ(xⱼ | rest)).
    public func energies(of batch: Matrix) throws -> [Float] {
        let shares = try shares(of: batch)
        return (0 ..< batch.rows).map { row in shares.reduce(0) { $0 + $1[row] } }
    }
}

extension PooledEnergy: Storable {
    public static let kind = "pool"

    /// The kinds of energy that a pool can hold.
    public static let readers: [String: @Sendable (Archive) throws -> any RecordEnergy] = ExpertKinds.readers

    public init(archive: Archive) throws {
        let variables = try [Variable](text: archive.text("variables"))
        let listed = try JSON.decode([StoredExpert].self, from: archive.text("experts"), name: "experts")
        guard !listed.isEmpty, listed.count <= 64 else {
            throw GibbsError(.unsuitableModel, "a pool of \(listed.count) experts", advice: "the file is damaged")
        }
        let experts = try listed.enumerated().map { index, stored in
            guard let read = Self.readers[stored.kind] else {
                throw GibbsError(.unsuitableModel, "the pool holds an energy of the unknown kind '\(stored.kind)'",
                                 advice: "read it with the version of gibbs that wrote it")
            }
            let energy = try read(archive.nested("expert\(index)"))
            guard stored.view.fits(variables), stored.view.variables(of: variables) == energy.variables, stored.spread > 0, stored.spread.isFinite, stored.centre.isFinite else {
                throw GibbsError(.unsuitableModel, "the expert '\(stored.name)' does not fit the model's fields", advice: "the file is damaged")
            }
            return Expert(name: stored.name, view: stored.view, energy: energy, centre: stored.centre, spread: stored.spread)
        }
        self.init(variables: variables, experts: experts)
    }

    public func archive() -> Archive {
        let stored = experts.map {
            StoredExpert(name: $0.name, kind: type(of: $0.energy).kind, view: $0.view, centre: $0.centre, spread: $0.spread)
        }
        var result = Archive(metadata: ["variables": variables.text, "experts": JSON.encode(stored)])
        for (index, expert) in experts.enumerated() { result.nest(expert.energy.archive(), under: "expert\(index)") }
        return result
    }

    private struct StoredExpert: Codable {
        var name: String
        var kind: String
        var view: RecordView
        var centre: Double
        var spread: Double
    }
}

extension RecordView {
    /// Whether the view's tables match the variables; a file may claim anything.
    func fits(_ variables: [Variable]) -> Bool {
        switch self {
        case .plain: true
        case .bins(let edges): edges.count == variables.count
        case .indicators(let scales, let means):
            scales.count == variables.count && means.count == variables.count && variables.indices.allSatisfy {
                guard case .categorical(let count) = variables[$0] else { return true }
                return scales[$0].count == count && means[$0].count == count && scales[$0].allSatisfy { $0 > 0 }
            }
        }
    }
}

import Foundation
import GibbsCore
import GibbsData
import GibbsNumerics

/// An energy that a watchdog can hold: missing values sum out, and it can be stored.
public typealias RecordEnergy = MarginalEnergy & Storable

/// One opinion in a pool: an energy, how it looks at a record, and what its values are on normal records.
public struct Expert: Sendable {
    /// A word for people: "memory", "rbm".
    public var name: String
    /// How it looks at a record.
    public var view: RecordView
    /// Its energy, of the variables after the view.
    public var energy: any RecordEnergy
    /// Mean of E on normal records that it was not fitted to, nats.
    public var centre: Double
    /// Standard deviation of the same, nats; positive.
    public var spread: Double

    /// An expert. Nothing is checked before it joins a pool.
    public init(name: String, view: RecordView, energy: any RecordEnergy, centre: Double = 0, spread: Double = 1) {
        self.name = name
        self.view = view
        self.energy = energy
        self.centre = centre
        self.spread = spread
    }
}

/// A product of experts, each weighted so that all of them have the same spread on normal records:
///
///     E(x) = (1/K) Σₖ (s̄ / sₖ) (Eₖ(x) − mₖ)       s̄: geometric mean of the spreads sₖ; nats
///
/// Normal records have a mean near zero. With one expert it is that expert's own −ln p, shifted.
///
/// - Source: Hinton, *Training Products of Experts*, Neural Computation 2002; logarithmic opinion pools with such weights
///   are Heskes, NIPS 1998.
public struct PooledEnergy: Sendable {
    /// The columns of an encoded record.
    public let variables: [Variable]
    /// At least one, in no particular order.
    public let experts: [Expert]

    /// A pool of these experts. Traps when there is none, one's energy does not fit its view of the variables, or a spread is
    /// not positive.
    public init(variables: [Variable], experts: [Expert]) {
        precondition(!experts.isEmpty, "a pool without experts")
        for expert in experts {
            precondition(expert.view.variables(of: variables) == expert.energy.variables, "expert '\(expert.name)' expects other variables")
            precondition(expert.spread > 0 && expert.spread.isFinite, "expert '\(expert.name)' has a spread of \(expert.spread)")
        }
        self.variables = variables
        self.experts = experts
    }

    /// wₖ = (1/K) s̄ / sₖ, dimensionless.
    public var weights: [Double] {
        let meanLog = experts.reduce(0.0) { $0 + log($1.spread) } / Double(experts.count)
        return experts.map { exp(meanLog) / $0.spread / Double(experts.count) }
    }

    /// Each expert's share of E, `weights[k] · (Eₖ − mₖ)` in nats, for every row; shape `[experts][rows]`. They sum to E.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData`.
    public func shares(of batch: Matrix) throws -> [[Float]] {
        try batch.check(against: variables)
        return try zip(experts, weights).map { expert, weight in
            try expert.energy.energies(of: expert.view.apply(batch, variables: variables)).map { Float(weight * (Double($0) - expert.centre)) }
        }
    }
}

extension PooledEnergy: MarginalEnergy {
    /// The pooled energy, nats. For a missing value each expert sums it out by itself, so that the difference with and without
    /// a value is the pooled conditional surprise Σₖ wₖ · (−ln pₖ(xⱼ | rest)). With several experts that is not the marginal of exp(−E), which has no closed form.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData`.
    /// - Complexity: That of all experts together.
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
        guard !variables.isEmpty, !listed.isEmpty, listed.count <= 64 else {
            throw GibbsError(.unsuitableModel, "a pool of \(listed.count) experts on \(variables.count) fields", advice: "the file is damaged")
        }
        let experts = try listed.enumerated().map { index, stored in
            guard let read = Self.readers[stored.kind] else {
                throw GibbsError(.unsuitableModel, "the pool holds an energy of the unknown kind '\(stored.kind)'",
                                 advice: "read it with the version of gibbs that wrote it")
            }
            let energy: any RecordEnergy
            do { energy = try read(archive.nested("expert\(index)")) } catch let error as GibbsError { throw error.aboutModel }
            guard stored.view.fits(variables), stored.view.variables(of: variables) == energy.variables, stored.spread > 0, stored.spread.isFinite,
                  stored.centre.isFinite else {
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

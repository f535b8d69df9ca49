import Foundation
import GibbsCore
import GibbsNumerics

/// A few Gaussian basins joined by OR: E(x) = −ln Σₖ wₖ N(x; μₖ, Σₖ), nats; normalised, so ln Z = 0.
///
/// - Source: Dempster, Laird, Rubin 1977 for the fit; the prior on covariances after Fraley & Raftery, *Bayesian
///   regularization for normal mixture estimation*, J. Classification 2007.
public struct GaussianMixtureEnergy: Sendable {
    /// N(μₖ, Σₖ), each as an energy of its own.
    public let components: [GaussianEnergy]
    /// ln wₖ; the weights sum to one.
    public let logWeights: [Double]

    /// A mixture of these Gaussians. Traps unless there is one weight a component and all have the same variables.
    ///
    /// - Parameters:
    ///   - components: At least one.
    ///   - logWeights: ln wₖ. Weights that do not sum to one are no error; ln Z is then the ln of their sum.
    public init(components: [GaussianEnergy], logWeights: [Double]) {
        precondition(!components.isEmpty && components.count == logWeights.count, "\(components.count) components, \(logWeights.count) weights")
        precondition(components.allSatisfy { $0.mean.count == components[0].mean.count }, "components of different size")
        self.components = components
        // No more digits than an archive holds, so that a model read back is equal to the last bit.
        self.logWeights = logWeights.map { Double(Float($0)) }
    }

    /// −ln wₖ N(x; μₖ, Σₖ) of every row under every component.
    private func componentEnergies(of batch: Matrix) throws -> [[Float]] {
        try zip(components, logWeights).map { component, logWeight in
            let constant = Float(component.logPartition - logWeight)
            return try component.energies(of: batch).map { $0 + constant }
        }
    }
}

extension GaussianMixtureEnergy: MarginalEnergy {
    public var variables: [Variable] { components[0].variables }

    /// −ln p(x) in nats, a density in units of the columns, and so negative where it exceeds one; missing values are integrated
    /// out exactly.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData`.
    /// - Complexity: That of as many Gaussians.
    public func energies(of batch: Matrix) throws -> [Float] {
        let parts = try componentEnergies(of: batch)
        return (0 ..< batch.rows).map { row in Float(-logSumExp(parts.map { -$0[row] })) }
    }
}

extension GaussianMixtureEnergy: DifferentiableEnergy {
    /// E, and ∇E = Σₖ rₖ(x) Λₖ (x − μₖ) with the responsibilities r.
    ///
    /// - Throws: As `energies(of:)`, and `.unsuitableData` for a missing value.
    public func energiesAndGradients(of batch: Matrix) throws -> (energies: [Float], gradients: Matrix) {
        let parts = try componentEnergies(of: batch)
        // In double precision: of energies of a million nats, single precision leaves only the first digit of exp(difference).
        let totals = (0 ..< batch.rows).map { row in logSumExp(parts.map { -$0[row] }) }
        var gradients = Matrix(rows: batch.rows, columns: batch.columns)
        for (component, part) in zip(components, parts) {
            let slope = try component.energiesAndGradients(of: batch).gradients
            for row in 0 ..< batch.rows {
                let responsibility = Float(exp(-Double(part[row]) - totals[row]))
                for k in row * batch.columns ..< (row + 1) * batch.columns { gradients.values[k] += responsibility * slope.values[k] }
            }
        }
        return (totals.map { Float(-$0) }, gradients)
    }
}

// MARK: - Fit

extension GaussianMixtureEnergy {
    /// Fits at most `count` basins by expectation–maximisation from k-means++ centres.
    ///
    /// Each covariance has an inverse-Wishart prior at the pooled, shrunk covariance, worth d + 2 rows, plus `ridge` times
    /// the identity: a basin of few rows keeps the pooled shape. There is at most one basin for every 2d + 2 rows.
    ///
    /// - Parameters:
    ///   - data: Shape `[rows, d]`, roughly standardised, without missing values.
    ///   - count: Basins at most.
    ///   - ridge: Added to every variance.
    ///   - iterations: Steps of expectation–maximisation; there is no test of convergence.
    ///   - key: Chooses the centres.
    /// - Throws: `GibbsError` with code `.unsuitableData` for fewer than two rows or missing values.
    /// - Complexity: `iterations · count · rows · d²`.
    public static func fitted(to data: Matrix, count: Int, ridge: Double = 0.01, iterations: Int = 20, key: Key) throws -> GaussianMixtureEnergy {
        let pooled = try GaussianEnergy.fitted(to: data), d = data.columns
        let basins = max(1, min(count, data.rows / (2 * d + 2)))
        var prior = pooled.covarianceMatrix
        for k in 0 ..< d { prior[k, k] += ridge }
        var responsibilities = try KMeans.assignments(of: data, count: basins, key: key)
        var model = GaussianMixtureEnergy(components: [pooled], logWeights: [0])
        for _ in 0 ..< iterations {
            model = try maximised(data, responsibilities, prior: prior, ridge: ridge)
            if basins == 1 { break }
            let parts = try model.componentEnergies(of: data)
            let total = (0 ..< data.rows).map { row in logSumExp(parts.map { -$0[row] }) }
            responsibilities = parts.map { part in zip(part, total).map { Float(exp(-Double($0) - $1)) } }
        }
        return model
    }

    /// The M step: weights, means and regularised covariances from the responsibilities.
    private static func maximised(_ data: Matrix, _ responsibilities: [[Float]], prior: SymmetricMatrix,
                                  ridge: Double) throws -> GaussianMixtureEnergy {
        let d = data.columns, strength = Double(d + 2)
        var components = [GaussianEnergy](), logWeights = [Double]()
        for weights in responsibilities {
            let mass = weights.reduce(0.0) { $0 + Double($1) }
            let mean = mass > 1e-6 ? data.transposedTimesVector(weights).map { Float(Double($0) / mass) } : [Float](repeating: 0, count: d)
            var centred = data
            centred.subtractFromRows(mean)
            for row in 0 ..< data.rows {
                let root = weights[row].squareRoot()
                for k in row * d ..< (row + 1) * d { centred.values[k] *= root }
            }
            let scatter = Matrix.product(centred, centred, transposeA: true).values
            var covariance = SymmetricMatrix(size: d, values: zip(scatter, prior.values).map {
                (Double($0) + strength * $1) / (mass + strength)
            })
            for k in 0 ..< d { covariance[k, k] += ridge }
            components.append(try GaussianEnergy(mean: mean, covariance: covariance))
            logWeights.append(log((mass + 1) / Double(data.rows + responsibilities.count)))
        }
        return GaussianMixtureEnergy(components: components, logWeights: logWeights)
    }
}

/// Hard clusters by k-means++ and Lloyd's iterations, as the start of a mixture.
enum KMeans {
    /// One list of 0/1 memberships a cluster.
    ///
    /// - Source: Arthur & Vassilvitskii, *k-means++*, SODA 2007.
    static func assignments(of data: Matrix, count: Int, key: Key) throws -> [[Float]] {
        var generator = KeyedGenerator(key: key)
        var centres = data.selecting(rows: [Int.random(in: 0 ..< data.rows, using: &generator)])
        while centres.rows < count {
            let distances = Neighbours.squaredDistances(of: data, to: centres, count: 1)
            let total = distances.reduce(0.0) { $0 + Double($1) }
            var mark = Double.random(in: 0 ..< 1, using: &generator) * total, chosen = data.rows - 1
            for (row, distance) in distances.enumerated() {
                mark -= Double(distance)
                if mark < 0 { chosen = row; break }
            }
            centres = centres.appending(data.selecting(rows: [chosen]))
        }
        var members = [Int](repeating: 0, count: data.rows)
        for _ in 0 ..< 10 {
            var best = [Float](repeating: .infinity, count: data.rows)
            for cluster in 0 ..< centres.rows {
                let distances = Neighbours.squaredDistances(of: data, to: centres.slice(cluster ..< cluster + 1), count: 1)
                for row in 0 ..< data.rows where distances[row] < best[row] { best[row] = distances[row]; members[row] = cluster }
            }
            var sums = [[Double]](repeating: [Double](repeating: 0, count: data.columns), count: centres.rows)
            var counts = [Double](repeating: 0, count: centres.rows)
            for row in 0 ..< data.rows {
                counts[members[row]] += 1
                for (k, value) in data.row(row).enumerated() { sums[members[row]][k] += Double(value) }
            }
            for cluster in 0 ..< centres.rows where counts[cluster] > 0 {
                for k in 0 ..< data.columns { centres[cluster, k] = Float(sums[cluster][k] / counts[cluster]) }
            }
        }
        return (0 ..< centres.rows).map { cluster in members.map { $0 == cluster ? 1 : 0 } }
    }
}

extension GaussianMixtureEnergy: Storable {
    public static let kind = "gaussian-mixture"

    public init(archive: Archive) throws {
        let logWeights = try archive.vector("logWeights")
        guard !logWeights.isEmpty, logWeights.count <= 4096, abs(logSumExp(logWeights)) < 1e-3 else {
            throw GibbsError(.unsuitableModel, "a mixture of \(logWeights.count) components whose weights sum to \(exp(logSumExp(logWeights)))", advice: "the file is damaged")
        }
        let components = try logWeights.indices.map { try GaussianEnergy(archive: archive.nested("component\($0)")) }
        guard components.allSatisfy({ $0.mean.count == components[0].mean.count }) else {
            throw GibbsError(.unsuitableModel, "the mixture's components differ in size", advice: "the file is damaged")
        }
        self.init(components: components, logWeights: logWeights.map(Double.init))
    }

    public func archive() -> Archive {
        var result = Archive(tensors: ["logWeights": .init(logWeights.map(Float.init))])
        for (index, component) in components.enumerated() { result.nest(component.archive(), under: "component\(index)") }
        return result
    }
}

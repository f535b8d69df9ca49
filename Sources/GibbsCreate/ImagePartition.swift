import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics

/// ln Z of one class, by all that was asked for.
public struct ClassPartition: Sendable {
    /// The class.
    public let name: String
    /// Exact, where it can be had and was asked for.
    public let exact: PartitionEstimate?
    /// By annealing both ways, where asked for.
    public let bracket: PartitionBracket?
    /// What ln Z is at most, where the energy is itself a bound on −ln p: of autoencoders and diffusions.
    public let bound: PartitionEstimate?

    /// The value to use: exact, else from below, else what it is at most.
    public var best: PartitionEstimate { exact ?? bracket?.lower ?? bound! }

    init(name: String, exact: PartitionEstimate? = nil, bracket: PartitionBracket? = nil, bound: PartitionEstimate? = nil) {
        (self.name, self.exact, self.bracket, self.bound) = (name, exact, bracket, bound)
    }
}

extension ImageModel {
    /// ln Z of every class; consumes `key`.
    ///
    /// - Throws: `GibbsError` with code `.limitExceeded` when `exact` was asked for and is out of reach; with `both` it is left out then; `.usage` for a
    ///   network, whose ln Z nobody knows, and when `exact` was asked for of a bound.
    public func partition(_ method: PartitionMethod, annealing: MachineAnnealing, data: Matrix? = nil, key: Key,
                          progress: (Double) throws -> Void = { _ in }) throws -> [ClassPartition] {
        if !classes[0].hasNormaliser {
            throw GibbsError(.usage, "a network's ln Z is not known", advice: "its energies are good for differences: gibbs score and gibbs sample")
        }
        if method == .exact, classes[0].energy.isBound {
            throw GibbsError(.usage, "ln Z of \(classes[0].energy.kind) energies is not known exactly: they are bounds on −ln p, and all that is known is that it is at most 0", advice: "leave the method out")
        }
        return try classes.enumerated().map { index, part in
            guard case .machine(let machine) = part.energy else {
                return part.energy.isBound ? ClassPartition(name: part.name, bound: part.logPartition) : ClassPartition(name: part.name, exact: part.logPartition)
            }
            var exact: PartitionEstimate?
            if method != .ais {
                do { exact = try machine.exactLogPartition() } catch let error as GibbsError { if method == .exact { throw error } }
            }
            let bracket = method == .exact ? nil : try machine.logPartition(by: annealing, data: data, key: key.folding(index)) {
                try progress((Double(index) + $0) / Double(classes.count))
            }
            return ClassPartition(name: part.name, exact: exact, bracket: bracket)
        }
    }

    /// The mean of ln p(x) = ln Σ share_y p(x | y) over images, with the ln Z of `partitions`; where these are bounds, ln p is at least that and at most unknown, +∞.
    ///
    /// - Parameters:
    ///   - images: For machines, pixels that are 0 or 1; see `drawn`.
    ///   - partitions: ln Z of every class, in the order of the classes.
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData`, the latter also for no image.
    public func likelihood(of images: Matrix, partitions: [ClassPartition]) throws -> LikelihoodBracket {
        guard images.rows > 0 else { throw GibbsError(.unsuitableData, "there is no image to judge", advice: "give at least one") }
        let energies = try classes.map { try $0.energy.energies(of: images).map(Double.init) }
        func logLikelihoods(_ logPartition: (ClassPartition) -> Double) -> [Double] {
            let constants = zip(classes, partitions).map { log($0.share) - logPartition($1) }
            return (0 ..< images.rows).map { row in logSumExp(classes.indices.map { constants[$0] - energies[$0][row] }) }
        }
        let isBound = partitions.contains { $0.best.kind == .bound }
        return LikelihoodBracket(best: logLikelihoods { $0.best.logPartition }, atLeast: logLikelihoods { ($0.bracket?.upper ?? $0.best).logPartition },
                                 atMost: isBound ? [Double](repeating: .infinity, count: images.rows) : logLikelihoods { ($0.bracket?.lower ?? $0.best).logPartition })
    }

    /// Images as the model's energies see them: for machines, pixels between 0 and 1 drawn once as on or off; consumes `key`.
    public func drawn(_ images: Matrix, key: Key) -> (images: Matrix, wereGrey: Bool) {
        guard case .machine = classes[0].energy, images.values.contains(where: { $0 != 0 && $0 != 1 }) else { return (images, false) }
        let uniforms = key.uniforms(images.values.count)
        return (Matrix(rows: images.rows, columns: images.columns, values: zip(images.values, uniforms).map { $0 > $1 ? 1 : 0 }), true)
    }
}

import GibbsNumerics

/// An energy that a network gives: what can be trained by changing its weights.
///
/// `DeepEnergy` reads E off the network's one output, `JointEnergy` off the outputs of a classifier, `ResidualEnergy` off what an autoencoder leaves
/// unexplained. Whoever conforms is trained by
/// `ContrastiveTraining` and `ScoreTraining`.
public protocol NetworkEnergy: TensorEnergy {
    /// The network.
    var network: Network { get }

    /// The energy that another network gives, all else as it is.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` for a network whose output does not suit.
    func with(_ network: Network) throws -> Self
}

extension DeepEnergy: NetworkEnergy {
    public func with(_ network: Network) throws -> DeepEnergy {
        var result = try DeepEnergy(network)
        result.rowsAtOnce = rowsAtOnce
        return result
    }
}

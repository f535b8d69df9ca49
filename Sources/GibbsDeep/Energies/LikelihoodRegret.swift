import GibbsCore
import GibbsNumerics

/// Likelihood regret: how much better an autoencoder could explain x, if its encoder had been made for x alone.
///
///     E(x) = max over q of ELBO(x; q) − ELBO(x; q(z | x)),   q = N(μ, σ²)
///
/// in nats, at least 0. A likelihood favours what is plain; this asks whether the encoder has seen the like of x. The maximum is sought from the encoder's
/// means and deviations by Adam, all rows side by side, over fresh draws of z in every step. Then both bounds are judged by other draws, the same for both, so
/// that what the search made of its own draws counts for nothing.
///
/// - Source: Xiao, Yan & Amit, *Likelihood Regret: An Out-of-Distribution Detection Score for Variational Auto-encoder*, NeurIPS 2020, equation 5, here
///   with q's parameters rather than the encoder's weights free, as in its section 5.
public struct LikelihoodRegret: Energy {
    /// What explains.
    public let autoencoder: VariationalAutoencoder
    /// Steps of Adam.
    public let steps: Int
    /// The rate of the steps, in units of z.
    public let rate: Float
    /// Draws of z that the two bounds are means over.
    public let draws: Int

    /// The regret of an autoencoder.
    ///
    /// - Throws: `GibbsError` with code `.usage` unless all are positive.
    public init(_ autoencoder: VariationalAutoencoder, steps: Int = 40, rate: Float = 0.1, draws: Int = 32) throws {
        try NetworkDescent.check([(steps > 0, "\(steps) steps"), (rate > 0 && rate.isFinite, "a rate of \(rate)"), (draws > 0, "\(draws) draws")])
        (self.autoencoder, self.steps, self.rate, self.draws) = (autoencoder, steps, rate, draws)
    }

    /// As the autoencoder's.
    public var variables: [Variable] { autoencoder.variables }

    /// The regret of every row.
    ///
    /// - Throws: As the autoencoder's `energies(of:)`.
    /// - Complexity: `steps` gradients of the decoder for each of the autoencoder's draws, and twice `draws` decodings.
    public func energies(of batch: Matrix) throws -> [Float] {
        try autoencoder.checkComplete(batch)
        return try stride(from: 0, to: batch.rows, by: autoencoder.rowsAtOnce).flatMap { first in
            let rows = batch.slice(first ..< min(batch.rows, first + autoencoder.rowsAtOnce))
            return try regrets(of: Tensor(rows, row: autoencoder.input))
        }
    }

    private func regrets(of x: Tensor) throws -> [Float] {
        let start = try Posteriors(autoencoder.posterior(of: x)), search = try NetworkTraining(start, by: .adam(rate: rate)), key = Key(0x4C52)
        for step in 0 ..< steps {
            // The rate falls to nothing, so that the search ends where its draws balance.
            _ = try search.step(scale: 1 - Double(step) / Double(steps)) { try $0.energies(of: x, autoencoder, draws: autoencoder.draws, key: key.folding(step + 1)).sum() }
        }
        let (first, last) = try (start, search.current()), judge = key.folding(0)
        let energies = try [first, last].map { try $0.energies(of: x, autoencoder, draws: draws, key: judge).floats() }
        return zip(energies[0], energies[1]).map { max(0, $0 - $1) }
    }
}

/// A posterior for each row of a batch, on its way up the ELBO: the rows do not see each other, since Adam moves every number by its own slope.
private struct Posteriors: Trainable {
    let parameters: [Tensor]

    init(_ start: VariationalAutoencoder.Posterior) { parameters = [start.mean, start.logVariance] }
    private init(_ parameters: [Tensor]) { self.parameters = parameters }

    func with(parameters: [Tensor]) -> Posteriors { Posteriors(parameters) }

    func energies(of x: Tensor, _ autoencoder: VariationalAutoencoder, draws: Int, key: Key) throws -> Tensor {
        try autoencoder.energy(of: x, given: VariationalAutoencoder.Posterior(mean: parameters[0], logVariance: parameters[1].clamped(-20, 20)), draws: draws, key: key)
    }
}

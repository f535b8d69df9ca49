import Foundation
import GibbsNumerics

/// A variational autoencoder, and −ELBO as an energy: the baseline that energies of images are compared with.
///
///     −ELBO(x) = KL(q(z | x) ‖ N(0, 1)) − E_q ln p(x | z)  ≥  −ln p(x),   q(z | x) = N(μ(x), σ²(x))
///
/// in nats, the expectation over a fixed set of draws, so that the energy is a function of x that has a gradient. Normalised up to the gap
/// of the bound: ln Z is at most 0. `importanceBound` narrows the gap.
///
/// - Source: Kingma & Welling, *Auto-Encoding Variational Bayes*, ICLR 2014, equation 10; Burda, Grosse & Salakhutdinov, *Importance Weighted
///   Autoencoders*, ICLR 2016, equation 8.
public struct VariationalAutoencoder: TensorEnergy {
    /// p(x | z) of every number of a row.
    public enum Likelihood: Sendable, Hashable, Codable {
        /// The decoder gives log-odds; for numbers 0...1, which count as shares of black and white.
        case bernoulli
        /// The decoder gives means; the deviation is the same for all.
        case gaussian(deviation: Float)
    }

    /// From rows to the means of q and the logarithms of its variances, one after the other.
    public let encoder: Network
    /// From z to the parameters of p(x | z).
    public let decoder: Network
    /// p(x | z).
    public let likelihood: Likelihood
    /// Draws of z that an energy is a mean over, in pairs ±ξ scaled to variance 1, so that terms linear in z and the squares of its numbers are exact.
    public var draws = 8
    /// Rows that are computed at once.
    public var rowsAtOnce = 256

    /// An autoencoder of two networks.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` unless the decoder takes half of what the encoder gives, and gives as many numbers as the
    ///   encoder takes; `.usage` for a deviation that is not positive.
    public init(encoder: Network, decoder: Network, likelihood: Likelihood = .bernoulli) throws {
        guard encoder.output.count == 1, decoder.input.count == 1, encoder.output[0] == 2 * decoder.input[0] else {
            throw GibbsError(.shapeMismatch, "the encoder gives \(encoder.output) and the decoder takes \(decoder.input)", advice: "end the encoder with .linear of twice the decoder's input")
        }
        guard decoder.output.reduce(1, *) == encoder.input.reduce(1, *) else {
            throw GibbsError(.shapeMismatch, "the encoder takes \(encoder.input) and the decoder gives \(decoder.output)", advice: "let the decoder give as many numbers")
        }
        if case .gaussian(let deviation) = likelihood, !(deviation > 0 && deviation.isFinite) {
            throw GibbsError(.usage, "a deviation of \(deviation)", advice: "give a positive number")
        }
        (self.encoder, self.decoder, self.likelihood) = (encoder, decoder, likelihood)
    }

    /// The shape of a row.
    public var input: [Int] { encoder.input }
    /// Numbers of z.
    public var latent: Int { decoder.input[0] }

    /// −ELBO, shape `[n]`; see `TensorEnergy.energy(of:)`.
    public func energy(of x: Tensor) throws -> Tensor {
        try energy(of: x, given: posterior(of: x))
    }

    /// −ELBO for any posterior, shape `[n]`, over so many draws that `key` feeds.
    func energy(of x: Tensor, given posterior: Posterior, draws: Int? = nil, key: Key = Key(0x5645)) throws -> Tensor {
        let losses = try noise(draws ?? self.draws, key).map { try -logLikelihood(of: x, given: posterior.draw(Tensor($0, shape: [1, latent]))) }
        return try losses.dropFirst().reduce(losses[0]) { try $0 + $1 } / Double(losses.count) + posterior.divergence()
    }

    /// The same draws for every row, and for every call with this key: what is compared differs in x alone.
    private func noise(_ draws: Int, _ key: Key) -> [[Float]] {
        let pairs = max(1, draws / 2), values = key.normals(pairs * latent)
        let scales = (0 ..< latent).map { z in
            (Float(pairs) / (0 ..< pairs).reduce(Float(0)) { $0 + values[$1 * latent + z] * values[$1 * latent + z] }).squareRoot()
        }
        return (0 ..< pairs).flatMap { pair -> [[Float]] in
            let row = (0 ..< latent).map { scales[$0] * values[pair * latent + $0] }
            return [row, row.map { -$0 }]
        }
    }

    /// The upper bound −ln (1/K) Σ p(x, z) / q(z | x) over K draws on −ln p(x) of every row, nats: −ELBO for one draw, and on average lower with
    /// every further one; consumes `key`.
    ///
    /// - Throws: As `energies(of:)`; `GibbsError` with code `.usage` for no draw.
    /// - Complexity: One encoding and `draws` decodings.
    public func importanceBound(of batch: Matrix, draws: Int = 100, key: Key) throws -> [Float] {
        try checkComplete(batch)
        guard draws > 0 else { throw GibbsError(.usage, "a bound by \(draws) draws", advice: "take at least one") }
        return try stride(from: 0, to: batch.rows, by: rowsAtOnce).flatMap { first in
            let x = try Tensor(batch.slice(first ..< min(batch.rows, first + rowsAtOnce)), row: input), posterior = try posterior(of: x)
            let weights = try (0 ..< draws).map { draw in
                let noise = try Tensor(normal: key.folding(first).folding(draw), shape: [x.shape[0], latent]), z = try posterior.draw(noise)
                // ln p(z) − ln q(z | x): the constants cancel.
                let prior = try 0.5 * (noise.squared() + posterior.logVariance - z.squared()).sum(over: [1])
                return try (logLikelihood(of: x, given: z) + prior).doubles()
            }
            return (0 ..< x.shape[0]).map { row in Float(log(Double(draws)) - logSumExp(weights.map { $0[row] })) }
        }
    }

    /// What p(x | z) expects for z drawn from the prior; shape `[count, features]`. Consumes `key`.
    ///
    /// - Parameter temperature: z has its square root as its deviation.
    /// - Throws: `GibbsError` where memory runs out.
    public func samples(_ count: Int, temperature: Float = 1, key: Key) throws -> Matrix {
        let output = try decoder(Double(temperature).squareRoot() * Tensor(normal: key, shape: [count, latent]))
        return try (likelihood == .bernoulli ? output.sigmoid() : output).matrix()
    }

    /// q(z | x) by the encoder.
    func posterior(of x: Tensor) throws -> Posterior {
        let both = try encoder(x)
        // Bounds that no sensible posterior comes near, so that a wild row gives a large energy and not an infinite one.
        return try Posterior(mean: both.slice(0 ..< latent, along: 1), logVariance: both.slice(latent ..< 2 * latent, along: 1).clamped(-20, 20))
    }

    /// ln p(x | z), shape `[n]`.
    private func logLikelihood(of x: Tensor, given z: Tensor) throws -> Tensor {
        let output = try decoder(z).reshaped([x.shape[0]] + input)
        switch likelihood {
        case .bernoulli: return try (x * output - output.softplus()).rowSums()
        case .gaussian(let deviation):
            let constant = log(Double(deviation)) + 0.5 * log(2 * Double.pi)
            return try (-0.5 / Double(deviation * deviation)) * (x - output).squared().rowSums() - Double(features) * constant
        }
    }

    /// q(z | x), a row of means and of logarithms of variances for each x.
    struct Posterior {
        let mean: Tensor, logVariance: Tensor

        func draw(_ noise: Tensor) throws -> Tensor { try mean + (0.5 * logVariance).exp() * noise }

        /// KL(q ‖ N(0, 1)), shape `[n]`.
        func divergence() throws -> Tensor { try 0.5 * (mean.squared() + logVariance.exp() - logVariance - 1).sum(over: [1]) }
    }

    /// −ELBO by one draw a row, as training uses it: −ln p(x | z) and KL, each of shape `[n]`.
    func parts(of x: Tensor, noise: Tensor) throws -> (reconstruction: Tensor, divergence: Tensor) {
        let posterior = try posterior(of: x)
        return try (-logLikelihood(of: x, given: posterior.draw(noise)), posterior.divergence())
    }
}

extension VariationalAutoencoder: Trainable {
    /// The encoder's weights, then the decoder's.
    public var parameters: [Tensor] { encoder.parameters + decoder.parameters }

    /// The same autoencoder with other weights. Traps unless there is one of the same shape for each.
    public func with(parameters: [Tensor]) -> VariationalAutoencoder {
        VariationalAutoencoder(self, encoder: encoder.with(parameters: Array(parameters.prefix(encoder.parameters.count))),
                               decoder: decoder.with(parameters: Array(parameters.dropFirst(encoder.parameters.count))))
    }

    private init(_ other: VariationalAutoencoder, encoder: Network, decoder: Network) {
        (self.encoder, self.decoder, likelihood, draws, rowsAtOnce) = (encoder, decoder, other.likelihood, other.draws, other.rowsAtOnce)
    }
}

extension VariationalAutoencoder: Storable {
    public static let kind = "vae"

    public init(archive: Archive) throws {
        let likelihood = try JSON.decode(Likelihood.self, from: archive.text("likelihood"), name: "likelihood")
        let networks = try (Network(archive: archive.nested("encoder")), Network(archive: archive.nested("decoder")))
        do { try self.init(encoder: networks.0, decoder: networks.1, likelihood: likelihood) } catch let error as GibbsError { throw error.aboutModel }
    }

    public func archive() -> Archive {
        var archive = Archive(metadata: ["likelihood": JSON.encode(likelihood)])
        archive.nest(encoder.archive(), under: "encoder")
        archive.nest(decoder.archive(), under: "decoder")
        return archive
    }
}

import Foundation
import GibbsNumerics

/// The term that contrastive divergence leaves out: where the chains' draws q_θ go as the weights change.
///
///     w · (⟨E(x_K(θ))⟩ − λ ⟨ln ‖x_K(θ) − nearest other chain‖⟩)
///
/// E here with the weights held, x_K(θ) the last Langevin step as a function of them. Divided by T this is KL(q_θ ‖ p_θ) with λ = T · columns, up to a constant: the distance to the
/// nearest of many draws tells their entropy, up to a constant. It keeps chains from drifting into places that the energy does not mean, and from
/// crowding.
///
/// - Source: Du, Li, Tenenbaum & Mordatch, *Improved Contrastive Divergence Training of Energy-Based Models*, ICML 2021; the authors' code has w = 1 and
///   λ = 0.3. Kozachenko & Leonenko, Problems of Information Transmission 1987, for entropy by nearest neighbours. We leave their augmentations of chains out.
public struct ImprovedContrast: Sendable, Hashable {
    /// w.
    public var weight: Double
    /// λ; T · columns for `nil`.
    public var entropyWeight: Double?
    /// Other chains among which the nearest is looked for.
    public var others: Int

    /// Settings; checked when training starts.
    public init(weight: Double = 1, entropyWeight: Double? = nil, others: Int = 1_000) {
        self.weight = weight
        self.entropyWeight = entropyWeight
        self.others = others
    }

    func check() throws {
        try NetworkDescent.check([(weight >= 0 && weight.isFinite, "a Kullback-Leibler term that weighs \(weight)"), (others > 0, "\(others) chains to look for the nearest among"),
                                  (entropyWeight.map { $0 >= 0 && $0.isFinite } ?? true, "an entropy that weighs \(entropyWeight ?? 0)")])
    }
}

/// The last Langevin step of some chains, which remembers how it depends on the weights.
package struct LastLangevinStep {
    private let start: Tensor, noise: Tensor, chains: ReplayChains

    /// A step from `start` with this noise, both `[n] + input`.
    package init(from start: Tensor, noise: Tensor, by chains: ReplayChains) {
        (self.start, self.noise, self.chains) = (start, noise, chains)
    }

    /// Where the chains are after it: a function of the weights that `energy` computes with.
    package func positions(_ energy: (Tensor) throws -> Tensor) throws -> Tensor {
        let x = try start.constant().variable()
        var slope = try energy(x).sum().gradients(of: [x], differentiable: true)[0]
        if let limit = chains.slopeLimit { slope = try slope.clamped(-Double(limit), Double(limit)) }
        let moved = try start - Double(chains.stepSize / chains.temperature) * slope + (2 * Double(chains.stepSize)).squareRoot() * noise
        guard let range = chains.range else { return moved }
        return try moved.clamped(Double(range.lowerBound), Double(range.upperBound))
    }

    /// The mean of ln of the distance of each position to the nearest row of `others`, which is found first and then held.
    package static func logNearestDistance(of positions: Tensor, to others: Matrix) throws -> Tensor {
        let rows = positions.shape[0], x = Matrix(rows: rows, columns: others.columns, values: try positions.constant().floats())
        let products = Matrix.product(x, others, transposeB: true), squares = (0 ..< others.rows).map { row in others.row(row).reduce(Float(0)) { $0 + $1 * $1 } }
        let nearest = (0 ..< rows).map { row in (0 ..< others.rows).min { squares[$0] - 2 * products[row, $0] < squares[$1] - 2 * products[row, $1] }! }
        var held = try Tensor(others.selecting(rows: nearest), row: Array(positions.shape.dropFirst())).converted(to: positions.element)
        if positions.device != .processor { held = try held.moved(to: positions.device) }
        // Two chains in one corner of the range are at no distance.
        return try 0.5 * ((positions - held).squared().rowSums() + 1e-12).log().mean()
    }
}

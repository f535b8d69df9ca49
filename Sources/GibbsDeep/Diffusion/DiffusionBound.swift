import Foundation
import GibbsNumerics

extension DiffusionField {
    /// An estimate of an upper bound on −ln p(x), nats, by how well noise is told from data at all its levels:
    ///
    ///     −ln p(x) ≤ ∫ ⟨‖ε(α x + σ ξ) − ξ‖²⟩ d ln s + KL(q(x₁ | x) ‖ p(x₁)) + ½ features (1 + ln 2π s₀²)
    ///
    /// from s₀ = σ/α at t = 0, where a normal of that deviation stands for p(x | x₀). Normalised whatever the network, so that bounds of classes and models compare,
    /// and a function of x with a gradient, as the draws of ξ are the same for all rows and calls with one key. By few draws all rows are off together: of 784 numbers and 10
    /// draws by some 30 nats, which other keys show.
    ///
    /// - Parameters:
    ///   - x: Rows `[n] + input`, in units of the data.
    ///   - draws: Levels at which ξ is drawn, evenly spaced in ln s. What few of them miss is an error of the sum, the same for like rows.
    ///   - key: Feeds ξ; one and the same unless told, so that bounds compare.
    ///   - differentiable: Whether the result can be differentiated in x.
    /// - Returns: Shape `[n]`.
    /// - Throws: `GibbsError` with code `.usage` for no draw; what the field throws.
    /// - Complexity: `draws` times the field.
    /// - Source: Kingma, Salimans, Poole & Ho, *Variational Diffusion Models*, NeurIPS 2021, equation 12; Li et al., *Your Diffusion Model is Secretly a Zero-Shot
    ///   Classifier*, ICCV 2023, for classes told apart by it.
    public func evidenceBound(of x: Tensor, draws: Int = 16, key: Key = Key(0x4442), differentiable: Bool = false) throws -> Tensor {
        guard draws > 0 else { throw GibbsError(.usage, "a bound by \(draws) draws", advice: "take at least one") }
        let (first, last) = (schedule.level(at: 0), schedule.level(at: 1)), step = (log(last.ratio) - log(first.ratio)) / Double(draws), prior = prior
        let terms = try (0 ..< draws).map { draw in
            let time = schedule.time(ratio: first.ratio * exp(step * (Double(draw) + 0.5))), level = schedule.level(at: time)
            let noise = try tensor(Matrix(rows: 1, columns: features, values: key.folding(draw).normals(features)))
            return try step * (self.noise(in: level.signal * x + level.noise * noise, at: time, differentiable: differentiable) - noise).squared().rowSums()
        }
        let variance = Double(prior.deviation * prior.deviation), own = last.noise * last.noise / variance
        let away = try (last.signal * x - tensor(Matrix([prior.mean]))).squared().rowSums() * (0.5 / variance)
        let constant = 0.5 * (own - 1 - log(own)) + 0.5 * (1 + log(2 * Double.pi * first.ratio * first.ratio))
        return try terms.reduce(away + Double(features) * constant) { try $0 + $1 }
    }
}

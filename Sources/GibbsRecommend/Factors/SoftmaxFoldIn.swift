import CKernels
import Foundation
import GibbsNumerics

/// U_u of one person given V and b: the minimum of
///
///     L(u) = Σ_e (ln Z_e − s_e) + ½ λ_u ‖u‖²,   s = V u + b,   Z_e = exp(s_e) + Σ_{j not in the history} exp(s_j)
///
/// which is convex, by Newton's method with the exact Hessian and steps halved until L falls.
struct SoftmaxFoldIn: Sendable {
    let items: Matrix, biases: [Float], method: SampledSoftmax, meanEvents: Float

    /// The most Newton steps; five or six are usual.
    private static let stepLimit = 30

    /// What L is made of at one place.
    private struct Place { var loss: Double, pulls: [Float], eventPulls: [Float], gradient: [Float] }

    func solution(_ history: [Int32], start: [Float]?) -> [Float] {
        var u = start ?? [Float](repeating: 0, count: items.columns)
        if history.isEmpty { return [Float](repeating: 0, count: items.columns) }
        var here = place(u, history)
        for _ in 0 ..< Self.stepLimit {
            let step = newtonStep(here, history)
            let promise = zip(step, here.gradient).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            if !(promise > 1e-5) { break }
            var length: Float = 1, next = place(moved(u, step, length), history)
            while !(next.loss < here.loss), length > 1e-3 {
                length /= 2
                next = place(moved(u, step, length), history)
            }
            // What is left is rounding.
            if !(next.loss < here.loss) { break }
            u = moved(u, step, length)
            here = next
        }
        return u
    }

    private func moved(_ u: [Float], _ step: [Float], _ length: Float) -> [Float] { zip(u, step).map { $0 - length * $1 } }

    private func place(_ u: [Float], _ history: [Int32]) -> Place {
        var scores = zip(items.timesVector(u), biases).map { $0 + $1 }
        var events = history.map { scores[Int($0)] }, loss = 0.0
        let bounds: [Int64] = [0, Int64(history.count)]
        gk_softmax_pulls(&scores, 1, scores.count, scores.count, history, bounds, &events, nil, bounds, &loss)
        var all = scores
        for (item, pull) in zip(history, events) { all[Int(item)] = pull }
        let precision = method.precision(events: history.count, mean: meanEvents), ridge = Double(precision) / 2 * u.reduce(0.0) { $0 + Double($1) * Double($1) }
        let gradient = zip(items.transposedTimesVector(all), u).map { $0 + precision * $1 }
        return Place(loss: loss + ridge, pulls: scores, eventPulls: events, gradient: gradient)
    }

    /// H⁻¹ ∇L, with H = Σ_j pull_j v_j v_jᵀ + Σ_e p_e v_e v_eᵀ − Σ_e μ_e μ_eᵀ + λ_u 1; p_e = exp(s_e)/Z_e, and μ_e = Σ_j (1 − p_e) q_j v_j + p_e v_e with q
    /// the distribution over what is not in the history.
    private func newtonStep(_ here: Place, _ history: [Int32]) -> [Float] {
        let k = items.columns, total = here.pulls.reduce(0.0) { $0 + Double($1) }
        // Σ_e (1 − p_e) = total, so that the pulls are q times it.
        var weights = here.pulls, own = [Float]()
        for (item, pull) in zip(history, here.eventPulls) { own.append(1 + pull); weights[Int(item)] = 1 + pull }
        var scaled = items
        let roots = weights.map { max(0, $0).squareRoot() }
        for item in 0 ..< items.rows { for c in item * k ..< (item + 1) * k { scaled.values[c] *= roots[item] } }
        let second = Matrix.product(scaled, scaled, transposeA: true)
        var hessian = SymmetricMatrix(size: k, values: second.values.map(Double.init))
        let centre = items.transposedTimesVector(here.pulls).map { total > 0 ? Double($0) / total : 0 }
        for (item, p) in zip(history, own) {
            let v = items.row(Int(item)), mean = zip(v, centre).map { Double(p) * Double($0) + (1 - Double(p)) * $1 }
            for a in 0 ..< k { for b in 0 ..< k { hessian[a, b] -= mean[a] * mean[b] } }
        }
        for a in 0 ..< k { hessian[a, a] += Double(method.precision(events: history.count, mean: meanEvents)) }
        guard let inverse = hessian.inverseAndLogDeterminant()?.inverse else { return here.gradient }
        return (0 ..< k).map { a in Float((0 ..< k).reduce(0.0) { $0 + inverse[a, $1] * Double(here.gradient[$1]) }) }
    }
}

import Foundation
import Gibbs

/// Settings by NDCG@10 on the validation parts alone, as the peers choose theirs: as many of them, over the same splits.
extension Recommending {
    /// 80 settings of least squares, and three numbers of iterations after the best.
    static func tunedLeastSquares(_ source: Source, _ parts: ArraySlice<Parts>) throws -> ImplicitLeastSquares {
        let grid = [16, 32, 64, 128].flatMap { factors in [Float(0.05), 0.1, 0.2, 0.4].flatMap { weight in [Float(0.002), 0.005, 0.01, 0.02, 0.04].map { ridge -> ImplicitLeastSquares in
            var method = ImplicitLeastSquares()
            (method.factors, method.unobservedWeight, method.regularisation) = (factors, weight, ridge)
            return method
        } } }
        let best = try chosen(grid, source, parts) { try .fitted(to: $0, by: $1, key: Key(7)) }
        let more = [5, 20, 30].map { iterations in
            var method = best
            method.iterations = iterations
            return method
        }
        let found = try chosen([best] + more, source, parts) { try .fitted(to: $0, by: $1, key: Key(7)) }
        report(source.name, "tuned", 0, ["model": "least squares", "factors": found.factors, "weight": Double(found.unobservedWeight), "ridge": Double(found.regularisation), "iterations": found.iterations])
        return found
    }

    /// Twelve settings of the softmax.
    static func tunedSoftmax(_ source: Source, _ parts: ArraySlice<Parts>) throws -> SampledSoftmax {
        let grid = [16, 32, 64].flatMap { factors in [Float(3), 5, 7, 10].map { precision -> SampledSoftmax in
            var method = SampledSoftmax()
            (method.factors, method.regularisation, method.heldShare) = (factors, precision, 0)
            return method
        } }
        var found = try chosen(grid, source, parts) { try .fitted(to: $0, by: $1, key: Key(7)) }
        found.heldShare = SampledSoftmax().heldShare
        report(source.name, "tuned", 0, ["model": "softmax", "factors": found.factors, "regularisation": Double(found.regularisation)])
        return found
    }

    private static func chosen<Method>(_ grid: [Method], _ source: Source, _ parts: ArraySlice<Parts>, fitted: (SparseRows, Method) throws -> DotProductRecommender) throws -> Method {
        let judged = try grid.map { method in
            Statistics.mean(try parts.map { part in try figures(fitted(part.fit, method), part.fit, part.valid).ndcg })
        }
        return grid[judged.indices.max { judged[$0] < judged[$1] }!]
    }
}

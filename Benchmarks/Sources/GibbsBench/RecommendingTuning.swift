import Foundation
import Gibbs

extension Recommending {
    /// Least squares over a grid, judged on the validation part alone.
    static func tuneLeastSquares(_ sources: [Source], keys: Int, option: (String, String) -> String) throws {
        func numbers(_ name: String, _ fallback: String) -> [Float] { option(name, fallback).split(separator: ",").map { Float($0)! } }
        for source in sources {
            let parts = try (1 ... keys).map { try Parts(source, key: $0) }
            for factors in numbers("--factors", "32,64,128") { for weight in numbers("--weights", "0.03,0.1,0.3") {
                for ridge in numbers("--ridges", "0.001,0.003,0.01,0.03") { for exponent in numbers("--exponents", "1") { for iterations in numbers("--iterations", "10") {
                    var method = ImplicitLeastSquares()
                    (method.factors, method.unobservedWeight, method.regularisation, method.exponent, method.iterations) = (Int(factors), weight, ridge, exponent, Int(iterations))
                    let found = try parts.map { part in
                        try figures(DotProductRecommender.fitted(to: part.fit, by: method, key: Key(7)), part.fit, part.valid).ndcg
                    }
                    report(source.name, "valid ndcg@10", found.reduce(0, +) / Double(keys), ["factors": Int(factors), "weight": weight, "ridge": ridge, "exponent": exponent, "iterations": Int(iterations)])
                } } }
            } }
        }
    }
}

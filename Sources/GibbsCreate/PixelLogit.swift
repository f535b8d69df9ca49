import Foundation
import GibbsNumerics

/// Brightness as log-odds: z = ln (q / (1 − q)) with q = ε + (1 − 2ε) v, so that black and white are ±ln (1/ε − 1) and every z is a
/// brightness between them.
///
/// Means of log-odds keep edges that means of brightness blur: half-way between two strokes is one or the other, not grey.
enum PixelLogit {
    /// ε.
    static let margin: Float = 0.02

    /// Log-odds of brightness 0...1; what lies outside is clipped.
    static func encoded(_ images: Matrix) -> Matrix {
        images.mapping { value in
            let q = margin + (1 - 2 * margin) * min(max(value, 0), 1)
            return log(q / (1 - q))
        }
    }

    /// Brightness of log-odds, 0...1.
    static func decoded(_ logits: Matrix) -> Matrix {
        logits.mapping { min(max((1 / (1 + exp(-$0)) - margin) / (1 - 2 * margin), 0), 1) }
    }

    /// dz/dv at brightness v.
    static func slope(_ value: Float) -> Float {
        let q = margin + (1 - 2 * margin) * min(max(value, 0), 1)
        return (1 - 2 * margin) / (q * (1 - q))
    }
}

extension Matrix {
    func mapping(_ transform: @Sendable (Float) -> Float) -> Matrix {
        Matrix(rows: rows, columns: columns, values: parallelMap(values.count, minimum: 16_384) { transform(values[$0]) })
    }
}

import CKernels
import Foundation
import Testing

/// Softmax of rows against its formula in double precision, at factors of any size.
@Suite struct EncoderKernelTests {
    private static func softmax(_ x: [Float], _ factor: Float) -> [Float] {
        var row = x + [99]
        gk_softmax_rows(&row, x.count, 1, x.count, factor)
        #expect(row.last == 99, "wrote beyond its columns")
        return Array(row.dropLast())
    }

    @Test(arguments: [Float(1), -1, 0.125, -3, 20]) func formula(factor: Float) {
        let x: [Float] = [0.5, -2, 3, 2.75, 0, 3, -1.5]
        let scaled = x.map { Double(factor) * Double($0) }, top = scaled.max()!, total = scaled.reduce(0) { $0 + exp($1 - top) }
        for (found, score) in zip(Self.softmax(x, factor), scaled) { #expect(abs(Double(found) - exp(score - top) / total) < 1e-6) }
    }

    /// Scores times such factors overflow; the weights are those of the largest score all the same, or of the smallest where the factor is negative.
    @Test(arguments: [Float(1e37), 1e38, .infinity]) func frozen(factor: Float) {
        let x: [Float] = [100, 300, -200, 300, 0.5]
        #expect(Self.softmax(x, factor) == [0, 0.5, 0, 0.5, 0])
        #expect(Self.softmax(x, -factor) == [0, 0, 1, 0, 0])
        #expect(Self.softmax([7, .infinity, 7], -factor) == [0.5, 0, 0.5])
        #expect(Self.softmax([-.infinity, 7, -3e38], factor) == [0, 1, 0])
    }
}

import GibbsCore
import GibbsNumerics
import Testing

/// Optimisers as used in training: ascent, scale, decay, and one result whatever the length's split.
@Suite struct OptimiserTests {
    @Test(arguments: [Optimiser.momentum(rate: 0.05), .adam(rate: 0.05)]) func climbsToTheTop(optimiser: Optimiser) {
        var x: [Float] = [5, -3, 0], state = OptimiserState(optimiser, count: 3)
        let top: [Float] = [1, 2, -1]
        for _ in 0 ..< 2000 { state.step(&x, along: zip(top, x).map { $0 - $1 }) }
        #expect(zip(x, top).allSatisfy { abs($0 - $1) < 1e-3 })
    }

    @Test func firstSteps() {
        var x: [Float] = [1, 1], momentum = OptimiserState(.momentum(rate: 0.1, momentum: 0.5), count: 2)
        momentum.step(&x, along: [1, -2], scale: 0.5)
        #expect(zip(x, [1.05, 0.9]).allSatisfy { abs($0 - $1) < 1e-6 })
        momentum.step(&x, along: [0, 0], decay: 1)
        // Half of the last step, and 0.1 of the value lost.
        #expect(zip(x, [1.05 + 0.025 - 0.105, 0.9 - 0.05 - 0.09]).allSatisfy { abs($0 - Float($1)) < 1e-6 })
        var y: [Float] = [1, 1, 1], adam = OptimiserState(.adam(rate: 0.1), count: 3)
        // Adam's first step is the rate, whatever the gradient's size; a zero gradient moves nothing.
        adam.step(&y, along: [1e-3, -40, 0], scale: 0.5)
        #expect(zip(y, [1.05, 0.95, 1]).allSatisfy { abs($0 - $1) < 1e-4 })
        #expect(Optimiser.adam(rate: 0.3).rate == 0.3 && Optimiser.momentum(rate: 0.2).rate == 0.2)
    }

    /// 200 000 parameters are split over threads; each moves as it would alone.
    @Test func longVectors() {
        let count = 200_000, gradient = Key(1).normals(count)
        for optimiser in [Optimiser.momentum(rate: 0.1), .adam(rate: 0.1)] {
            var whole = Key(2).normals(count), state = OptimiserState(optimiser, count: count)
            let at = [0, 65_535, 65_536, 100_000, 199_999]
            var some = at.map { whole[$0] }, alone = OptimiserState(optimiser, count: at.count)
            for _ in 0 ..< 3 {
                state.step(&whole, along: gradient, decay: 0.01)
                alone.step(&some, along: at.map { gradient[$0] }, decay: 0.01)
            }
            // The compiler may fuse a multiplication and an addition in one loop and not in its tail: one rounding apart.
            #expect(zip(some, at).allSatisfy { abs($0 - whole[$1]) < 1e-5 })
        }
    }
}

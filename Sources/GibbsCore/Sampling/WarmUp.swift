import Foundation
import GibbsNumerics

/// A kernel along a gradient whose step size and scales can be found by trying.
public protocol AdaptiveKernel: TransitionKernel {
    /// The step size.
    var stepSize: Float { get set }
    /// sₖ, roughly the deviation of each column; `nil` for ones.
    var scales: [Float]? { get set }
    /// The mean acceptance at which the kernel is at its best, 0...1.
    var targetAcceptance: Double { get }
}

/// What a warm-up found.
public struct WarmedUp<Kernel: AdaptiveKernel>: Sendable {
    /// The kernel with the step size and scales found.
    public let kernel: Kernel
    /// Where the chains got to.
    public let positions: Matrix
    /// Mean acceptance over the last tenth of the warm-up.
    public let acceptance: Double
    /// Steps in which some chain ran away.
    public let divergentSteps: Int
}

extension AdaptiveKernel {
    /// Runs the chains while tuning the step size to `targetAcceptance` and the scales to the columns' deviations; consumes `key`.
    ///
    /// Scales are set anew after windows of growing length, from the spread of all chains in the window; the step size follows by
    /// dual averaging throughout, and begins afresh with each window. Positions after a warm-up are not draws.
    ///
    /// - Parameters:
    ///   - positions: Where the chains begin; shape `[chains, features]`. More chains find the scales sooner.
    ///   - steps: Steps in all; some hundred do.
    ///   - adaptsScales: Whether the scales are set at all.
    ///   - key: Feeds the steps.
    /// - Throws: As `start(at:)`.
    /// - Source: Hoffman & Gelman, *The No-U-Turn Sampler*, JMLR 2014, section 3.2 (dual averaging); the windows are Stan's.
    public func warmedUp(from positions: Matrix, steps: Int = 500, adaptsScales: Bool = true, key: Key) throws -> WarmedUp<Self> {
        var kernel = self, state = try start(at: positions)
        var averaging = DualAveraging(start: stepSize, target: targetAcceptance)
        var window = Window(end: adaptsScales ? max(20, steps / 10) : .max, length: max(20, steps / 10))
        let columns = target.features
        var spread = ColumnSpread(columns: columns), recent = [Double](), divergentSteps = 0
        for index in 0 ..< steps {
            kernel.stepSize = averaging.current
            let (next, report) = try kernel.step(state, key: key.folding(index))
            state = next
            averaging.observe(report.acceptance ?? targetAcceptance)
            divergentSteps += report.diverged.isEmpty ? 0 : 1
            if index >= steps - max(1, steps / 10) { recent.append(report.acceptance ?? 1) }
            // The first window only finds the bulk.
            if window.number > 0 { spread.add(state.positions) }
            guard index + 1 == window.end, index + 1 < steps - steps / 10 else { continue }
            if window.number > 0 { kernel.scales = spread.deviations }
            spread = ColumnSpread(columns: columns)
            window.advance(limit: steps - steps / 10)
            averaging = DualAveraging(start: averaging.best, target: targetAcceptance)
        }
        kernel.stepSize = averaging.best
        return WarmedUp(kernel: kernel, positions: state.positions, acceptance: Statistics.mean(recent), divergentSteps: divergentSteps)
    }
}

/// When scales are set: windows that double, the last one stretched to the limit.
private struct Window {
    var end: Int, length: Int, number = 0

    mutating func advance(limit: Int) {
        number += 1
        length *= 2
        end = end + 3 * length > limit ? limit - 1 : end + length
    }
}

/// ln ε by dual averaging of the acceptance's shortfall.
private struct DualAveraging {
    private let centre: Double, target: Double
    private var shortfall = 0.0, count = 0.0, logStep: Double, mean: Double

    init(start: Float, target: Double) {
        logStep = log(Double(start))
        mean = logStep
        // A little above the start: large steps are cheap to reject, small ones waste work.
        centre = logStep + log(2)
        self.target = target
    }

    var current: Float { Float(exp(logStep)) }
    var best: Float { Float(exp(mean)) }

    mutating func observe(_ acceptance: Double) {
        count += 1
        let weight = 1 / (count + 10)
        shortfall = (1 - weight) * shortfall + weight * (target - acceptance)
        logStep = centre - count.squareRoot() / 0.05 * shortfall
        let forget = pow(count, -0.75)
        mean = forget * logStep + (1 - forget) * mean
    }
}

/// Running means and deviations of columns (Welford).
private struct ColumnSpread {
    private var count = 0.0, means: [Double], squares: [Double]

    init(columns: Int) {
        means = [Double](repeating: 0, count: columns)
        squares = means
    }

    mutating func add(_ batch: Matrix) {
        for row in 0 ..< batch.rows {
            count += 1
            for (column, value) in batch.row(row).enumerated() {
                let d = Double(value) - means[column]
                means[column] += d / count
                squares[column] += d * (Double(value) - means[column])
            }
        }
    }

    /// Deviations, drawn a little towards a small one, as if by five more values.
    var deviations: [Float] {
        squares.map { Float(((count / (count + 5)) * ($0 / max(1, count - 1)) + 1e-3 * 5 / (count + 5)).squareRoot()) }
    }
}

import CKernels
import Foundation
import GibbsNumerics

/// How a gradient of the log-likelihood becomes a step uphill; rates are per step, in units of the parameter.
public enum Optimiser: Sendable, Hashable {
    /// m ← momentum · m + rate · (g − decay · w); w ← w + m.
    case momentum(rate: Float, momentum: Float = 0.9)
    /// Adam with decoupled weight decay: w ← w + rate · (m̂ / (√v̂ + 1e-8) − decay · w), with bias-corrected running means
    /// m̂ of g and v̂ of g².
    ///
    /// - Source: Kingma & Ba, ICLR 2015, algorithm 1; Loshchilov & Hutter, ICLR 2019, algorithm 2.
    case adam(rate: Float, beta1: Float = 0.9, beta2: Float = 0.999)

    /// The learning rate before it is scaled down over the epochs.
    public var rate: Float {
        switch self {
        case .momentum(let rate, _), .adam(let rate, _, _): rate
        }
    }
}

/// The running state of an optimiser for one block of parameters.
public struct OptimiserState: Sendable {
    private let optimiser: Optimiser
    private var first: [Float]
    private var second: [Float]
    private var steps = 0

    /// State for `count` parameters, at rest.
    public init(_ optimiser: Optimiser, count: Int) {
        self.optimiser = optimiser
        first = [Float](repeating: 0, count: count)
        if case .adam = optimiser { second = first } else { second = [] }
    }

    /// Moves `parameters` along `gradient` (ascent), the rate multiplied by `scale`. Traps when lengths differ.
    ///
    /// - Complexity: One pass, in parallel above 32,768 parameters.
    public mutating func step(_ parameters: inout [Float], along gradient: [Float], scale: Float = 1, decay: Float = 0) {
        precondition(parameters.count == first.count && gradient.count == first.count, "a step of another length")
        steps += 1
        let count = parameters.count, optimiser = optimiser
        let power = Float(steps)
        parameters.withUnsafeMutableBufferPointer { w in
            first.withUnsafeMutableBufferPointer { m in
                second.withUnsafeMutableBufferPointer { v in
                    gradient.withUnsafeBufferPointer { g in
                        let w = SharedPointer(w.baseAddress), m = SharedPointer(m.baseAddress), v = SharedPointer(v.baseAddress)
                        nonisolated(unsafe) let g = g.baseAddress
                        parallelRanges(count, minimum: 16_384) { range in
                            let at = range.lowerBound
                            switch optimiser {
                            case .momentum(let rate, let momentum):
                                gk_momentum(w.pointer! + at, g! + at, m.pointer! + at, range.count, rate * scale, momentum, decay)
                            case .adam(let rate, let beta1, let beta2):
                                gk_adam(w.pointer! + at, g! + at, m.pointer! + at, v.pointer! + at, range.count, rate * scale,
                                        beta1, beta2, 1e-8, 1 - pow(beta1, power), 1 - pow(beta2, power), decay)
                            }
                        }
                    }
                }
            }
        }
    }
}

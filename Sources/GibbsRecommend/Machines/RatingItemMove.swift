import CKernels
import Foundation
import GibbsCore
import GibbsNumerics

/// A step of every item that was met, each on its own, with the share of its prior that its ratings here are of all it has.
struct ItemMove {
    let step: RatingStep, gradient: RatingGradient, options: RatingMachineOptions
    /// Ratings of each item, and how often each has moved, this time included.
    let counts: [Int], moves: [Int32]
    /// B and φ; shapes and D, and columns of A.
    let mix: Matrix, basis: Matrix, parts: Int, width: Int
    /// Of the rate.
    let scale: Float

    /// Moves A, shape `[items, parts · width]`, and a, shape `[items, K − 1]`.
    func run(_ weights: inout [Float], _ weightMoments: inout Moments, _ biases: inout [Float], _ biasMoments: inout Moments) {
        weightMoments.withMover(of: &weights, options.optimiser) { weights in
            biasMoments.withMover(of: &biases, options.optimiser) { biases in
                parallelRanges(step.items.count, minimum: 8) { range in
                    for place in range { move(place, weights, biases) }
                }
            }
        }
    }

    private func move(_ place: Int, _ weights: Mover, _ biases: Mover) {
        let i = step.items[place], met = Float(step.entries(of: place).count), share = met / Float(counts[i]), others = basis.rows - 1
        // By momentum along the mean of what was met, by Adam along the sum, whose steps have no scale.
        var unit: Float = 1
        if case .momentum = options.optimiser { unit = 1 / met }
        var along = [Float](repeating: 0, count: parts * width), row = i * parts * width
        for q in 0 ..< parts {
            let prior = share * (q == 0 ? options.ratedPrior : options.weightPrior * pow(Float(q), options.roughness))
            gradient.project(place, q, by: mix, into: &along, at: q * width)
            for c in q * width ..< (q + 1) * width { along[c] = unit * (along[c] - prior * weights.value(row + c)) }
        }
        weights.move(at: row, along: along, scale: scale, number: Int(moves[i]))
        along = [Float](repeating: 0, count: others)
        row = i * others
        for q in 1 ... others {
            var sum: Float = 0
            for k in 0 ... others { sum += basis[q, k] * gradient.pulls[place, k] }
            along[q - 1] = unit * (sum - share * options.biasPrior * Float(q) * biases.value(row + q - 1))
        }
        biases.move(at: row, along: along, scale: scale, number: Int(moves[i]))
    }
}

/// Running means of gradients, of parameters that move block by block.
struct Moments: Sendable {
    private var first: [Float], second: [Float]

    init(_ count: Int) { (first, second) = ([Float](repeating: 0, count: count), [Float](repeating: 0, count: count)) }

    /// Lends what moves blocks of these parameters, from many threads as long as none is moved by two.
    mutating func withMover(of parameters: inout [Float], _ optimiser: Optimiser, _ body: (Mover) -> Void) {
        parameters.withUnsafeMutableBufferPointer { w in
            first.withUnsafeMutableBufferPointer { m in
                second.withUnsafeMutableBufferPointer { v in body(Mover(optimiser: optimiser, w: .init(w.baseAddress), m: .init(m.baseAddress), v: .init(v.baseAddress))) }
            }
        }
    }
}

/// Parameters on loan, with their moments.
struct Mover: Sendable {
    let optimiser: Optimiser, w: SharedPointer<Float>, m: SharedPointer<Float>, v: SharedPointer<Float>

    func value(_ place: Int) -> Float { w.pointer![place] }

    /// The `number`-th step of a block, uphill; as `OptimiserState` takes them.
    func move(at place: Int, along gradient: [Float], scale: Float, number: Int) {
        switch optimiser {
        case .momentum(let rate, let momentum):
            gk_momentum(w.pointer! + place, gradient, m.pointer! + place, gradient.count, rate * scale, momentum, 0)
        case .adam(let rate, let beta1, let beta2):
            gk_adam(w.pointer! + place, gradient, m.pointer! + place, v.pointer! + place, gradient.count, rate * scale, beta1, beta2, 1e-8,
                    1 - pow(beta1, Float(number)), 1 - pow(beta2, Float(number)), 0)
        }
    }
}

import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics

/// The mean ln p of frames by a model, given their history and without it, between two values of ln Z.
public struct FrameLikelihood: Sendable, Hashable {
    /// ln p(v | history), nats a frame.
    public let conditional: LikelihoodBracket
    /// Standard error of `conditional.best` that comes from annealing alone: the frames stay the same; 0 where ln Z is exact.
    public let annealingError: Double
    /// Chains of a frame that the weights are worth, forward and in reverse, on average; 0 where ln Z is exact.
    public let effectiveChains: Double, effectiveReverseChains: Double
    /// ln p(v) by the plain machine, all frames.
    public let plain: LikelihoodBracket
    /// ln p(v) with independent columns, the same frames as `conditional`.
    public let independent: LikelihoodBracket
    /// The mean energy, −Σ ln p(vᵢ | other columns, history), of the same frames.
    public let energy: Double
    /// How ln Z of the conditional machine was come by.
    public let isExact: Bool
    /// Wall time, seconds.
    public let seconds: Double
}

extension FrameModel {
    /// The most hidden units for which `likelihood` sums ln Z(u) over all their states.
    public static let exactHidden = 12

    /// The log-likelihood of frames, nats a frame; real columns count as densities in the data's own units.
    ///
    /// Every frame has a machine of its own, so that ln Z is taken anew for each: exactly with at most `exactHidden` hidden units, by
    /// annealing from below and above otherwise. Too small an ln Z flatters: `conditional.atMost` is by ln Z from below, `atLeast` by
    /// ln Z from above. The plain machine takes the same method with ten times the steps.
    ///
    /// - Parameters:
    ///   - sequences: Frames that the model has not seen.
    ///   - method: Chains, steps and sweeps.
    ///   - limit: At most so many frames, drawn by `key`; each keeps its whole history. The plain machine judges the same ones.
    ///   - key: Feeds the annealing.
    ///   - progress: Sees the share done; what it throws ends the work.
    /// - Throws: `GibbsError` with code `.shapeMismatch`, `.unsuitableData` or `.usage`.
    /// - Complexity: `2 · frames · chains · steps` products `hidden × visible`.
    public func likelihood(of sequences: FrameSequences, by method: MachineAnnealing = MachineAnnealing(chains: 100, steps: 500, sweeps: 100), limit: Int? = nil,
                           key: Key, progress: (Double) throws -> Void = { _ in }) throws -> FrameLikelihood {
        if let limit, limit < 1 { throw GibbsError(.usage, "a likelihood of \(limit) frames", advice: "give at least one") }
        let clock = ContinuousClock(), begin = clock.now, all = try standardised(sequences)
        let rows = limit.map { $0 < all.rows ? key.folding(0).choose($0, of: all.rows).sorted() : Array(0 ..< all.rows) } ?? Array(0 ..< all.rows)
        let frames = all.selecting(rows: rows), units = columns.reduce(0.0) { $0 + log($1.deviation) }
        let isExact = conditional.machine.hiddenCount <= Self.exactHidden
        var found = (best: [Double](), atLeast: [Double](), atMost: [Double](), squares: 0.0, worth: 0.0, reverseWorth: 0.0, energy: 0.0)
        for first in stride(from: 0, to: rows.count, by: 1_024) {
            let part = first ..< min(rows.count, first + 1_024), contexts = Self.contexts(all, Array(rows[part]), of: sequences.pieces, history: history), own = frames.slice(part)
            let energies = try conditional.energies(of: own, given: contexts).map { -Double($0) - units }
            found.energy += try conditional.pseudoSurprises(of: own, given: contexts).values.reduce(0.0) { $0 + Double($1) } + units * Double(part.count)
            guard !isExact else {
                let exact = zip(energies, try conditional.exactLogPartitions(given: contexts)).map { $0 - $1 }
                found.best += exact
                found.atLeast += exact
                found.atMost += exact
                continue
            }
            let brackets = try conditional.logPartitions(given: contexts, by: method, key: key.folding(1).folding(first)) { try progress((Double(first) + $0 * Double(part.count)) / Double(rows.count)) }
            for (energy, bracket) in zip(energies, brackets) {
                found.best.append(energy - bracket.lower.logPartition)
                found.atLeast.append(energy - bracket.upper.logPartition)
                found.squares += bracket.lower.standardError * bracket.lower.standardError
                found.worth += bracket.lower.effectiveChains
                found.reverseWorth += bracket.upper.effectiveChains
            }
            found.atMost = found.best
        }
        let n = Double(rows.count), independent = independentSurprises(of: sequences), apart = rows.map { -independent[$0] }
        return FrameLikelihood(conditional: LikelihoodBracket(best: found.best, atLeast: found.atLeast, atMost: found.atMost), annealingError: found.squares.squareRoot() / n,
                               effectiveChains: found.worth / n, effectiveReverseChains: found.reverseWorth / n,
                               plain: try plainLikelihood(of: frames, units: units, by: method, key: key.folding(2)),
                               independent: LikelihoodBracket(best: apart, atLeast: apart, atMost: apart), energy: found.energy / n, isExact: isExact,
                               seconds: Double((clock.now - begin).components.seconds) + Double((clock.now - begin).components.attoseconds) * 1e-18)
    }

    private func plainLikelihood(of frames: Matrix, units: Double, by method: MachineAnnealing, key: Key) throws -> LikelihoodBracket {
        let energies = try plain.energies(of: frames).map { -Double($0) - units }
        let bounds: (below: Double, above: Double)
        if plain.hiddenCount <= Self.exactHidden {
            let exact = try plain.exactLogPartition().logPartition
            bounds = (exact, exact)
        } else {
            let bracket = try plain.logPartition(by: MachineAnnealing(chains: method.chains, steps: min(10 * method.steps, MachineAnnealing.stateLimit), sweeps: 5 * method.sweeps), key: key)
            bounds = (bracket.lower.logPartition, bracket.upper.logPartition)
        }
        let best = energies.map { $0 - bounds.below }
        return LikelihoodBracket(best: best, atLeast: energies.map { $0 - bounds.above }, atMost: best)
    }
}

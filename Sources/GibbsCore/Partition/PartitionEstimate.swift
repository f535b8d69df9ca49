import Foundation
import GibbsNumerics

/// An estimate of ln Z, with how far it can be trusted.
public struct PartitionEstimate: Sendable, Hashable {
    /// How it was come by, which says on which side of the truth it errs.
    public enum Kind: String, Sendable, Hashable, Codable {
        /// Summed over all states, or in closed form; no error but rounding.
        case exact
        /// Annealed importance sampling: on average below ln Z.
        case lower
        /// Reverse annealed importance sampling: on average above ln Z.
        case upper
        /// Known to be no more, by what the energy is: where it bounds −ln p of something normalised from above, ln Z ≤ 0.
        case bound
    }

    /// ln Z, nats.
    public let logPartition: Double
    /// Standard error of `logPartition`, nats; 0 where exact or a bound, `nan` for a single chain. Says nothing of a mode that no chain has found.
    public let standardError: Double
    /// How it was come by.
    public let kind: Kind
    /// Chains whose weights were averaged; 0 where there were none.
    public let chains: Int
    /// What those chains are worth: (Σ w)² / Σ w²; 0 where there were none.
    public let effectiveChains: Double
    /// Wall time, seconds.
    public let seconds: Double

    /// An exact value.
    public static func exact(_ logPartition: Double, seconds: Double = 0) -> PartitionEstimate {
        PartitionEstimate(logPartition: logPartition, standardError: 0, kind: .exact, chains: 0, effectiveChains: 0, seconds: seconds)
    }

    /// What ln Z does not exceed, known without an estimate.
    public static func atMost(_ logPartition: Double) -> PartitionEstimate { PartitionEstimate(logPartition: logPartition, standardError: 0, kind: .bound) }

    /// ln Z = base + ln ⟨w⟩ for forward weights, base − ln ⟨w⟩ for reverse ones; the error by the delta method.
    ///
    /// - Parameters:
    ///   - base: ln Z of the distribution at the other end, nats.
    ///   - logWeights: ln w of every chain, at least one.
    ///   - kind: `.lower` for weights of forward runs, `.upper` for those of reverse ones.
    ///   - seconds: Wall time.
    public init(base: Double, logWeights: [Double], kind: Kind, seconds: Double) {
        let n = Double(logWeights.count), total = logSumExp(logWeights)
        let shares = logWeights.map { exp($0 - total) }, squares = shares.reduce(0) { $0 + $1 * $1 }
        let sign = kind == .upper ? -1.0 : 1.0
        self.init(logPartition: base + sign * (total - log(n)), standardError: n > 1 ? (max(0, squares * n - 1) / (n - 1)).squareRoot() : .nan,
                  kind: kind, chains: logWeights.count, effectiveChains: 1 / squares, seconds: seconds)
    }

    /// A value kept in a file, of which no more is known.
    public init(logPartition: Double, standardError: Double, kind: Kind) {
        self.init(logPartition: logPartition, standardError: standardError, kind: kind, chains: 0, effectiveChains: 0, seconds: 0)
    }

    init(logPartition: Double, standardError: Double, kind: Kind, chains: Int, effectiveChains: Double, seconds: Double) {
        self.logPartition = logPartition
        self.standardError = standardError
        self.kind = kind
        self.chains = chains
        self.effectiveChains = effectiveChains
        self.seconds = seconds
    }
}

/// An energy whose ln Z is known and from which independent draws can be had: where annealing begins.
public protocol NormalisedEnergy: Energy {
    /// ln Z = ln Σ exp(−E), an integral for real columns; nats.
    var logPartition: Double { get }

    /// Independent draws from exp(−E)/Z; shape `[count, features]`. Consumes `key`.
    func samples(_ count: Int, key: Key) -> Matrix
}

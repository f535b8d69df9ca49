import Foundation
import GibbsCore
import GibbsLandscapes
import GibbsMachines
import GibbsNumerics

/// Random models small enough to enumerate, all from a key.
enum SmallWorld {
    static let binary: [Variable] = Array(repeating: .binary, count: 5)
    static let categorical: [Variable] = [.categorical(3), .categorical(4)]
    static let discrete: [Variable] = [.binary, .categorical(3), .binary, .binary]
    static let mixed: [Variable] = [.categorical(3), .real, .binary, .binary]
    static let real: [Variable] = [.real, .real]

    /// A machine in which every parameter matters: weights of standard deviation `spread`, biases and ln σ² of a half.
    static func machine(_ variables: [Variable], hidden: Int, spread: Float = 1, key: Key) -> RBM {
        let layout = UnitLayout(variables)
        return RBM(visible: variables,
                   weights: Matrix(rows: layout.width, columns: hidden, values: key.folding(0).normals(layout.width * hidden).map { spread * $0 }),
                   visibleBias: key.folding(1).normals(layout.width).map { $0 / 2 },
                   hiddenBias: key.folding(2).normals(hidden).map { $0 / 2 },
                   logVariance: key.folding(3).normals(layout.realCount).map { $0 / 2 })
    }

    /// Rows with every kind of value.
    static func rows(_ variables: [Variable], count: Int, key: Key) throws -> Matrix {
        try ChainStart.noise(chains: count).positions(for: variables, key: key)
    }

    /// A Gaussian whose columns deviate by 0.7 to 1.3 and correlate by 0.6, around a random mean.
    static func gaussian(_ size: Int, key: Key) throws -> GaussianEnergy {
        let deviations = key.folding(0).uniforms(size).map { 0.7 + 0.6 * Double($0) }
        let covariance = (0 ..< size * size).map { index in
            deviations[index / size] * deviations[index % size] * (index / size == index % size ? 1 : 0.6)
        }
        return try GaussianEnergy(mean: key.folding(1).normals(size), covariance: SymmetricMatrix(size: size, values: covariance))
    }

    /// Three basins of different shares.
    static func mixture(_ size: Int, key: Key) throws -> GaussianMixtureEnergy {
        let parts = try (0 ..< 3).map { part -> GaussianEnergy in
            let base = try gaussian(size, key: key.folding(part))
            return try GaussianEnergy(mean: base.mean.map { 2 * $0 }, covariance: base.covarianceMatrix)
        }
        return GaussianMixtureEnergy(components: parts, logWeights: [0.5, 0.3, 0.2].map { log($0) })
    }

    /// A memory of twelve patterns.
    static func memory(_ size: Int, kernel: MemoryEnergy.Kernel, key: Key) throws -> MemoryEnergy {
        let patterns = Matrix(rows: 12, columns: size, values: key.normals(12 * size).map { 1.5 * $0 })
        return try MemoryEnergy(patterns: patterns, variables: Array(repeating: .real, count: size), precisions: Array(repeating: 1.2, count: 12), kernel: kernel)
    }
}

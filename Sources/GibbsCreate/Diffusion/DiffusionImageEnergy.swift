import Foundation
import GibbsCore
import GibbsDeep
import GibbsNumerics

/// One class of a diffusion of images, brightness 0...1: as an energy the bound on −ln p(x | y) that its landscapes give together.
///
/// All classes share a network. E(x, t | y) itself, of images scaled to −1...1 and noise, is `landscape()`, which sampling and blending walk.
public struct DiffusionImageEnergy: TensorEnergy {
    /// The landscapes of all classes.
    public let diffusion: DiffusionEnergy
    /// y, counted from 0; `nil` where there is one class only.
    public let label: Int?
    /// Levels of noise that a bound is summed over.
    public var draws = 10
    /// Feeds the noise that a bound is drawn with: one for all classes and models, so that their bounds compare.
    public var noise = Key(0x4442)
    /// Rows that are computed at once.
    public var rowsAtOnce: Int { diffusion.rowsAtOnce }

    /// The energy of a class. Traps unless the diffusion has it.
    public init(_ diffusion: DiffusionEnergy, label: Int?) {
        precondition(label.map { (0 ..< diffusion.classes).contains($0) } ?? true, "class \(label ?? 0) of \(diffusion.classes)")
        (self.diffusion, self.label) = (diffusion, label)
    }

    /// The shape of a row.
    public var input: [Int] { diffusion.input }
    /// Where the network's weights are.
    public var device: Device { diffusion.device }

    /// E(x, t | y) at all times, of images scaled to −1...1.
    ///
    /// - Parameter guidance: How much what is particular to the class is sharpened; 0 for not at all.
    /// - Throws: `GibbsError` with code `.usage` for guidance that is negative, or without classes.
    public func landscape(guidance: Double = 0) throws -> any DiffusionLandscape {
        guard let label else {
            guard guidance == 0 else { throw GibbsError(.usage, "guidance without classes", advice: "fit with labels") }
            return diffusion
        }
        return try diffusion.given(label, guidance: guidance)
    }

    /// The bound on −ln p(x | y), a density of brightness; shape `[n]`, nats.
    public func energy(of x: Tensor) throws -> Tensor { try bound(x, differentiable: true) }

    /// See `Energy.energies(of:)`; half the cost of what a gradient needs.
    public func energies(of batch: Matrix) throws -> [Float] {
        try batch.check(against: variables)
        guard batch.isFinite else { throw GibbsError(.unsuitableData, "a diffusion needs images without missing pixels") }
        return try stride(from: 0, to: batch.rows, by: rowsAtOnce).flatMap { first in
            try bound(Tensor(batch.slice(first ..< min(batch.rows, first + rowsAtOnce)), row: input, on: device), differentiable: false).floats()
        }
    }

    private func bound(_ x: Tensor, differentiable: Bool) throws -> Tensor {
        // A density of 2 x − 1 is 2⁻ᵈ of one of x.
        try landscape().evidenceBound(of: 2 * x - 1, draws: draws, key: noise, differentiable: differentiable) - Double(features) * log(2)
    }

    /// Images as the landscapes see them, −1...1.
    package static func encoded(_ images: Matrix) -> Matrix { Matrix(rows: images.rows, columns: images.columns, values: images.values.map { 2 * $0 - 1 }) }
    /// What landscapes draw as brightness, 0...1.
    static func decoded(_ rows: Matrix) -> Matrix { Matrix(rows: rows.rows, columns: rows.columns, values: rows.values.map { min(max(0.5 * ($0 + 1), 0), 1) }) }
}

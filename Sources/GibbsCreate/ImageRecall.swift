import Foundation
import GibbsCore
import GibbsLandscapes
import GibbsNumerics

/// Images restored from a memory.
public struct ImageRecall: Sendable {
    /// Shape `[cues, pixels]`.
    public let restored: Matrix
    /// The class that each cue called up, and the memory nearest to it within the class.
    public let classes: [String], memories: [Int]
    /// The share of that memory in the restored image, 0...1.
    public let weights: [Float]
    /// Energies before and after, nats.
    public let energies: [(cue: Float, restored: Float)]
}

extension ImageModel {
    /// Restores cues from the memories of all classes, by nearness alone: erased pixels are missing (`nan`), noisy ones as they are.
    ///
    /// - Parameters:
    ///   - cues: Shape `[cues, shape.pixels]`.
    ///   - steps: Updates of the memory.
    /// - Throws: `GibbsError` with code `.usage` when the model holds no memories; as `MemoryEnergy.recall`.
    public func recall(_ cues: Matrix, steps: Int = 3) throws -> ImageRecall {
        let memories = try classes.map { part -> MemoryEnergy in
            guard case .memory(let memory) = part.energy else {
                throw GibbsError(.usage, "the model holds \(part.energy.kind) energies, not memories", advice: "fit with --model memory")
            }
            return memory
        }
        // All patterns in one memory, and of one width: a class of images that are alike has narrow, high bumps, and would else answer for
        // cues of which another class holds the very image.
        let patterns = memories.dropFirst().reduce(memories[0].patterns) { $0.appending($1.patterns) }, logs = memories.flatMap(\.precisions).map { log(Double($0)) }
        let whole = try MemoryEnergy(patterns: patterns, variables: memories[0].variables, precisions: Array(repeating: Float(exp(Statistics.mean(logs))), count: patterns.rows))
        let found = try whole.recall(cues, steps: steps), owners = memories.enumerated().flatMap { index, memory in (0 ..< memory.patterns.rows).map { (index, $0) } }
        return ImageRecall(restored: found.restored, classes: found.nearest.map { classes[owners[$0].0].name }, memories: found.nearest.map { owners[$0].1 },
                           weights: found.weights, energies: found.energies)
    }
}

/// Ways to spoil an image, to see what a memory makes of it.
public enum ImageErasure: String, Sendable, Hashable, CaseIterable {
    /// What is erased; `none` leaves the image whole.
    case none, top, bottom, left, right

    /// Makes half of every image missing.
    public func applied(to images: Matrix, shape: ImageShape) -> Matrix {
        var result = images
        for row in 0 ..< images.rows {
            for y in 0 ..< shape.height {
                for x in 0 ..< shape.width {
                    let isErased = switch self {
                    case .none: false
                    case .top: y < shape.height / 2
                    case .bottom: y >= (shape.height + 1) / 2
                    case .left: x < shape.width / 2
                    case .right: x >= (shape.width + 1) / 2
                    }
                    if isErased { result[row, y * shape.width + x] = .nan }
                }
            }
        }
        return result
    }
}

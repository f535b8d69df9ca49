import Foundation
import GibbsCore
import GibbsLandscapes
import GibbsNumerics

/// Images restored from a memory.
public struct ImageRecall: Sendable {
    /// Shape `[cues, pixels]`.
    public let restored: Matrix
    /// The class that each cue called up, and the memory nearest to it within the class, as a number among those kept.
    public let classes: [String], memories: [Int]
    /// That memory's number in the file that the model was fitted to, from 0; `nil` where an older file of the model does not tell.
    public let sources: [Int]?
    /// The share of that memory in the restored image, 0...1.
    public let weights: [Float]
    /// Energies before and after, nats.
    public let energies: [(cue: Float, restored: Float)]
    /// σ = 1/√2β of the memories, in brightness: the root of the mean squared distance a pixel from an image kept to the nearest other.
    public let width: Double

    /// The share of `width` within which what was restored can be what was given.
    public static let nearness = 1.0 / 3

    /// How far each restored image is from another: the root of the mean squared difference over the pixels that the other has, in brightness; 0 where it has none.
    ///
    /// - Parameter images: What the cues were made of, or the cues; shape `[cues, pixels]`, missing pixels `nan`. Traps for another shape.
    public func distances(from images: Matrix) -> [Double] {
        precondition(images.rows == restored.rows && images.columns == restored.columns, "images of another shape than the restored ones")
        return (0 ..< images.rows).map { row in
            let squares = zip(restored.row(row), images.row(row)).filter { !$0.1.isNaN }.map { Double($0.0 - $0.1) * Double($0.0 - $0.1) }
            return squares.isEmpty ? 0 : Statistics.mean(squares).squareRoot()
        }
    }

    /// Whether what was restored is another image than was given: it lies further off than `nearness` of the memories' own width.
    ///
    /// Of a memory half erased comes back that memory: others take a share of it only within some σ √(2/pixels given), so that it is off by a small part of σ. An image that
    /// is not among the memories comes back as the nearest one, and is off by about σ, since that is what σ was measured as: of MNIST, 10,000 images kept and the upper half erased,
    /// 95 of 100 fresh images are further off than a third of it, and no image that was kept.
    ///
    /// - Parameter distance: As `distances(from:)`, from what was given before noise was added.
    public func isAnother(at distance: Double) -> Bool { distance > Self.nearness * width }
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
        let numbers = classes.compactMap(\.sources).flatMap { $0 }
        return ImageRecall(restored: found.restored, classes: found.nearest.map { classes[owners[$0].0].name }, memories: found.nearest.map { owners[$0].1 },
                           sources: numbers.count == owners.count ? found.nearest.map { numbers[$0] } : nil, weights: found.weights, energies: found.energies,
                           width: (1 / (2 * Double(whole.meanPrecision))).squareRoot())
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

import Foundation
import GibbsCore
import GibbsData
import GibbsNumerics

/// Images to show on a landscape, with the class of each where it is known.
public struct ImagePoints: Sendable {
    /// Shape `[images, pixels]`, brightness 0...1.
    public var images: Matrix
    /// A name an image; `nil` without labels.
    public var labels: [String]?

    /// Images, and their labels in the same order.
    public init(_ images: Matrix, labels: [String]? = nil) { (self.images, self.labels) = (images, labels) }
}

extension ImageModel {
    /// The energy of images between classes.
    ///
    /// Of two classes without images to show: the energies along the line from mean to mean, and a little beyond. Else on a plane: of two
    /// classes that through their means and the direction in which the shown images vary most; of three or more, that of the first two
    /// principal axes of the classes' means, which three means span; of a single class, that of the images' principal axes.
    ///
    /// Gaussians are counted each from its own lowest point, E(x) = −ln Σ_y exp(−E_y(x)), as in a blend: at a mean, the volumes of the others
    /// would decide whatever the image. For machines and memories E(x) = −ln Σ_y share_y exp(−E_y(x)) / Z_y. Brightness outside 0...1,
    /// which machines do not know, is clipped. Images stand where their perpendiculars meet the plane; their own energies are higher.
    ///
    /// - Parameters:
    ///   - names: Classes; all unless told.
    ///   - points: Images to show; those of other classes are left out.
    ///   - count: Images of each class to show at most, the first ones.
    ///   - ceiling: Nats above the lowest point that colours tell apart; half of what the plane covers unless told.
    ///   - size: Places along each side.
    ///   - progress: Told the share of the plane done; may throw to stop.
    /// - Throws: `GibbsError` with code `.usage` for an unknown class, or a single class without images; `.shapeMismatch` for images of
    ///   another size; `.unsuitableData` where all lie on a line or no image is of the classes; what `progress` throws.
    /// - Complexity: An energy a class and place; memory for some thousand images.
    public func landscape(of names: [String]? = nil, points: ImagePoints? = nil, count: Int = 200, ceiling: Double? = nil, size: Int = 61,
                          progress: (Double) throws -> Void = { _ in }) throws -> Plot {
        let chosen = try names?.map { try self.class($0) } ?? classes
        guard count > 0, (2 ... 500).contains(size), ceiling.map({ $0 > 0 && $0.isFinite }) ?? true else {
            throw GibbsError(.usage, "a landscape with \(count) images a class in \(size) places a side", advice: "give positive numbers, and 2 to 500 places")
        }
        guard Set(chosen.map(\.name)).count == chosen.count else { throw GibbsError(.usage, "a class is named twice", advice: "name each once") }
        let shown = try points.map { try self.shown($0, chosen, count) }
        if chosen.count == 2, shown == nil { return try line(from: chosen[0], to: chosen[1]) }
        let means = Matrix(chosen.map(centre)), plane: ImagePlane?
        switch (chosen.count, shown) {
        case (1, nil):
            throw GibbsError(.usage, "a single class has no way to another", advice: "name two classes or more, or give images with --data, whose principal axes are then shown")
        case (1, let shown?): plane = ImagePlane(principalAxesOf: shown.reduce(Matrix(rows: 0, columns: shape.pixels)) { $0.appending($1.points) })
        case (2, let shown?): plane = ImagePlane(from: Array(means.row(0)), to: Array(means.row(1)), across: shown.reduce(Matrix(rows: 0, columns: shape.pixels)) { $0.appending($1.points) })
        default: plane = ImagePlane(principalAxesOf: means)
        }
        guard let plane else { throw GibbsError(.unsuitableData, "the classes and images lie on one line, which spans no plane", advice: "show more or other images, or two classes without images") }
        return try self.plot(on: plane, chosen, shown ?? [], ceiling, size, progress)
    }

    // MARK: - Points

    /// Images of each class as the energies see them, under the name of the legend.
    private func shown(_ points: ImagePoints, _ chosen: [Class], _ count: Int) throws -> [(name: String, points: Matrix)] {
        guard points.images.columns == shape.pixels, points.labels?.count ?? points.images.rows == points.images.rows else {
            throw GibbsError(.shapeMismatch, "images of \(points.images.columns) pixels with \(points.labels?.count ?? points.images.rows) labels for a model of \(shape.height) × \(shape.width)", advice: "give images of the model's size, and a label for each")
        }
        let groups: [(String, [Int])]
        if let labels = points.labels {
            groups = chosen.map { part in (part.name, labels.indices.filter { labels[$0] == part.name }) }
        } else {
            groups = [("images", Array(0 ..< points.images.rows))]
        }
        let found = groups.filter { !$0.1.isEmpty }.map { (name: $0.0, points: inner(points.images.selecting(rows: Array($0.1.prefix(count))))) }
        guard found.reduce(0, { $0 + $1.points.rows }) >= 2 else {
            throw GibbsError(.unsuitableData, "fewer than two of the images are of the classes \(chosen.map(\.name).joined(separator: ", "))", advice: "give images of these classes, or leave them out")
        }
        return found
    }

    private var isGaussian: Bool { if case .gaussian = classes[0].energy { true } else { false } }

    private func inner(_ images: Matrix) -> Matrix { isGaussian ? PixelLogit.encoded(images) : images }

    private func centre(_ part: Class) -> [Float] { if case .gaussian(let energy) = part.energy { energy.mean } else { part.mean } }

    // MARK: - Energies

    /// Each class's energy, as the landscape counts it; shape `[classes][rows]`.
    private func levels(_ points: Matrix, _ chosen: [Class]) throws -> [[Double]] {
        let clipped = points.mapping { min(max($0, 0), 1) }
        return try chosen.map { part in
            switch part.energy {
            case .gaussian(let energy): return try energy.energies(of: points).map(Double.init)
            case .principal, .machine, .deep, .autoencoder, .residual, .diffusion: return try part.energy.energies(of: clipped).map { Double($0) + part.logPartition.logPartition - log(part.share) }
            case .memory: return try part.energy.energies(of: points).map { Double($0) + part.logPartition.logPartition - log(part.share) }
            }
        }
    }

    private var space: String { isGaussian ? "log-odds of brightness" : "brightness" }

    private func line(from: Class, to: Class) throws -> Plot {
        let (a, b) = (centre(from), centre(to)), places = (0 ... 150).map { -0.25 + 1.5 * Double($0) / 150 }
        let points = Matrix(places.map { place in zip(a, b).map { Float(1 - place) * $0 + Float(place) * $1 } })
        let levels = try levels(points, [from, to]), joint = places.indices.map { -logSumExp([-levels[0][$0], -levels[1][$0]]) }, low = joint.min()!
        // The ends rise far above what lies between, which is what matters; they may leave the picture.
        let between = places.indices.filter { (0 ... 1).contains(places[$0]) }, top = between.map { max(levels[0][$0], levels[1][$0]) }.max()! - low
        return Plot("along the line between the means of \(from.name) and \(to.name)", x: Plot.Axis("α: 0 at the mean of \(from.name), 1 at the mean of \(to.name)", range: -0.25 ... 1.25),
                    y: Plot.Axis("energy above the lowest (nats)", range: -0.03 * top ... 1.08 * top), layers: [
                        .line(x: places, y: levels[0].map { $0 - low }, name: "under \(from.name)"), .line(x: places, y: levels[1].map { $0 - low }, name: "under \(to.name)"),
                        .line(x: places, y: joint.map { $0 - low }, name: "under both, mixed"),
                    ], width: 560, height: 340)
    }

    private func plot(on plane: ImagePlane, _ chosen: [Class], _ shown: [(name: String, points: Matrix)], _ ceiling: Double?, _ size: Int,
                      _ progress: (Double) throws -> Void) throws -> Plot {
        let means = plane.feet(of: Matrix(chosen.map(centre))), feet = shown.map { (name: $0.name, feet: plane.feet(of: $0.points)) }
        func range(_ axis: Int) -> ClosedRange<Double> {
            let centres = means.column(axis).map(Double.init), all = centres + feet.flatMap { $0.feet.column(axis).map(Double.init) }
            let low = all.min()!, high = all.max()!, room = (feet.isEmpty ? 0.35 : 0.08) * max(high - low, 1e-3)
            return low - room ... high + room
        }
        let (x, y) = (range(0), range(1))
        var each = chosen.map { _ in [Double]() }
        let grid = try Plot.grid(x: x, y: y, size: size) { places in
            // A plane of many places is more images than memory should hold at once.
            for first in stride(from: 0, to: places.rows, by: 4_096) {
                let found = try levels(plane.points(at: places.slice(first ..< min(first + 4_096, places.rows))), chosen)
                for index in each.indices { each[index] += found[index] }
                try progress(Double(each[0].count) / Double(places.rows))
            }
            return (0 ..< places.rows).map { place in Float(-logSumExp(each.map { -$0[place] })) }
        }
        let top = ceiling ?? Double(Statistics.quantile(0.5, of: grid.values))
        var layers = [Plot.Layer.contours(grid, x: x, y: y, range: 0 ... max(top, 1e-3), name: "energy above the lowest (nats)")]
        for group in feet { layers.append(.points(x: group.feet.column(0), y: group.feet.column(1), name: group.name)) }
        if chosen.count == 2 {
            let difference = Matrix(rows: size, columns: size, values: zip(each[0], each[1]).map { Float($0 - $1) })
            for border in ContourLine.trace(difference, at: 0, xRange: x, yRange: y) { layers.append(.line(x: border.x, y: border.y, name: "either class")) }
        }
        if feet.isEmpty { for (row, part) in chosen.enumerated() { layers.append(.points(x: [means[row, 0]], y: [means[row, 1]], name: "mean of \(part.name)")) } }
        let axes = chosen.count == 2 ? ("along \(chosen[0].name) → \(chosen[1].name)", "across, where the images vary most") : ("first principal axis", "second principal axis")
        let names = chosen.count > 6 ? "\(chosen.count) classes" : chosen.map(\.name).joined(separator: ", ")
        return Plot("energy of \(names) on the plane of \(chosen.count == 1 ? "its images' principal axes" : "the means")", x: Plot.Axis("\(axes.0) (\(space))"), y: Plot.Axis("\(axes.1) (\(space))"),
                    layers: layers, legend: .automatic, width: 620, height: 480)
    }
}

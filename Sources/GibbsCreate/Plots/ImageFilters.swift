import Foundation
import GibbsCore
import GibbsData
import GibbsNumerics

extension ImageModel {
    /// What each class has learned, as a sheet of images.
    ///
    /// - Machines: the weights of hidden units from the pixels, blue below zero and red above, the largest first; a row a class, or a square
    ///   of one class alone.
    /// - Gaussians: a row a class; the mean, and beside it the deviation of the pixels' log-odds, white where it is largest.
    /// - Networks: the mean image of each class, since their first filters are a few pixels wide.
    /// - Memories: a row a class, or a square of one class alone, of the images remembered.
    ///
    /// - Parameters:
    ///   - names: Classes; all unless told.
    ///   - count: Filters or images of each class at most; 64 of a single class and 12 of each of several unless told.
    ///   - scale: Each pixel becomes a square of that side.
    /// - Throws: `GibbsError` with code `.usage` for an unknown class, or a count or scale that is not positive; `.limitExceeded` for a sheet
    ///   beyond `Picture.largestPixelCount`.
    public func filters(of names: [String]? = nil, count: Int? = nil, scale: Int = 3) throws -> Picture {
        let chosen = try names?.map { try self.class($0) } ?? classes, isAlone = chosen.count == 1, most = count ?? (isAlone ? 64 : 12)
        guard most > 0, scale > 0, !chosen.isEmpty else { throw GibbsError(.usage, "\(most) filters of \(chosen.count) classes, \(scale) times as large", advice: "give positive numbers") }
        let rows = chosen.map { Self.rows(of: $0, most: most) }, width = rows.map(\.rows).max()!, labels = isAlone ? [] : chosen.map(\.name)
        let isSquare = isAlone && rows[0].rows > 2
        // Rows that are shorter than others end in empty places.
        let all = isSquare ? rows[0] : rows.map { $0.appending(Matrix(rows: width - $0.rows, columns: shape.pixels, repeating: isSigned ? 0 : 1)) }
            .reduce(Matrix(rows: 0, columns: shape.pixels)) { $0.appending($1) }
        let columns = isSquare ? nil : width
        return isSigned ? try Picture.filters(of: all, height: shape.height, width: shape.width, columns: columns, scale: scale, rowLabels: labels)
            : try Picture.grid(of: all, height: shape.height, width: shape.width, columns: columns, gap: 3, scale: scale, rowLabels: labels)
    }

    private var isSigned: Bool {
        switch classes[0].energy {
        case .machine, .principal: true
        case .gaussian, .memory, .deep, .autoencoder, .residual, .diffusion: false
        }
    }

    private static func rows(of part: Class, most: Int) -> Matrix {
        switch part.energy {
        case .machine(let machine):
            let filters = machine.weights.transposed(), norms = filters.rowDots(filters)
            return filters.selecting(rows: Array(norms.indices.sorted { (norms[$1], $0) < (norms[$0], $1) }.prefix(most)))
        case .gaussian(let energy):
            let size = energy.mean.count, deviations = (0 ..< size).map { Float(energy.covarianceMatrix.values[$0 * size + $0].squareRoot()) }, most = max(deviations.max()!, 1e-6)
            return PixelLogit.decoded(Matrix([energy.mean])).appending(Matrix([deviations.map { $0 / most }]))
        case .principal(let energy): return energy.components.slice(0 ..< min(most, energy.components.rows))
        case .deep, .autoencoder, .residual, .diffusion: return Matrix([part.mean])
        case .memory(let memory): return memory.patterns.slice(0 ..< min(most, memory.patterns.rows))
        }
    }
}

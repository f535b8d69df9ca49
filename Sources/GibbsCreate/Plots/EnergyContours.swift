import GibbsCore
import GibbsData
import GibbsNumerics

extension Plot {
    /// An energy of two columns as a landscape: colours, and contours at round numbers of nats above the lowest point of the grid.
    ///
    ///     try Plot.landscape(of: banana, x: -3 ... 3, y: -2 ... 6, points: samples.positions).write(to: "banana.svg")
    ///
    /// - Parameters:
    ///   - energy: Of two real columns.
    ///   - x: What is shown of the first column.
    ///   - y: What is shown of the second.
    ///   - points: Shape `[any, 2]`, drawn over it; those outside are cut off.
    ///   - ceiling: Nats above the lowest point that the colours tell apart; higher looks the same.
    ///   - size: Places along each side.
    ///   - title: Stands above.
    /// - Throws: `GibbsError` with code `.shapeMismatch` for an energy or points of another number of columns, `.usage` for an empty range, a
    ///   ceiling that is not positive or fewer than two places, `.unsuitableData` where no energy is finite; what the energy throws.
    public static func landscape(of energy: some Energy, x: ClosedRange<Double>, y: ClosedRange<Double>, points: Matrix? = nil, ceiling: Double = 12,
                                 size: Int = 81, title: String = "") throws -> Plot {
        guard energy.features == 2, points?.columns ?? 2 == 2 else {
            throw GibbsError(.shapeMismatch, "a landscape over two columns of an energy of \(energy.features)\(points.map { " and points of \($0.columns)" } ?? "")", advice: "fix the other columns, or choose a plane")
        }
        guard x.lowerBound < x.upperBound, y.lowerBound < y.upperBound, ceiling > 0, ceiling.isFinite, (2 ... 2_000).contains(size) else {
            throw GibbsError(.usage, "a landscape over \(x) × \(y) in \(size) places a side, up to \(ceiling) nats", advice: "give ranges that are not empty, a positive ceiling and 2 to 2000 places")
        }
        let grid = try grid(x: x, y: y, size: size) { try energy.energies(of: $0) }
        var layers = [Layer.contours(grid, x: x, y: y, range: 0 ... ceiling, name: "energy above the lowest (nats)")]
        if let points { layers.append(.points(x: points.column(0), y: points.column(1))) }
        return Plot(title, x: "first column", y: "second column", layers: layers, width: 520, height: 400)
    }

    /// Values at the crossings of a grid less their lowest; what is not finite becomes far higher than all that is.
    static func grid(x: ClosedRange<Double>, y: ClosedRange<Double>, size: Int, _ values: (Matrix) throws -> [Float]) throws -> Matrix {
        func place(_ range: ClosedRange<Double>, _ index: Int) -> Float { Float(range.lowerBound + (range.upperBound - range.lowerBound) * Double(index) / Double(size - 1)) }
        let places = Matrix(rows: size * size, columns: 2, values: (0 ..< size).flatMap { row in (0 ..< size).flatMap { [place(x, $0), place(y, row)] } })
        let found = try values(places), finite = found.filter(\.isFinite)
        guard let low = finite.min(), let high = finite.max() else {
            throw GibbsError(.unsuitableData, "the energy is not finite anywhere on the plane", advice: "look at another part of it")
        }
        return Matrix(rows: size, columns: size, values: found.map { ($0.isFinite ? $0 : high + 10 * (high - low) + 1e3) - low })
    }
}

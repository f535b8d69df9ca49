import GibbsCore
import GibbsNumerics
import GibbsTestSupport

/// Descents against minima known in closed form.
package enum DescentChecks {
    /// From eight random starts to the mean of each of some Gaussians.
    package static func gaussians(key: Key, by descent: Descent = Descent(.lbfgs(), tolerance: 1e-6)) throws -> [CheckFailure] {
        try (1 ... 6).flatMap { size -> [CheckFailure] in
            let energy = try SmallWorld.gaussian(size, key: key.folding(size)), count = 8
            let starts = Matrix(rows: count, columns: size, values: key.folding(size).folding(-1).normals(count * size).map { 5 * $0 })
            let end = try energy.minimum(from: starts, by: descent)
            return (0 ..< count).flatMap { row -> [CheckFailure] in
                let distance = zip(end.positions.row(row), energy.mean).map { abs(Double($0) - Double($1)) }.max()!
                return compare(distance, limit: 1e-4, "descent", "from start \(row) of \(size) columns ended \(distance) from the mean, \(end.endings[row])")
            }
        }
    }
}

import Foundation
import GibbsData
import GibbsDeep
import GibbsNumerics

extension Plot {
    /// The work of scores around a closed path: of a landscape it comes back to where it began, of a free score it does not.
    ///
    ///     try Plot.loop([("energy", energy), ("score", score)], at: 0.3, row: image, key: Key(1)).write(to: "loop.svg")
    ///
    /// - Parameters:
    ///   - fields: What is compared, by name, on the same circle.
    ///   - time: t.
    ///   - row: The middle of the circle before the time's noise; a single row.
    ///   - radius: In units of σ(t) times the root of the number of columns.
    ///   - points: Of the circle.
    ///   - key: Feeds the noise and the plane of the circle.
    /// - Throws: As `LandscapeCheck.work(of:at:rows:radius:points:key:)`.
    public static func loop(_ fields: [(name: String, field: any DiffusionField)], at time: Double, row: Matrix, radius: Double = 0.5, points: Int = 90, key: Key) throws -> Plot {
        let angles = (0 ... points).map { 360 * Double($0) / Double(points) }
        let lines = try fields.map { part -> (Layer, Double) in
            let work = try LandscapeCheck.work(of: part.field, at: time, rows: row.slice(0 ..< min(1, row.rows)), radius: radius, points: points, key: key)[0]
            return (.line(x: angles, y: work, name: String(format: "%@: %+.2g at the end", part.name as NSString, work[points])), work[points])
        }
        return Plot(String(format: "once around a circle at time %.2g", time), x: Plot.Axis("way around (degrees)", range: 0 ... 360, step: 90), y: "work of the score (nats)", layers: [.horizontal(0.0)] + lines.map(\.0))
    }
}

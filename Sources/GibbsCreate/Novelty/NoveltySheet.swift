import GibbsData
import GibbsNumerics

/// The images that energies got most wrong: two rows an energy, foreign images that it took for its own, and its own that it took for foreign.
public enum NoveltySheet {
    /// Images a row.
    public static let columns = 12

    /// A contact sheet, worst first from the left.
    ///
    /// Of each foreign set a row shows at most a third of its places, so that one set, such as blank images, does not hide the others.
    /// - Parameters:
    ///   - results: What the energies said; at least one.
    ///   - test: The images that belong, as they were given to the trial.
    ///   - sets: The foreign sets, in the order of the results.
    ///   - shape: Height and width.
    ///   - scale: Each pixel becomes a square of that side.
    /// - Throws: As `Picture.grid`.
    public static func picture(of results: [NoveltyResult], test: Matrix, sets: [NoveltySet], shape: ImageShape, scale: Int = 2) throws -> Picture {
        var images = Matrix(rows: 0, columns: shape.pixels), labels = [String]()
        for result in results {
            let foreign = lowest(of: result)
            images = foreign.reduce(images) { $0.appending(sets[$1.set].images.selecting(rows: [$1.row])) }
            images = images.appending(Matrix(rows: columns - foreign.count, columns: shape.pixels, repeating: 1))
            let own = highest(of: result)
            images = images.appending(test.selecting(rows: own)).appending(Matrix(rows: columns - own.count, columns: shape.pixels, repeating: 1))
            labels += ["\(result.name): foreign, passed", "\(result.name): own, suspected"]
        }
        return try Picture.grid(of: images, height: shape.height, width: shape.width, columns: columns, scale: scale, rowLabels: labels)
    }

    /// Foreign images of the lowest energies, by how few images that belong have a lower one.
    static func lowest(of result: NoveltyResult) -> [(set: Int, row: Int)] {
        let all = result.foreign.enumerated().flatMap { set, judged in
            judged.energies.indices.sorted { judged.energies[$0] < judged.energies[$1] }.prefix(columns / 3).map { (set: set, row: judged.rows[$0], energy: judged.energies[$0]) }
        }
        return all.sorted { $0.energy < $1.energy }.prefix(columns).map { ($0.set, $0.row) }
    }

    /// Images that belong of the highest energies.
    static func highest(of result: NoveltyResult) -> [Int] {
        result.own.energies.indices.sorted { result.own.energies[$0] > result.own.energies[$1] }.prefix(columns).map { result.own.rows[$0] }
    }
}

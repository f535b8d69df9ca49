import Foundation
import GibbsCore
import GibbsData
import GibbsNumerics

extension RatingBiases: Storable {
    public static let kind = "rating-biases"

    private struct Schema: Codable { var scale: RatingScale, mean: Double, noise: Double, shrinkage: Double }

    public init(archive: Archive) throws {
        let schema = try JSON.decode(Schema.self, from: archive.text("schema"), name: "schema")
        guard schema.mean.isFinite, schema.noise > 0, schema.noise.isFinite, schema.shrinkage > 0, schema.shrinkage.isFinite else {
            throw GibbsError(.unsuitableModel, "a mean of \(schema.mean), a noise of \(schema.noise) or a shrinkage of \(schema.shrinkage) makes no sense", advice: "the file is damaged")
        }
        self.init(scale: try schema.scale.checked(), mean: schema.mean, noise: schema.noise, items: try archive.vector("items").map(Double.init), shrinkage: schema.shrinkage)
    }

    public func archive() -> Archive {
        Archive(tensors: ["items": .init(items.map { Float($0) })], metadata: ["schema": JSON.encode(Schema(scale: scale, mean: mean, noise: noise, shrinkage: shrinkage))])
    }
}

extension RatingNeighbours: Storable {
    public static let kind = "rating-neighbours"

    /// Indices are kept as numbers in single precision, which holds whole ones to this.
    private static let itemLimit = 1 << 24

    private struct Schema: Codable { var neighbours: Int, shrinkage: Double }

    public init(archive: Archive) throws {
        let schema = try JSON.decode(Schema.self, from: archive.text("schema"), name: "schema"), biases = try RatingBiases(archive: archive.nested("biases"))
        let counts = try archive.vector("counts", count: biases.itemCount), values = try archive.vector("similarities"), others = try archive.vector("others", count: values.count)
        let items = Float(biases.itemCount)
        guard schema.neighbours > 0, schema.shrinkage > 0, schema.shrinkage.isFinite, biases.itemCount < Self.itemLimit,
              counts.allSatisfy({ $0 >= 0 && $0 <= items && $0 == $0.rounded() }), others.allSatisfy({ $0 >= 0 && $0 < items && $0 == $0.rounded() }),
              counts.reduce(0, { $0 + Int($1) }) == values.count else {
            throw GibbsError(.unsuitableModel, "the similar items do not fit \(biases.itemCount) items", advice: "the file is damaged")
        }
        let rows = SparseRows(columns: biases.itemCount, starts: counts.reduce(into: [0]) { $0.append($0.last! + Int($1)) }, indices: others.map { Int32($0) }, values: values)
        for row in 0 ..< rows.rows where zip(rows.columns(of: row), rows.columns(of: row).dropFirst()).contains(where: { $0 >= $1 }) {
            throw GibbsError(.unsuitableModel, "the items similar to item \(row) are out of order", advice: "the file is damaged")
        }
        self.init(biases: biases, similarities: rows, neighbours: schema.neighbours, shrinkage: schema.shrinkage)
    }

    public func archive() -> Archive {
        var archive = Archive(tensors: ["counts": .init((0 ..< similarities.rows).map { Float(similarities.range($0).count) }), "others": .init(similarities.indices.map { Float($0) }), "similarities": .init(similarities.values)],
                              metadata: ["schema": JSON.encode(Schema(neighbours: neighbours, shrinkage: shrinkage))])
        archive.nest(biases.archive(), under: "biases")
        return archive
    }
}

import Foundation
import GibbsCore
import GibbsData
import GibbsNumerics

extension RatingBiases: Storable {
    public static let kind = "rating-biases"

    private struct Schema: Codable { var scale: RatingScale, mean: Double, noise: Double, shrinkage: Double }

    public init(archive: Archive) throws {
        let schema = try JSON.decode(Schema.self, from: archive.text("schema"), name: "schema")
        guard abs(schema.mean) <= RatingScale.valueLimit, schema.noise > 0, schema.noise < 1e18, schema.shrinkage > 0, schema.shrinkage.isFinite else {
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

    private struct Schema: Codable { var neighbours: Int, shrinkage: Double }

    public init(archive: Archive) throws {
        let schema = try JSON.decode(Schema.self, from: archive.text("schema"), name: "schema"), biases = try RatingBiases(archive: archive.nested("biases"))
        guard schema.neighbours > 0, schema.shrinkage > 0, schema.shrinkage.isFinite else {
            throw GibbsError(.unsuitableModel, "\(schema.neighbours) neighbours or a shrinkage of \(schema.shrinkage) makes no sense", advice: "the file is damaged")
        }
        let rows = try SparseRows(archive, under: "similar", rows: biases.itemCount, columns: biases.itemCount)
        self.init(biases: biases, similarities: rows, neighbours: schema.neighbours, shrinkage: schema.shrinkage)
    }

    public func archive() -> Archive {
        var archive = Archive(tensors: similarities.archived(under: "similar"), metadata: ["schema": JSON.encode(Schema(neighbours: neighbours, shrinkage: shrinkage))])
        archive.nest(biases.archive(), under: "biases")
        return archive
    }
}

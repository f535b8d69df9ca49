import GibbsCore
import GibbsNumerics

extension DotProductRecommender: Storable {
    public static let kind = "dot-product"

    private struct Schema: Codable { var scale: Float, foldIn: FoldIn }

    public init(archive: Archive) throws {
        let schema = try JSON.decode(Schema.self, from: archive.text("gibbs.schema"), name: "gibbs.schema")
        do {
            switch schema.foldIn {
            case .leastSquares(let method): try method.check()
            case .softmax(let method, let mean):
                try method.check()
                guard mean > 0, mean.isFinite else { throw GibbsError(.usage, "\(mean) events a person") }
            }
            guard schema.scale > 0, schema.scale.isFinite else { throw GibbsError(.usage, "a scale of \(schema.scale)") }
        } catch let error as GibbsError { throw GibbsError(.unsuitableModel, error.message, advice: "the file is damaged") }
        let items = try archive.matrix("items")
        self.init(users: try archive.matrix("users", columns: items.columns), items: items, itemBiases: try archive.vector("itemBiases", count: items.rows),
                  itemOffsets: try archive.vector("itemOffsets", count: items.rows), scale: schema.scale, foldIn: schema.foldIn)
    }

    public func archive() -> Archive {
        Archive(tensors: ["users": .init(users), "items": .init(items), "itemBiases": .init(itemBiases), "itemOffsets": .init(itemOffsets)], metadata: ["gibbs.schema": JSON.encode(Schema(scale: scale, foldIn: foldIn))])
    }
}

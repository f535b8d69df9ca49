import Foundation
import GibbsCore
import GibbsNumerics

extension DotProductRecommender: Storable {
    public static let kind = "dot-product"

    private struct Schema: Codable { var scale: Float, foldIn: FoldIn }

    public init(archive: Archive) throws {
        let text = try archive.text("gibbs.schema"), schema: Schema
        do { schema = try JSONDecoder().decode(Schema.self, from: Data(text.utf8)) } catch {
            throw GibbsError(.unsuitableModel, "the entry 'gibbs.schema' cannot be read", advice: "the file is damaged")
        }
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
                  scale: schema.scale, foldIn: schema.foldIn)
    }

    public func archive() -> Archive {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Encoding fails for numbers that are not finite alone, and those were refused.
        let schema = (try? encoder.encode(Schema(scale: scale, foldIn: foldIn))) ?? Data()
        return Archive(tensors: ["users": .init(users), "items": .init(items), "itemBiases": .init(itemBiases)], metadata: ["gibbs.schema": String(decoding: schema, as: UTF8.self)])
    }
}

import Foundation
import GibbsCore
import GibbsData
import GibbsNumerics

extension RatingMachine: Storable {
    public static let kind = "rating-rbm"

    private struct Schema: Codable { var scale: RatingScale, gaussian: Int, stiffening: Float, features: Int }

    public init(archive: Archive) throws {
        let schema = try JSON.decode(Schema.self, from: archive.text("schema"), name: "schema"), scale = try schema.scale.checked()
        let hiddenBias = try archive.vector("hiddenBias"), biases = try archive.matrix("biases", columns: scale.count)
        guard 0 ... hiddenBias.count ~= schema.gaussian, !hiddenBias.isEmpty, schema.stiffening >= 0, schema.stiffening.isFinite, schema.features >= 0 else {
            throw GibbsError(.unsuitableModel, "\(schema.gaussian) of \(hiddenBias.count) hidden units are Gaussian, with a stiffening of \(schema.stiffening)", advice: "the file is damaged")
        }
        let (items, hidden) = (biases.rows, hiddenBias.count)
        var features: Features?
        if schema.features > 0 {
            features = Features(hidden: try archive.matrix("featureHidden", rows: schema.features, columns: hidden), levels: try archive.matrix("featureLevels", rows: schema.features, columns: scale.count))
        }
        self.init(scale: scale, biases: biases, weights: try archive.matrix("weights", rows: items * scale.count, columns: hidden), rated: try archive.matrix("rated", rows: items, columns: hidden),
                  hiddenBias: hiddenBias, gaussian: schema.gaussian, stiffening: schema.stiffening, features: features)
    }

    public func archive() -> Archive {
        let schema = Schema(scale: scale, gaussian: gaussian, stiffening: stiffening, features: features?.count ?? 0)
        var archive = Archive(tensors: ["biases": .init(biases), "weights": .init(weights), "rated": .init(rated), "hiddenBias": .init(hiddenBias)], metadata: ["schema": JSON.encode(schema)])
        if let features {
            archive.tensors["featureHidden"] = .init(features.hidden)
            archive.tensors["featureLevels"] = .init(features.levels)
        }
        return archive
    }
}

extension RatingScale {
    /// This scale, which came from a file, if it is one.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableModel`.
    func checked() throws -> RatingScale {
        do { return try RatingScale(lowest: lowest, step: step, count: count) } catch let error as GibbsError {
            throw GibbsError(.unsuitableModel, error.message, advice: "the file is damaged")
        }
    }
}

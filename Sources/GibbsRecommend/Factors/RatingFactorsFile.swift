import Foundation
import GibbsCore
import GibbsData
import GibbsNumerics

extension RatingFactors: Storable {
    public static let kind = "rating-factors"

    private struct Schema: Codable { var scale: RatingScale, mean: Double, noise: Double, noisePrior: Double }

    public init(archive: Archive) throws {
        let schema = try JSON.decode(Schema.self, from: archive.text("schema"), name: "schema")
        let precision = try archive.vector("precision"), width = precision.count, means = try archive.matrix("means", columns: width)
        let seconds = try archive.matrix("secondMoments", rows: means.rows, columns: width * (width + 1) / 2)
        guard width > 0, schema.mean.isFinite, schema.noise > 0, schema.noise.isFinite, schema.noisePrior > 0, schema.noisePrior.isFinite, precision.allSatisfy({ $0 > 0 }) else {
            throw GibbsError(.unsuitableModel, "a mean of \(schema.mean), a noise of \(schema.noise) or a precision makes no sense", advice: "the file is damaged")
        }
        var items = Posterior(count: means.rows, width: width)
        items.means = means.values.map(Double.init)
        for i in 0 ..< means.rows {
            var place = seconds.columns * i
            for c in 0 ..< width {
                for e in 0 ... c {
                    items.seconds[(i * width + c) * width + e] = Double(seconds.values[place])
                    items.seconds[(i * width + e) * width + c] = Double(seconds.values[place])
                    place += 1
                }
            }
        }
        self.init(scale: try schema.scale.checked(), mean: schema.mean, items: items, precision: precision.map(Double.init), noise: schema.noise, noisePrior: schema.noisePrior)
    }

    public func archive() -> Archive {
        let width = items.width
        var lower = [Float]()
        lower.reserveCapacity(items.count * width * (width + 1) / 2)
        for i in 0 ..< items.count { for c in 0 ..< width { for e in 0 ... c { lower.append(Float(items.seconds[(i * width + c) * width + e])) } } }
        return Archive(tensors: ["means": .init(shape: [items.count, width], values: items.means.map { Float($0) }), "secondMoments": .init(shape: [items.count, width * (width + 1) / 2], values: lower),
                                 "precision": .init(precision.map { Float($0) })],
                       metadata: ["schema": JSON.encode(Schema(scale: scale, mean: mean, noise: noise, noisePrior: noisePrior))])
    }

    /// As it is after writing and reading: vectors in single precision.
    func rounded() -> RatingFactors {
        guard let copy = try? RatingFactors(archive: archive()) else { preconditionFailure("a model that cannot read itself") }
        return copy
    }
}

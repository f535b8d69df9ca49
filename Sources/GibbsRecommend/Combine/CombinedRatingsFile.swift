import Foundation
import GibbsCore
import GibbsData
import GibbsNumerics

extension CombinedRatings: Storable {
    public static let kind = "combined-ratings"

    /// The most members of a stored model.
    private static let memberLimit = 64

    private struct Schema: Codable { var kinds: [String], weights: [Double], levelBiases: [Double] }

    public init(archive: Archive) throws {
        let schema = try JSON.decode(Schema.self, from: archive.text("schema"), name: "schema")
        guard 1 ... Self.memberLimit ~= schema.kinds.count, schema.weights.count == schema.kinds.count, (schema.weights + schema.levelBiases).allSatisfy(\.isFinite) else {
            throw GibbsError(.unsuitableModel, "\(schema.weights.count) weights for \(schema.kinds.count) models", advice: "the file is damaged")
        }
        let members = try schema.kinds.enumerated().map { try Member(kind: $1, archive: archive.nested("member\($0)")) }
        guard members.allSatisfy({ $0.model.scale == members[0].model.scale && $0.model.itemCount == members[0].model.itemCount }), schema.levelBiases.count == members[0].model.scale.count else {
            throw GibbsError(.unsuitableModel, "the combined models differ in their scales or items", advice: "the file is damaged")
        }
        self.init(members: members, weights: schema.weights, levelBiases: schema.levelBiases)
    }

    public func archive() -> Archive {
        let parts = members.map(\.stored)
        var archive = Archive(metadata: ["schema": JSON.encode(Schema(kinds: parts.map { type(of: $0).kind }, weights: weights, levelBiases: levelBiases))])
        for (number, part) in parts.enumerated() { archive.nest(part.archive(), under: "member\(number)") }
        return archive
    }
}

extension CombinedRatings.Member {
    /// The model that can be written.
    var stored: any Storable {
        switch self {
        case .machine(let model): model
        case .factors(let model): model
        case .biases(let model): model
        case .neighbours(let model): model
        }
    }

    init(kind: String, archive: Archive) throws {
        switch kind {
        case RatingMachine.kind: self = .machine(try RatingMachine(archive: archive))
        case RatingFactors.kind: self = .factors(try RatingFactors(archive: archive))
        case RatingBiases.kind: self = .biases(try RatingBiases(archive: archive))
        case RatingNeighbours.kind: self = .neighbours(try RatingNeighbours(archive: archive))
        default: throw GibbsError(.unsuitableModel, "a member of the kind '\(kind.prefix(40))' cannot be combined", advice: "the file is damaged or from a newer version")
        }
    }
}

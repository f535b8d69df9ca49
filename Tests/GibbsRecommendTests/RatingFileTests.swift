import Foundation
import GibbsCore
import GibbsNumerics
import GibbsRecommend
import GibbsTestSupport
import Testing

@Suite struct RatingFileTests {
    /// A model read back says the same and writes the same, and damaged archives are refused.
    private func check<Model: RatingModel & Storable>(_ model: Model, _ world: TwoTastes) throws {
        let archive = model.archive(), copy = try Model(archive: archive), people = People(histories: world.ratings)
        #expect(try copy.archive() == archive && copy.ratingEnergies(of: world.ratings, for: people) == model.ratingEnergies(of: world.ratings, for: people))
        func refused(_ what: String, _ change: (inout Archive) -> Void) {
            var damaged = archive
            change(&damaged)
            let error = #expect(throws: GibbsError.self, "\(Model.kind): \(what)") { try Model(archive: damaged) }
            #expect(error?.code == .unsuitableModel, "\(Model.kind): \(what)")
        }
        for (name, tensor) in archive.tensors {
            refused("no \(name)") { $0.tensors[name] = nil }
            refused("nan in \(name)") { $0.tensors[name]!.values[tensor.values.count / 2] = .nan }
            if name != "items" && !name.hasSuffix(".items") { refused("\(name) too short") { $0.tensors[name] = shortened(tensor) } }
        }
        for name in archive.metadata.keys {
            refused("no \(name)") { $0.metadata[name] = nil }
            refused("another \(name)") { $0.metadata[name] = "{}" }
            refused("a scale without steps in \(name)") { $0.metadata[name] = $0.metadata[name]!.replacingOccurrences(of: "\"step\":1", with: "\"step\":0").replacingOccurrences(of: "\"weights\":[", with: "\"weights\":[1,").replacingOccurrences(of: "\"neighbours\":40", with: "\"neighbours\":0") }
        }
    }

    private func shortened(_ tensor: Archive.Tensor) -> Archive.Tensor {
        var shape = tensor.shape
        shape[shape.count - 1] -= 1
        return .init(shape: shape, values: Array(tensor.values.prefix(shape.reduce(1, *))))
    }

    @Test func `every model of ratings survives its archive, and damage is told`() throws {
        let world = try TwoTastes(people: 40, items: 12)
        var factors = RatingFactorsOptions()
        (factors.rank, factors.sweeps) = (3, 5)
        let machine = try RatingMachine.fitted(to: world.ratings, scale: world.scale, options: quick { $0.epochs = 2 })
        let made = try RatingFactors.fitted(to: world.ratings, scale: world.scale, options: factors), near = try RatingNeighbours.fitted(to: world.ratings, scale: world.scale)
        try check(machine, world)
        try check(made, world)
        try check(RatingBiases.fitted(to: world.ratings, scale: world.scale), world)
        try check(near, world)
        try check(CombinedRatings(members: [.machine(machine), .factors(made), .neighbours(near)], weights: [0.5, 0.4, 0.1]), world)
    }

    @Test func `a machine with features keeps them`() throws {
        let machine = TinyMachine(features: 2).machine, copy = try RatingMachine(archive: machine.archive())
        #expect(copy.features == machine.features && copy.archive() == machine.archive())
    }
}

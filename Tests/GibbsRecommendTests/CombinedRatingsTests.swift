import Foundation
import GibbsCore
import GibbsNumerics
import GibbsRecommend
import GibbsTestSupport
import Testing

@Suite struct CombinedRatingsTests {
    @Test func `energies are added, and the distribution is the product of the experts`() throws {
        let world = try TwoTastes(people: 60), people = People(histories: world.ratings)
        let members: [CombinedRatings.Member] = [.biases(try .fitted(to: world.ratings, scale: world.scale)), .neighbours(try .fitted(to: world.ratings, scale: world.scale))]
        let combined = CombinedRatings(members: members, weights: [0.7, 0.4], levelBiases: [0.1, 0, 0, 0, -0.1]), sum = try combined.ratingEnergies(of: world.ratings, for: people)
        let parts = try members.map { try $0.model.ratingEnergies(of: world.ratings, for: people) }
        for row in stride(from: 0, to: sum.rows, by: 17) {
            for k in 0 ..< 5 { #expect(abs(sum[row, k] - (0.7 * parts[0][row, k] + 0.4 * parts[1][row, k] + Float(combined.levelBiases[k]))) < 1e-4) }
        }
    }

    @Test func `weights and level biases are the likeliest there are`() throws {
        let world = try TwoTastes(), (train, test) = world.split(), people = People(histories: train)
        let good = try RatingFactors.fitted(to: train, scale: world.scale), bad = try RatingBiases.fitted(to: shuffled(train, key: Key(9)), scale: world.scale)
        let members: [CombinedRatings.Member] = [.factors(good), .biases(bad)], found = try CombinedRatings.weighed(members, on: test, for: people)
        #expect(found.weights[0] > 0.7, "the one that knows something is heard: \(found.weights)")
        func likelihood(_ weights: [Double], _ biases: [Double]) throws -> Double {
            try CombinedRatings(members: members, weights: weights, levelBiases: biases).figures(on: test, for: people).logLikelihood
        }
        let best = try likelihood(found.weights, found.levelBiases)
        #expect(try best > good.figures(on: test, for: people).logLikelihood)
        for m in 0 ..< 2 {
            for step in [-0.1, 0.1] {
                var other = found.weights
                other[m] += step
                #expect(try likelihood(other, found.levelBiases) < best)
            }
        }
        for k in 0 ..< 5 {
            for step in [-0.2, 0.2] {
                var other = found.levelBiases
                other[k] += step
                #expect(try likelihood(found.weights, other) < best)
            }
        }
        #expect(abs(found.levelBiases.reduce(0, +)) < 1e-9)
    }

    @Test func `a machine and factors together are no worse than the better of them`() throws {
        let world = try TwoTastes(), (train, test) = world.split(), people = People(histories: train)
        var options = CombinedRatings.Options()
        (options.machine, options.factors.rank, options.usesNeighbours) = (quick(), 4, true)
        let combined = try CombinedRatings.fitted(to: train, scale: world.scale, options: options)
        let parts = try combined.members.map { try $0.model.figures(on: test, for: people).rmse }
        #expect(try combined.figures(on: test, for: people).rmse < parts.min()! + 0.01)
        #expect(try combined.itemEnergies(for: people.selecting([0])).columns == 30)
    }

    @Test func `models that were given their test are refused, with the number of pairs`() throws {
        let world = try TwoTastes(people: 40), (train, test) = world.split(), biases = try RatingBiases.fitted(to: train, scale: world.scale)
        _ = try biases.figures(on: test, for: People(histories: train))
        let error = #expect(throws: GibbsError.self) { try biases.figures(on: test, for: People(histories: world.ratings)) }
        #expect(error?.code == .unsuitableData && error?.message.hasPrefix("\(test.entries) of the \(test.entries) pairs") == true)
        let one = test.selecting(rows: (0 ..< 40).map { $0 == 0 ? 0 : 1 })
        #expect(throws: GibbsError.self) { try People(histories: one).check(areApartFrom: test) }
    }

    @Test func `figures are those of the definition`() throws {
        let scale = try RatingScale(lowest: 1, step: 1, count: 3), energies = Matrix([[0, 50, 50], [50, 0, 0]]), figures = RatingFigures(energies: energies, ratings: [1, 3], scale: scale)
        #expect(abs(figures.rmse - (0.25 / 2.0).squareRoot()) < 1e-6 && abs(figures.mae - 0.25) < 1e-6)
        #expect(abs(figures.logLikelihood - log(0.5) / 2) < 1e-6 && figures.count == 2)
        // Of probabilities 1, 0, 0, 0, ½, ½ one of the halves came true: every band is as often right as it says.
        #expect(figures.calibrationError < 1e-9 && figures.bands.map(\.count) == [3, 2, 1])
        #expect(abs(RatingFigures(energies: energies, ratings: [3, 1], scale: scale).calibrationError - 4.0 / 6) < 1e-6)
    }
}

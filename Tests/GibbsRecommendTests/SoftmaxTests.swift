import Foundation
import GibbsNumerics
import Testing
import GibbsRecommend

@Suite struct SoftmaxTests {
    private let town = SmallTown(key: Key(8))

    private func method() -> SampledSoftmax {
        var method = SampledSoftmax()
        (method.factors, method.epochs, method.regularisation, method.batchSize) = (5, 30, 2, 16)
        return method
    }

    /// The loss of one person, written out.
    private func loss(_ u: [Double], _ history: [Int32], _ model: DotProductRecommender, precision: Double) -> Double {
        let scores = (0 ..< model.itemCount).map { i in zip(u, model.items.row(i)).reduce(Double(model.itemBiases[i])) { $0 + $1.0 * Double($1.1) } }
        let others = (0 ..< model.itemCount).filter { !history.contains(Int32($0)) }.map { scores[$0] }
        return history.reduce(precision / 2 * u.reduce(0.0) { $0 + $1 * $1 }) { $0 + logSumExp(others + [scores[Int($1)]]) - scores[Int($1)] }
    }

    @Test func `a fold-in is where the loss is flat, and gives a fitted person's factors`() throws {
        let method = method(), model = try DotProductRecommender.fitted(to: town.histories, by: method, key: Key(1))
        let folded = try model.personFactors(for: town.strangers), mean = Float(town.histories.entries) / Float(town.histories.rows)
        #expect(folded.values.contains { abs($0) > 0.1 })
        for (a, b) in zip(folded.values, model.users.values) { #expect(abs(a - b) < 2e-3) }
        for row in [0, 7, 33] {
            let u = folded.row(row).map(Double.init), history = Array(town.histories.columns(of: row)), precision = Double(method.precision(events: history.count, mean: mean))
            for k in u.indices {
                var (up, down) = (u, u)
                (up[k], down[k]) = (u[k] + 1e-4, u[k] - 1e-4)
                let slope = (loss(up, history, model, precision: precision) - loss(down, history, model, precision: precision)) / 2e-4
                #expect(abs(slope) < 5e-3, "a slope of \(slope)")
            }
        }
    }

    @Test func `training lowers the loss, and gives the same bits on any number of processors`() throws {
        var losses = [Double]()
        let model = try DotProductRecommender.fitted(to: town.histories, by: method(), key: Key(1)) { losses.append($0.loss!) }
        #expect(losses.count == 30 && losses[29] < losses[0] - 0.1)
        let single = try Parallelism.$width.withValue(1) { try DotProductRecommender.fitted(to: town.histories, by: method(), key: Key(1)) }
        let several = try Parallelism.$width.withValue(3) { try DotProductRecommender.fitted(to: town.histories, by: method(), key: Key(1)) }
        #expect(single.users == several.users && single.items == several.items && single.itemBiases == model.itemBiases)
    }

    @Test func `candidates estimate the sum over all items`() {
        let counts = town.histories.countsByColumn(), sampler = CandidateSampler(counts: counts, draws: 40), scores = Key(3).normals(counts.count).map(Double.init)
        let exact = scores.reduce(0.0) { $0 + exp($1) }
        let found = (0 ..< 400).map { trial -> Double in
            let drawn = sampler.candidates(key: Key(4).folding(trial))
            return zip(drawn.items, drawn.offsets).reduce(0.0) { $0 + exp(scores[$1.0] + Double($1.1)) }
        }
        let error = Statistics.standardDeviation(found) / 20
        #expect(abs(Statistics.mean(found) - exact) < 5 * error && error < 0.02 * exact)
    }

    @Test func `with candidates the model comes near the one of all items`() throws {
        var sampled = method(), exact = method()
        (sampled.exactLimit, sampled.candidates, sampled.epochs, exact.epochs) = (10, 200, 60, 60)
        let near = try DotProductRecommender.fitted(to: town.histories, by: sampled, key: Key(1)), all = try DotProductRecommender.fitted(to: town.histories, by: exact, key: Key(1))
        func mean(_ model: some ItemModel) throws -> Double {
            let energies = try model.itemEnergies(for: town.known)
            return Statistics.mean((0 ..< energies.rows).flatMap { row in
                let z = logSumExp(energies.row(row).map { -$0 })
                return town.histories.columns(of: row).map { -Double(energies[row, Int($0)]) - z }
            })
        }
        let (popular, best, found) = (try mean(Popularity(histories: town.histories)), try mean(all), try mean(near))
        #expect(best > popular + 0.2 && found > best - 0.25 * (best - popular), "\(popular) \(found) \(best)")
    }
}

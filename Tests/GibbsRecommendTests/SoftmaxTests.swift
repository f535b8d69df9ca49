import Foundation
import GibbsCore
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
        #expect(losses.count == 60 && losses[29] < losses[0] - 0.1 && losses[59] < losses[30] - 0.1)
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

    @Test func `what scores are worth is found from events drawn at it`() throws {
        let (users, items) = (Matrix(rows: 900, columns: 3, values: Key(1).normals(2_700)), Matrix(rows: 40, columns: 3, values: Key(2).normals(120)))
        let model = DotProductRecommender(users: users, items: items, foldIn: .softmax(method(), meanEvents: 2)), shares = Key(3).normals(40)
        let nobody = SparseRows(columns: 40, starts: [Int](repeating: 0, count: 901), indices: [], values: []), people = People(histories: nobody, fitted: Array(0 ..< 900))
        let scores = try model.itemEnergies(for: people)
        let drawn = (0 ..< 900).map { row in
            GibbsDistribution(energies: zip(scores.row(row), shares).map { 1.4 * $0 - 0.5 * $1 }).draw(2, key: Key(4).folding(row)).map(Int32.init).sorted()
        }
        let held = SparseRows(columns: 40, starts: (0 ... 900).map { 2 * $0 }, indices: drawn.flatMap { $0 }, values: [Float](repeating: 1, count: 1_800))
        let found = try ScoreScale(of: model, shares: shares, for: people, held: held)
        #expect(abs(found.scale - 1.4) < 0.15 && abs(found.popularity - 0.5) < 0.15, "\(found)")
        let none = try ScoreScale(of: model, shares: shares, for: people, held: nobody)
        #expect(none == ScoreScale())
    }

    @Test func `a fit that holds events out says them better than its scores at their word`() throws {
        // So free that it fits its own events by heart.
        var free = method(), plain = method()
        (free.regularisation, free.heldShare, plain.regularisation, plain.heldShare) = (0.05, 0.3, 0.05, 0)
        let (rest, held) = town.histories.halved(key: Key(5)), people = People(histories: rest, fitted: Array(0 ..< rest.rows))
        let calibrated = try DotProductRecommender.fitted(to: rest, by: free, key: Key(1)), word = try DotProductRecommender.fitted(to: rest, by: plain, key: Key(1))
        #expect(word.scale == 1 && word.itemOffsets.allSatisfy { $0 == 0 } && calibrated.scale < 0.8 && calibrated.items == word.items)
        let (a, b) = (try ItemCalibration(of: calibrated, for: people, test: held), try ItemCalibration(of: word, for: people, test: held))
        #expect(a.logLikelihood > b.logLikelihood + 0.1 && a.topError < b.topError, "\(a.logLikelihood) \(b.logLikelihood) \(a.topError) \(b.topError)")
    }
}

extension SparseRows {
    /// Half of every row's entries, and the others.
    fileprivate func halved(key: Key) -> (SparseRows, SparseRows) {
        let order = (0 ..< rows).map { row in key.folding(row).permutation(range(row).count).map { range(row).lowerBound + $0 } }
        func part(_ chosen: [[Int]]) -> SparseRows {
            let places = chosen.map { $0.sorted() }
            return SparseRows(columns: columns, starts: places.reduce(into: [0]) { $0.append($0.last! + $1.count) }, indices: places.flatMap { $0.map { indices[$0] } }, values: places.flatMap { $0.map { values[$0] } })
        }
        return (part(order.map { Array($0.prefix($0.count / 2)) }), part(order.map { Array($0.dropFirst($0.count / 2)) }))
    }
}

import Foundation
import GibbsNumerics
import GibbsRecommend
import Testing

/// People of two tastes: one likes the even items, the other the odd ones, each item a little better or worse for all.
struct TwoTastes {
    let ratings: SparseRows, scale: RatingScale, taste: [Int]

    init(people: Int = 200, items: Int = 30, share: Float = 0.5, key: Key = Key(2)) throws {
        var row = [Int32](), column = [Int32](), value = [Float](), taste = [Int]()
        let quality = key.folding(1).normals(items)
        for u in 0 ..< people {
            taste.append(u % 2)
            let own = key.folding(u + 10), met = own.folding(0).uniforms(items), noise = own.folding(1).normals(items)
            for i in 0 ..< items where met[i] < share {
                let rating = 3 + 0.4 * quality[i] + (i % 2 == u % 2 ? 1.2 : -1.2) + 0.5 * noise[i]
                row.append(Int32(u)); column.append(Int32(i)); value.append(min(5, max(1, rating.rounded())))
            }
        }
        ratings = SparseRows(rows: people, columns: items, row: row, column: column, value: value)
        scale = try RatingScale(lowest: 1, step: 1, count: 5)
        self.taste = taste
    }

    /// Some entries to learn from and some to be judged on.
    func split() -> (train: SparseRows, test: SparseRows) {
        let coin = Key(77).uniforms(ratings.entries)
        func part(_ isTest: Bool) -> SparseRows {
            var row = [Int32](), column = [Int32](), value = [Float]()
            for u in 0 ..< ratings.rows { for place in ratings.range(u) where (coin[place] < 0.2) == isTest { row.append(Int32(u)); column.append(ratings.indices[place]); value.append(ratings.values[place]) } }
            return SparseRows(rows: ratings.rows, columns: ratings.columns, row: row, column: column, value: value)
        }
        return (part(false), part(true))
    }
}

/// Settings for a small machine that learns in no time.
func quick(_ change: (inout RatingMachineOptions) -> Void = { _ in }) -> RatingMachineOptions {
    var options = RatingMachineOptions()
    (options.hidden, options.gaussian, options.epochs, options.optimiser, options.weightPrior, options.validationShare) = (8, 2, 20, .adam(rate: 0.03), 5, 0)
    change(&options)
    return options
}

/// The same ratings in another order.
func shuffled(_ rows: SparseRows, key: Key) -> SparseRows {
    SparseRows(columns: rows.columns, starts: rows.starts, indices: rows.indices, values: key.permutation(rows.entries).map { rows.values[$0] })
}

@Suite struct RatingFitTests {
    @Test(arguments: ["conditional likelihood", "contrastive divergence", "momentum", "factored weights"])
    func `machines find two tastes where biases cannot`(way: String) throws {
        let world = try TwoTastes(), (train, test) = world.split(), people = People(histories: train)
        let options = quick {
            switch way {
            case "contrastive divergence": $0.method = .contrastiveDivergence(from: 1, to: 5)
            case "momentum": ($0.method, $0.optimiser) = (.contrastiveDivergence(from: 1, to: 3), .momentum(rate: 0.02, momentum: 0.8))
            case "factored weights": $0.rank = 3
            default: break
            }
        }
        let machine = try RatingMachine.fitted(to: train, scale: world.scale, options: options), biases = try RatingBiases.fitted(to: train, scale: world.scale)
        let found = try machine.figures(on: test, for: people), plain = try biases.figures(on: test, for: people)
        #expect(found.rmse < 0.75 * plain.rmse, "\(found.rmse) against \(plain.rmse)")
        #expect(found.logLikelihood > plain.logLikelihood + 0.2)
        // Labels that were shuffled cannot be foretold.
        let lost = try machine.figures(on: shuffled(test, key: Key(3)), for: people)
        #expect(lost.rmse > plain.rmse)
    }

    @Test func `the bits do not depend on threads, and another key gives others`() throws {
        let world = try TwoTastes(people: 60)
        func fit(_ width: Int, _ method: RatingMachineOptions.Method, seed: UInt64 = 1) throws -> RatingMachine {
            try Parallelism.$width.withValue(width) { try RatingMachine.fitted(to: world.ratings, scale: world.scale, options: quick { ($0.method, $0.epochs, $0.seed) = (method, 2, seed) }) }
        }
        for method in [RatingMachineOptions.Method.conditionalLikelihood, .contrastiveDivergence(from: 1, to: 2)] {
            #expect(try fit(1, method).weights == fit(3, method).weights)
            #expect(try fit(1, method).weights != fit(1, method, seed: 2).weights)
        }
        var options = RatingFactorsOptions()
        (options.rank, options.sweeps) = (3, 4)
        let one = try Parallelism.$width.withValue(1) { try RatingFactors.fitted(to: world.ratings, scale: world.scale, options: options).archive() }
        #expect(try one == Parallelism.$width.withValue(3) { try RatingFactors.fitted(to: world.ratings, scale: world.scale, options: options).archive() })
    }

    @Test func `held-out ratings choose how long to learn`() throws {
        let world = try TwoTastes(people: 80)
        var trial = [Double](), fitted = 0
        _ = try RatingMachine.fitted(to: world.ratings, scale: world.scale, options: quick { ($0.validationShare, $0.epochs, $0.patience, $0.optimiser) = (0.2, 40, 2, .adam(rate: 0.2)) }) { what, epoch in
            if what == "trial" { trial.append(epoch.figures["validationError"] ?? .nan) } else { fitted = epoch.number }
        }
        #expect(trial.count < 40, "a rate this high overfits at once")
        #expect(fitted == trial.firstIndex(of: trial.min()!)! + 1)
    }

    @Test func `features of people and items are learned`() throws {
        let world = try TwoTastes(), features = RatingFeatures(people: Matrix(rows: 200, columns: 1, values: world.taste.map { $0 == 0 ? 1 : -1 }), items: Matrix(rows: 30, columns: 1, repeating: 1))
        let machine = try RatingMachine.fitted(to: world.ratings, scale: world.scale, features: features, options: quick())
        // Two people without a rating, of whom only the feature tells.
        let nobody = SparseRows(columns: 30, starts: [0, 0, 0], indices: [], values: []), asked = SparseRows(columns: 30, starts: [0, 2, 4], indices: [0, 1, 0, 1], values: [0, 0, 0, 0])
        let energies = try machine.ratingEnergies(of: asked, for: People(histories: nobody), features: Matrix([[1], [-1]]))
        let expected = (0 ..< 4).map { row in (0 ..< 5).reduce(0.0) { $0 + Double($1 + 1) * exp(Double(-energies[row, $1])) } }
        #expect(expected[0] > expected[2] + 0.5 && expected[3] > expected[1] + 0.5, "\(expected)")
    }

    @Test func `factors find two tastes, answer new people alike and grow surer with ratings`() throws {
        let world = try TwoTastes(), (train, test) = world.split(), people = People(histories: train)
        var options = RatingFactorsOptions()
        options.rank = 4
        let factors = try RatingFactors.fitted(to: train, scale: world.scale, options: options), biases = try RatingBiases.fitted(to: train, scale: world.scale)
        let found = try factors.figures(on: test, for: people), plain = try biases.figures(on: test, for: people)
        #expect(found.rmse < 0.7 * plain.rmse, "\(found.rmse) against \(plain.rmse)")
        #expect(try factors.figures(on: shuffled(test, key: Key(3)), for: people).rmse > plain.rmse)
        // Fitted without the last ten people, whose histories tell all the same.
        let fewer = try RatingFactors.fitted(to: train.selecting(rows: Array(0 ..< 190)), scale: world.scale, options: options), last = Array(190 ..< 200)
        let new = try fewer.figures(on: test.selecting(rows: last), for: people.selecting(last)), old = try factors.figures(on: test.selecting(rows: last), for: people.selecting(last))
        #expect(new.rmse < 1.15 * old.rmse)
        let nobody = People(histories: SparseRows(columns: 30, starts: [0, 0], indices: [], values: [])), target = targets(0, rows: 1, columns: 30)
        func entropy(_ people: People) throws -> Double {
            let logits = try factors.ratingEnergies(of: target, for: people).row(0).map { -Double($0) }, total = logSumExp(logits)
            return -logits.reduce(0.0) { $0 + exp($1 - total) * ($1 - total) }
        }
        #expect(try entropy(people.selecting([0])) < entropy(nobody) - 0.1)
        let items = try factors.itemEnergies(for: people.selecting([0, 1])), even = (0 ..< 15).reduce(0.0) { $0 + Double(items[0, 2 * $1] - items[1, 2 * $1]) }
        #expect(even < -5, "the first person likes the even items better than the second does")
    }

    @Test func `biases are the shrunken means, and their expected rating is their sum`() throws {
        let world = try TwoTastes(), biases = try RatingBiases.fitted(to: world.ratings, scale: world.scale), people = People(histories: world.ratings)
        let expected = try biases.expectedRatings(of: world.ratings, for: people)
        for u in 0 ..< 20 {
            let places = world.ratings.range(u)
            let own = places.reduce(0.0) { $0 + Double(world.ratings.values[$1]) - biases.mean - biases.items[Int(world.ratings.indices[$1])] } / (biases.shrinkage + Double(places.count))
            for place in places {
                let sum = biases.mean + own + biases.items[Int(world.ratings.indices[place])]
                #expect(abs(expected[place] - min(4.98, max(1.02, sum))) < 1e-3)
            }
        }
    }

    @Test func `neighbours find two tastes`() throws {
        let world = try TwoTastes(), (train, test) = world.split(), people = People(histories: train)
        let near = try RatingNeighbours.fitted(to: train, scale: world.scale), plain = try RatingBiases.fitted(to: train, scale: world.scale).figures(on: test, for: people)
        #expect(try near.figures(on: test, for: people).rmse < 0.8 * plain.rmse)
        for i in 0 ..< 30 { for place in near.similarities.range(i) { #expect(near.similarities.values[place] <= 1 && near.similarities.values[place] > 0) } }
    }
}

import Foundation
import GibbsCore
import GibbsNumerics
import GibbsRecommend
import Testing

/// From ratings to a recommender, whichever model.
@Suite struct RecommenderFitTests {
    /// The ratings of a small world by name, moved by `shift`.
    private func ratings(_ rows: SparseRows, shift: Float = 0) -> Ratings {
        var user = [Int32]()
        for row in 0 ..< rows.rows { user += [Int32](repeating: Int32(row), count: rows.range(row).count) }
        return Ratings(users: Identifiers((0 ..< rows.rows).map { "u\($0)" }), items: Identifiers((0 ..< rows.columns).map { "i\($0)" }), user: user, item: rows.indices, value: rows.values.map { $0 + shift })
    }

    private func options(_ model: RecommenderOptions.Model, _ change: (inout RecommenderOptions) -> Void = { _ in }) -> RecommenderOptions {
        var options = RecommenderOptions()
        (options.model, options.epochs) = (model, [.ratingRBM, .combined].contains(model) ? 4 : nil)
        change(&options)
        return options
    }

    private static let starModels: [RecommenderOptions.Model] = [.factors, .ratingRBM, .combined, .neighbours, .biases]

    /// A list of stars is in the order of what each item is expected to get.
    @Test(arguments: starModels) func `an item's energy is minus its expected rating`(model: RecommenderOptions.Model) throws {
        let world = try TwoTastes(), recommender = try Recommender.fitted(to: ratings(world.ratings), options: options(model)), stars = try #require(recommender.ratingModel)
        let people = recommender.everyone.selecting([0, 1, 7]), all = SparseRows(columns: 30, starts: [0, 30, 60, 90], indices: (0 ..< 90).map { Int32($0 % 30) }, values: [Float](repeating: 1, count: 90))
        let energies = try recommender.energy.itemEnergies(for: people).values, expected = try stars.expectedRatings(of: all, for: people)
        // What a person has rated is part of the answer of one and not of the other; the unrated items agree.
        for (place, entry) in expected.enumerated() where !people.histories.contains(row: place / 30, column: place % 30) {
            #expect(abs(Double(energies[place]) + min(5, max(1, entry))) < 0.25, "\(model): \(energies[place]) \(entry)")
        }
    }

    @Test(arguments: starModels) func `a scale may lie anywhere`(model: RecommenderOptions.Model) throws {
        let world = try TwoTastes(), (train, test) = world.split()
        let here = try Recommender.fitted(to: ratings(train), options: options(model)), there = try Recommender.fitted(to: ratings(train, shift: -100), options: options(model))
        let moved = SparseRows(columns: test.columns, starts: test.starts, indices: test.indices, values: test.values.map { $0 - 100 })
        let a = try #require(here.ratingModel).figures(on: test, for: here.everyone), b = try #require(there.ratingModel).figures(on: moved, for: there.everyone)
        #expect(abs(a.rmse - b.rmse) < 0.02 * a.rmse && abs(a.logLikelihood - b.logLikelihood) < 0.03, "\(model): \(a.rmse) \(b.rmse), \(a.logLikelihood) \(b.logLikelihood)")
    }

    @Test(arguments: [RecommenderOptions.Model.factors, .softmax, .popularity, .neighbours]) func `the least that counts is the options', whoever applies it`(model: RecommenderOptions.Model) throws {
        let world = try TwoTastes(), raw = ratings(world.ratings)
        let asked = options(model) { ($0.isImplicit, $0.least) = (true, 4) }
        let fitted = try Recommender.fitted(to: raw, options: asked), kept = try Recommender.fitted(to: raw.keeping(atLeast: 4), options: asked)
        let events = try Recommender.fitted(to: raw.keeping(atLeast: 4).asEvents(), options: options(model) { $0.isImplicit = true })
        #expect(fitted.training.ratings == raw.value.count { $0 >= 4 })
        #expect(fitted.energy.archive() == kept.energy.archive() && fitted.energy.archive() == events.energy.archive())
        #expect(try asked.taking(asked.taking(raw)).value == asked.taking(raw).value)
    }

    @Test func `an event that occurs often weighs more`() throws {
        var people = [Int32](), things = [Int32]()
        for entry in 0 ..< 120 {
            let person = entry / 3, thing = (person + 2 * (entry % 3)) % 6
            people.append(Int32(person))
            things.append(Int32(thing))
        }
        let rows = SparseRows(rows: 40, columns: 6, row: people, column: things, value: [Float](repeating: 1, count: 120))
        var often = rows.values
        often[0] = 50
        let more = SparseRows(columns: 6, starts: rows.starts, indices: rows.indices, values: often), item = Int(rows.indices[0])
        func energy(_ rows: SparseRows) throws -> Float {
            var method = ImplicitLeastSquares()
            (method.factors, method.confidence, method.unobservedWeight, method.regularisation) = (2, .counted, 0.5, 0.1)
            return try DotProductRecommender.fitted(to: rows, by: method, key: Key(1)).itemEnergies(for: People(histories: rows, fitted: Array(0 ..< 40)))[0, item]
        }
        #expect(try energy(more) < energy(rows) - 0.02)
        #expect(ImplicitLeastSquares.Confidence.counted.weight(of: 1) == 1 && abs(ImplicitLeastSquares.Confidence.counted.weight(of: exp(2)) - 3) < 1e-5)
    }

    @Test func `scores of least squares become probabilities`() throws {
        let world = try TwoTastes(people: 400, share: 0.3), (train, test) = world.split()
        let recommender = try Recommender.fitted(to: ratings(train), options: options(.factors) { ($0.isImplicit, $0.least, $0.size) = (true, 4, 4) })
        let plain = try #require(recommender.energy as? DotProductRecommender).scaled(to: 1, itemOffsets: [Float](repeating: 0, count: recommender.items.count))
        let asked = try recommender.questions(ratings(test))
        let right = try ItemCalibration(of: recommender.energy, for: asked.people, test: asked.targets), word = try ItemCalibration(of: plain, for: asked.people, test: asked.targets)
        #expect(right.logLikelihood > word.logLikelihood + 0.15, "\(right.logLikelihood) \(word.logLikelihood)")
        let archive = recommender.energy.archive(), copy = try DotProductRecommender(archive: archive)
        #expect(copy.itemOffsets.contains { $0 != 0 } && copy.archive() == archive)
        #expect(try copy.itemEnergies(for: recommender.everyone) == recommender.energy.itemEnergies(for: recommender.everyone))
        // Whoever has no history is answered by what others chose.
        let nobody = People(histories: SparseRows(columns: recommender.items.count, starts: [0, 0], indices: [], values: [])), counts = recommender.history.countsByColumn()
        let best = try recommender.energy.topItems(for: nobody, count: 1).items[0]
        #expect(counts[Int(best[0])] == counts.max())
    }

    @Test func `rows without ratings are events, and newcomers' ratings lie on the scale`() throws {
        let world = try TwoTastes(), recommender = try Recommender.fitted(to: ratings(world.ratings), options: options(.factors))
        #expect { try Recommender.fitted(to: ratings(world.ratings).asEvents(), options: options(.factors)) } throws: { "\($0)".contains("--implicit") }
        #expect(throws: GibbsError.self) { try recommender.newcomer([("i1", 7)]) }
        #expect(throws: GibbsError.self) { try recommender.newcomer([("i1", .nan)]) }
        #expect(throws: GibbsError.self) { try recommender.newcomer([("elsewhere", 3)]) }
        #expect(try recommender.newcomer([("i1", 1), ("i1", 5)]).histories.values == [5])
        let people = try recommender.questions(ratings(world.ratings).selecting([0]))
        #expect(people.names == ["u0"] && people.targets.entries == 1 && people.newPeople == 0)
    }
}

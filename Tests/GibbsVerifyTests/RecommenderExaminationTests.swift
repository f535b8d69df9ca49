import Foundation
import Gibbs
import GibbsVerify
import Testing

/// Recommenders of every kind, sound; and broken ones, each told.
@Suite struct RecommenderExaminationTests {
    /// Sixty people of two tastes.
    private static let ratings: Ratings = {
        var user = [Int32](), item = [Int32](), value = [Float]()
        for u in 0 ..< 60 { for i in 0 ..< 24 where (u * 7 + i * 13) % 3 != 0 { user.append(Int32(u)); item.append(Int32(i)); value.append(Float((u + i) % 2 == 0 ? 4 + (u + i) / 2 % 2 : 1 + i % 3)) } }
        return Ratings(users: Identifiers((0 ..< 60).map { "u\($0)" }), items: Identifiers((0 ..< 24).map { "i\($0)" }), user: user, item: item, value: value)
    }()

    private static func fitted(_ model: RecommenderOptions.Model, implicit: Bool) throws -> Recommender {
        var options = RecommenderOptions()
        (options.model, options.isImplicit, options.least) = (model, implicit, implicit ? 4 : nil)
        if [.factors, .softmax].contains(model) { options.size = 4 }
        if model == .ratingRBM { options.epochs = 8 }
        return try Recommender.fitted(to: ratings, options: options)
    }

    private func odd(_ recommender: Recommender) throws -> [String] { try RecommenderExamination(of: recommender, key: Key(1)).findings().filter(\.isWarning).map(\.subject) }

    @Test(arguments: [(RecommenderOptions.Model.factors, true), (.softmax, true), (.neighbours, true), (.factors, false), (.ratingRBM, false), (.neighbours, false), (.biases, false)])
    func sound(model: RecommenderOptions.Model, implicit: Bool) throws {
        let recommender = try Self.fitted(model, implicit: implicit), found = try RecommenderExamination(of: recommender, key: Key(1)).findings()
        #expect(try odd(recommender) == [], "\(found)")
        #expect(found.contains { $0.subject == "answers to one and to many" } && found.contains { $0.subject == "people folded in again" } == (recommender.energy.fittedCount != nil))
        #expect(found.contains { $0.subject == "expected ratings" } == !implicit)
    }

    @Test func broken() throws {
        let sound = try Self.fitted(.softmax, implicit: true), energy = try #require(sound.energy as? DotProductRecommender)
        func with(_ energy: DotProductRecommender) -> Recommender { Recommender(users: sound.users, items: sound.items, history: sound.history, energy: energy, training: sound.training) }
        var others = energy.users
        others.values.reverse()
        #expect(try odd(with(DotProductRecommender(users: others, items: energy.items, itemBiases: energy.itemBiases, foldIn: energy.foldIn))) == ["people folded in again"])
        #expect(try odd(with(energy.scaled(to: 1e-6, itemOffsets: [Float](repeating: 0, count: sound.items.count)))).contains("variety"))
        var huge = energy.users
        for place in huge.values.indices { huge.values[place] *= 1e38 }
        #expect(try odd(with(DotProductRecommender(users: huge, items: Matrix(rows: energy.items.rows, columns: energy.items.columns, repeating: 1e38), foldIn: energy.foldIn))).contains("energies"))
    }
}

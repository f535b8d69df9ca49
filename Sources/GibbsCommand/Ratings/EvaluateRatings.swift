import ArgumentParser
import Foundation
import Gibbs

/// How a recommender is judged.
struct RatingJudging: ParsableArguments {
    @Option(name: .short, help: "Of a recommender: items a list.")
    var k = 10

    @Option(help: "Of a recommender of ratings: judge its lists, too, with items rated at least this as wanted.")
    var wanted: Double?

    @Option(help: "Of a recommender: fit the same again without each of so many parts of DATA, and judge on that part.")
    var folds: Int?

    @Option(help: "What the parts of --folds are: random, or block (of rows).")
    var parts = Parts.random

    enum Parts: String, ExpressibleByArgument, CaseIterable { case random, block }
}

extension Evaluate {
    /// Lists are compared pair by pair of their items.
    private static let longestList = 1_000

    /// One JSON object, or a table for people. Nothing is written before the end, so Ctrl-C may end it anywhere.
    func evaluateRatings(_ recommender: Recommender) throws {
        let options = recommender.training.options, place = data == "-" ? "standard input" : data
        guard labels.label == nil, negatives == nil, positive == nil, falseAlarms == nil, mix == nil else {
            throw GibbsError(.usage, "labels, negatives and false alarms belong to watchdogs", advice: "a recommender is judged by ratings alone")
        }
        guard ratingJudging.wanted == nil || !options.isImplicit else {
            throw GibbsError(.usage, "--wanted is for models of ratings; of events all count as wanted", advice: "leave it out")
        }
        guard 1 ... Self.longestList ~= ratingJudging.k else { throw GibbsError(.usage, "lists of \(ratingJudging.k) items", advice: "ask for 1 to \(Self.longestList)") }
        let ratings = try GibbsError.naming(place) { try options.taking(self.ratings.read(data, input: input, asFor: recommender.training)) }
        var question = Judgement.Question()
        (question.length, question.wanted) = (ratingJudging.k, ratingJudging.wanted)
        let asked = question
        try GibbsError.naming(place) {
            guard let folds = ratingJudging.folds else {
                let judgement = try Judgement(of: recommender, on: ratings, asked)
                return print(text ? JudgementText.text(judgement).printable : JudgementText.json(judgement).text)
            }
            guard 2 ... max(2, ratings.count) ~= folds else { throw GibbsError(.usage, "\(folds) folds of \(ratings.count) ratings", advice: "give 2 or more, such as 5") }
            let begin = Date(), judgements = try (0 ..< folds).map { fold -> Judgement in
                Console.bar(done: fold, of: folds, since: begin, unit: "folds")
                let split: RatingSplit = ratingJudging.parts == .block ? .block(ratings, fold: fold, of: folds) : .random(ratings, fold: fold, of: folds, key: Key(options.seed))
                return try Judgement(of: Recommender.fitted(to: split.train, options: options), on: split.test, asked)
            }
            Console.clearProgress()
            print(text ? JudgementText.text(judgements).printable : JudgementText.json(judgements).text)
        }
    }
}

/// What a judge found, in words and as JSON.
enum JudgementText {
    static func json(_ judgement: Judgement) -> JSONValue {
        var pairs: [(String, JSONValue)] = [("ratings", .int(judgement.count)), ("people", .int(judgement.people)), ("newPeople", .int(judgement.newPeople)), ("unknownItems", .int(judgement.unknownItems))]
        if let stars = judgement.stars {
            pairs += figures(stars.model) + [("baseline", .object([("model", .string("biases"))] + figures(stars.biases))), ("neighbours", .object(figures(stars.neighbours))), ("shuffled", .object(figures(stars.shuffled)))]
        }
        if let lists = judgement.lists {
            pairs.append(("lists", .object(figures(lists.model) + [("baseline", .object([("model", .string("popularity"))] + figures(lists.popularity))), ("neighbours", .object(figures(lists.neighbours))),
                                                                  ("shuffled", .object(figures(lists.shuffled)))])))
        }
        return .object(pairs)
    }

    /// The means over folds, and the folds.
    static func json(_ judgements: [Judgement]) -> JSONValue {
        .object(means(judgements).map { ($0.name, .number($0.value)) } + [("folds", .array(judgements.map(json)))])
    }

    static func text(_ judgements: [Judgement]) -> String {
        let found = means(judgements).map { $0.name.padded(34) + String(format: "%.4f", $0.value) }
        return (["means over \(judgements.count) folds"] + found).joined(separator: "\n")
    }

    static func text(_ judgement: Judgement) -> String {
        var lines = [plural(judgement.count, "rating", "ratings") + " of " + plural(judgement.people, "person", "people") + (judgement.newPeople > 0 ? ", \(judgement.newPeople) of them new to the model" : "")
            + (judgement.unknownItems > 0 ? "; \(judgement.unknownItems) of items that it does not know are left out" : "")]
        if let stars = judgement.stars {
            lines.append("".padded(18) + "RMSE".padded(10) + "MAE".padded(10) + "ln p")
            for (name, row) in [("model", stars.model), ("biases", stars.biases), ("neighbours", stars.neighbours), ("model, shuffled", stars.shuffled)] {
                lines.append(name.padded(18) + String(format: "%-10.4f%-10.4f%.4f", row.rmse, row.mae, row.logLikelihood))
            }
        }
        if let lists = judgement.lists {
            lines.append("".padded(18) + "NDCG@\(lists.model.ranking.length)".padded(10) + "recall".padded(10) + "precision".padded(11) + "MAP".padded(10) + "coverage".padded(10) + "ln p".padded(10) + "ECE")
            for (name, row) in [("model", lists.model), ("popularity", lists.popularity), ("neighbours", lists.neighbours), ("model, shuffled", lists.shuffled)] {
                let ranking = row.ranking
                lines.append(name.padded(18) + String(format: "%-10.4f%-10.4f%-11.4f%-10.4f%-10.3f%-10.3f", ranking.ndcg, ranking.recall, ranking.precision, ranking.averagePrecision, ranking.coverage, row.calibration.logLikelihood)
                    + String(format: "%.4f", row.calibration.topError))
            }
            if judgement.stars != nil { lines.append("a model of ratings orders lists by the rating it expects, not by what people turn to; for lists, fit with --implicit") }
            if lists.shuffled.ranking.ndcg > lists.popularity.ranking.ndcg {
                lines.append("shuffled answers are foretold better than popularity foretells the true ones: look for what the model has seen of them")
            }
            lines.append(String(format: "ECE: how far p of the likeliest item is from how often it was the one; by chance alone %.4f where the model is right", lists.model.calibration.topNoise))
        }
        return lines.joined(separator: "\n")
    }

    private static func figures(_ row: RatingFigures) -> [(String, JSONValue)] {
        [("rmse", .number(row.rmse)), ("mae", .number(row.mae)), ("logLikelihood", .number(row.logLikelihood)), ("calibrationError", .number(row.calibrationError))]
    }

    private static func figures(_ row: Judgement.ItemFigures) -> [(String, JSONValue)] {
        let k = row.ranking.length, ranking = row.ranking
        return [("ndcg@\(k)", .number(ranking.ndcg)), ("recall@\(k)", .number(ranking.recall)), ("precision@\(k)", .number(ranking.precision)), ("map@\(k)", .number(ranking.averagePrecision)),
                ("hitRate", .number(ranking.hitRate)), ("coverage", .number(ranking.coverage)), ("diversity", .number(ranking.diversity)), ("novelty", .number(ranking.novelty)), ("logLikelihood", .number(row.calibration.logLikelihood)),
                ("calibrationError", .number(row.calibration.topError)), ("calibrationNoise", .number(row.calibration.topNoise))]
    }

    private static func means(_ judgements: [Judgement]) -> [(name: String, value: Double)] {
        func mean(_ values: [Double?]) -> Double { Statistics.mean(values.compactMap { $0 }) }
        var result = [(name: String, value: Double)]()
        if judgements.contains(where: { $0.stars != nil }) {
            result += [("rmse", mean(judgements.map { $0.stars?.model.rmse })), ("mae", mean(judgements.map { $0.stars?.model.mae })), ("rmseOfBiases", mean(judgements.map { $0.stars?.biases.rmse })),
                       ("rmseOfNeighbours", mean(judgements.map { $0.stars?.neighbours.rmse })), ("rmseShuffled", mean(judgements.map { $0.stars?.shuffled.rmse }))]
        }
        if let k = judgements.lazy.compactMap(\.lists).first?.model.ranking.length {
            result += [("ndcg@\(k)", mean(judgements.map { $0.lists?.model.ranking.ndcg })), ("recall@\(k)", mean(judgements.map { $0.lists?.model.ranking.recall })),
                       ("ndcgOfPopularity", mean(judgements.map { $0.lists?.popularity.ranking.ndcg })), ("ndcgOfNeighbours", mean(judgements.map { $0.lists?.neighbours.ranking.ndcg })),
                       ("ndcgShuffled", mean(judgements.map { $0.lists?.shuffled.ranking.ndcg })), ("calibrationErrorOfItems", mean(judgements.map { $0.lists?.model.calibration.topError }))]
        }
        return result
    }
}

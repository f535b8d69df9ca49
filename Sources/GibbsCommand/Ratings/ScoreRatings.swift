import Foundation
import Gibbs

extension Score {
    /// A line a pair of person and item.
    func scoreRatings(_ recommender: Recommender) throws {
        let foreign = [(explain || explainAll, "--explain"), (alertsOnly, "--alerts"), (id != nil, "--id"), (top != nil, "--top"), (falseAlarms != nil, "--false-alarms")]
        if let option = foreign.first(where: \.0)?.1 { throw GibbsError(.usage, "\(option) belongs to watchdogs", advice: "leave it out; gibbs recommend --user NAME lists a person's best items") }
        let place = data == "-" ? "standard input" : data, pairs = try pairs.read(data, input: input, isImplicit: recommender.training.options.isImplicit, remembered: recommender.training.columns)
        let found = try GibbsError.naming(place) { try recommender.scores(of: pairs) }
        let output = try OutputFile(path: out)
        do {
            for score in found.scores { try output.write((text ? Self.text(score).printable : recommender.json(of: score).text) + "\n") }
            try output.commit()
        } catch {
            output.discard()
            throw error
        }
        Console.clearProgress()
        if found.questions.unknownItems > 0 { Console.note("gibbs: \(found.questions.unknownItems) of \(pairs.count) rows are of items that the model does not know; they are left out") }
        let strangers = found.questions.newPeople
        if strangers > 0 { Console.note("gibbs: the model never saw \(strangers == 1 ? "one of the people" : "\(strangers) of the people"), and answers for them as for anybody; gibbs recommend --ratings takes what they rated") }
    }

    private static func text(_ score: PairScore) -> String {
        let surprise = score.surprise.map { String(format: "%6.2f nats  ", $0) } ?? "", expected = score.expected.map { String(format: "%.2f expected  ", $0) } ?? ""
        return surprise + expected + String(format: "%6.3f %%  ", score.probability * 100) + score.user.oneLine + "  " + score.item.oneLine
    }
}

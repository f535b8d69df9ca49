import Foundation
import Gibbs

/// A recommender in words and as JSON.
enum RecommenderSummary {
    static func fitted(_ recommender: Recommender, path: String, seconds: Double, ratings: Ratings, held: (file: String, count: Int)?) -> String {
        let training = recommender.training, unit = training.options.isImplicit ? "events" : "ratings"
        let learned = plural(training.ratings, "\(unit.dropLast())", unit), active = (0 ..< recommender.users.count).count { !recommender.history.range($0).isEmpty }, people = plural(active, "person", "people"), items = plural(recommender.items.count, "item", "items")
        var lines = ["fitted to \(learned) of \(people) and \(items) in " + String(format: "%.1f s: ", seconds) + training.method]
        if ratings.repeats > 0 { lines.append(ratings.repeats == 1 ? "1 repeated \(unit.dropLast()) \(rule(training))" : "\(ratings.repeats) repeated \(unit) \(rule(training))") }
        if let columns = ratings.columns {
            let others = [columns.rating.map { "'\($0)' as the rating" }, columns.time.map { "'\($0)' as the time" }].compactMap { $0 }
            lines.append((["read '\(columns.user)' as the person, '\(columns.item)' as the item"] + others).joined(separator: ", "))
        }
        if active < recommender.users.count { lines.append(plural(recommender.users.count - active, "person", "people") + " without anything to learn from are known by name alone") }
        if let held { lines.append("kept \(plural(held.count, "\(unit.dropLast())", unit)) from it in \(held.file), to judge with") }
        if ratings.incomplete > 0 { lines.append("\(ratings.incomplete) rows without a person, an item or a rating were left out") }
        return (lines + ["wrote \(path)", "next: gibbs recommend \(path.asShellWord) --user \(recommender.users.names[0].asShellWord)"]).joined(separator: "\n")
    }

    private static func rule(_ training: Recommender.Training) -> String { training.options.isImplicit ? (training.options.model == .factors && training.options.least == nil ? "counted up" : "left out: a pair counts once") : "replaced by the last of its pair" }

    static func inspected(_ recommender: Recommender, path: String) -> String {
        let training = recommender.training, options = training.options
        func some(_ names: [String]) -> String { names.prefix(5).map(\.oneLine).joined(separator: ", ") + (names.count > 5 ? ", …" : "") }
        var lines = ["\(path): a recommender, \(training.method)",
                     "fitted to \(training.ratings) \(options.isImplicit ? "events" : "ratings") with the key \(options.seed)",
                     "people: \(recommender.users.count) (\(some(recommender.users.names)))", "items: \(recommender.items.count) (\(some(recommender.items.names)))"]
        if let scale = recommender.ratingModel?.scale { lines.append("ratings: \(scale.lowest.shortText) to \(scale.highest.shortText) by steps of \(scale.step.shortText)") }
        return lines.joined(separator: "\n")
    }
}

import Foundation
import Gibbs

/// A list of recommendations in words and as JSON.
enum ListText {
    static func text(_ name: String, _ list: RecommendationList, _ recommender: Recommender, _ company: ItemCompany, _ titles: ItemTitles) -> String {
        guard !list.choices.isEmpty else { return "for \(name): nothing is left to recommend" }
        let how = list.temperature > 0 ? String(format: "drawn at temperature %.4g (%.3g effective items of %d)", list.temperature, list.effectiveItems, list.candidates)
            : "the best of \(list.candidates)", isRating = recommender.ratingModel != nil
        let rows = list.choices.enumerated().map { place, choice in
            let item = recommender.items.names[choice.item], title = titles[item].map { "  " + $0.oneLine } ?? ""
            return String(format: isRating ? "%3d  %6.2f expected  " : "%3d  %6.2f %%  ", place + 1, isRating ? -choice.energy : choice.probability * 100) + item.oneLine + title
        }
        let items = list.choices.map(\.item)
        let report = (isRating ? "     " : String(format: "     in all %.1f %% of what the model expects next; ", list.mass * 100)) + String(format: "novelty %.2f nats, diversity %.2f", company.novelty(of: items), company.diversity(of: items))
        return (["for \(name.oneLine): \(how)"] + rows + [report]).joined(separator: "\n")
    }
}

import ArgumentParser
import Foundation
import Gibbs

struct Recommend: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Recommend items to people: exact probabilities over all items they have not rated, and a dial from the best to the unexpected.",
        discussion: """
            p(i | u) = exp(−E(u, i)/τ) / Z over all candidates. τ = 0, which it is unless told, lists the best items in order; at τ > 0 the list is k distinct \
            items drawn one after another from p (Gumbel top-k). --explore chooses τ so that the effective number of items, exp(entropy), is candidates^x; \
            --effective-items asks for that number itself. The same --key draws the same list; give another for another.

            Each item stands with its p (at τ = 0 that of τ = 1) or, of a model of ratings, with the rating it expects. Below: the p of the whole list at τ = 1; its novelty, \
            the mean of −ln of the share of people who know an item; and its diversity, from 0 for items that the same people chose to 1.

            For a person whom the model never saw, give a file of their ratings with --ratings: the model answers from those, without \
            being fitted again.
            """)

    @Argument(help: "Model file of gibbs fit ratings.")
    var model: String

    @Option(help: ArgumentHelp("Person to recommend for; may be repeated.", valueName: "name"))
    var user: [String] = []

    @Flag(help: "Recommend for everyone the model was fitted on.")
    var everyone = false

    @Option(help: "File of ratings of new people; each gets a list.")
    var ratings: String?

    @Option(name: .short, help: "Items a list.")
    var k = 10

    @Option(help: "Temperature τ: 0 the best items, 1 the model's own probabilities, more explores.")
    var temperature: Double?

    @Option(help: "From 0, the best items, to 1, any item alike: chooses τ so that exp(entropy) is candidates^x.")
    var explore: Double?

    @Option(help: "Chooses τ so that exp(entropy) is this number of items.")
    var effectiveItems: Double?

    @Flag(help: "Let items come up that the person has rated.")
    var seen = false

    @Option(help: ArgumentHelp("Items that must not come up; @FILE names a file with one a line.", valueName: "item,…"))
    var exclude: String?

    @Option(help: ArgumentHelp("The only items that may come up; @FILE as above.", valueName: "item,…"))
    var only: String?

    @Option(help: ArgumentHelp("Table of the items' titles: its first column, or the one named item, holds the names, --title-column the titles.", valueName: "file"))
    var titles: String?

    @Option(help: "Column of the titles; the second unless told.")
    var titleColumn: String?

    @Option(help: "Number from which all randomness is derived.")
    var key: UInt64 = 1

    @Flag(help: "Print one JSON object a person.")
    var json = false

    @OptionGroup var columns: RatingInput
    @OptionGroup var input: InputOptions

    func run() throws {
        let recommender = try AnyModel.read(model).recommender(model)
        let (people, names) = try people(recommender)
        let lists = try recommender.recommendations(for: people, wish(recommender), key: Key(key))
        guard lists.contains(where: { !$0.choices.isEmpty }) else {
            throw GibbsError(.unsuitableData, "no item is left to recommend", advice: "loosen --only or --exclude, or allow rated items with --seen")
        }
        let company = ItemCompany(recommender.history), titles = try ItemTitles(titles, column: titleColumn, items: columns.itemColumn ?? recommender.training.columns?.item, input: input)
        titles.remark(recommender.items.names)
        for (name, list) in zip(names, lists) {
            print(json ? list.json(of: name, recommender, company, title: { titles[$0] }).text : ListText.text(name, list, recommender, company, titles).printable)
        }
    }

    private func people(_ recommender: Recommender) throws -> (People, [String]) {
        let asked = [!user.isEmpty, everyone, ratings != nil].count { $0 }
        guard asked == 1 else {
            throw GibbsError(.usage, asked == 0 ? "nobody to recommend for" : "--user, --everyone and --ratings exclude one another",
                             advice: "give --user NAME, or --ratings FILE for people the model never saw, or --everyone")
        }
        if everyone { return (recommender.everyone, recommender.users.names) }
        guard let ratings else { return (try recommender.people(named: user), user) }
        let read = try columns.read(ratings, input: input, asFor: recommender.training)
        let found = try GibbsError.naming(ratings) { try recommender.newcomers(read) }
        if found.unknownItems > 0 { Console.note("gibbs: \(found.unknownItems) of \(read.count) ratings are of items that the model does not know; they are left out") }
        let known = found.names.filter { recommender.users.index(of: $0) != nil }
        if let name = known.first { Console.note("gibbs: the model knows \(known.count == 1 ? "'\(name)'" : "\(known.count) of these people, such as '\(name)'") already, and answers from these ratings alone; --user takes what it knows") }
        let lost = Set(read.users.names).subtracting(found.names).sorted()
        if let name = lost.first { Console.note("gibbs: \(lost.count == 1 ? "'\(name)' has" : "\(lost.count) people, such as '\(name)', have") no rating to answer from\(recommender.training.options.least.map { " (of at least \($0.shortText))" } ?? "")") }
        guard found.people.count > 0 else {
            throw GibbsError(.unsuitableData, "none of the ratings is of an item that the model knows", at: .init(file: ratings), advice: "write the items as in the data it was fitted to (gibbs inspect shows some)")
        }
        return (found.people, found.names)
    }

    /// What the model does not know cannot come up.
    private func excluded(_ recommender: Recommender) throws -> Set<Int> {
        let names = try ItemNames.read(exclude), items = names.compactMap { recommender.items.index(of: $0) }
        if items.count < names.count { Console.note("gibbs: \(names.count - items.count) of \(names.count) items to exclude are not the model's; names with commas need @FILE") }
        return Set(items)
    }

    private func wish(_ recommender: Recommender) throws -> Wish {
        guard [temperature, explore, effectiveItems].count(where: { $0 != nil }) <= 1 else {
            throw GibbsError(.usage, "--temperature, --explore and --effective-items all set the temperature", advice: "give one of them")
        }
        let dial: Wish.Dial = explore.map { .explore($0) } ?? effectiveItems.map { .effectiveItems($0) } ?? .temperature(temperature ?? 0)
        var wish = try Wish(count: k, dial: dial)
        wish.allowsRated = seen
        wish.excluded = try excluded(recommender)
        if only != nil { wish.only = try Set(ItemNames.read(only).map(recommender.item)) }
        return wish
    }
}

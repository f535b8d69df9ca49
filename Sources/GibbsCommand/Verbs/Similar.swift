import ArgumentParser
import Foundation
import Gibbs

struct Similar: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Items like an item: by the angle between their factors where the model has them, else by who rated both.")

    @Argument(help: "Model file of gibbs fit ratings.")
    var model: String

    @Option(help: "The item.")
    var item: String

    @Option(name: .short, help: "Items to list.")
    var k = 10

    @Option(help: ArgumentHelp("Table of the items' titles, as for gibbs recommend.", valueName: "file"))
    var titles: String?

    @Option(help: "Column of the titles; the second unless told.")
    var titleColumn: String?

    @Option(help: "Column of the items' names in the titles.")
    var itemColumn: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup var input: InputOptions

    func run() throws {
        guard k > 0 else { throw GibbsError(.usage, "a list of \(k) items", advice: "ask for at least 1") }
        let recommender = try AnyModel.read(model).recommender(model), titles = try ItemTitles(titles, column: titleColumn, items: itemColumn ?? recommender.training.columns?.item, input: input)
        let like = try recommender.items(like: recommender.item(named: item), count: k)
        titles.remark(recommender.items.names)
        if json { return print(recommender.json(of: like, item: item, title: { titles[$0] }).text) }
        print("like \(item)\(titles[item].map { ", " + $0 } ?? ""):".printable)
        for found in like {
            let name = recommender.items.names[found.item]
            print(String(format: "  %.3f  ", found.similarity) + name.oneLine + (titles[name].map { "  " + $0.oneLine } ?? ""))
        }
    }
}

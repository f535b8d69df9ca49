import Foundation
import Gibbs

// What somebody likes, to what the model expects next:
//
//     gibbs fit ratings u.data --implicit --at-least 4 --model softmax --out films.gibbs
//     RecommendExample films.gibbs 50 172 181
guard CommandLine.arguments.count > 2 else {
    print("usage: RecommendExample MODEL ITEM…")
    exit(64)
}

do {
    let recommender = try Recommender(contentsOf: CommandLine.arguments[1])
    let visitor = try recommender.newcomer(CommandLine.arguments.dropFirst(2).map { (item: $0, rating: 1) })

    for (what, dial) in [("the best", Wish.Dial.temperature(0)), ("a list that explores", .explore(0.8))] {
        let list = try recommender.recommendations(for: visitor, Wish(count: 5, dial: dial), key: Key(1))[0]
        print(String(format: "%@, at temperature %.2f: %.1f effective items of %d", what, list.temperature, list.effectiveItems, list.candidates))
        for choice in list.choices { print(String(format: "%6.2f %%  %@", 100 * choice.probability, recommender.items.names[choice.item])) }
    }
} catch let error as GibbsError {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(65)
}

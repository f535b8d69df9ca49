import ArgumentParser
import Foundation
import Gibbs

struct FitRatings: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ratings", abstract: "Fit a recommender to who rated what: a dot product of factors, or a conditional RBM that leaves missing ratings out.",
        discussion: """
            DATA has a rating a row: person, item, rating and, where there is one, the time, in columns told from their names. Files of \
            MovieLens (u.data, ratings.dat, ratings.csv), RecBole (.inter) and Orange (.tab) are read as they are. Of several ratings of one pair \
            the last counts.

            --implicit takes rows as events (a play, a purchase): that there is one counts, not how it was rated. 'factors' lets a pair that occurs n times, or has the value n in \
            --rating-column, weigh 1 + ln n; for other models a pair counts once.

            For lists of what people turn to next, say --implicit:
            softmax     E(u, i) = −(Uᵤ·Vᵢ + biases), fitted so that p(i | u) ∝ exp(−E) is the probability of the next item; with \
            --negatives in-batch by InfoNCE, telling each item from those of the batch's other people
            factors     the same dot product by weighted least squares: often the better order, but no probabilities

            For the rating that somebody will give:
            factors     by regularised least squares; the quickest
            rating-rbm  a conditional RBM over the stars of the rated items
            combined    the energies of both and of neighbours, added; the most exact

            popularity, neighbours, biases are the plain baselines.
            """)

    @Argument(help: "Ratings or events; - for standard input.")
    var data: String

    @Option(help: "Model file to write.")
    var out: String

    @Option(help: "factors, softmax, rating-rbm, combined, popularity, neighbours or biases; factors unless told.")
    var model = RecommenderOptions.Model.factors

    @Flag(help: "Rows are events, whatever their rating.")
    var implicit = false

    @Option(help: "Only ratings of at least this; with --implicit, the events that count as positive.")
    var atLeast: Double?

    @Option(name: .customLong("factors"), help: "Factors, or hidden units of the rating RBM; the model's default unless told.")
    var size: Int?

    @Option(help: "Passes over the ratings; the model's default unless told.")
    var epochs: Int?

    @Option(help: "Weight of the penalty on large parameters; the model's default unless told.")
    var regularisation: Double?

    @Option(help: "What softmax tells the right item from: sampled, which is all items and a sample above 20,000, or in-batch, what the other people of a batch turned to. sampled unless told.")
    var negatives: SampledSoftmax.Negatives?

    @Option(help: "People a step of softmax; 64 unless told.")
    var batch: Int?

    @Option(help: ArgumentHelp("The ratings there are, such as 1:5 or 0.5:4:0.5; told from the data unless given.", valueName: "low:high[:step]"))
    var scale: ScaleArgument?

    @OptionGroup var holdOut: HoldOut

    @Option(help: "Number from which all randomness is derived.")
    var key: UInt64 = 1

    @Flag(help: "Print the summary as JSON.")
    var json = false

    @OptionGroup var columns: RatingInput
    @OptionGroup var input: InputOptions

    func run() throws {
        let begin = Date()
        Interruption.watch()
        try ModelTarget.check(out, apartFrom: data)
        var ratings = try columns.read(data, input: input, isImplicit: implicit && atLeast == nil)
        do {
            // What is held out keeps its ratings, so that whoever judges by it can ask for the same least.
            if let atLeast { ratings = try ratings.keeping(atLeast: atLeast) }
            let train = try holdOut.train(of: ratings, key: Key(key), data: data, out: out)
            let recommender = try Recommender.fitted(to: train, options: options) { progress in
                Console.bar(done: progress.epoch, of: progress.of, since: begin, unit: progress.unit)
                try Interruption.check()
            }
            Console.clearProgress()
            try recommender.write(to: out)
            print(json ? recommender.json(file: out).text
                : RecommenderSummary.fitted(recommender, path: out, seconds: Date().timeIntervalSince(begin), ratings: ratings, held: holdOut.testOut.map { ($0, ratings.count - train.count) }).printable)
        } catch let error as GibbsError { throw error.code == .usage || error.code == .cannotWrite ? error : error.located(at: .init(file: data)) }
    }

    private var options: RecommenderOptions {
        var options = RecommenderOptions()
        (options.model, options.isImplicit, options.size, options.epochs) = (model, implicit, size, epochs)
        (options.regularisation, options.scale, options.seed, options.least) = (regularisation, scale?.scale, key, atLeast)
        (options.negatives, options.batch) = (negatives, batch)
        return options
    }
}

extension RecommenderOptions.Model: ExpressibleByArgument {}
extension SampledSoftmax.Negatives: ExpressibleByArgument {}

/// A scale of ratings on the command line.
struct ScaleArgument: ExpressibleByArgument {
    let scale: RatingScale

    init?(argument: String) {
        let parts = argument.split(separator: ":").map { Double($0) }
        guard 2 ... 3 ~= parts.count, let low = parts[0], let high = parts[1], let step = parts.count == 3 ? parts[2] : 1, step > 0, high > low else { return nil }
        let count = ((high - low) / step).rounded()
        guard abs(low + count * step - high) < step * 1e-6, count < 1e6, let scale = try? RatingScale(lowest: low, step: step, count: Int(count) + 1) else { return nil }
        self.scale = scale
    }
}

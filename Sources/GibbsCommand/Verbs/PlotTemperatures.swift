import ArgumentParser
import Foundation
import Gibbs

struct PlotTemperatures: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "temperatures", abstract: "What a recommender's lists are like from cold to hot: hits, coverage, effective items and surprise against τ.",
        discussion: "Measured on ratings that the model has not seen, such as those of gibbs fit ratings --test-out.")

    @Argument(help: "Model file of gibbs fit ratings.")
    var model: String

    @Argument(help: "Ratings of the people it was fitted on, that it has not seen.")
    var data: String

    @Option(help: "Plot to write, .svg; MODEL-temperatures.svg unless told.")
    var out: String?

    @Option(name: .short, help: "Items a list.")
    var k = 10

    @Option(help: "Lists a person and temperature.")
    var draws = 8

    @Option(help: ArgumentHelp("Temperatures above 0; eleven around 1 unless told.", valueName: "τ,…"))
    var at: String?

    @Option(help: "Number from which all randomness is derived.")
    var key: UInt64 = 1

    @Flag(help: "Print the figures as JSON.")
    var json = false

    @OptionGroup var columns: RatingInput
    @OptionGroup var input: InputOptions

    func run() throws {
        // Nothing is written before the end, so Ctrl-C may end it anywhere.
        guard 1 ... 1_000 ~= k, 1 ... 10_000 ~= draws else { throw GibbsError(.usage, "\(draws) lists of \(k) items", advice: "ask for 1 to 10000 lists of 1 to 1000 items") }
        let target = try PlotTarget(out, source: model, what: "temperatures", ending: "svg"), recommender = try AnyModel.read(model).recommender(model)
        let ratings = try columns.read(data, input: input, asFor: recommender.training), temperatures = try [0] + temperatures()
        var done = 0
        let response = try GibbsError.naming(data) {
            try TemperatureResponse(of: recommender, on: ratings, temperatures: temperatures, count: k, draws: draws, key: Key(key)) {
                done += $0
                Console.progress("measured with \(plural(done, "person", "people"))")
            }
        }
        Console.clearProgress()
        try plots(response).write(to: target.path)
        if json { return print(JSONValue.object([("file", .string(target.path)), ("people", .int(response.people)), ("points", .array(response.points.map(Self.json)))]).text) }
        print("τ".padded(8) + "effective".padded(11) + "hit rate".padded(10) + "precision".padded(11) + "coverage".padded(10) + "−ln p")
        for point in response.points {
            print(String(format: "%-8.3g%-11.4g%-10.3f%-11.3f%-10.3f", point.temperature, point.effectiveItems, point.hitRate, point.precision, point.coverage) + (point.surprise.isFinite ? String(format: "%.3f", point.surprise) : "–"))
        }
        print("wrote \(target.path)")
    }

    private func temperatures() throws -> [Double] {
        guard at != nil else { return (-5 ... 5).map { pow(2, Double($0) / 2) } }
        return try at.list.map { text in
            guard let t = Double(text), t > 0, t.isFinite else { throw GibbsError(.usage, "a temperature of '\(text)'", advice: "give numbers above 0, such as 0.5,1,2") }
            return t
        }
    }

    private func plots(_ response: TemperatureResponse) -> PlotPanels {
        let points = response.points.filter { $0.temperature > 0 }, t = points.map(\.temperature), cold = response.points[0]
        func plot(_ title: String, _ label: String, _ value: (TemperatureResponse.Point) -> Double, best: Double?, scale: Plot.Axis.Scale = .linear) -> Plot {
            let layers = [Plot.Layer.line(x: t, y: points.map(value), name: "drawn at τ")] + (best.map { [.horizontal($0, name: "the best \(response.count), τ = 0")] } ?? [])
            return Plot(title, x: Plot.Axis("τ", scale: .logarithmic), y: Plot.Axis(label, scale: scale), layers: layers)
        }
        return PlotPanels([
            plot("exploitation", "lists with a hit (share)", \.hitRate, best: cold.hitRate), plot("exploration", "items that come up (share)", \.coverage, best: cold.coverage),
            plot("how many items it is torn between", "exp(entropy)", \.effectiveItems, best: nil, scale: .logarithmic), plot("calibration: lowest at the right τ", "−ln p of a held-out item (nats)", \.surprise, best: nil),
        ], columns: 2)
    }

    private static func json(_ point: TemperatureResponse.Point) -> JSONValue {
        .object([("temperature", .number(point.temperature)), ("effectiveItems", .number(point.effectiveItems)), ("hitRate", .number(point.hitRate)), ("precision", .number(point.precision)),
                 ("coverage", .number(point.coverage)), ("novelty", .number(point.novelty)), ("surprise", .number(point.surprise))])
    }
}

import ArgumentParser
import Foundation
import Gibbs

struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show what a model file holds.")

    @Argument(help: "Model file.")
    var model: String

    @Flag(help: "Print as JSON.")
    var json = false

    func run() throws {
        switch try AnyModel.read(model) {
        case .records(let watchdog): show(watchdog)
        case .images(let images): print(json ? images.json(file: model).text : ImageSummary.inspected(images, path: model).printable)
        case .encoder(let encoder): print(json ? encoder.json(file: model).text : EncoderText.inspected(encoder, path: model).printable)
        case .frames(let frames): FrameVerbs.inspect(frames, path: model, json: json)
        case .ratings(let recommender): print(json ? recommender.json(file: model).text : RecommenderSummary.inspected(recommender, path: model).printable)
        case .stream(let watchdog):
            print(json ? watchdog.json(file: model).text : StreamSummary.inspected(watchdog, path: model).printable)
        case .events(let watchdog): print(json ? watchdog.json(file: model).text : SessionSummary.inspected(watchdog, path: model).printable)
        }
    }
}

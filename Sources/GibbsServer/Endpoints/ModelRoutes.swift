import Foundation
import Gibbs
import Hummingbird

/// Which models there are, and what each of them is.
extension Routes {
    private static let card = Schema.object([
        .always("name", .text, "by which it is asked for"), .always("words", .text, "what it is, in words"), .always("kind", .choice(AnyModel.kinds)), .always("fileDigest", .text), .always("loaded", .text), .always("verbs", .list(.text), "last parts of the paths that it serves"),
    ])

    static let models: [Route] = [
        Route(method: .get, path: "/models", summary: "All models, and the files that could not be read",
              answer: .json(.object([.always("models", .list(card)), .always("problems", .list(.object([.always("name", .text), .always("problem", .text)])))]))) { exchange in
            let shelf = exchange.service.shelf
            return .json(.object([("models", .array(shelf.all.map(\.json))), ("problems", .array(shelf.problems.map { .object([("name", .string($0.name)), ("problem", .string($0.why))]) }))]))
        },
        Route(method: .get, path: "/models/{model}", summary: "One model: what gibbs inspect shows of it", answer: .json(card)) { exchange in
            .json(try exchange.service.shelf.model(exchange.name("model")).json)
        },
        Route(method: .get, path: "/models/{model}/calibration", summary: "The energies of the calibration as two hundred quantiles, and thresholds by rate",
              answer: .json(.object([.always("model", .text), .always("quantiles", .list(.number), "ascending, nats"), .always("falseAlarmRate", .nullable(.number)), .always("threshold", .nullable(.number)), .maybe("drift", .nullable(.object([.always("psi", .number), .always("ks", .number), .always("count", .number)])))]))) { exchange in
            let entry = try exchange.service.shelf.model(exchange.name("model"))
            return .json(calibration(of: entry, drift: await exchange.service.drift(of: entry)))
        },
        Route(method: .get, path: "/models/{model}/names", summary: "People or items of a recommender, those that contain a text",
              query: [.init(name: "of", schema: .choice(["users", "items"]), words: "whose names; users unless told"), .init(name: "like", schema: .text, words: "a part of the name, or of an item's title"), .init(name: "limit", schema: .integer, words: "names at most, 20 unless told")],
              answer: .json(.object([.always("names", .list(.object([.always("name", .text), .maybe("title", .text)]))), .always("count", .integer, "of all")]))) { exchange in
            .json(try names(exchange))
        },
        Route(method: .get, path: "/models/{model}/picture", summary: "What a model of images holds, as PNG: filters of machines, means of Gaussians, memories",
              query: [.init(name: "class", schema: .text, words: "of this class alone; all unless told")], answer: .raw(type: "image/png", words: "a PNG")) { exchange in
            let entry = try exchange.service.shelf.model(exchange.name("model")), images = try entry.images("picture"), chosen = exchange.query("class").map { [$0] }
            let picture = try await exchange.service.work.run { try images.filters(of: chosen, scale: 2).png() }
            return .bytes(picture, type: "image/png")
        },
    ]

    private static func calibration(of entry: ModelEntry, drift: ScoreDrift.Reading?) -> JSONValue {
        let isStream: Bool, calibration: Calibration?
        if case .stream(let watchdog) = entry.model { (isStream, calibration) = (true, watchdog.calibration) } else { (isStream, calibration) = (false, entry.model.scoreCalibration) }
        let energies = calibration?.energies ?? [], count = min(200, energies.count)
        return .object([
            ("model", .string(entry.name)), ("quantiles", .array((0 ..< count).map { .number(Double(energies[$0 * (energies.count - 1) / max(1, count - 1)]), digits: 5) })),
            ("falseAlarmRate", calibration.map { .number($0.falseAlarmRate) } ?? .null), ("threshold", calibration.map { .number(Double(isStream ? $0.tailThreshold : $0.threshold), digits: 5) } ?? .null),
            ("drift", drift.map { .object([("psi", .number($0.psi, digits: 4)), ("ks", .number($0.ks, digits: 4)), ("count", .number($0.count, digits: 4))]) } ?? .null),
        ])
    }

    private static func names(_ exchange: Exchange) throws -> JSONValue {
        let entry = try exchange.service.shelf.model(exchange.name("model")), recommender = try entry.recommender("names").model
        let isItems = exchange.query("of") == "items", all = (isItems ? recommender.items : recommender.users).names, limit = try exchange.int("limit", in: 1 ... 1_000, else: 20)
        let sought = exchange.query("like")?.lowercased() ?? ""
        let found = all.lazy.filter { sought.isEmpty || $0.lowercased().contains(sought) || isItems && entry.titles[$0]?.lowercased().contains(sought) == true }.prefix(limit)
        return .object([("names", .array(found.map { name in
            .object([("name", .string(name))] + (isItems ? entry.titles[name].map { [("title", .string($0))] } ?? [] : []))
        })), ("count", .int(all.count))])
    }
}

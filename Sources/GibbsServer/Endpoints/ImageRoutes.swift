import Foundation
import Gibbs
import Hummingbird

/// Images drawn, blended and recalled.
extension Routes {
    /// An image among the answers: bytes from 0 to 255, row by row, in base 64.
    private static let pixels = Schema.Member(name: "pixels", schema: .text, isRequired: true, words: "a byte a pixel, row by row, base 64")
    /// What moves the images of a diffusion at every time.
    private static func corrections(_ usual: String) -> [Schema.Member] {
        [.maybe("corrections", .integer, "of a diffusion, steps of a chain at every time; " + usual), .maybe("correction", .choice(Corrections.Kind.allCases.map(\.rawValue)), "what these steps are, mala unless told; alone it asks for \(Corrections.usualSteps)")]
    }
    /// What a draw may be asked for with, and a blend.
    private static let wish: [Schema.Member] = [
        .maybe("count", .integer, "images a class, 8 unless told"), .maybe("classes", .list(.text)), .maybe("steps", .integer, "of each chain, 200 unless told; of a diffusion's path, 50; of exact draws none"),
        .maybe("temperature", .number), .maybe("kernel", .choice(ImageSampler.Kernel.allCases.map(\.rawValue))), .maybe("guidance", .number, "how much a diffusion sharpens what is particular to a class"), .maybe("key", .integer),
    ]
    private static let way: [Schema.Member] = [
        .maybe("from", .text), .maybe("to", .text), .maybe("path", .list(.text), "classes to walk through, in place of from and to"), .maybe("steps", .integer, "frames a leg, 11 unless told"), .maybe("temperature", .number), .maybe("key", .integer),
    ]
    private static let size: [Schema.Member] = [.always("model", .text), .always("height", .integer), .always("width", .integer)]

    static let images: [Route] = [
        Route(method: .post, path: "/models/{model}/sample", summary: "Draw images",
              body: .json(.object(wish + corrections("none unless told or named"))),
              answer: .json(.object(size + [.always("kernel", .text), .always("images", .list(.object([.always("class", .text), pixels]))), .always("runs", .list(.map(.anything)), "of each class's chains"), .always("paths", .list(.map(.anything)), "of a diffusion's draws")]))) { exchange in
            let entry = try exchange.service.shelf.model(exchange.name("model")), model = try entry.images("sample")
            let request = try await exchange.json()
            let sampler = try ImageRequest.sampler(request, for: model), count = try request.int("count", in: 1 ... 256) ?? 8, classes = try request.texts("classes"), key = try ImageRequest.key(request)
            let draws = try await exchange.service.work.run { try model.draw(count, of: classes, by: sampler, key: key) { _ in try LongWork.check() } }
            let images = draws.classes.enumerated().map { row, name in JSONValue.object([("class", .string(name)), ("pixels", .string(ImageRequest.pixels(draws.shown.row(row))))]) }
            return .json(.object(ImageRequest.size(entry, model) + [("kernel", .string(draws.kernel.rawValue)), ("images", .array(images)), ("runs", draws.runsJSON), ("paths", draws.pathsJSON)]))
        },
        Route(method: .post, path: "/models/{model}/blend", summary: "Walk from one class of images to another along E = (1 − α) E_from + α E_to",
              body: .json(.object(way + corrections("\(Corrections.usualSteps) unless told; without, a blend takes a quarter of the time and keeps less to its energies"))),
              answer: .json(.object(size + [.always("frames", .list(.object([.always("from", .text), .always("to", .text), .always("alpha", .number), .always("energyFrom", .number), .always("energyTo", .number), .always("probabilityTo", .number), .always("likeliest", .text), .always("probability", .number), .always("acceptance", .nullable(.number), "of a diffusion's corrections"), pixels])))]))) { exchange in
            let entry = try exchange.service.shelf.model(exchange.name("model")), model = try entry.images("blend")
            let request = try await exchange.json()
            let path = try request.texts("path") ?? [request.text("from"), request.text("to")].compactMap { $0 }
            let steps = try request.int("steps", in: 2 ... 200) ?? 11, temperature = try request.number("temperature").map { Float($0) }, key = try ImageRequest.key(request)
            let corrections = try ImageRequest.corrections(request)
            guard path.count <= 20 else { throw GibbsError(.limitExceeded, "a way through \(path.count) classes", advice: "take 20 at most") }
            let blend = try await exchange.service.work.run { try model.blend(through: path, steps: steps, temperature: temperature, corrections: corrections, key: key) { _ in try LongWork.check() } }
            let frames = blend.frames.enumerated().map { row, frame -> JSONValue in
                guard case .object(let members) = frame.json else { return .null }
                return .object(members + [("pixels", .string(ImageRequest.pixels(blend.images.row(row))))])
            }
            return .json(.object(ImageRequest.size(entry, model) + [("frames", .array(frames))]))
        },
        Route(method: .post, path: "/models/{model}/recall", summary: "Restore half-erased or noisy images from a memory",
              body: .json(.object([.always("images", .list(.list(.nullable(.number))), "pixels from 0 to 1, null where erased"), .maybe("erase", .choice(ImageErasure.allCases.map(\.rawValue)), "half of every image to erase first"), .maybe("steps", .integer, "updates of the memory, 3 unless told")])),
              answer: .json(.object(size + [.always("images", .list(.object([.always("class", .text), .always("memory", .integer), .always("weight", .number), .always("energyOfCue", .number), .always("energy", .number), .always("source", .nullable(.integer), "the image of the fit that came back, counted from 0; null where an older file does not tell"), .always("distance", .number, "root mean squared difference a pixel from what was given"), .always("isAnother", .flag, "whether that is too far to be what was given"), pixels])))]))) { exchange in
            let entry = try exchange.service.shelf.model(exchange.name("model")), model = try entry.images("recall")
            let request = try await exchange.json()
            var cues = try ImageRequest.images(request, "images", for: model, mayMiss: true)
            guard let erasure = try ImageErasure(rawValue: request.text("erase") ?? "none") else {
                throw GibbsError(.usage, "is no half of an image", at: .init(field: "erase"), advice: "give \(ImageErasure.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            cues = erasure.applied(to: cues, shape: model.shape)
            let steps = try request.int("steps", in: 1 ... 100) ?? 3, given = cues
            let images = try await exchange.service.work.run {
                try given.parts(of: 100).flatMap { cues -> [JSONValue] in
                    try LongWork.check()
                    let found = try model.recall(cues, steps: steps), distances = found.distances(from: cues)
                    return found.classes.indices.map { row in
                        guard case .object(let members) = found.json(row, distance: distances[row]) else { return .null }
                        return .object(members + [("pixels", .string(ImageRequest.pixels(found.restored.row(row))))])
                    }
                }
            }
            return .json(.object(ImageRequest.size(entry, model) + [("images", .array(images))]))
        },
    ]
}

/// What requests about images have in common.
enum ImageRequest {
    /// Images as rows of numbers.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` for rows of another length, `.limitExceeded` for too many.
    static func images(_ request: JSONRequest, _ name: String, for model: ImageModel, mayMiss: Bool = false) throws -> Matrix {
        guard let rows = try request.rows(name), !rows.isEmpty else { throw GibbsError(.usage, "there is no image", at: .init(field: name), advice: "give lists of \(model.shape.pixels) numbers from 0 to 1") }
        guard rows.count <= 1_000 else { throw GibbsError(.limitExceeded, "\(rows.count) images", advice: "send 1000 at most") }
        for (index, row) in rows.enumerated() {
            guard row.count == model.shape.pixels else {
                throw GibbsError(.shapeMismatch, "image \(index + 1) has \(row.count) pixels where the model has \(model.shape.height) × \(model.shape.width)", at: .init(field: name), advice: "give \(model.shape.pixels) numbers an image")
            }
            guard row.allSatisfy({ 0 ... 1 ~= $0 || mayMiss && $0.isNaN }) else { throw GibbsError(.unsuitableData, "image \(index + 1) has a pixel beyond 0 to 1", at: .init(field: name), advice: String(format: "divide by the value of white, %g", model.training.white ?? 255)) }
        }
        return Matrix(rows: rows.count, columns: model.shape.pixels, values: rows.flatMap { $0 })
    }

    static func sampler(_ request: JSONRequest, for model: ImageModel) throws -> ImageSampler {
        let kernel = try request.text("kernel").map { name in
            guard let kernel = ImageSampler.Kernel(rawValue: name) else { throw GibbsError(.usage, "no kernel '\(name.prefix(40))'", at: .init(field: "kernel"), advice: ImageSampler.Kernel.allCases.map(\.rawValue).joined(separator: ", ")) }
            return kernel
        }
        let energy = model.classes[0].energy, usual = (kernel ?? energy.bestKernel) == .exact ? nil : energy.isDiffusion ? ImageSampler.pathSteps : 200
        let steps = try request.int("steps", in: 1 ... 100_000) ?? usual, temperature = try request.number("temperature").map { Float($0) } ?? 1
        return ImageSampler(kernel: kernel, steps: steps, temperature: temperature, draws: min(steps ?? 1, 20), corrections: try corrections(request) ?? Corrections(steps: 0),
                            guidance: try request.number("guidance") ?? 0)
    }

    /// As told; `nil` where nothing is said of them.
    static func corrections(_ request: JSONRequest) throws -> Corrections? {
        let kind = try request.text("correction").map { name in
            guard let kind = Corrections.Kind(rawValue: name) else { throw GibbsError(.usage, "no correction '\(name.prefix(40))'", at: .init(field: "correction"), advice: Corrections.Kind.allCases.map(\.rawValue).joined(separator: ", ")) }
            return kind
        }
        return try Corrections.asked(steps: request.int("corrections", in: 0 ... 100), kind: kind)
    }

    static func key(_ request: JSONRequest) throws -> Key { Key(UInt64(try request.int("key", in: 0 ... 1 << 53) ?? 1)) }

    static func size(_ entry: ModelEntry, _ model: ImageModel) -> [(String, JSONValue)] { [("model", .string(entry.name)), ("height", .int(model.shape.height)), ("width", .int(model.shape.width))] }

    static func pixels(_ row: some Collection<Float>) -> String { Data(row.map { UInt8(max(0, min(255, ($0.isNaN ? 0 : $0) * 255 + 0.5))) }).base64EncodedString() }
}

extension Matrix {
    /// So many rows at a time, so that between them a clock can be looked at.
    func parts(of count: Int) -> [Matrix] { stride(from: 0, to: rows, by: count).map { slice($0 ..< min(rows, $0 + count)) } }
}

import Foundation
import Gibbs
import Hummingbird

/// Energies of rows, sessions, frames, images and pairs.
extension Routes {
    private static let score = Schema.object([
        .always("energy", .nullable(.number), "nats; higher is stranger, always"), .maybe("row", .integer), .maybe("id", .text), .maybe("pValue", .nullable(.number), "share of normal ones at least this strange"), .maybe("alert", .flag),
        .maybe("class", .text, "of images the likeliest class"), .maybe("probability", .nullable(.number), "of that class; of pairs that of the item"),
        .maybe("reasons", .list(.map(.anything)), "fields in nats, what stands out first"), .maybe("ordinary", .number, "energy of an ordinary row, from which shares count"),
    ])

    static let scoring: [Route] = [
        Route(method: .post, path: "/models/{model}/score", summary: "Score rows by their energy, with p-values, alerts and, where asked for, reasons. Scoring never changes the model",
              body: .json(.object([
                  .maybe("rows", .list(.map(.anything)), "records, or frames of one piece in order, as objects of fields"), .maybe("sessions", .list(.object([.maybe("id", .text), .always("events", .list(.text))]))),
                  .maybe("images", .list(.list(.number)), "pixels from 0 to 1, row by row"), .maybe("pairs", .list(.object([.always("user", .text), .always("item", .text), .maybe("rating", .number)]))),
                  .maybe("explain", .either(.choice(["none", "alerts", "all"]), .flag), "which rows get reasons; true is alerts"), .maybe("reasons", .integer, "reasons a row at most, 3 unless told"),
                  .maybe("falseAlarmRate", .number, "in place of the model's own"),
              ])),
              answer: .json(.object([.always("model", .text), .always("digest", .text, "of the model's file"), .always("scores", .list(score)), .maybe("absent", .list(.text), "fields of the model that no row has, misspelt perhaps; they count as missing, which may be strange in itself")]))) { exchange in
            let entry = try exchange.service.shelf.model(exchange.name("model"))
            let request = try await exchange.json()
            let scores = try Scoring(request, entry: entry, service: exchange.service)
            // Few rows are answered at once; many, and reasons, on threads of their own.
            let (lines, absent) = scores.isShort ? try scores.lines() : try await exchange.service.work.run { try scores.lines() }
            var text = Array("{\"model\":\(JSONValue.quote(entry.name)),\"digest\":\"\(entry.digest)\",\"scores\":[".utf8)
            text.append(contentsOf: lines)
            text.append(UInt8(ascii: "]"))
            if !absent.isEmpty { text.append(contentsOf: Array(",\"absent\":\(JSONValue.array(absent.map { .string($0) }).text)".utf8)) }
            text.append(UInt8(ascii: "}"))
            return .bytes(text, type: "application/json")
        },
    ]
}

/// A request for scores.
private struct Scoring: Sendable {
    let request: JSONRequest, entry: ModelEntry, service: GibbsService
    let explain: String, reasons: Int, rate: Double?

    init(_ request: JSONRequest, entry: ModelEntry, service: GibbsService) throws {
        (self.request, self.entry, self.service) = (request, entry, service)
        if let flag = try? request.flag("explain") { explain = flag ? "alerts" : "none" } else { explain = try request.text("explain") ?? "none" }
        guard ["none", "alerts", "all"].contains(explain) else { throw GibbsError(.usage, "is '\(explain.prefix(40))'", at: .init(field: "explain"), advice: "give none, alerts or all") }
        reasons = try request.int("reasons", in: 1 ... 100) ?? 3
        rate = try request.number("falseAlarmRate")
    }

    /// Rows whose scores are short work with any model of records, and as many as are scored between two looks at the clock.
    private static let few = 32, part = 2_048

    /// Whether the work is short for sure.
    var isShort: Bool {
        guard case .records(let watchdog) = entry.model, watchdog.encoder.textModel == nil, explain == "none", request.byteCount < 1 << 16 else { return false }
        return ((try? request.lines("rows"))?.count ?? 0) <= Self.few
    }

    /// The scores as elements of an array, and the fields of a model of records that no row has.
    func lines() throws -> (elements: [UInt8], absent: [String]) {
        switch entry.model {
        case .records(let watchdog): try records(rate.map { try watchdog.alerting(at: $0) } ?? watchdog)
        case .events(let watchdog): (try sessions(rate.map { try watchdog.alerting(at: $0) } ?? watchdog), [])
        case .frames(let model): (try frames(rate.map { try model.alerting(at: $0) } ?? model), [])
        case .images(let model): (try images(rate.map { try model.alerting(at: $0) } ?? model), [])
        case .ratings(let model): (try pairs(model), [])
        case .encoder, .stream: throw entry.cannot("score")
        }
    }

    private func rows(_ name: String, like example: String) throws -> (bytes: [UInt8], count: Int) {
        guard let rows = try request.lines(name), rows.count > 0 else { throw missing(name, like: example) }
        try check(rows.count)
        return rows
    }

    private func check(_ count: Int) throws {
        guard count <= service.options.limits.rows else {
            throw GibbsError(.limitExceeded, "\(count) rows", advice: "send \(service.options.limits.rows) at most, and the rest in further requests")
        }
    }

    private func missing(_ name: String, like example: String) -> GibbsError {
        GibbsError(.usage, "there is nothing to score", at: .init(field: name), advice: "give \(example)")
    }

    /// Refuses what only those that explain can do.
    private func refuseReasons() throws {
        guard explain == "none" else { throw GibbsError(.usage, "the model '\(entry.name)' is \(entry.model.words), which gives no reasons", at: .init(field: "explain"), advice: "leave it out") }
    }

    private func records(_ watchdog: Watchdog) throws -> (elements: [UInt8], absent: [String]) {
        let rows = try rows("rows", like: "{\"rows\": [{\"\(watchdog.encoder.usedFields.first?.name ?? "field")\": …}]}")
        var options = TableOptions(format: .ndjson)
        // A request of its own needs no threads; requests side by side have them.
        options.threads = rows.bytes.count < 1 << 18 ? 1 : options.threads
        // As a chunk, in which a field that no row has is missing, and no error.
        let chunks = try watchdog.reader(bytes: rows.bytes, name: "rows", options: options).chunks(rows: min(rows.count, Self.part), columns: watchdog.encoder.usedFields.map(\.name))
        var found = [JSONValue](), energies = [Float](), absent = watchdog.encoder.usedFields.map(\.name)
        while let table = try chunks.next() {
            try LongWork.check()
            absent.removeAll { name in table.columns.contains { $0.name == name && !$0.isEmpty } }
            let scores = try watchdog.scores(of: table)
            energies += scores.map(\.energy)
            found += try scores.indices.map { row in
                try LongWork.check()
                let explanation = explain == "all" || explain == "alerts" && scores[row].alert ? try watchdog.explanation(of: table, row: row) : nil
                return scores[row].json(explanation: explanation, reasons: reasons)
            }
        }
        service.metrics.scored(entry.name, energies)
        entry.drift?.add(energies)
        return (Self.joined(found), absent)
    }

    private func sessions(_ watchdog: EventWatchdog) throws -> [UInt8] {
        guard let given = try request.objects("sessions"), !given.isEmpty else { throw missing("sessions", like: "{\"sessions\": [{\"id\": \"s1\", \"events\": [\"login\", \"read\"]}]}") }
        try check(given.count)
        var sequences = EventSequences(fields: ["event"])
        for (index, session) in given.enumerated() {
            guard let events = try session.texts("events") else { throw missing("events", like: "every session its list of events") }
            sequences.add(id: try session.text("id") ?? String(index + 1), line: index + 1, events: events.map { [$0] }, lines: events.map { _ in index + 1 })
        }
        let scores = try stride(from: 0, to: given.count, by: 512).flatMap { first in
            try LongWork.check()
            return try watchdog.scores(of: sequences.selecting(Array(first ..< min(given.count, first + 512))))
        }
        let energies = scores.map(\.energy)
        service.metrics.scored(entry.name, energies)
        entry.drift?.add(energies)
        return try Self.joined(scores.enumerated().map { index, score in
            try LongWork.check()
            return score.json(explain == "all" || explain == "alerts" && score.alert ? try watchdog.energy.explanations(of: sequences.selecting([index]), limit: reasons)[0] : nil)
        })
    }

    private func frames(_ model: FrameModel) throws -> [UInt8] {
        let rows = try rows("rows", like: "{\"rows\": [{\"\(model.columns.first?.name ?? "column")\": …}]}, frames of one piece in order")
        let table = try TableReader(bytes: rows.bytes, name: "rows", options: TableOptions(format: .ndjson)).readAll(columns: model.columns.map(\.name))
        let sequences = try FrameSequences(table: table), surprises = try model.surprises(of: sequences)
        let energies = (0 ..< surprises.rows).map { surprises.row($0).reduce(0, +) }
        service.metrics.scored(entry.name, energies)
        entry.drift?.add(energies)
        return Self.joined(energies.indices.map { row in
            let isAlert = model.calibration?.alerts(on: energies[row]) ?? false
            let causes = explain == "all" || explain == "alerts" && isAlert ? surprises.row(row).enumerated().sorted { $0.element > $1.element }.prefix(reasons).map { (column: $0.offset, cost: $0.element) } : nil
            return model.json(of: sequences, row: row, piece: "1", moment: row + 1, energy: energies[row], causes: causes)
        })
    }

    private func images(_ model: ImageModel) throws -> [UInt8] {
        try refuseReasons()
        let images = try ImageRequest.images(request, "images", for: model)
        var energies = [Float](), classes = Matrix(rows: 0, columns: model.classes.count)
        for part in images.parts(of: 64) {
            try LongWork.check()
            energies += try model.surprises(of: part)
            classes = classes.appending(try model.classProbabilities(of: part))
        }
        service.metrics.scored(entry.name, energies)
        entry.drift?.add(energies)
        return Self.joined(energies.indices.map { model.json(row: $0 + 1, energy: energies[$0], probabilities: classes.row($0)) })
    }

    private func pairs(_ model: Recommender) throws -> [UInt8] {
        try refuseReasons()
        guard rate == nil else { throw GibbsError(.usage, "a recommender raises no alarms", at: .init(field: "falseAlarmRate"), advice: "leave it out") }
        guard let given = try request.objects("pairs"), !given.isEmpty else { throw missing("pairs", like: "{\"pairs\": [{\"user\": …, \"item\": …}]}") }
        try check(given.count)
        var users = Identifiers(), items = Identifiers(), user = [Int32](), item = [Int32](), values = [Float]()
        for pair in given {
            guard let who = try pair.text("user"), let what = try pair.text("item") else { throw missing("pairs", like: "every pair its user and item, as texts") }
            user.append(users.index(adding: who))
            item.append(items.index(adding: what))
            if let rating = try pair.number("rating") { values.append(Float(rating)) }
        }
        guard values.isEmpty || values.count == given.count else { throw GibbsError(.usage, "\(values.count) of \(given.count) pairs have a rating", at: .init(field: "pairs"), advice: "give all of them one, or none") }
        let ratings = Ratings(users: users, items: items, user: user, item: item, value: values.isEmpty ? given.map { _ in 1 } : values, countsRepeats: values.isEmpty)
        let found = try model.scores(of: ratings)
        service.metrics.scored(entry.name, found.scores.map { Float($0.energy) })
        return Self.joined(found.scores.lazy.map { model.json(of: $0) })
    }

    private static func joined(_ values: some Sequence<JSONValue>) -> [UInt8] {
        var result = [UInt8]()
        for value in values {
            if !result.isEmpty { result.append(UInt8(ascii: ",")) }
            value.append(to: &result)
        }
        return result
    }
}

extension Column {
    /// Whether every cell is missing.
    fileprivate var isEmpty: Bool {
        switch storage {
        case .numbers(let values): values.allSatisfy(\.isNaN)
        case .categories(let codes, _): codes.allSatisfy { $0 < 0 }
        }
    }
}

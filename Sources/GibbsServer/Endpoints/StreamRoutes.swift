import Foundation
import Gibbs
import Hummingbird
import HTTPTypes

/// Streams of events: what comes in, what they are like, and what they alert of.
extension Routes {
    private static let counts = Schema.object([.always("all", .integer), .always("open", .integer), .always("real", .integer), .always("falseAlarms", .integer), .always("suppressed", .integer)])
    private static let stream = Schema.object([
        .always("name", .text), .always("entity", .text, "the field whose values are watched"), .always("time", .nullable(.text), "the field of the events' times"), .always("events", .integer), .always("entities", .integer), .always("entitiesDropped", .integer), .always("malformed", .integer), .always("withoutEntity", .integer),
        .always("threshold", .nullable(.number), "nats"), .always("falseAlarmRate", .nullable(.number), "of normal entity-days"), .always("alerts", counts), .always("rules", .integer), .always("journalBytes", .integer),
        .always("trouble", .nullable(.text), "what cannot be written"), .always("drift", .nullable(.object([.always("psi", .number), .always("ks", .number), .always("count", .number, "entity-days")])), "days that have ended beside those of the calibration"),
        .always("pulses", .list(.map(.anything)), "the last minutes, a quarter of a second each"),
    ])
    private static let path = "/streams/{stream}"

    static let streams: [Route] = [
        Route(method: .get, path: "/streams", summary: "All streams", answer: .json(.object([.always("streams", .list(stream)), .always("problems", .list(.object([.always("name", .text), .always("problem", .text)])))]))) { exchange in
            var all = [JSONValue]()
            for stream in exchange.service.streams.all { all.append(try await stream.json()) }
            return .json(.object([("streams", .array(all)), ("problems", .array(exchange.service.streams.failures.map { .object([("name", .string($0.name)), ("problem", .string($0.why))]) }))]))
        },
        Route(method: .get, path: path, summary: "One stream", answer: .json(stream)) { exchange in .json(try await exchange.stream().json()) },
        Route(method: .post, path: path + "/events", summary: "Take in events. Answered when they are kept; of those, no alert is lost",
              headers: [.init(name: "Idempotency-Key", schema: .text, words: "the request's own name, 128 letters at most: sent again, it is not taken in again")],
              body: .raw(type: "application/x-ndjson", words: "an event a line, as the stream's source writes them"), status: .accepted,
              answer: .json(.object([.always("lines", .integer), .always("events", .integer), .always("malformed", .integer), .always("withoutEntity", .integer), .always("alerts", .list(.integer), "numbers of the alerts raised"), .maybe("waiting", .integer, "alerts that wait for room on the disk"), .maybe("complaint", .text), .maybe("repeated", .flag, "the same request was taken in before, and nothing of it now")]))) { exchange in
            try await takeEvents(exchange)
        },
        Route(method: .get, path: path + "/today", summary: "The scores of today's entities, and the threshold of every false-alarm rate",
              answer: .json(.object([.always("day", .nullable(.text)), .always("entities", .integer), .always("threshold", .nullable(.number)), .always("falseAlarmRate", .nullable(.number)), .always("entityDaysPerDay", .number),
                                     .always("alarms", .integer, "entities above the threshold"), .always("curve", .list(.object([.always("rate", .number), .always("threshold", .nullable(.number)), .always("alarms", .integer, "entities above it")]))), .always("scores", .list(.number), "highest first, 2000 at most")]))) { exchange in
            .json(try await exchange.stream().todayJSON())
        },
        Route(method: .get, path: path + "/alerts", summary: "Alerts, latest first; with Accept: text/event-stream live, from Last-Event-ID on",
              query: [.init(name: "before", schema: .integer, words: "only those with a lower number: the next page"), .init(name: "limit", schema: .integer, words: "alerts at most, 50 unless told"), .init(name: "open", schema: .flag, words: "only those that nobody has judged"),
                      .init(name: "suppressed", schema: .flag, words: "those that a rule keeps quiet, too"), .init(name: "entity", schema: .text, words: "only those of an entity")],
              headers: [.init(name: "Last-Event-ID", schema: .integer, words: "of a follower: the number of the last alert that it has heard; from now on unless told")],
              answer: .json(.object([.always("alerts", .list(alert)), .always("next", .nullable(.integer), "give it as before")]))) { exchange in
            if exchange.request.headers[.accept]?.contains("text/event-stream") == true { return try await live(exchange) }
            return try history(exchange)
        },
        Route(method: .get, path: path + "/rules", summary: "What keeps alerts of the stream quiet", answer: .json(.object([.always("rules", .list(rule))]))) { exchange in
            .json(.object([("rules", .array(try exchange.service.store.rules(stream: exchange.stream().name).map(\.json)))]))
        },
        Route(method: .post, path: path + "/rate", summary: "Alert at another share of normal entity-days, by the calibration there is; the model's file is replaced",
              body: .json(.object([.always("falseAlarmRate", .number)])), answer: .json(.object([.always("stream", .text), .always("falseAlarmRate", .number), .always("threshold", .number)]))) { exchange in
            let request = try await exchange.json(), stream = try exchange.stream()
            guard let rate = try request.number("falseAlarmRate") else { throw GibbsError(.usage, "there is no rate", at: .init(field: "falseAlarmRate"), advice: "give a share of normal entity-days, such as 0.001") }
            let found = try await stream.watchdog.alerting(at: rate)
            try await exchange.service.replace(stream.name, by: found)
            return .json(.object([("stream", .string(stream.name))] + found.promise))
        },
        Route(method: .post, path: path + "/calibration", summary: "Calibrate anew by the days that this model has watched to their end, but for its first where there are more, and less those whose alerts were judged real; the model's file is replaced",
              body: .json(.object([.maybe("falseAlarmRate", .number, "the model's own unless told"), .maybe("days", .integer, "days at most, 30 unless told"), .maybe("unjudged", .choice(Unjudged.allCases.map(\.rawValue)), "what entity-days are whose alerts nobody has judged; refused unless told where there are any")])),
              answer: .json(.object([.always("stream", .text), .always("entityDays", .integer), .always("leftOut", .integer), .always("falseAlarmRate", .number), .always("threshold", .number)]))) { exchange in
            let request = try await exchange.json(), stream = try exchange.stream()
            let word = try request.text("unjudged"), unjudged = word.flatMap(Unjudged.init)
            guard word == nil || unjudged != nil else { throw GibbsError(.usage, "is '\((word ?? "").prefix(40))'", at: .init(field: "unjudged"), advice: "give normal or strange") }
            let found = try await stream.recalibrated(falseAlarmRate: request.number("falseAlarmRate"), days: request.int("days", in: 1 ... 1_000) ?? 30, unjudged: unjudged)
            try await exchange.service.replace(stream.name, by: found.watchdog)
            return .json(.object([("stream", .string(stream.name)), ("entityDays", .int(found.used)), ("leftOut", .int(found.left))] + found.watchdog.promise))
        },
    ]

    private static func takeEvents(_ exchange: Exchange) async throws -> Response {
        let name = try exchange.name("stream"), desk = exchange.service.streams
        // Before its body is read. By when it is there, the stream may be another.
        try desk.check(name)
        let receipt = try await desk.take(EventLines(exchange.body()), key: exchange.request.headers[HTTPField.Name.idempotencyKey] ?? "", into: name)
        var members: [(String, JSONValue)] = [("lines", .int(receipt.lines)), ("events", .int(receipt.events)), ("malformed", .int(receipt.malformed)), ("withoutEntity", .int(receipt.withoutEntity)), ("alerts", .array(receipt.alerts.map { .int(Int($0)) }))]
        if receipt.waiting > 0 { members.append(("waiting", .int(receipt.waiting))) }
        if receipt.isRepeated { members.append(("repeated", .bool(true))) }
        if let complaint = receipt.complaint { members.append(("complaint", .string(complaint))) }
        return .json(.object(members), status: .accepted)
    }

    private static func history(_ exchange: Exchange) throws -> Response {
        var query = Store.AlertQuery(stream: try exchange.stream().name)
        query.before = exchange.query("before") == nil ? nil : Int64(try exchange.int("before", in: 0 ... .max, else: 0))
        query.limit = try exchange.int("limit", in: 1 ... 1_000, else: 50)
        (query.isOpen, query.withSuppressed, query.entity) = (exchange.query("open") == "true", exchange.query("suppressed") == "true", exchange.query("entity"))
        let found = try exchange.service.store.alerts(query)
        let next = found.count == query.limit ? found.last.map { String($0.number) } ?? "null" : "null"
        return .bytes(Array("{\"alerts\":[\(found.map(\.text).joined(separator: ","))],\"next\":\(next)}".utf8), type: "application/json")
    }

    /// Alerts, verdicts and pulses as they come, after the alerts that a follower has missed.
    private static func live(_ exchange: Exchange) async throws -> Response {
        let stream = try exchange.stream(), service = exchange.service
        guard stream.hub.count < service.options.limits.followers else { throw Refusal.busy("\(stream.hub.count) follow this stream", seconds: 10) }
        // Whoever names no number follows from now on, and so does who has heard of more than there is: of a store that was restored from an older copy.
        let highest = try service.store.lastAlert(stream: stream.name), last = exchange.request.headers[.lastEventID].flatMap { Int64($0) }.map { min($0, highest) } ?? highest
        let follower = Follower(hub: stream.hub, stream: stream.name, store: service.store, last: last)
        let body = ResponseBody { writer in
            var follower = follower
            try await follower.follow(&writer)
        }
        return Response(status: .ok, headers: [.contentType: "text/event-stream", .accelBuffering: "no"], body: body)
    }
}

extension Exchange {
    /// The stream of the path.
    func stream() throws -> StreamService { try service.streams.stream(name("stream")) }
}

extension StreamWatchdog {
    /// The rate that it promises, and where its alarm begins.
    fileprivate var promise: [(String, JSONValue)] {
        calibration.map { [("falseAlarmRate", .number($0.falseAlarmRate)), ("threshold", .number(Double($0.tailThreshold), digits: 5))] } ?? []
    }
}

import Foundation
import Gibbs
import Hummingbird

/// Single alerts, what people say of them, and rules.
extension Routes {
    static let alert = Schema.object([
        .always("number", .integer), .always("stream", .text), .always("received", .text), .always("suppressedBy", .nullable(.integer), "the rule that keeps it quiet"), .always("verdict", .nullable(.choice(StoredAlert.Verdict.allCases.map(\.rawValue)))), .always("note", .nullable(.text)), .always("judged", .nullable(.text)),
        .always("id", .text, "the same for the same alert, however often it comes"), .maybe("time", .text), .always("entity", .text), .always("severity", .choice(StreamAlert.severities)), .always("score", .number, "nats"), .always("run", .number), .always("day", .number), .always("threshold", .number),
        .always("pValue", .number, "share of normal entity-days at least this strange"), .always("line", .integer), .always("events", .integer, "of the entity so far"),
        .always("reasons", .list(.object([.always("line", .integer), .maybe("time", .text), .always("gain", .number, "nats added to the score"), .always("surprise", .number), .always("field", .text), .always("value", .nullable(.text)), .always("expected", .text), .always("probability", .number), .always("event", .map(.text)), .maybe("raw", .text)]))),
        .always("dayReasons", .list(.object([.always("what", .text), .always("value", .text), .always("expected", .text), .always("probability", .number), .always("gain", .number)]))), .always("recent", .list(.text), "the entity's last lines"),
    ])
    static let rule = Schema.object([.always("number", .integer), .always("stream", .text), .always("entity", .text), .always("field", .nullable(.text)), .always("value", .nullable(.text)), .always("until", .nullable(.text)), .always("alert", .nullable(.integer))])

    static let alerts: [Route] = [
        Route(method: .get, path: "/alerts/{alert}", summary: "One alert, with its reasons and the lines behind them", answer: .json(alert)) { exchange in
            let number = try exchange.number("alert")
            guard let alert = try exchange.service.store.alert(number) else { throw missing(number) }
            return .bytes(Array(alert.text.utf8), type: "application/json")
        },
        Route(method: .post, path: "/alerts/{alert}/verdict", summary: "Say whether an alert was real or a false alarm; a false alarm may keep its like quiet",
              body: .json(.object([.always("verdict", .choice(["real", "falseAlarm", "none"]), "none takes it back; one that is no false alarm ends the quiet that the alert's earlier verdict brought"), .maybe("note", .text), .maybe("quietDays", .number, "of a false alarm: days for which alerts of this entity are kept quiet"), .maybe("field", .text, "with quietDays: only alerts of which this field is a reason"), .maybe("value", .text, "with field: and this its value")])),
              answer: .json(.object([.always("alert", alert), .always("rule", .nullable(rule))]))) { exchange in
            try await judge(exchange)
        },
        Route(method: .delete, path: "/rules/{rule}", summary: "Drop a rule: alerts like it call again, and those that it kept quiet are open", answer: .json(.object([.always("removed", .integer)]))) { exchange in
            let number = try exchange.number("rule")
            guard let name = try exchange.service.store.removeRule(number) else { throw Refusal.missing("rule", String(number), advice: "GET /streams/NAME/rules lists them") }
            try await (try? exchange.service.streams.stream(name))?.reloadRules()
            return .json(.object([("removed", .int(Int(number)))]))
        },
    ]

    private static func missing(_ number: Int64) -> Refusal { .missing("alert", String(number), advice: "GET /streams/NAME/alerts lists them") }

    private static func judge(_ exchange: Exchange) async throws -> Response {
        let number = try exchange.number("alert"), store = exchange.service.store
        let request = try await exchange.json()
        let word = try request.text("verdict"), verdict = word.flatMap(StoredAlert.Verdict.init)
        guard verdict != nil || word == "none" else { throw GibbsError(.usage, "is '\((word ?? "").prefix(40))'", at: .init(field: "verdict"), advice: "give real, falseAlarm or none") }
        let note = try request.text("note")
        guard note.map({ $0.utf8.count <= 4_096 }) ?? true else { throw GibbsError(.limitExceeded, "a note of more than 4096 bytes", at: .init(field: "note"), advice: "make it shorter") }
        guard let (alert, rule) = try store.judge(number, verdict, note: note, quiet: quiet(request, verdict)) else { throw missing(number) }
        exchange.service.metrics.count("gibbs_verdicts_total", "What people said of alerts", [("stream", alert.stream), ("verdict", verdict?.rawValue ?? "none")])
        if let stream = try? exchange.service.streams.stream(alert.stream) {
            try await stream.reloadRules()
            stream.hub.tell(.message(kind: "verdict", data: alert.text))
        }
        return .bytes(Array("{\"alert\":\(alert.text),\"rule\":\(rule?.json.text ?? "null")}".utf8), type: "application/json")
    }

    /// What the request says of further alerts; `nil` where it says nothing.
    private static func quiet(_ request: JSONRequest, _ verdict: StoredAlert.Verdict?) throws -> Quiet? {
        let days = try request.number("quietDays"), field = try request.text("field"), value = try request.text("value")
        guard let days else {
            if let name = field == nil ? value == nil ? nil : "value" : "field" { throw GibbsError(.usage, "is given without quietDays", at: .init(field: name), advice: "say with quietDays for how long alerts like it are kept quiet") }
            return nil
        }
        guard verdict == .falseAlarm, days > 0, days <= 3_650 else { throw GibbsError(.usage, "is \(days)", at: .init(field: "quietDays"), advice: "give up to 3650 days, with the verdict falseAlarm") }
        guard field != nil || value == nil else { throw GibbsError(.usage, "is given without its field", at: .init(field: "value"), advice: "name the field, or leave the value out to keep all alerts of the entity quiet") }
        return Quiet(until: Date().timeIntervalSince1970 + days * 86_400, field: field, value: value)
    }
}

extension Exchange {
    /// A number in the path.
    func number(_ parameter: String) throws -> Int64 {
        guard let number = Int64(try name(parameter)), number >= 0 else { throw GibbsError(.usage, "is no number", at: .init(field: parameter), advice: "give the number that the list shows") }
        return number
    }
}

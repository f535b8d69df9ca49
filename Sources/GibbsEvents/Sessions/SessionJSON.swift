import GibbsData

extension SessionScore {
    /// The score as a line of NDJSON says it, with why where that is asked for.
    package func json(_ explanation: SessionExplanation? = nil) -> JSONValue {
        return .object([
            ("id", .string(id)), ("line", .int(line)), ("length", .int(events)), ("energy", .number(Double(energy), digits: 5)),
            ("parts", .object([("largest", .number(Double(parts.largest), digits: 5)), ("mean", .number(Double(parts.mean), digits: 5)),
                               ("middle", .number(Double(parts.middle), digits: 5)),
                               ("counts", .number(Double(parts.counts), digits: 5))])),
            ("pValue", pValue.map { .number($0, digits: 4) } ?? .null), ("alert", .bool(alert)),
        ] + (explanation.map { [("events", .array($0.events.map(\.json))), ("counts", .array($0.counts.map(\.json)))] } ?? []))
    }
}

extension SessionExplanation.Event {
    var json: JSONValue {
        .object([
            ("position", .int(position)), ("line", .int(line)), (field, .optional(value)), ("isEnd", .bool(isEnd)),
            ("unseen", .bool(isUnseen)), ("surprise", .number(Double(surprise), digits: 4)),
            ("expected", .optional(expected)), ("expectedEnd", .bool(expectedEnd)), ("probability", .number(probability, digits: 4)),
            ("blame", .array(blame.map {
                .object([("position", .int($0.position)), ("event", .optional($0.value)), ("effect", .number(Double($0.effect), digits: 4))])
            })),
        ])
    }
}

extension SessionExplanation.Count {
    var json: JSONValue {
        .object([("event", .optional(name)), ("count", .int(count)), ("usual", .string(usual)), ("excess", .number(Double(excess), digits: 4))])
    }
}

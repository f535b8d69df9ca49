import GibbsData

extension StreamAlert {
    /// The alert as a line of NDJSON.
    ///
    /// - Parameter raw: Gives the text of a line of the source by where it begins, where it still can.
    package func json(raw: (Int) -> String?) -> JSONValue {
        let reasons = reasons.map { reason in
            JSONValue.object(([("line", .int(reason.line))] as [(String, JSONValue)]) + (reason.time.map { [("time", JSONValue.string(TimeStamp.text($0)))] } ?? []) + [
                ("gain", .number(Double(reason.gain), digits: 4)), ("surprise", .number(Double(reason.surprise), digits: 4)), ("field", .string(reason.field)),
                ("value", .optional(reason.value)), ("expected", .string(reason.expected)), ("probability", .number(Double(reason.probability), digits: 3)),
                ("event", .object(reason.event.map { ($0.field, .string($0.value)) }))] + (raw(reason.offset).map { [("raw", JSONValue.string($0))] } ?? []))
        }
        return .object(([("id", .string(id))] as [(String, JSONValue)]) + (time.map { [("time", JSONValue.string(TimeStamp.text($0)))] } ?? []) + [
            ("entity", .string(entity)), ("severity", .string(severity)), ("score", .number(Double(score), digits: 5)), ("run", .number(Double(run), digits: 5)), ("day", .number(Double(day), digits: 5)),
            ("threshold", .number(Double(threshold), digits: 5)), ("pValue", .number(pValue, digits: 3)), ("line", .int(line)), ("events", .int(events)),
            ("reasons", .array(reasons)), ("dayReasons", .array(dayReasons.map { reason in
                .object([("what", .string(reason.what)), ("value", .string(reason.value)), ("expected", .string(reason.expected)),
                         ("probability", .number(Double(reason.probability), digits: 3)), ("gain", .number(Double(reason.gain), digits: 4))])
            }))])
    }
}

extension StreamMonitor.EventScore {
    /// The score of an event of a batch as a line of NDJSON says it.
    package func json(_ batch: EventBatch) -> JSONValue {
        .object([("line", .int(batch.line(index))), ("entity", .string(batch.entity(index))), ("surprise", .number(Double(surprise), digits: 5)),
                 ("gain", .number(Double(gain), digits: 4)), ("score", .number(Double(score), digits: 5))])
    }
}

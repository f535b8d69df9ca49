import GibbsData

extension RecordScore {
    /// The score as a line of NDJSON says it.
    ///
    /// - Parameters:
    ///   - identity: Columns by which the record is known, and their texts.
    ///   - explanation: Why, where that is asked for, of which `reasons` reasons are shown.
    package func json(identity: [(column: String, text: String?)] = [], explanation: Explanation? = nil, reasons: Int = 0) -> JSONValue {
        var pairs: [(String, JSONValue)] = [("row", .int(line))] + (identity.isEmpty ? [] : [("id", .object(identity.map { ($0.column, .optional($0.text)) }))])
        pairs += [("energy", .number(Double(energy), digits: 5)), ("pValue", pValue.map { .number($0, digits: 4) } ?? .null), ("alert", .bool(alert))]
        return .object(pairs + (explanation?.json(reasons: reasons) ?? []))
    }
}

extension Explanation {
    /// What a line says beside its score: the energy of an ordinary record, from which the shares count, the first reasons,
    /// and, where there are any, the values beyond all that were seen.
    package func json(reasons limit: Int) -> [(String, JSONValue)] {
        let outside = outside.map { found in
            JSONValue.object([("field", .string(found.field)), ("value", .string(found.value.shortText)), ("seen", .string(found.seen.text))])
        }
        return [("ordinary", .number(Double(referenceEnergy), digits: 5)), ("reasons", .array(reasons.prefix(limit).map(\.json)))]
            + (outside.isEmpty ? [] : [("outside", .array(outside))])
    }
}

extension Explanation.Reason {
    /// A reason as a value among the reasons of a line.
    package var json: JSONValue {
        .object([("field", .string(field)), ("value", .optional(value))] + (isUnseen ? [("unseen", .bool(true))] : []) + [
                 ("expected", .optional(expected)), ("surprise", .number(Double(surprise), digits: 4)), ("excess", .number(Double(excess), digits: 4)),
                 ("share", .number(Double(share), digits: 4))]
                + (nearest.map { [("nearest", .object([("text", .string($0.text)), ("cosine", .number(Double($0.cosine), digits: 3))]))] } ?? []))
    }
}

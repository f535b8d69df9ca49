import GibbsData

extension FrameModel {
    /// The score of a frame as a line of NDJSON says it.
    ///
    /// - Parameters:
    ///   - row: The frame among those of the sequences.
    ///   - piece: The piece that it is of, and its place there, counted from 1.
    ///   - energy: Its surprise summed over its columns, nats.
    ///   - causes: Columns that cost most, and what each cost; `nil` where nobody asked why.
    package func json(of sequences: FrameSequences, row: Int, piece: String, moment: Int, energy: Float, causes: [(column: Int, cost: Float)]?) -> JSONValue {
        var pairs: [(String, JSONValue)] = [
            ("row", .int(sequences.lines[row])), ("piece", .string(piece)), ("frame", .int(moment)), ("energy", .number(Double(energy), digits: 6)),
            ("pValue", calibration.map { .number($0.pValue(of: energy), digits: 4) } ?? .null), ("alert", .bool(calibration?.alerts(on: energy) ?? false)),
        ]
        if let causes {
            pairs.append(("reasons", .array(causes.map { column, cost in
                .object([("field", .string(columns[column].name)), ("value", .number(Double(sequences.frames[row, column]))), ("surprise", .number(Double(cost), digits: 4))])
            })))
        }
        return .object(pairs)
    }
}

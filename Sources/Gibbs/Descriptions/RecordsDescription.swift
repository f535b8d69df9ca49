import GibbsCore
import GibbsData
import GibbsWatch

extension Watchdog {
    /// What the watchdog is, as `gibbs inspect --json` and the service show it.
    ///
    /// - Parameter file: What its file is called.
    package func json(file: String) -> JSONValue {
        return .object([
            ("file", .string(file)), ("kind", .string(Self.kind)), ("model", .string(training.model)), ("choice", .string(training.choice)),
            ("rows", .int(training.rows)), ("digest", .optional(training.digest)), ("key", .natural(training.seed)),
            ("temperature", .number(training.temperature)),
            ("experts", .array(zip(energy.experts, energy.weights).map { expert, weight in
                .object([("name", .string(expert.name)), ("weight", .number(weight)), ("centre", .number(expert.centre)), ("spread", .number(expert.spread))])
            })),
            ("calibration", calibration.json),
            ("fields", .array(encoder.fields.map(\.json))),
        ])
    }
}

extension RecordField {
    /// How a column was taken.
    var json: JSONValue {
        switch encoding {
        case .number(let scale):
            .object([("name", .string(name)), ("type", .string("number")), ("transform", .string(scale.transform.rawValue)),
                     ("typical", .number(scale.decode(0))), ("scale", .number(scale.scale))])
        case .category(let vocabulary):
            .object([("name", .string(name)), ("type", .string("category")), ("names", .int(vocabulary.names.count)),
                     ("mostFrequent", .optional(vocabulary.names.first)), ("unseenProbability", .number(vocabulary.unseenProbability))])
        case .text(let scale):
            .object([("name", .string(name)), ("type", .string("text")), ("components", .int(scale.components.count)), ("explained", .number(scale.explained)),
                     ("examples", .int(scale.examples.count)), ("mostTypical", .optional(scale.examples.first)), ("textModel", .string(scale.model.digest))])
        case .ignored(let reason):
            .object([("name", .string(name)), ("type", .string("ignored")), ("reason", .string(reason))])
        }
    }
}

extension Optional where Wrapped == Calibration {
    /// The promise of a calibration, with the thresholds of other rates; null without one.
    package var json: JSONValue {
        guard let calibration = self else { return .null }
        return .object([
            ("records", .int(calibration.energies.count)), ("falseAlarmRate", .number(calibration.falseAlarmRate)),
            ("threshold", .number(Double(calibration.threshold))),
            ("table", .array(calibration.table.map {
                .object([("falseAlarmRate", .number($0.falseAlarmRate)), ("threshold", .number(Double($0.threshold)))])
            })),
        ])
    }
}

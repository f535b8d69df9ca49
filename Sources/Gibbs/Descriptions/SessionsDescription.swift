import GibbsCore
import GibbsData
import GibbsEvents

extension EventWatchdog {
    /// What the watchdog is, as `gibbs inspect --json` and the service show it.
    ///
    /// - Parameter file: What its file is called.
    package func json(file: String) -> JSONValue {
        let model = energy.model, found = training.diagnostics
        func nats(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
        return .object([
            ("file", .string(file)), ("kind", .string(Self.kind)), ("energy", .string(energy.kind.rawValue)), ("choice", .string(training.choice)),
            ("sessions", .int(training.sessions)), ("events", .int(training.events)), ("history", .int(model.history)), ("hidden", .int(model.choices[0].machine.hiddenCount)),
            ("epochs", .int(training.epochs)), ("method", .string(training.method)), ("digest", .optional(training.digest)), ("key", .natural(training.seed)),
            ("temperature", .number(training.temperature)),
            ("surprise", .object([("fit", .array(found.finalSurprise.map { .number($0) })), ("held", nats(found.heldSurprise)), ("mixture", nats(found.heldMixture)),
                                  ("baseline", .object([("model", .string("\(energy.baseline.order)-gram")), ("held", nats(found.heldBaseline))]))])),
            ("weights", energy.kind == .workflow ? .null : .array(energy.mixture.weights.map { .number(Double($0)) })),
            ("calibration", (calibration?.energy).json), ("folds", calibration.map { .int($0.folds) } ?? .null),
            ("fields", .array(zip(model.fields, model.vocabularies).map { field, vocabulary in
                .object([("name", .string(field)), ("names", .int(vocabulary.names.count)), ("mostFrequent", .optional(vocabulary.names.first)),
                         ("unseenProbability", .number(vocabulary.unseenProbability))])
            })),
        ])
    }
}

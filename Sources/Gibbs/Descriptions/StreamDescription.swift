import GibbsCore
import GibbsData
import GibbsEvents

extension StreamWatchdog {
    /// What the watchdog is, as `gibbs inspect --json` and the service show it.
    ///
    /// - Parameter file: What its file is called.
    package func json(file: String) -> JSONValue {
        let schema = measure.schema
        return .object([
            ("model", .string(file)), ("kind", .string(Self.kind)), ("entity", .string(schema.entity)), ("time", .optional(schema.time)), ("about", .optional(schema.subject)),
            ("fields", .array(schema.fields.map { .object([("name", .string($0.name)), ("encoding", .string($0.encoding.rawValue))]) })),
            ("events", .int(training.events)), ("entities", .int(training.entities)), ("heldEvents", .int(training.heldEvents)), ("entityDaysPerDay", .number(training.entityDaysPerDay)),
            ("surprise", .number(training.surprise)), ("firstSurprise", .number(training.firstSurprise)), ("baselineSurprise", .number(training.baselineSurprise)),
            ("temperature", .number(Double(measure.temperature))), ("falseAlarmRate", calibration.map { .number($0.falseAlarmRate) } ?? .null),
            ("threshold", calibration.map { .number(Double($0.tailThreshold)) } ?? .null), ("calibrationEntityDays", .int(calibration?.energies.count ?? 0)),
        ])
    }
}

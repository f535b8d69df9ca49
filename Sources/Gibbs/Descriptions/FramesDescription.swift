import GibbsCore
import GibbsData
import GibbsEvents

extension FrameModel {
    /// What the model is, as `gibbs inspect --json` and the service show it.
    ///
    /// - Parameter file: What its file is called.
    package func json(file: String) -> JSONValue {
        return .object([
            ("file", .string(file)), ("kind", .string(Self.kind)), ("history", .int(history)), ("hidden", .int(conditional.machine.hiddenCount)), ("frames", .int(training.frames)),
            ("pieces", .int(training.pieces)), ("epoch", .int(training.epoch)), ("epochs", .int(training.epochs)), ("validationEnergy", .number(training.validationEnergy)),
            ("digest", .optional(training.digest)), ("key", .natural(training.seed)),
            ("calibration", calibration.map { .object([("frames", .int($0.energies.count)), ("falseAlarmRate", .number($0.falseAlarmRate)), ("threshold", .number(Double($0.threshold)))]) } ?? .null),
            ("columns", .array(columns.map {
                .object([("name", .string($0.name)), ("type", .string($0.isBinary ? "binary" : "real")), ("mean", .number($0.mean)), ("deviation", .number($0.deviation))])
            })),
        ])
    }
}

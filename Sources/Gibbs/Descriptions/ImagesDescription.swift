import GibbsCore
import GibbsCreate
import GibbsData

extension ImageModel {
    /// What the model is, as `gibbs inspect --json` and the service show it.
    ///
    /// - Parameter file: What its file is called.
    package func json(file: String) -> JSONValue {
        .object([
            ("file", .string(file)), ("kind", .string(Self.kind)), ("model", .string(classes[0].energy.kind)),
            ("height", .int(shape.height)), ("width", .int(shape.width)), ("images", .int(training.images)),
            ("method", .string(training.method)), ("digest", .optional(training.digest)), ("key", .natural(training.seed)),
            ("calibration", calibration.json),
            ("classes", .array(classes.map {
                .object([("name", .string($0.name)), ("share", .number($0.share)), ("logPartition", .number($0.logPartition.logPartition, digits: 8)),
                         ("standardError", .number($0.logPartition.standardError)), ("logPartitionIs", $0.hasNormaliser ? .string($0.logPartition.kind.rawValue) : .null)])
            })),
        ])
    }
}

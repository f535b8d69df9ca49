import GibbsData
import GibbsRecommend

extension Recommender {
    /// What the recommender is, as `gibbs inspect --json` and the service show it.
    ///
    /// - Parameter file: What its file is called.
    package func json(file: String) -> JSONValue {
        let options = training.options
        var pairs: [(String, JSONValue)] = [
            ("file", .string(file)), ("kind", .string(Self.kind)), ("model", .string(options.model.rawValue)), ("method", .string(training.method)),
            ("implicit", .bool(options.isImplicit)), ("ratings", .int(training.ratings)), ("users", .int(users.count)), ("items", .int(items.count)),
            ("digest", .optional(training.digest)), ("key", .natural(options.seed)),
        ]
        if let scale = ratingModel?.scale { pairs.append(("scale", .array(scale.values.map { .number($0) }))) }
        return .object(pairs)
    }
}

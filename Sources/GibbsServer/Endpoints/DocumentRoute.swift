import GibbsData
import Hummingbird

/// The OpenAPI document, written from the table of routes.
extension Routes {
    static let document = Route(method: .get, path: "/openapi.json", summary: "This description of the service, as OpenAPI 3.1", answer: .json(.map(.anything)), isOpen: true) { _ in
        .json(openAPI)
    }

    /// The document as JSON.
    package static var openAPI: JSONValue {
        var paths = [(String, JSONValue)]()
        for path in all.map(\.path).reduce(into: [String](), { if !$0.contains($1) { $0.append($1) } }) {
            paths.append((path, .object(all.filter { $0.path == path }.map { ($0.method.rawValue.lowercased(), $0.operation) })))
        }
        return .object([
            ("openapi", .string("3.1.0")),
            ("info", .object([("title", .string("Gibbs")), ("version", .string(GibbsService.version)),
                              ("description", .string("Energy-based models as a service: p(x) = exp(−E(x)/T) / Z. Energies are in nats; higher is stranger, always."))])),
            ("paths", .object(paths)),
            ("components", .object([("securitySchemes", .object([("token", .object([("type", .string("http")), ("scheme", .string("bearer"))]))])), ("schemas", .object([("Error", Failure.schema.json)]))])),
        ])
    }
}

extension Route {
    /// The route as an operation of the document.
    fileprivate var operation: JSONValue {
        var members: [(String, JSONValue)] = [("summary", .string(summary))]
        let inPath = parameters.map { name -> JSONValue in .object([("name", .string(name)), ("in", .string("path")), ("required", .bool(true)), ("schema", Schema.text.json)]) }
        let optional = (query.map { ($0, "query") } + headers.map { ($0, "header") }).map { parameter, place -> JSONValue in
            .object([("name", .string(parameter.name)), ("in", .string(place)), ("required", .bool(false)), ("description", .string(parameter.words)), ("schema", parameter.schema.json)])
        }
        if !(inPath + optional).isEmpty { members.append(("parameters", .array(inPath + optional))) }
        switch body {
        case .none: break
        case .json(let schema): members.append(("requestBody", .object([("required", .bool(true)), ("content", Self.content("application/json", schema.json))])))
        case .raw(let type, let words): members.append(("requestBody", .object([("required", .bool(true)), ("description", .string(words)), ("content", Self.content(type, Schema.text.json))])))
        }
        members.append(("responses", .object([(String(status.code), described), ("default", .object([
            ("description", .string("what went wrong")), ("content", Self.content("application/json", .object([("$ref", .string("#/components/schemas/Error"))])))])),
        ])))
        if !isOpen { members.append(("security", .array([.object([("token", .array([]))]), .object([])]))) }
        return .object(members)
    }

    private var described: JSONValue {
        switch answer {
        case .json(let schema): .object([("description", .string(summary)), ("content", Self.content("application/json", schema.json))])
        case .raw(let type, let words): .object([("description", .string(words)), ("content", Self.content(type, Schema.text.json))])
        }
    }

    private static func content(_ type: String, _ schema: JSONValue) -> JSONValue { .object([(type, .object([("schema", schema)]))]) }
}

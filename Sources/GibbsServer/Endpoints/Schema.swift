import GibbsData

/// What the JSON of a request or an answer is made of: said in the OpenAPI document, and what tests hold every answer against.
package indirect enum Schema: Sendable {
    case text, number, integer, flag, anything
    /// One of some texts.
    case choice([String])
    case list(Schema)
    /// Members of any names, all of one kind.
    case map(Schema)
    case object([Member])
    /// The value, or null.
    case nullable(Schema)
    /// One of two kinds.
    case either(Schema, Schema)

    /// A member of an object.
    package struct Member: Sendable {
        package let name: String, schema: Schema, isRequired: Bool, words: String?

        /// A member that is always there.
        static func always(_ name: String, _ schema: Schema, _ words: String? = nil) -> Member { Member(name: name, schema: schema, isRequired: true, words: words) }
        /// A member that may be left out.
        static func maybe(_ name: String, _ schema: Schema, _ words: String? = nil) -> Member { Member(name: name, schema: schema, isRequired: false, words: words) }
    }

    /// As JSON Schema, of which OpenAPI 3.1 is made.
    package var json: JSONValue { .object(pairs) }

    private var pairs: [(String, JSONValue)] {
        switch self {
        case .text: [("type", .string("string"))]
        case .number: [("type", .string("number"))]
        case .integer: [("type", .string("integer"))]
        case .flag: [("type", .string("boolean"))]
        case .anything: []
        case .choice(let names): [("type", .string("string")), ("enum", .array(names.map { .string($0) }))]
        case .list(let element): [("type", .string("array")), ("items", element.json)]
        case .map(let element): [("type", .string("object")), ("additionalProperties", element.json)]
        case .either(let one, let other): [("anyOf", .array([one.json, other.json]))]
        case .nullable(let schema): [("anyOf", .array([schema.json, .object([("type", .string("null"))])]))]
        case .object(let members):
            [("type", .string("object")), ("properties", .object(members.map { member in
                (member.name, .object(member.schema.pairs + (member.words.map { [("description", JSONValue.string($0))] } ?? [])))
            })), ("required", .array(members.filter(\.isRequired).map { .string($0.name) }))]
        }
    }
}

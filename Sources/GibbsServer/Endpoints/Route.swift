import GibbsData
import HTTPTypes
import Hummingbird

/// One thing that the service does over HTTP: how it is asked, what it answers, and who does it. The table of routes serves requests and writes the
/// OpenAPI document, so that the two cannot differ.
package struct Route: Sendable {
    /// A parameter of the query, or a header.
    package struct Parameter: Sendable {
        package let name: String, schema: Schema, words: String
    }

    /// What a request carries.
    package enum Body: Sendable {
        case none
        case json(Schema)
        /// Something else, in words.
        case raw(type: String, words: String)
    }

    /// What comes back when all is well.
    package enum Answer: Sendable {
        case json(Schema)
        /// Something else, of this media type.
        case raw(type: String, words: String)
    }

    package let method: HTTPRequest.Method
    /// Its path, parameters in braces.
    package let path: String
    package let summary: String
    package var query: [Parameter] = []
    package var headers: [Parameter] = []
    package var body = Body.none
    package var status = HTTPResponse.Status.ok
    package let answer: Answer
    /// Whether it answers without a token: pages without data, and what a load balancer asks.
    package var isOpen = false
    let serve: @Sendable (Exchange) async throws -> Response

    /// The names in its path.
    package var parameters: [String] { path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) } }

    /// The members that a request's JSON may have; none where it carries no object.
    package var members: [String] {
        guard case .json(.object(let members)) = body else { return [] }
        return members.map(\.name)
    }
}

/// All routes, in the order of the document.
package enum Routes {
    package static var all: [Route] {
        models + scoring + images + recommending + streams + alerts + health + page + [document]
    }

    /// The methods that a path knows.
    static func methods(at path: String) -> [HTTPRequest.Method] {
        let parts = path.split(separator: "/")
        let found = all.filter { route in
            let own = route.path.split(separator: "/")
            return own.count == parts.count && zip(own, parts).allSatisfy { $0 == $1 || $0.hasPrefix("{") }
        }
        return found.map(\.method).flatMap { $0 == .get ? [.get, .head] : [$0] }
    }
}

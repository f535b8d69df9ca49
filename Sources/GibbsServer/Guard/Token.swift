import HTTPTypes
import Hummingbird
import GibbsNumerics

/// What a request has to show, compared in a time that does not tell how much of it was right.
package struct Token: Sendable {
    private let expected: [UInt8]

    package init(_ text: String) { expected = Array(text.utf8) }

    /// Whether the header of a request shows it: `Authorization: Bearer …`.
    package func admits(_ header: String?) -> Bool {
        guard let header, header.utf8.count <= 2_048, header.lowercased().hasPrefix("bearer ") else { return false }
        return matches(Array(header.utf8.dropFirst(7)))
    }

    /// Every byte is looked at, whatever the ones before were; of a text of another length the time tells the length asked with, not the expected one.
    package func matches(_ given: [UInt8]) -> Bool {
        var difference = UInt8(truncatingIfNeeded: given.count ^ expected.count) | (given.count == expected.count ? 0 : 1)
        for index in given.indices { difference |= given[index] ^ expected[index % expected.count] }
        return difference == 0
    }
}

/// Asks for the token, and keeps pages of other sites away from a service that asks for none.
struct GateMiddleware: RouterMiddleware {
    package let token: Token?, names: Set<String>, open: Set<String>

    package init(_ options: ServiceOptions) {
        token = options.token.map(Token.init)
        names = Set(["localhost", "127.0.0.1", "[::1]", options.host] + options.names)
        open = Set(Routes.all.filter(\.isOpen).map(\.path))
    }

    func handle(_ request: Request, context: ServiceContext, next: (Request, ServiceContext) async throws -> Response) async throws -> Response {
        // A site whose name was turned to this address, or which sends forms here, comes by a browser, which says so.
        if token == nil, let host = request.head.authority, !names.contains(Self.name(of: host)) {
            throw Refusal(.otherName, "this service is not called '\(host.prefix(80))'", advice: "ask for it by its address, or start it with --name")
        }
        if let origin = request.headers[.origin], request.method != .get, request.method != .head, !isOwn(origin, request.head.authority) {
            throw Refusal(.otherSite, "requests from pages of other sites are not served", advice: "call the service from a program, or from its own page")
        }
        if let token, !open.contains(request.uri.path), !token.admits(request.headers[.authorization]) {
            throw Refusal(.noToken, "the request shows no token, or another one", advice: "send the header Authorization: Bearer TOKEN")
        }
        return try await next(request, context)
    }

    private func isOwn(_ origin: String, _ authority: String?) -> Bool {
        guard let authority else { return false }
        return origin == "http://" + authority || origin == "https://" + authority
    }

    /// The name in `name:port`.
    private static func name(of authority: String) -> String {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") { return String(authority[...end]) }
        return String(authority.prefix { $0 != ":" })
    }
}

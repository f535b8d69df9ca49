import HTTPTypes
import Hummingbird

/// What every answer tells browsers: load nothing from elsewhere, run no script that is not the page's own, guess no types, show it in no frame.
struct HeadersMiddleware: RouterMiddleware {
    private static let fields: HTTPFields = [
        .contentSecurityPolicy: "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        .xContentTypeOptions: "nosniff",
        .referrerPolicy: "no-referrer",
        .resourcePolicy: "same-origin",
        .frameOptions: "DENY",
    ]

    func handle(_ request: Request, context: ServiceContext, next: (Request, ServiceContext) async throws -> Response) async throws -> Response {
        var response = try await next(request, context)
        response.headers.append(contentsOf: Self.fields)
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        return response
    }
}

extension HTTPField.Name {
    package static let referrerPolicy = known("Referrer-Policy"), resourcePolicy = known("Cross-Origin-Resource-Policy"), frameOptions = known("X-Frame-Options")
    /// By which a follower says what it heard last.
    static let lastEventID = known("Last-Event-ID")
    /// Asks a proxy to hand on at once what comes.
    static let accelBuffering = known("X-Accel-Buffering")
    /// A request's own name, by which it is known when it is sent again.
    package static let idempotencyKey = known("Idempotency-Key")

    private static func known(_ name: String) -> HTTPField.Name {
        guard let found = HTTPField.Name(name) else { preconditionFailure("'\(name)' cannot be the name of a header") }
        return found
    }
}

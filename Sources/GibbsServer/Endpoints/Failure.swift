import GibbsData
import GibbsNumerics
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1

/// Turns errors into answers: a JSON object that says what happened, where, and what to do next.
struct FailureMiddleware: RouterMiddleware {
    let logger: Logger

    func handle(_ request: Request, context: ServiceContext, next: (Request, ServiceContext) async throws -> Response) async throws -> Response {
        do { return try await next(request, context) } catch let error as GibbsError {
            let status = Failure.status(error.code)
            if status.code >= 500 { logger.error("\(request.method) \(request.uri.path): \(error)") }
            return Failure.response(error, status: status)
        } catch let error as HTTPError where error.status == .notFound {
            return Failure.nothing(at: request.uri.path, method: request.method)
        } catch let error as HTTPError {
            return Failure.response(GibbsError(.usage, error.body ?? Failure.words(error.status)), status: error.status, headers: error.headers)
        } catch let error as Refusal {
            return Failure.response(error)
        } catch let error where Self.isOfConnection(error) { throw error } catch {
            logger.error("\(request.method) \(request.uri.path): \(error)")
            return Failure.response(GibbsError(.init(rawValue: "internal"), "something failed that should not", advice: "the service's log says what"), status: .internalServerError)
        }
    }
}

extension FailureMiddleware {
    /// Whether whoever asked has gone, or does not speak HTTP: nobody is there to be answered, and nothing of ours failed.
    private static func isOfConnection(_ error: any Error) -> Bool { error is CancellationError || error is ChannelError || error is IOError || error is HTTPParserError }
}

/// A request that is not served for reasons of its own: no such thing, no right, or come again later.
package struct Refusal: Error {
    /// Which of them.
    package enum Kind: Sendable, Hashable {
        case missing
        /// Whoever asks has asked too much; and the service is busy with itself. Sent again after some seconds, as it is, the request may be served.
        case tooMuch(after: Int), busy(after: Int)
        /// Something has to be mended first.
        case closed(after: Int)
        /// No token; a page of another site; a name that is not the service's.
        case noToken, otherSite, otherName
    }

    package let kind: Kind, error: GibbsError

    /// For reasons of access.
    init(_ kind: Kind, _ what: String, advice: String) { (self.kind, error) = (kind, GibbsError(.init(rawValue: "forbidden"), what, advice: advice)) }

    private init(_ kind: Kind, _ error: GibbsError) { (self.kind, self.error) = (kind, error) }

    static func missing(_ what: String, _ name: String, advice: String) -> Refusal {
        Refusal(.missing, GibbsError(.init(rawValue: "notFound"), "there is no \(what) '\(name.prefix(80))'", advice: advice))
    }

    /// Whoever asks has asked too much.
    static func later(_ why: String, seconds: Int = 1) -> Refusal { Refusal(.tooMuch(after: seconds), again(why, seconds)) }

    /// The service is busy with itself.
    static func busy(_ why: String, seconds: Int = 1) -> Refusal { Refusal(.busy(after: seconds), again(why, seconds)) }

    /// What was asked for is there and cannot be had, and waiting alone does not mend it.
    static func closed(_ why: String, seconds: Int) -> Refusal {
        Refusal(.closed(after: seconds), GibbsError(.init(rawValue: "unavailable"), why, advice: "mend that on the service's machine; it is tried again every \(seconds) seconds"))
    }

    private static func again(_ why: String, _ seconds: Int) -> GibbsError { GibbsError(.init(rawValue: "busy"), why, advice: "send the same again after \(seconds) second\(seconds == 1 ? "" : "s")") }

    /// Whether the service will be ready for the same request soon.
    package var isPassing: Bool { if case .busy = kind { true } else { false } }
}

/// Errors as answers.
enum Failure {
    /// The status that tells a kind of error.
    static func status(_ code: GibbsError.Code) -> HTTPResponse.Status {
        switch code {
        case .usage, .malformedData: .badRequest
        case .unsuitableData, .shapeMismatch: .unprocessableContent
        case .limitExceeded: .contentTooLarge
        case .unsuitableModel: .conflict
        case .cannotRead: .notFound
        case .cannotWrite: HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage")
        default: .internalServerError
        }
    }

    /// The answer to a request that is not served.
    static func response(_ refusal: Refusal) -> Response {
        let (status, headers): (HTTPResponse.Status, HTTPFields) = switch refusal.kind {
        case .missing: (.notFound, [:])
        case .tooMuch(let seconds): (.tooManyRequests, [.retryAfter: String(seconds)])
        case .busy(let seconds), .closed(let seconds): (.serviceUnavailable, [.retryAfter: String(seconds)])
        case .noToken: (.unauthorized, [.wwwAuthenticate: "Bearer"])
        case .otherSite: (.forbidden, [:])
        case .otherName: (.misdirectedRequest, [:])
        }
        return response(refusal.error, status: status, headers: headers)
    }

    /// What happened and what to do, without the paths of this machine.
    static func words(_ error: any Error) -> String { (error as? GibbsError).map { $0.message + ($0.advice.map { "; " + $0 } ?? "") } ?? "\(error)" }

    static func words(_ status: HTTPResponse.Status) -> String { status.reasonPhrase.lowercased() }

    /// The answer where no route is, or one for other methods.
    static func nothing(at path: String, method: HTTPRequest.Method) -> Response {
        let methods = Routes.methods(at: path), code = GibbsError.Code(rawValue: "notFound")
        if methods.isEmpty { return response(GibbsError(code, "there is nothing at this path", advice: "GET /openapi.json describes all there is"), status: .notFound) }
        let words = methods.map(\.rawValue).joined(separator: ", ")
        return response(GibbsError(.usage, "\(method.rawValue) is nothing that this path knows", advice: "use \(words)"), status: .methodNotAllowed, headers: [.allow: words])
    }

    /// Paths of this machine are nobody's business; lines and members of the request are.
    static func response(_ error: GibbsError, status: HTTPResponse.Status, headers: HTTPFields = [:]) -> Response {
        var members: [(String, JSONValue)] = [("code", .string(error.code.rawValue)), ("message", .string(error.message))]
        if let line = error.place.line { members.append(("line", .int(line))) }
        if let field = error.place.field { members.append(("field", .string(field))) }
        if let advice = error.advice { members.append(("advice", .string(advice))) }
        var response = Response.json(.object([("error", .object(members))]), status: status)
        response.headers.append(contentsOf: headers)
        return response
    }

    /// What every error looks like.
    static let schema = Schema.object([.always("error", .object([
        .always("code", .text, "kind of the error, stable between versions"), .always("message", .text, "what happened, with the numbers"), .maybe("line", .integer), .maybe("field", .text),
        .maybe("advice", .text, "what to do next"),
    ]))])
}

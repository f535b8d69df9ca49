import Foundation
import GibbsData
import GibbsNumerics
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// A request on its way, and the service that answers it.
struct Exchange: Sendable {
    let request: Request, context: ServiceContext, service: GibbsService, route: Route
    /// What its body takes of the room for all.
    let held: HeldBytes.Share

    /// A name in the path.
    func name(_ parameter: String) throws -> String {
        guard let raw = context.parameters.get(parameter), let name = String(raw).removingPercentEncoding, !name.isEmpty, name.utf8.count <= 200 else {
            throw GibbsError(.usage, "a name that cannot be", at: .init(field: parameter), advice: "GET /models lists the names there are")
        }
        return name
    }

    /// A whole number of the query.
    func int(_ parameter: String, in allowed: ClosedRange<Int>, else usual: Int) throws -> Int {
        guard let text = query(parameter) else { return usual }
        guard let value = Int(text), allowed.contains(value) else {
            throw GibbsError(.usage, "is '\(text.prefix(40))'", at: .init(field: parameter), advice: "give a whole number from \(allowed.lowerBound) to \(allowed.upperBound)")
        }
        return value
    }

    /// A text of the query, in which browsers write a space as a plus sign.
    func query(_ parameter: String) -> String? { request.uri.query.flatMap { URI("/?" + $0.replacing("+", with: "%20")).queryParameters.get(parameter) } }

    /// The body as it came.
    ///
    /// - Throws: `GibbsError` with code `.limitExceeded` for a body that is too large, before it is read where its length is told; `Refusal` where bodies of other
    ///   requests leave no room for it. One that takes too long ends with its connection; see `BodyGuard`.
    func body() async throws -> [UInt8] {
        let limit = service.options.limits.body, excess = GibbsError(.limitExceeded, "a body of more than \(limit) bytes", advice: "send it in parts")
        if let told = request.headers[.contentLength].flatMap({ Int($0) }), told > limit { throw excess }
        if let coding = request.headers[.contentEncoding], coding.lowercased() != "identity" { throw HTTPError(.unsupportedMediaType, message: "a body in \(coding.prefix(40)); send it as it is") }
        var bytes = [UInt8]()
        for try await part in request.body {
            if bytes.count + part.readableBytes > limit { throw excess }
            try held.take(part.readableBytes)
            bytes.append(contentsOf: part.readableBytesView)
        }
        return bytes
    }

    /// The body as a JSON object with members that the route's description has.
    ///
    /// - Throws: `GibbsError` as `JSONRequest`, and with code `.usage` for a member of another name.
    func json() async throws -> JSONRequest {
        let found = try JSONRequest(await body())
        try found.check(route.members)
        return found
    }
}

extension Response {
    /// A JSON answer.
    static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> Response { bytes(Array(value.text.utf8), type: "application/json", status: status) }

    /// Any other answer.
    static func bytes(_ bytes: [UInt8], type: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(status: status, headers: [.contentType: type], body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}

/// A request's own surroundings: who asks, and where the answer goes.
struct ServiceContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    /// Who asks, by address; empty where that is unknown.
    var address: String { channel.remoteAddress?.ipAddress ?? "" }
}

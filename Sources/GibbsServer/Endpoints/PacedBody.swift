import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// Gives large answers and those that never end their time by what is read of them: each part has as long as a request, and whoever reads on gets all of it,
/// however long that takes. Handed on as one, an answer would be over for the server, and cut off with the connection's idle time.
struct PaceMiddleware: RouterMiddleware {
    let deadlines: Deadlines
    /// Bytes that go out at once: what the system takes in for anybody.
    private static let part = 1 << 16

    func handle(_ request: Request, context: ServiceContext, next: (Request, ServiceContext) async throws -> Response) async throws -> Response {
        var response = try await next(request, context)
        let length = response.body.contentLength
        if let length, length <= Self.part { return response }
        let body = response.body, channel = context.channel
        response.body = ResponseBody(contentLength: length) { writer in try await body.write(PacedWriter(writer: writer, deadlines: deadlines, channel: channel, part: Self.part)) }
        return response
    }
}

private struct PacedWriter: ResponseBodyWriter {
    var writer: any ResponseBodyWriter
    let deadlines: Deadlines, channel: any Channel, part: Int

    mutating func write(_ buffer: ByteBuffer) async throws {
        var rest = buffer
        while let slice = rest.readSlice(length: min(part, rest.readableBytes)), slice.readableBytes > 0 {
            // What writes faster than the connection is told to wait may have put megabytes before it: who reads them steadily is not late.
            try await drain(to: part)
            let deadline = deadlines.begin(channel)
            defer { deadlines.end(deadline) }
            try await writer.write(slice)
        }
    }

    /// Waits until the system has taken in the last of it: with its end an answer is over, and what waits then goes with the connection.
    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
        try await drain(to: 0)
        try await writer.finish(trailingHeaders)
    }

    /// Waits until no more than so many bytes wait for the system; every byte that it takes in gives the others their time anew.
    private func drain(to limit: Int) async throws {
        var left = Int.max, deadline: Int?, pause = Duration.microseconds(200)
        defer { if let deadline { deadlines.end(deadline) } }
        while true {
            let now = try await channel.getOption(.bufferedWritableBytes).get()
            if now <= limit { return }
            if now < left {
                if let deadline { deadlines.end(deadline) }
                deadline = deadlines.begin(channel)
            }
            left = now
            try await Task.sleep(for: pause)
            pause = min(pause * 2, Duration.milliseconds(20))
        }
    }
}

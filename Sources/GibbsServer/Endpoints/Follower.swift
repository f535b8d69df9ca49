import Gibbs
import Hummingbird
import HTTPTypes
import NIOCore
import ServiceLifecycle

/// One who follows a stream by server-sent events: every alert behind the last one heard, from the store and in order, and what else happens as it does.
struct Follower {
    let hub: LiveHub, stream: String, store: Store
    /// The number of the last alert that was passed on.
    var last: Int64
    /// Alerts that are read at once.
    private static let page = 200

    /// Passes on what happens until the stream or the service ends, or the follower goes or takes too long to read; see `PaceMiddleware`.
    mutating func follow(_ writer: inout any ResponseBodyWriter) async throws {
        let events = hub.follow()
        try await send("retry: 2000\n\n", &writer)
        try await catchUp(&writer)
        for await event in events.cancelOnGracefulShutdown() {
            switch event {
            case .alerts: break
            case .message(let kind, let data): try await send("event: \(kind)\ndata: \(data)\n\n", &writer)
            case .beat: try await send(":\n\n", &writer)
            }
            // Told or left out: a follower that was slow hears of it by whatever came last.
            if hub.latest > last { try await catchUp(&writer) }
        }
        try await writer.finish(nil)
    }

    /// Passes on the alerts that were missed, however many.
    private mutating func catchUp(_ writer: inout any ResponseBodyWriter) async throws {
        var found: [StoredAlert]
        repeat {
            var query = Store.AlertQuery(stream: stream)
            (query.after, query.limit) = (last, Self.page)
            found = try store.alerts(query)
            for alert in found {
                try await send("id: \(alert.number)\nevent: alert\ndata: \(alert.text)\n\n", &writer)
                last = alert.number
            }
        } while found.count == Self.page
    }

    private func send(_ text: String, _ writer: inout any ResponseBodyWriter) async throws { try await writer.write(ByteBuffer(string: text)) }
}

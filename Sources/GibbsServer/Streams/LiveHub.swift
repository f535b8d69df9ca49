import Foundation
import Synchronization

/// Something that followers of a stream are told at once.
package enum LiveEvent: Sendable {
    /// There are alerts up to this number. They are read from the store, so that none is lost on whoever reads slowly.
    case alerts(Int64)
    /// A JSON object of a kind: `verdict` or `pulse`. One that comes too fast for a follower is left out.
    case message(kind: String, data: String)
    /// Nothing has happened: the connection is there, and so is the service.
    case beat
}

/// Tells followers of a stream what happens. A follower that reads too slowly misses what is oldest but no alert, and keeps nobody up.
package final class LiveHub: Sendable {
    private struct State { var followers: [UUID: AsyncStream<LiveEvent>.Continuation] = [:], latest: Int64 = 0, isClosed = false }

    private let state = Mutex(State())
    private static let buffer = 512

    package init() {}

    /// Those that follow now.
    package var count: Int { state.withLock { $0.followers.count } }
    /// The highest number of an alert that was told; it tells of alerts whose event was left out, too.
    package var latest: Int64 { state.withLock { $0.latest } }

    /// What happens from now on; ends with the stream.
    package func follow() -> AsyncStream<LiveEvent> {
        let (stream, continuation) = AsyncStream.makeStream(of: LiveEvent.self, bufferingPolicy: .bufferingNewest(Self.buffer)), id = UUID()
        continuation.onTermination = { [weak self] _ in self?.state.withLock { _ = $0.followers.removeValue(forKey: id) } }
        let isClosed = state.withLock { state in
            if !state.isClosed { state.followers[id] = continuation }
            return state.isClosed
        }
        if isClosed { continuation.finish() }
        return stream
    }

    /// Tells all.
    package func tell(_ event: LiveEvent) {
        state.withLock { state in
            if case .alerts(let number) = event { state.latest = max(state.latest, number) }
            for continuation in state.followers.values { continuation.yield(event) }
        }
    }

    /// The end: all streams finish.
    package func close() {
        let followers = state.withLock { state in
            state.isClosed = true
            return Array(state.followers.values)
        }
        for continuation in followers { continuation.finish() }
    }
}

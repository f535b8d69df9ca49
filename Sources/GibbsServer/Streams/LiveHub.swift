import Foundation
import Synchronization

/// Something that followers of a stream are told at once.
package struct LiveEvent: Sendable {
    /// Its kind: `alert`, `verdict` or `pulse`.
    package let name: String
    /// The alert's number, by which a follower goes on after a break.
    package var number: Int64?
    /// A JSON object.
    package let data: String

    /// As server-sent events have it.
    package var text: String { (number.map { "id: \($0)\n" } ?? "") + "event: \(name)\ndata: \(data)\n\n" }
}

/// Tells followers of a stream what happens. A follower that reads too slowly misses what is oldest, and keeps nobody up.
package final class LiveHub: Sendable {
    private let followers = Mutex<[UUID: AsyncStream<LiveEvent>.Continuation]>([:])
    private static let buffer = 512

    /// Those that follow now.
    package var count: Int { followers.withLock { $0.count } }

    /// What happens from now on.
    package func follow() -> AsyncStream<LiveEvent> {
        let (stream, continuation) = AsyncStream.makeStream(of: LiveEvent.self, bufferingPolicy: .bufferingNewest(Self.buffer)), id = UUID()
        continuation.onTermination = { [weak self] _ in self?.followers.withLock { _ = $0.removeValue(forKey: id) } }
        followers.withLock { $0[id] = continuation }
        return stream
    }

    /// Tells all.
    func tell(_ event: LiveEvent) { followers.withLock { for continuation in $0.values { continuation.yield(event) } } }

    /// The end: all streams finish.
    package func close() {
        for continuation in followers.withLock({ Array($0.values) }) { continuation.finish() }
    }
}

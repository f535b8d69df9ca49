import Hummingbird
import Synchronization

/// Requests of an address by a bucket of tokens: so many a second, and the same again at a stroke.
struct RateMiddleware: RouterMiddleware {
    package let limit: RateLimit

    func handle(_ request: Request, context: ServiceContext, next: (Request, ServiceContext) async throws -> Response) async throws -> Response {
        guard limit.admits(context.address, at: .now) else { throw Refusal.later("more than \(Int(limit.rate)) requests a second from one address") }
        return try await next(request, context)
    }
}

/// How much each address may still ask.
package final class RateLimit: Sendable {
    private struct Bucket { var level: Double, last: ContinuousClock.Instant }

    /// Requests a second; 0 is no bound.
    package let rate: Double
    private let buckets = Mutex<[String: Bucket]>([:])
    /// Addresses remembered; with more, those that ask for nothing are forgotten.
    static let addresses = 10_000

    package init(_ rate: Double) { self.rate = rate }

    /// Whether one more request may come now.
    package func admits(_ address: String, at now: ContinuousClock.Instant) -> Bool {
        if rate <= 0 { return true }
        return buckets.withLock { buckets in
            if buckets.count >= Self.addresses { buckets = buckets.filter { now - $0.value.last < .seconds(2) } }
            var bucket = buckets[address] ?? Bucket(level: rate, last: now)
            bucket.level = min(rate, bucket.level + rate * ((now - bucket.last) / .seconds(1)))
            bucket.last = now
            let isAdmitted = bucket.level >= 1
            if isAdmitted { bucket.level -= 1 }
            buckets[address] = bucket
            return isAdmitted
        }
    }
}

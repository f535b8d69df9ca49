import Foundation
import Hummingbird
import Synchronization

/// Requests of an address by a bucket of tokens: so many a second, and the same again at a stroke.
struct RateMiddleware: RouterMiddleware {
    package let limit: RateLimit

    func handle(_ request: Request, context: ServiceContext, next: (Request, ServiceContext) async throws -> Response) async throws -> Response {
        guard limit.admits(context.address, at: .now) else { throw Refusal.later(String(format: "more than %g requests a second from one address", limit.rate), seconds: limit.wait) }
        return try await next(request, context)
    }
}

/// How much each address may still ask.
package final class RateLimit: Sendable {
    private struct Bucket { var level: Double, last: ContinuousClock.Instant }
    private struct State { var buckets: [String: Bucket] = [:], looked: ContinuousClock.Instant? }

    /// Requests a second; 0 is no bound. Of less than one a second, one may come at a stroke all the same.
    package let rate: Double
    private let capacity: Double
    private let state = Mutex(State())
    /// Addresses remembered; with more, those that may ask in full again are forgotten, and new ones share what one may ask.
    package static let addresses = 10_000

    package init(_ rate: Double) { (self.rate, capacity) = (rate, max(1, rate)) }

    /// Seconds after which one more request may come.
    var wait: Int { Int(max(1, min(3_600, (1 / rate).rounded(.up)))) }

    /// Addresses that are remembered now.
    package var count: Int { state.withLock { $0.buckets.count } }

    /// Whether one more request may come now.
    package func admits(_ address: String, at now: ContinuousClock.Instant) -> Bool {
        if rate <= 0 { return true }
        return state.withLock { state in
            if state.buckets.count >= Self.addresses, state.looked.map({ now - $0 >= .seconds(1) }) ?? true {
                state.looked = now
                state.buckets = state.buckets.filter { now - $0.value.last < .seconds(min(1e6, capacity / rate)) }
            }
            let name = state.buckets[address] != nil || state.buckets.count < Self.addresses ? address : "others"
            var bucket = state.buckets[name] ?? Bucket(level: capacity, last: now)
            bucket.level = min(capacity, bucket.level + rate * ((now - bucket.last) / .seconds(1)))
            bucket.last = now
            let isAdmitted = bucket.level >= 1
            if isAdmitted { bucket.level -= 1 }
            state.buckets[name] = bucket
            return isAdmitted
        }
    }
}

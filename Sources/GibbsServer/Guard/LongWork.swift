import Dispatch
import Foundation
import GibbsNumerics
import Synchronization

/// Work that takes more than some milliseconds, such as draws and blends: on threads of its own, so that short answers go on, so many at once and so
/// many waiting; what comes beyond is sent away to come again.
package final class LongWork: Sendable {
    private let queue: OperationQueue, limit: Int, patience: Double
    private let held = Mutex(0)

    package init(_ limits: ServiceOptions.Limits) {
        (limit, patience) = (limits.queue, limits.work)
        queue = OperationQueue()
        queue.maxConcurrentOperationCount = ProcessInfo.processInfo.activeProcessorCount
    }

    /// Pieces of work that are being done or wait.
    package var waiting: Int { held.withLock { $0 } }

    /// Runs some work when its turn has come.
    ///
    /// - Parameter body: Is given a check to call between steps, which throws when the time is over.
    /// - Throws: `Refusal` where too much waits; what `body` throws.
    package func run<Result: Sendable>(_ body: @escaping @Sendable (_ check: () throws -> Void) throws -> Result) async throws -> Result {
        let isAdmitted = held.withLock { held in
            guard held < limit else { return false }
            held += 1
            return true
        }
        guard isAdmitted else { throw Refusal.later("\(limit) pieces of long work are waiting", status: .serviceUnavailable, seconds: 2) }
        defer { held.withLock { $0 -= 1 } }
        let patience = patience
        return try await withCheckedThrowingContinuation { continuation in
            queue.addOperation {
                let end = ContinuousClock.now + .seconds(patience)
                continuation.resume(with: Swift.Result {
                    try body {
                        guard ContinuousClock.now < end else {
                            throw GibbsError(.limitExceeded, "the work takes longer than \(patience) s", advice: "ask for fewer images or steps; the command line has no such limit")
                        }
                    }
                })
            }
        }
    }
}

import Dispatch
import Foundation
import GibbsNumerics
import Synchronization

/// Work that takes more than some milliseconds, such as draws and blends: on threads of its own, so that short answers go on, so many at once and so
/// many waiting; what comes beyond is sent away to come again.
package final class LongWork: Sendable {
    /// When a piece of work has to be done, and how long it was given.
    private struct Term: Sendable { let end: ContinuousClock.Instant, seconds: Double }

    /// That of the work which this thread does.
    @TaskLocal private static var term: Term?

    private let queue: OperationQueue, limit: Int, patience: Double
    private let held = Mutex(0)

    package init(_ limits: ServiceOptions.Limits) {
        (limit, patience) = (limits.queue, limits.work)
        queue = OperationQueue()
        queue.maxConcurrentOperationCount = ProcessInfo.processInfo.activeProcessorCount
    }

    /// Pieces of work that are being done or wait.
    package var waiting: Int { held.withLock { $0 } }

    /// Runs some work when its turn has come. Its time counts from the call on, so that whoever waited long has the less of it.
    ///
    /// - Parameter body: Calls `check()` between steps.
    /// - Throws: `Refusal` where too much waits, or its turn does not come in its time; what `body` throws.
    package func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        let isAdmitted = held.withLock { held in
            guard held < limit else { return false }
            held += 1
            return true
        }
        guard isAdmitted else { throw Refusal.busy("\(limit) pieces of long work are waiting", seconds: 2) }
        defer { held.withLock { $0 -= 1 } }
        let term = Term(end: .now + .seconds(patience), seconds: patience)
        return try await withCheckedThrowingContinuation { continuation in
            queue.addOperation {
                continuation.resume(with: Swift.Result {
                    guard ContinuousClock.now < term.end else { throw Refusal.busy("its turn did not come within \(term.seconds) s", seconds: 2) }
                    return try Self.$term.withValue(term, operation: body)
                })
            }
        }
    }

    /// Ends the work that this thread does where its time is over; elsewhere there is no such limit.
    ///
    /// - Throws: `GibbsError` with code `.limitExceeded`.
    package static func check() throws {
        guard let term, ContinuousClock.now >= term.end else { return }
        throw GibbsError(.limitExceeded, "the work takes longer than \(term.seconds) s", advice: "ask for less at once: fewer images, steps or rows; the command line has no such limit")
    }
}

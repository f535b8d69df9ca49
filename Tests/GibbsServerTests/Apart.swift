import Dispatch
import Testing

/// Runs tests on threads of their own: those that wait for programs and sockets would else keep the few that Swift has for all tests.
struct Apart: TestTrait, SuiteTrait, TestScoping {
    func provideScope(for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void) async throws {
        try await withTaskExecutorPreference(Executor.shared) { try await function() }
    }

    var isRecursive: Bool { true }

    private final class Executor: TaskExecutor {
        static let shared = Executor()
        private let queue = DispatchQueue(label: "gibbs.tests", attributes: .concurrent)

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        }
    }
}

extension Trait where Self == Apart {
    /// On threads of their own.
    static var apart: Self { Apart() }
}

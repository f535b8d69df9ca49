import Dispatch
import Foundation

/// Runs independent tasks on a bounded number of threads and waits for all of them.
enum Workers {
    /// Calls `body` once for each index; each thread takes the lowest one left. With one thread nothing leaves the caller's.
    static func run(tasks: Int, threads: Int, _ body: (Int) -> Void) {
        let threads = min(threads, tasks)
        if threads <= 1 {
            for index in 0 ..< tasks { body(index) }
            return
        }
        let lock = NSLock()
        // Every access to `next` holds the lock, and `body` is called once an index; the compiler cannot see either.
        nonisolated(unsafe) var next = 0
        nonisolated(unsafe) let body = body
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            while true {
                lock.lock()
                let index = next
                next += 1
                lock.unlock()
                if index >= tasks { return }
                body(index)
            }
        }
    }
}

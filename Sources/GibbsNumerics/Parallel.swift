import Dispatch
import Foundation

/// Splits `0 ..< count` into contiguous parts and runs `body` on them at once; returns when all are done.
///
/// Parts are at least `minimum` long, so that short loops stay on the calling thread. Results must not depend on how the
/// range is split; random streams here are indexed by element, so they do not.
public func parallelRanges(_ count: Int, minimum: Int = 1, _ body: @Sendable (Range<Int>) -> Void) {
    let parts = max(1, min(parallelWidth, count / max(1, minimum)))
    if parts == 1 {
        if count > 0 { body(0 ..< count) }
        return
    }
    DispatchQueue.concurrentPerform(iterations: parts) { part in
        body(count * part / parts ..< count * (part + 1) / parts)
    }
}

/// `transform` of each index, computed in parallel, in order.
public func parallelMap<Result: Sendable>(_ count: Int, minimum: Int = 1,
                                          _ transform: @Sendable (Int) -> Result) -> [Result] {
    [Result](unsafeUninitializedCapacity: count) { buffer, initialised in
        let base = SharedPointer(buffer.baseAddress)
        parallelRanges(count, minimum: minimum) { range in
            for index in range { (base.pointer! + index).initialize(to: transform(index)) }
        }
        initialised = count
    }
}

/// Threads that elementwise work is spread over: the processors of this machine.
public let parallelWidth = max(1, ProcessInfo.processInfo.activeProcessorCount)

/// A mutable pointer that threads share because each touches its own part.
package struct SharedPointer<Pointee>: @unchecked Sendable {
    package let pointer: UnsafeMutablePointer<Pointee>?
    package init(_ pointer: UnsafeMutablePointer<Pointee>?) { self.pointer = pointer }
}

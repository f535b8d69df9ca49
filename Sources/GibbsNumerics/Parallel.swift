import CKernels

/// Splits `0 ..< count` into contiguous parts and runs `body` on them at once; returns when all are done.
///
/// Parts are at least `minimum` long, so that short loops stay on the calling thread. Results must not depend on how the
/// range is split; random streams here are indexed by element, so they do not.
public func parallelRanges(_ count: Int, minimum: Int = 1, _ body: @Sendable (Range<Int>) -> Void) {
    let parts = max(1, min(Parallelism.current, count / max(1, minimum)))
    if parts == 1 {
        if count > 0 { body(0 ..< count) }
        return
    }
    withoutActuallyEscaping(body) { body in
        let loop = Loop(count: count, parts: parts, body: body)
        withUnsafePointer(to: loop) { loop in
            gk_run_parts(UInt32(parts), { context, part in
                let loop = context!.assumingMemoryBound(to: Loop.self).pointee
                let part = Int(part)
                loop.body(loop.count * part / loop.parts ..< loop.count * (part + 1) / loop.parts)
            }, UnsafeMutableRawPointer(mutating: loop))
        }
    }
}

/// What the threads of one `parallelRanges` share.
private struct Loop {
    let count: Int, parts: Int
    let body: @Sendable (Range<Int>) -> Void
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

/// Threads that elementwise work is spread over: the processors that this process may run on.
public let parallelWidth = Int(gk_processors())

/// Another number of parts than `parallelWidth`, so that tests can show that results do not depend on it.
package enum Parallelism {
    @TaskLocal package static var width: Int?
    /// The number in force.
    package static var current: Int { width ?? parallelWidth }
}

/// A mutable pointer that threads share because each touches its own part.
package struct SharedPointer<Pointee>: @unchecked Sendable {
    package let pointer: UnsafeMutablePointer<Pointee>?
    package init(_ pointer: UnsafeMutablePointer<Pointee>?) { self.pointer = pointer }
}

import CKernels
import GibbsNumerics
import Synchronization
import Testing

/// The pool of threads: every index once, from anywhere, however often.
@Suite struct ParallelTests {
    @Test(arguments: [0, 1, 2, 3, 1000]) func everyIndexOnce(count: Int) {
        for width in [1, 2, 5, 64] {
            let counts = Counts(count)
            Parallelism.$width.withValue(width) {
                parallelRanges(count) { range in for index in range { counts.add(index) } }
            }
            #expect(counts.values == [Int](repeating: 1, count: count))
        }
        #expect(parallelMap(count) { $0 * $0 } == (0 ..< count).map { $0 * $0 })
    }

    @Test func shortLoopsStayOnTheirThread() {
        let parts = Counts(1)
        parallelRanges(100, minimum: 100) { range in if range == 0 ..< 100 { parts.add(0) } }
        #expect(parts.values == [1])
    }

    /// Ten thousand short loops, so that workers meet jobs that are just beginning and just ending.
    @Test func manyShortLoops() {
        let counts = Counts(7)
        for _ in 0 ..< 10_000 {
            Parallelism.$width.withValue(7) { parallelRanges(7) { range in for index in range { counts.add(index) } } }
        }
        #expect(counts.values == [Int](repeating: 10_000, count: 7))
    }

    /// Loops inside loops, and several tasks at once: those that find the pool at work run on their own thread.
    @Test func loopsInsideLoopsAndBesideEachOther() async {
        let counts = Counts(64)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0 ..< 8 {
                group.addTask {
                    for _ in 0 ..< 50 {
                        parallelRanges(8) { outer in
                            for row in outer { parallelRanges(8) { inner in for column in inner { counts.add(8 * row + column) } } }
                        }
                    }
                }
            }
        }
        #expect(counts.values == [Int](repeating: 400, count: 64))
    }

    /// Counters that threads share.
    final class Counts: Sendable {
        private let counts: Mutex<[Int]>
        init(_ count: Int) { counts = Mutex([Int](repeating: 0, count: count)) }
        func add(_ index: Int) { counts.withLock { $0[index] += 1 } }
        var values: [Int] { counts.withLock { $0 } }
    }
}

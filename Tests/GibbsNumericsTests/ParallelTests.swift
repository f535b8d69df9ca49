import GibbsNumerics
import Testing

/// The split of a loop over threads: every index once, in order of results.
@Suite struct ParallelTests {
    @Test(arguments: [0, 1, 2, 3, 7, 100, 10_001]) func everyIndexOnce(count: Int) {
        for minimum in [0, 1, 3, 64, 100_000] {
            let marks = UnsafeMutablePointer<Int>.allocate(capacity: count + 1)
            defer { marks.deallocate() }
            marks.initialize(repeating: 0, count: count + 1)
            let shared = SharedPointer(marks)
            parallelRanges(count, minimum: minimum) { range in
                // Parts are disjoint, so that no two threads touch one mark; a repeated index would still be seen.
                for index in range { shared.pointer![index] += 1 }
            }
            #expect((0 ..< count).allSatisfy { marks[$0] == 1 })
            #expect(marks[count] == 0)
        }
    }

    @Test func partsAreAtLeastTheMinimum() {
        let shortest = UnsafeMutablePointer<Int>.allocate(capacity: 1000)
        defer { shortest.deallocate() }
        shortest.initialize(repeating: .max, count: 1000)
        let shared = SharedPointer(shortest)
        parallelRanges(1000, minimum: 300) { shared.pointer![$0.lowerBound] = $0.count }
        #expect((0 ..< 1000).allSatisfy { shortest[$0] >= 300 })
    }

    @Test(arguments: [0, 1, 5, 5000]) func mapsInOrder(count: Int) {
        #expect(parallelMap(count) { "\($0)" } == (0 ..< count).map { "\($0)" })
    }
}

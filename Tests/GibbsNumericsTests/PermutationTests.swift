import GibbsNumerics
import GibbsTestSupport
import Testing

/// Orders and subsets drawn from a key: each equally often.
@Suite struct PermutationTests {
    @Test func everyOrderOfFourIsEquallyLikely() {
        var counts = [[Int]: Int]()
        for draw in 0 ..< 24_000 { counts[Key(1).folding(draw).permutation(4), default: 0] += 1 }
        #expect(counts.count == 24)
        #expect(ChiSquare.check(Array(counts.values), against: Array(repeating: 1 / 24, count: 24), name: "orders") == [])
    }

    @Test func everySubsetIsEquallyLikely() {
        var counts = [[Int]: Int]()
        for draw in 0 ..< 20_000 { counts[Key(2).folding(draw).choose(2, of: 5), default: 0] += 1 }
        #expect(counts.count == 10)
        #expect(ChiSquare.check(Array(counts.values), against: Array(repeating: 0.1, count: 10), name: "subsets") == [])
    }

    @Test func ordersAndSubsetsAreComplete() {
        for count in [0, 1, 2, 1000] { #expect(Key(3).permutation(count).sorted() == Array(0 ..< count)) }
        #expect(Key(3).permutation(1000) != Array(0 ..< 1000))
        let some = Key(3).choose(10, of: 1000)
        #expect(some.count == 10 && some == some.sorted() && Set(some).count == 10 && some.allSatisfy { (0 ..< 1000).contains($0) })
        #expect(Key(3).choose(7, of: 5) == [0, 1, 2, 3, 4])
        #expect(Key(3).choose(0, of: 5) == [])
        var letters = ["a", "b", "c"]
        letters.shuffle(key: Key(4))
        #expect(letters.sorted() == ["a", "b", "c"])
    }
}

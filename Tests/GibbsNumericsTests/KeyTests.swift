import Foundation
import GibbsNumerics
import GibbsTestSupport
import Testing

/// Keys: the same key gives the same numbers, different keys unrelated ones, each with its distribution.
@Suite struct KeyTests {
    @Test func sameKeySameBits() {
        let key = Key(42)
        #expect(key.uniforms(1000) == Key(42).uniforms(1000))
        #expect(key.normals(1000) == Key(42).normals(1000))
        #expect(key.permutation(100) == Key(42).permutation(100))
        #expect(key.uniform() == Key(42).uniform())
        #expect(key.folding(3) == Key(42).folding(3))
        #expect(key.split(into: 3) == [key.folding(0), key.folding(1), key.folding(2)])
        #expect(key.split() == (key.folding(0), key.folding(1)))
    }

    @Test func longerStreamsContinueShorterOnes() {
        for count in [0, 1, 63, 64, 127, 128, 129, 500] {
            #expect(Array(Key(1).uniforms(1000).prefix(count)) == Key(1).uniforms(count))
            #expect(Array(Key(1).normals(1000).prefix(count)) == Key(1).normals(count))
        }
    }

    @Test func derivedKeysAreDistinct() {
        let key = Key(7)
        var keys = Set([key])
        for data in -500 ..< 5000 { keys.insert(key.folding(data)) }
        for data in 0 ..< 500 { keys.insert(key.folding(0).folding(data)) }
        for seed in 0 ..< 500 where seed != 7 { keys.insert(Key(UInt64(seed))) }
        #expect(keys.count == 1 + 5500 + 500 + 499)
        #expect(key.folding(1).folding(2) != key.folding(2).folding(1))
        #expect(Key(1 << 32) != Key(1))
    }

    /// Streams of derived keys, of neighbouring seeds, and lagged within one stream are uncorrelated: six standard errors.
    @Test func streamsAreUncorrelated() {
        let n = 100_000, base = Key(11)
        let streams = [base.uniforms(n), base.folding(0).uniforms(n), base.folding(1).uniforms(n), Key(12).uniforms(n)]
        for i in 0 ..< streams.count { for j in 0 ..< i { #expect(Self.correlation(streams[i], streams[j]) == []) } }
        let normals = base.normals(n)
        for lag in [1, 2, 63, 64, 65, 128] {
            #expect(Self.correlation(Array(normals.dropFirst(lag)), Array(normals.dropLast(lag))) == [], "lag \(lag)")
            let squares = normals.map { $0 * $0 - 1 }
            #expect(Self.correlation(Array(squares.dropFirst(lag)), Array(squares.dropLast(lag))) == [], "squares at lag \(lag)")
        }
    }

    private static func correlation(_ a: [Float], _ b: [Float]) -> [CheckFailure] {
        let (ma, mb) = (Statistics.mean(a), Statistics.mean(b))
        let scale = Statistics.standardDeviation(a) * Statistics.standardDeviation(b)
        return checkMean(zip(a, b).map { (Double($0) - ma) * (Double($1) - mb) / scale }, exact: 0, name: "correlation")
    }

    @Test func uniformsAreUniform() {
        let values = Key(3).uniforms(200_000).map(Double.init)
        #expect(values.allSatisfy { $0 >= 0 && $0 < 1 })
        for power in 1 ... 4 {
            #expect(checkMean(values.map { pow($0, Double(power)) }, exact: 1 / Double(power + 1), name: "moment \(power)") == [])
        }
        #expect(Self.kolmogorov(values) { $0 } < 3.3)
        // Every one of the 24 bits is fair.
        for bit in 0 ..< 24 {
            #expect(checkMean(values.map { Double(Int($0 * 0x1p24) >> bit & 1) }, exact: 0.5, name: "bit \(bit)") == [])
        }
    }

    @Test func normalsAreNormal() {
        let values = Key(4).normals(200_000).map(Double.init)
        for (power, moment) in [(1, 0.0), (2, 1), (3, 0), (4, 3), (6, 15)] {
            #expect(checkMean(values.map { pow($0, Double(power)) }, exact: moment, name: "moment \(power)") == [])
        }
        #expect(Self.kolmogorov(values) { erfc(-$0 / 2.0.squareRoot()) / 2 } < 3.3)
    }

    /// √n times the largest distance to the distribution function; above 3.3 with probability 2 exp(−2 · 3.3²) < 1e-9.
    private static func kolmogorov(_ values: [Double], _ cumulative: (Double) -> Double) -> Double {
        let sorted = values.sorted(), n = Double(sorted.count)
        let distance = sorted.enumerated().map { max(Double($0.offset + 1) / n - cumulative($0.element), cumulative($0.element) - Double($0.offset) / n) }
        return distance.max()! * n.squareRoot()
    }

    @Test func oneUniformAKey() {
        let values = (0 ..< 50_000).map { Key(9).folding($0).uniform() }
        #expect(values.allSatisfy { $0 >= 0 && $0 < 1 })
        #expect(Self.kolmogorov(values) { $0 } < 3.3)
    }
}

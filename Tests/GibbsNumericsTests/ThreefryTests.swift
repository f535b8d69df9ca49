import CKernels
import GibbsNumerics
import GibbsTestSupport
import Testing

/// Threefry-2x32 against the known answers of Random123 1.14 (`kat_vectors`) and a literal transcription of its loop.
@Suite struct ThreefryTests {
    static let answers: [(rounds: Int, key: gk_key, counter: gk_key, block: gk_key)] = {
        let zero = gk_key(low: 0, high: 0), ones = gk_key(low: .max, high: .max)
        let pi = (counter: gk_key(low: 0x243f_6a88, high: 0x85a3_08d3), key: gk_key(low: 0x1319_8a2e, high: 0x0370_7344))
        return [
            (20, zero, zero, gk_key(low: 0x6b20_0159, high: 0x99ba_4efe)),
            (20, ones, ones, gk_key(low: 0x1cb9_96fc, high: 0xbb00_2be7)),
            (20, pi.key, pi.counter, gk_key(low: 0xc492_3a9c, high: 0x483d_f7a0)),
            (13, zero, zero, gk_key(low: 0x9d1c_5ec6, high: 0x8bd5_0731)),
            (13, ones, ones, gk_key(low: 0xfd36_d048, high: 0x2d17_272c)),
            (13, pi.key, pi.counter, gk_key(low: 0xba3e_4725, high: 0xf27d_669e)),
        ]
    }()

    @Test func knownAnswers() {
        for (rounds, key, counter, expected) in Self.answers {
            let block = gk_threefry(key, counter, Int32(rounds))
            #expect(block.low == expected.low && block.high == expected.high, "\(rounds) rounds")
        }
    }

    @Test func agreesWithTheTranscribedLoop() {
        for seed in 0 ..< 50 {
            let words = Key(UInt64(seed)).uniforms(4).map { UInt32($0 * 0x1p24) &* 0x0101_0107 }
            let key = gk_key(low: words[0], high: words[1]), counter = gk_key(low: words[2], high: words[3])
            for rounds in [13, 20] {
                let block = gk_threefry(key, counter, Int32(rounds)), expected = Self.reference(rounds, key, counter)
                #expect(block.low == expected.low && block.high == expected.high)
            }
        }
    }

    /// A derived key is the 20-round block of the data with the counter's top bit set; a generator reads the counters below.
    @Test func keysAreBlocks() {
        let key = Key(0x0123_4567_89ab_cdef), raw = gk_key(low: 0x89ab_cdef, high: 0x0123_4567)
        for data in [0, 1, 7, 1 << 40] {
            let expected = Self.reference(20, raw, gk_key(low: UInt32(truncatingIfNeeded: data), high: UInt32(data >> 32) | 0x8000_0000))
            #expect(key.folding(data) == Key(UInt64(expected.high) << 32 | UInt64(expected.low)))
        }
        var generator = KeyedGenerator(key: key)
        for counter in 0 ..< 3 {
            let expected = Self.reference(20, raw, gk_key(low: UInt32(counter), high: 0))
            #expect(generator.next() == UInt64(expected.high) << 32 | UInt64(expected.low))
        }
    }

    /// Bulk streams: words c and 64 + c of tile t are the 13-round block of counter 64 t + c, of which 24 bits are kept.
    @Test func uniformsAreBlocks() {
        let values = Key(5).uniforms(300), raw = gk_key(low: 5, high: 0)
        for (index, value) in values.enumerated() {
            let counter = index / 128 * 64 + index % 64, block = Self.reference(13, raw, gk_key(low: UInt32(counter), high: 0))
            #expect(value == Float((index % 128 < 64 ? block.low : block.high) >> 8) * 0x1p-24)
        }
    }

    static func reference(_ rounds: Int, _ key: gk_key, _ counter: gk_key) -> gk_key {
        let rotations = [13, 15, 26, 6, 17, 29, 16, 24], keys = [key.low, key.high, 0x1BD1_1BDA ^ key.low ^ key.high]
        var x = counter.low &+ keys[0], y = counter.high &+ keys[1]
        for round in 0 ..< rounds {
            x &+= y
            y = y << UInt32(rotations[round % 8]) | y >> UInt32(32 - rotations[round % 8])
            y ^= x
            if round % 4 == 3 {
                let group = round / 4 + 1
                x &+= keys[group % 3]
                y &+= keys[(group + 1) % 3] &+ UInt32(group)
            }
        }
        return gk_key(low: x, high: y)
    }
}

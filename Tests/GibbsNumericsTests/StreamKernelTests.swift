import CKernels
import GibbsNumerics
import Testing

/// Sums of table rows and hashes against plain loops.
@Suite struct StreamKernelTests {
    /// Widths of whole blocks and of rests; codes beyond their column's size and negative ones add nothing.
    @Test(arguments: [1, 7, 16, 33, 64, 80, 100, 144]) func gatherSums(width: Int) {
        let rows = 9, columns = 4, step = 6, sizes: [Int32] = [3, 1, 5, 2], offsets: [Int32] = [0, 3, 4, 9]
        let codes = Key(1).uniforms(rows * step).map { Int32($0 * 8) - 2 }, table = Key(2).normals(11 * width), bias = Key(3).normals(width)
        var out = [Float](repeating: .nan, count: rows * width)
        gk_gather_sums(codes, rows, columns, step, offsets, sizes, table, bias, width, &out)
        for row in 0 ..< rows {
            for k in 0 ..< width {
                var sum = Double(bias[k])
                for column in 0 ..< columns {
                    let code = codes[row * step + column]
                    if code >= 0, code < sizes[column] { sum += Double(table[Int(offsets[column] + code) * width + k]) }
                }
                #expect(abs(Double(out[row * width + k]) - sum) < 1e-5)
            }
        }
    }

    /// The hash written out: words of eight bytes, the last one filled with zeros.
    private func reference(_ bytes: [UInt8], _ seed: UInt64) -> UInt64 {
        func fold(_ a: UInt64, _ b: UInt64) -> UInt64 { let product = a.multipliedFullWidth(by: b); return product.high ^ product.low }
        let a: UInt64 = 0x9E37_79B9_7F4A_7C15, b: UInt64 = 0xD6E8_FEB8_6659_FD93
        var state = fold(seed ^ a, UInt64(bytes.count) ^ b), rest = bytes[...]
        while rest.count >= 8 {
            let word = rest.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            state = fold(state ^ word ^ a, b ^ state >> 32) &+ (state << 29 | state >> 35)
            rest = rest.dropFirst(8)
        }
        let word = rest.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return fold(state ^ word ^ b, a) ^ fold(state ^ a, word ^ b)
    }

    @Test func hashes() {
        let bytes = Key(4).uniforms(64).map { UInt8($0 * 255) }
        var seen = Set<UInt64>()
        for count in 0 ... 40 {
            for seed: UInt64 in [0, 1, .max] {
                let hash = bytes.withUnsafeBufferPointer { gk_hash($0.baseAddress!, count, seed) }
                #expect(hash == reference(Array(bytes.prefix(count)), seed), "\(count) bytes")
                #expect(seen.insert(hash).inserted)
            }
        }
        // Words that the first factor vanishes for do not make two texts one.
        func absorbed(_ first: UInt64) -> [UInt8] {
            func fold(_ a: UInt64, _ b: UInt64) -> UInt64 { let product = a.multipliedFullWidth(by: b); return product.high ^ product.low }
            let a: UInt64 = 0x9E37_79B9_7F4A_7C15, b: UInt64 = 0xD6E8_FEB8_6659_FD93, start = fold(a, 24 ^ b)
            let state = fold(start ^ first ^ a, b ^ start >> 32) &+ (start << 29 | start >> 35)
            return [first, state ^ a, 7].flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
        }
        #expect(Set((0 ..< 100).map { absorbed($0) }.map { bytes in bytes.withUnsafeBufferPointer { gk_hash($0.baseAddress!, 24, 0) } }).count == 100)
        // A zero more is another text.
        #expect(gk_hash([1, 0], 2, 0) != gk_hash([1, 0], 1, 0))
    }
}

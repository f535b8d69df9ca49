/// Gives equal byte strings equal numbers, in order of first appearance.
///
/// Hashes are keyed by a number drawn once a process, so that nobody can prepare lines full of collisions; numbers do not depend on it.
struct Vocabulary: Sendable {
    private static let processSeed = UInt64.random(in: .min ... .max)
    private let seed = Vocabulary.processSeed
    private var slots = [Int32](repeating: -1, count: 256)
    private var hashes: [UInt64] = []
    private var ends: [Int] = []
    private(set) var bytes: [UInt8] = []

    var count: Int { ends.count }

    func range(_ code: Int32) -> Range<Int> { (code == 0 ? 0 : ends[Int(code) - 1]) ..< ends[Int(code)] }

    /// The number of a text; -1 where it has none.
    @inline(__always)
    func code(_ text: UnsafeBufferPointer<UInt8>) -> Int32 {
        let hash = hash(text), mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while true {
            let code = slots[slot]
            if code < 0 { return -1 }
            if hashes[Int(code)] == hash, isEqual(range(code), text) { return code }
            slot = (slot + 1) & mask
        }
    }

    /// The number of a text, a new one where it has none.
    mutating func insert(_ text: UnsafeBufferPointer<UInt8>) -> Int32 {
        let known = code(text)
        if known >= 0 { return known }
        let new = Int32(count)
        hashes.append(hash(text))
        bytes.append(contentsOf: text)
        ends.append(bytes.count)
        if count * 2 > slots.count {
            slots = [Int32](repeating: -1, count: slots.count * 4)
            for code in 0 ... new { place(code) }
        } else {
            place(new)
        }
        return new
    }

    private mutating func place(_ code: Int32) {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hashes[Int(code)]) & mask
        while slots[slot] >= 0 { slot = (slot + 1) & mask }
        slots[slot] = code
    }

    private func isEqual(_ range: Range<Int>, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard range.count == text.count else { return false }
        for index in 0 ..< range.count where bytes[range.lowerBound + index] != text[index] { return false }
        return true
    }

    @inline(__always)
    private func hash(_ text: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var state = seed ^ UInt64(truncatingIfNeeded: text.count), p = 0
        let raw = UnsafeRawBufferPointer(text)
        while p + 8 <= text.count {
            state = Self.mixed(state ^ raw.loadUnaligned(fromByteOffset: p, as: UInt64.self))
            p += 8
        }
        var rest: UInt64 = 0
        while p < text.count {
            rest = rest << 8 | UInt64(text[p])
            p += 1
        }
        return Self.mixed(state ^ rest)
    }

    @inline(__always)
    private static func mixed(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }
}

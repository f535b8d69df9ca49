import Foundation

/// Gives equal byte strings equal small numbers, in order of first appearance, without making a `String` per cell.
///
/// Callers guarantee eight readable bytes after the end of every string passed in: words are loaded whole and masked.
/// A reference type with manual memory because its lookups are the inner loop of reading categories.
final class Interner {
    private struct Entry {
        var hash: UInt64
        /// The whole string where it has at most eight bytes.
        var word: UInt64
        var offset: Int
        var length: Int
    }

    private(set) var count = 0
    private var slots: UnsafeMutablePointer<Int32>
    private var mask: Int
    private var entries: UnsafeMutablePointer<Entry>
    private var entryCapacity = 64
    private var bytes: UnsafeMutablePointer<UInt8>
    private var byteCount = 0
    private var byteCapacity = 1024
    /// Drawn once a process so that nobody can prepare a file full of colliding strings. Codes do not depend on it.
    private static let processSeed = UInt64.random(in: .min ... .max)
    private let seed = Interner.processSeed

    init() {
        mask = 127
        slots = .allocate(capacity: 128)
        slots.initialize(repeating: -1, count: 128)
        entries = .allocate(capacity: entryCapacity)
        bytes = .allocate(capacity: byteCapacity)
    }

    deinit {
        slots.deallocate()
        entries.deallocate()
        bytes.deallocate()
    }

    /// The code of a string, new where it was never seen.
    @inline(__always)
    func code(_ start: UnsafePointer<UInt8>, _ length: Int) -> Int32 {
        let (hash, word) = hash(start, length)
        let found = find(start, length, hash, word)
        return found.code >= 0 ? found.code : insert(start, length, hash, word, slot: found.slot)
    }

    /// The code of a string, or -1 where it was never seen.
    func lookup(_ start: UnsafePointer<UInt8>, _ length: Int) -> Int32 {
        let (hash, word) = hash(start, length)
        return find(start, length, hash, word).code
    }

    /// The bytes of a code, valid until the next insertion; eight readable bytes follow.
    func string(_ code: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: bytes + entries[code].offset, count: entries[code].length)
    }

    @inline(__always)
    private func find(_ start: UnsafePointer<UInt8>, _ length: Int, _ hash: UInt64, _ word: UInt64)
        -> (code: Int32, slot: Int) {
        var slot = Int(truncatingIfNeeded: hash) & mask
        while true {
            let code = slots[slot]
            if code < 0 { return (-1, slot) }
            let entry = entries + Int(code)
            if entry.pointee.hash == hash, entry.pointee.length == length,
               length <= 8 ? entry.pointee.word == word : memcmp(bytes + entry.pointee.offset, start, length) == 0 {
                return (code, slot)
            }
            slot = (slot &+ 1) & mask
        }
    }

    @inline(never)
    private func insert(_ start: UnsafePointer<UInt8>, _ length: Int, _ hash: UInt64, _ word: UInt64, slot: Int) -> Int32 {
        if count == entryCapacity {
            let larger = UnsafeMutablePointer<Entry>.allocate(capacity: entryCapacity * 2)
            larger.moveInitialize(from: entries, count: count)
            entries.deallocate()
            entries = larger
            entryCapacity *= 2
        }
        if byteCount + length + 8 > byteCapacity {
            byteCapacity = max(byteCapacity * 2, byteCount + length + 8)
            let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: byteCapacity)
            larger.initialize(repeating: 0, count: byteCapacity)
            larger.update(from: bytes, count: byteCount)
            bytes.deallocate()
            bytes = larger
        }
        (bytes + byteCount).update(from: start, count: length)
        (entries + count).initialize(to: Entry(hash: hash, word: word, offset: byteCount, length: length))
        byteCount += length
        slots[slot] = Int32(count)
        count += 1
        if count * 2 > mask { rehash() }
        return Int32(count - 1)
    }

    private func rehash() {
        slots.deallocate()
        mask = mask * 4 + 3
        slots = .allocate(capacity: mask + 1)
        slots.initialize(repeating: -1, count: mask + 1)
        for code in 0 ..< count {
            var slot = Int(truncatingIfNeeded: entries[code].hash) & mask
            while slots[slot] >= 0 { slot = (slot + 1) & mask }
            slots[slot] = Int32(code)
        }
    }

    @inline(__always)
    private func hash(_ start: UnsafePointer<UInt8>, _ length: Int) -> (hash: UInt64, word: UInt64) {
        var state = seed ^ UInt64(truncatingIfNeeded: length)
        var p = start, rest = length
        while rest > 8 {
            state = Self.mix(state ^ loadWord(p))
            p += 8
            rest -= 8
        }
        // rest is 0...8; a shift by 64 gives 0, as the empty string needs.
        let word = loadWord(p) & (~0 >> UInt64(64 - rest * 8))
        return (Self.mix(state ^ word), word)
    }

    @inline(__always)
    private static func mix(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }
}

/// Eight bytes from any address, the first one lowest.
@inline(__always)
func loadWord(_ p: UnsafePointer<UInt8>) -> UInt64 {
    UInt64(littleEndian: UnsafeRawPointer(p).loadUnaligned(as: UInt64.self))
}

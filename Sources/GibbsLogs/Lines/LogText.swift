import Foundation

/// A view of one line's bytes, which its owner keeps alive; positions count from its first byte.
struct LogText {
    let base: UnsafePointer<UInt8>
    let count: Int

    /// Runs `body` on the bytes; a line without any gets a place to point at.
    static func with<Result>(_ bytes: UnsafeRawBufferPointer, _ body: (LogText) throws -> Result) rethrows -> Result {
        guard let start = bytes.baseAddress, !bytes.isEmpty else {
            return try withUnsafePointer(to: UInt8(0)) { try body(LogText(base: $0, count: 0)) }
        }
        return try body(LogText(base: start.assumingMemoryBound(to: UInt8.self), count: bytes.count))
    }

    @inline(__always)
    subscript(position: Int) -> UInt8 { base[position] }

    /// The byte there, or a line feed, which no line holds, beyond the end.
    @inline(__always)
    func at(_ position: Int) -> UInt8 { position < count ? base[position] : 0x0A }

    func string(_ range: Range<Int>) -> String {
        String(decoding: UnsafeBufferPointer(start: base + range.lowerBound, count: range.count), as: UTF8.self)
    }

    @inline(__always)
    func has(_ word: StaticString, at position: Int, before end: Int) -> Bool {
        position >= 0 && position + word.utf8CodeUnitCount <= end && memcmp(base + position, word.utf8Start, word.utf8CodeUnitCount) == 0
    }

    /// Where the word first begins in the range.
    func first(_ word: StaticString, in range: Range<Int>) -> Int? {
        var position = range.lowerBound
        let last = range.upperBound - word.utf8CodeUnitCount
        while position <= last {
            guard let found = memchr(base + position, Int32(word.utf8Start[0]), last - position + 1) else { return nil }
            position = UnsafePointer(found.assumingMemoryBound(to: UInt8.self)) - base
            if has(word, at: position, before: range.upperBound) { return position }
            position += 1
        }
        return nil
    }

    /// Where the word last begins in the range.
    func last(_ word: StaticString, in range: Range<Int>) -> Int? {
        var position = range.upperBound - word.utf8CodeUnitCount
        while position >= range.lowerBound {
            if has(word, at: position, before: range.upperBound) { return position }
            position -= 1
        }
        return nil
    }

    /// The first place at or after `position` that holds this byte, or else `end`.
    @inline(__always)
    func find(_ byte: UInt8, from position: Int, before end: Int) -> Int {
        guard position < end, let found = memchr(base + position, Int32(byte), end - position) else { return end }
        return UnsafePointer(found.assumingMemoryBound(to: UInt8.self)) - base
    }

    /// The first place at or after `position` that holds a blank or a tab, or else `end`.
    @inline(__always)
    func blank(from position: Int, before end: Int) -> Int {
        var p = position
        while p < end, !base[p].isBlank { p += 1 }
        return p
    }

    /// The first place at or after `position` that holds neither, or else `end`.
    @inline(__always)
    func ink(from position: Int, before end: Int) -> Int {
        var p = position
        while p < end, base[p].isBlank { p += 1 }
        return p
    }

    /// The number written by the digits from `position` on, at most `limit` of them, and where they end; nil without a digit.
    @inline(__always)
    func natural(at position: Int, before end: Int, limit: Int = 9) -> (value: Int, end: Int)? {
        var p = position, value = 0
        while p < end, p - position < limit, base[p].isDigit {
            value = value * 10 + Int(base[p] - 0x30)
            p += 1
        }
        return p == position ? nil : (value, p)
    }

    /// The number of exactly two digits at `position`.
    @inline(__always)
    func pair(at position: Int) -> Int? {
        guard position + 2 <= count, base[position].isDigit, base[position + 1].isDigit else { return nil }
        return Int(base[position] - 0x30) * 10 + Int(base[position + 1] - 0x30)
    }
}

extension UInt8 {
    @inline(__always) var isDigit: Bool { self &- 0x30 < 10 }
    @inline(__always) var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }
    @inline(__always) var isHexLetter: Bool { (self | 0x20) &- 0x61 < 6 }
    @inline(__always) var isHex: Bool { isDigit || isHexLetter }
    @inline(__always) var isBlank: Bool { self == 0x20 || self == 0x09 }
    /// What words are made of: letters, digits, the underscore and all beyond ASCII.
    @inline(__always) var isWord: Bool { isLetter || isDigit || self == 0x5F || self >= 0x80 }
}

import CZlib
import Foundation

/// What stands in a journal before each batch of lines: how many bytes and lines it has, the sum over its bytes, and the key of the request that it came by.
///
///     batch BYTES LINES CRC32 KEY\n
///
/// A batch whose bytes are not all there, or do not give the sum, was cut short by a crash and never accepted: it is there as a whole or not at all.
struct JournalFrame: Hashable {
    package var bytes: Int, lines: Int, sum: UInt32
    /// What a client calls its request by, so that it counts once however often it is sent; empty where it has no name.
    package var key = ""

    /// Bytes of a header at most.
    static let headerLimit = 256
    /// Bytes of a batch at most: more is a damaged header.
    private static let limit = 1 << 32

    /// Of a batch.
    package init(_ batch: UnsafeRawBufferPointer, lines: Int, key: String) { (bytes, self.lines, sum, self.key) = (batch.count, lines, Self.sum(of: batch), key) }

    /// Of a batch of so many bytes that is not written.
    init(claiming bytes: Int) { self.init(bytes: bytes, lines: 0, sum: 0, key: "") }

    /// As it stands in the file.
    package var header: [UInt8] { Array("batch \(bytes) \(lines) \(String(sum, radix: 16)) \(key)\n".utf8) }

    /// Reads a header at the beginning of some bytes, and how long it is; `nil` for what is none.
    package static func read(_ data: Data) -> (frame: JournalFrame, length: Int)? {
        let head = data.prefix(headerLimit)
        guard let end = head.firstIndex(of: 0x0A) else { return nil }
        let parts = String(decoding: head[..<end], as: UTF8.self).split(separator: " ", maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0] == "batch", let bytes = Int(parts[1]), let lines = Int(parts[2]), let sum = UInt32(parts[3], radix: 16), 0 ... limit ~= bytes, 0 ... bytes ~= lines else { return nil }
        return (JournalFrame(bytes: bytes, lines: lines, sum: sum, key: String(parts[4])), end - data.startIndex + 1)
    }

    private init(bytes: Int, lines: Int, sum: UInt32, key: String) { (self.bytes, self.lines, self.sum, self.key) = (bytes, lines, sum, key) }

    /// CRC-32 of some bytes.
    static func sum(of bytes: UnsafeRawBufferPointer) -> UInt32 {
        var sum: uLong = 0, rest = bytes[...]
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
            sum = crc32(sum, part.bindMemory(to: UInt8.self).baseAddress, uInt(part.count))
            rest = rest.dropFirst(part.count)
        }
        return UInt32(truncatingIfNeeded: sum)
    }
}

/// Batches one behind the other, as a journal's file holds them.
struct JournalFrames: Sequence, IteratorProtocol {
    /// A batch and where its lines begin.
    struct Found { var frame: JournalFrame, begin: Int, lines: Data }

    private let data: Data, isChecked: Bool
    /// Bytes read so far that are whole batches.
    package private(set) var whole = 0

    /// - Parameter isChecked: Whether every batch's sum has to be right.
    package init(_ data: Data, isChecked: Bool) { (self.data, self.isChecked) = (data, isChecked) }

    /// The next batch; `nil` at the end, or where what follows is none that is whole.
    package mutating func next() -> Found? {
        let rest = data[(data.startIndex + whole)...]
        guard let (frame, head) = JournalFrame.read(rest), frame.bytes <= rest.count - head else { return nil }
        let lines = rest[(rest.startIndex + head) ..< (rest.startIndex + head + frame.bytes)]
        if isChecked, lines.withUnsafeBytes(JournalFrame.sum) != frame.sum { return nil }
        let found = Found(frame: frame, begin: whole + head, lines: lines)
        whole += head + frame.bytes
        return found
    }
}

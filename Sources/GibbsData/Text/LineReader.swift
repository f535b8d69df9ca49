import Foundation
import GibbsNumerics

/// The lines of a text, one after another, in bounded memory; gzipped or plain.
///
/// Bytes that are no UTF-8 are replaced by U+FFFD; a line longer than the limit is cut there and says so. A line ends with a line
/// feed, with or without a carriage return before it; the last may lack one.
public final class LineReader {
    /// A line of the text.
    public struct Line: Sendable, Hashable {
        /// Counted from 1.
        public var number: Int
        /// Its text without its end.
        public var text: String
        /// Whether bytes beyond the limit were dropped.
        public var wasCut: Bool
    }

    /// What messages call the input.
    public let name: String
    private let source: ByteSource
    private let limit: Int
    private let part = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
    private var ready = 0 ..< 0
    private var number = 0
    private var line = [UInt8]()

    /// Opens a file, or standard input for `-`.
    ///
    /// - Parameters:
    ///   - path: Plain or gzipped.
    ///   - limit: The most bytes kept of a line.
    /// - Throws: `GibbsError` with code `.cannotRead` or `.malformedData`.
    public init(path: String, limit: Int = 1 << 20) throws {
        let input = InputFile(path: path)
        name = input.name
        source = try input.open()
        self.limit = limit
    }

    deinit { part.deallocate() }

    /// The digest of the bytes read so far; that of the whole text after the last line.
    public var digest: String { source.digest.hex }

    /// The next line; `nil` after the last.
    ///
    /// - Throws: `GibbsError` with code `.cannotRead` or `.malformedData`.
    public func next() throws -> Line? {
        line.removeAll(keepingCapacity: true)
        var wasCut = false, hasAny = false
        while true {
            if ready.isEmpty {
                let count = try source.read(into: part)
                if count == 0 {
                    guard hasAny else { return nil }
                    break
                }
                ready = 0 ..< count
            }
            hasAny = true
            let bytes = UnsafeRawBufferPointer(rebasing: part[ready]), end = bytes.firstIndex(of: 0x0A), take = end ?? bytes.count
            let room = limit - line.count
            line.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[0 ..< min(room, take)]))
            wasCut = wasCut || take > room
            ready = ready.lowerBound + take + (end == nil ? 0 : 1) ..< ready.upperBound
            if end != nil { break }
        }
        number += 1
        if line.last == 0x0D { line.removeLast() }
        return Line(number: number, text: String(decoding: line, as: UTF8.self), wasCut: wasCut)
    }
}

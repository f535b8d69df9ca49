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

    /// Whether bytes come as somebody writes them (a pipe, a terminal), so that they cannot be read again.
    public var isLive: Bool { source.isLive }

    /// Whether a whole line has been read already, so that taking it waits for nobody.
    public var hasLineReady: Bool {
        guard !ready.isEmpty, let start = part.baseAddress else { return false }
        return memchr(start + ready.lowerBound, 0x0A, ready.count) != nil
    }

    /// The next line; `nil` after the last.
    ///
    /// - Throws: `GibbsError` with code `.cannotRead` or `.malformedData`.
    public func next() throws -> Line? {
        try nextBytes { bytes, number, wasCut in Line(number: number, text: String(decoding: bytes, as: UTF8.self), wasCut: wasCut) }
    }

    /// Runs `body` on the next line's bytes as they are, without its end; `nil` after the last line.
    ///
    /// - Parameter body: Gets the bytes, which are gone when it returns, the line's number, and whether bytes beyond the limit were dropped.
    /// - Throws: `GibbsError` with code `.cannotRead` or `.malformedData`; what `body` throws.
    public func nextBytes<Result>(_ body: (UnsafeRawBufferPointer, Int, Bool) throws -> Result) throws -> Result? {
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
            let bytes = UnsafeRawBufferPointer(rebasing: part[ready]), end = Self.lineFeed(in: bytes), take = end ?? bytes.count
            ready = ready.lowerBound + take + (end == nil ? 0 : 1) ..< ready.upperBound
            if !hasAny, end != nil, take <= limit {
                number += 1
                return try body(Self.withoutReturn(UnsafeRawBufferPointer(rebasing: bytes[0 ..< take])), number, false)
            }
            hasAny = true
            let room = limit - line.count
            line.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[0 ..< min(room, take)]))
            wasCut = wasCut || take > room
            if end != nil { break }
        }
        number += 1
        return try line.withUnsafeBytes { try body(Self.withoutReturn($0), number, wasCut) }
    }

    private static func lineFeed(in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let start = bytes.baseAddress, let found = memchr(start, 0x0A, bytes.count) else { return nil }
        return UnsafeRawPointer(found) - start
    }

    private static func withoutReturn(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        bytes.last == 0x0D ? UnsafeRawBufferPointer(rebasing: bytes.dropLast()) : bytes
    }
}

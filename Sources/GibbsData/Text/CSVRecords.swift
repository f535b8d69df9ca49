import Foundation
import GibbsNumerics

private let lineFeed = UInt8(ascii: "\n"), carriageReturn = UInt8(ascii: "\r"), quote = UInt8(ascii: "\"")

/// Where records and cells of delimited text begin and end.
///
/// Quotes follow RFC 4180: a field that begins with a double quote runs to its closing one, may hold delimiters and line
/// feeds, and doubles its own quotes. A quote elsewhere in a field is an ordinary character.
enum CSVRecords {
    typealias Bytes = UnsafePointer<UInt8>

    /// The content of the cell at `p`; moves `p` to the delimiter or line feed behind it and counts line feeds inside it.
    static func cell(_ p: inout Bytes, _ end: Bytes, _ delimiter: UInt8, _ scratch: Scratch, _ line: inout Int32) throws
        -> UnsafeBufferPointer<UInt8> {
        let start = p
        guard p[0] == quote else {
            p = endOfCell(p, UInt64(delimiter) &* 0x0101_0101_0101_0101)
            let trailing = p[0] == lineFeed && p > start && p[-1] == carriageReturn ? 1 : 0
            return UnsafeBufferPointer(start: start, count: p - start - trailing)
        }
        scratch.clear()
        p += 1
        while true {
            guard let found = memchr(p, Int32(quote), end - p) else {
                throw GibbsError(.malformedData, "a quote is opened here and never closed", at: .init(line: Int(line)),
                                 advice: "close it, or double the quotes inside quoted fields")
            }
            let closing = Bytes(found.assumingMemoryBound(to: UInt8.self))
            let isDoubled = closing[1] == quote
            if isDoubled || scratch.count > 0 { scratch.append(p, closing - p + (isDoubled ? 1 : 0)) }
            p = closing + (isDoubled ? 2 : 1)
            if !isDoubled { break }
        }
        let closing = p - 1
        let startLine = line
        for byte in UnsafeBufferPointer(start: start, count: closing - start) where byte == lineFeed { line += 1 }
        if p[0] == carriageReturn, p[1] == lineFeed { p += 1 }
        guard p[0] == delimiter || p[0] == lineFeed else {
            throw GibbsError(.malformedData, "a closing quote is followed by more text", at: .init(line: Int(startLine)),
                             advice: "double the quotes inside quoted fields")
        }
        return scratch.count > 0 ? scratch.text : UnsafeBufferPointer(start: start + 1, count: closing - start - 1)
    }

    /// Behind the line feed of the record that starts at `start`, or nil where it does not end before `limit`. A line feed
    /// and eight readable bytes must stand at `limit`.
    static func recordEnd(_ start: Bytes, _ limit: Bytes, _ delimiter: UInt8) -> Bytes? {
        let pattern = UInt64(delimiter) &* 0x0101_0101_0101_0101
        var p = start
        while p < limit {
            if p[0] == quote {
                p += 1
                while true {
                    guard let found = memchr(p, Int32(quote), limit - p) else { return nil }
                    p = Bytes(found.assumingMemoryBound(to: UInt8.self)) + 1
                    // The next byte decides whether this quote closes the field; it may not be here yet.
                    if p == limit { return nil }
                    if p[0] != quote { break }
                    p += 1
                }
            }
            p = endOfCell(p, pattern)
            if p >= limit { return nil }
            p += 1
            if p[-1] == lineFeed { return p }
        }
        return nil
    }

    /// Ends of stretches of whole records, each at least `size` bytes but the last; the last one is the end of the last
    /// complete record. Empty where no record is complete.
    ///
    /// Only records with quotes are walked through; the others are skipped at the speed of memory.
    static func cuts(from start: Bytes, to limit: Bytes, every size: Int, delimiter: UInt8, quotes: Bool) -> [Bytes] {
        func find(_ byte: UInt8, _ from: Bytes, _ to: Bytes) -> Bytes? {
            to > from ? memchr(from, Int32(byte), to - from).map { Bytes($0.assumingMemoryBound(to: UInt8.self)) } : nil
        }
        func afterLastLineFeed(_ from: Bytes, _ to: Bytes) -> Bytes {
            var p = to
            while p > from, p[-1] != lineFeed { p -= 1 }
            return p
        }
        var result = [Bytes]()
        var complete = start
        var target = start + size
        while complete < limit {
            let nextQuote = (quotes ? find(quote, complete, limit) : nil) ?? limit
            while let end = find(lineFeed, max(target - 1, complete), nextQuote) {
                complete = end + 1
                result.append(complete)
                target = complete + size
            }
            complete = afterLastLineFeed(complete, nextQuote)
            if nextQuote == limit { break }
            guard let end = recordEnd(complete, limit, delimiter) else { break }
            complete = end
            if complete >= target {
                result.append(complete)
                target = complete + size
            }
        }
        if complete > result.last ?? start { result.append(complete) }
        return result
    }

    /// The cells of the first record, and the number of lines up to its end; blank lines before it are skipped.
    static func header(_ start: Bytes, _ end: Bytes, delimiter: UInt8) throws -> (cells: [String], next: Bytes, lines: Int) {
        var p = start, line: Int32 = 1, cells = [String]()
        let scratch = Scratch()
        while p < end, p[0] == lineFeed || (p[0] == carriageReturn && p[1] == lineFeed) {
            p += p[0] == lineFeed ? 1 : 2
            line += 1
        }
        guard p < end else { return ([], p, Int(line)) }
        let first = line
        while true {
            let quoted = p[0] == quote
            let text = try cell(&p, end, delimiter, scratch, &line)
            let name = String(decoding: quoted ? text : text.trimmed, as: UTF8.self)
            guard name.utf8.elementsEqual(quoted ? text : text.trimmed) else { throw CellError.notUTF8(field: nil, line: Int(first)) }
            if text.contains(0) {
                throw GibbsError(.malformedData, "holds a NUL byte, so it is no text", at: .init(line: Int(first)),
                                 advice: "name its real format, or convert UTF-16 to UTF-8 first")
            }
            cells.append(name)
            p += 1
            if p[-1] == lineFeed { break }
        }
        return (cells, p, Int(line))
    }

    /// Comma, tab or semicolon, whichever the first record has most of outside quotes; a comma where it has none.
    static func delimiter(_ start: Bytes, _ limit: Bytes) -> UInt8 {
        var counts: [UInt8: Int] = [:], inQuotes = false, p = start
        while p < limit, p[0] == lineFeed || p[0] == carriageReturn { p += 1 }
        while p < limit, inQuotes || p[0] != lineFeed {
            if p[0] == quote { inQuotes.toggle() }
            else if !inQuotes { counts[p[0], default: 0] += 1 }
            p += 1
        }
        let candidates = [UInt8(ascii: ","), UInt8(ascii: "\t"), UInt8(ascii: ";")]
        let best = candidates.max { counts[$0, default: 0] < counts[$1, default: 0] }!
        return counts[best, default: 0] > counts[candidates[0], default: 0] ? best : candidates[0]
    }

    static func tooLong(_ limit: Int, line: Int) -> GibbsError {
        GibbsError(.limitExceeded, "a record that begins here is longer than \(limit) bytes", at: .init(line: line),
                   advice: "look for a quote that is never closed, or raise the limit lineLength")
    }
}

import Foundation
import GibbsNumerics

private let lineFeed = UInt8(ascii: "\n"), carriageReturn = UInt8(ascii: "\r"), quote = UInt8(ascii: "\"")

extension Piece {
    /// Parses whole records of delimited text, the last of which ends in a line feed that is `end[-1]`.
    ///
    /// The bytes are read once: numbers are computed while looking for the end of their cell. Eight readable bytes must
    /// follow `end`. The first error stops the piece and stays in `error`.
    func parseCSV(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) {
        // A row takes at least one byte a column, counting delimiters and the line feed.
        let capacity = (end - start) / max(columnCount, 1) + 1
        begin(rows: capacity)
        for index in 0 ..< columnCount where columns[index].kind != .skip { columns[index].reserve(capacity) }
        do {
            try checkText(start, end)
            try parseRows(start, end)
        } catch let error as GibbsError {
            self.error = error
        } catch {
            preconditionFailure("another error than GibbsError: \(error)")
        }
    }

    private func parseRows(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) throws {
        let delimiter = rules.delimiter, columns = columns, columnCount = columnCount, tables = rules.tables, lines = lines
        let pattern = UInt64(delimiter) &* 0x0101_0101_0101_0101
        let longest = rules.limits.lineLength
        var p = start
        var line: Int32 = 0
        var row = 0
        while p < end {
            if p[0] == lineFeed { p += 1; line += 1; continue }
            if p[0] == carriageReturn, p[1] == lineFeed { p += 2; line += 1; continue }
            let rowStart = p
            lines[row] = line
            var index = 0
            while true {
                if index == columnCount { throw ragged(rowStart, end, at: lines[row]) }
                switch columns[index].kind {
                case .number where p[0] != delimiter && p[0] != lineFeed:
                    var q = p
                    let value = Decimal.parse(&q, tables)
                    if q[0] == carriageReturn, q[1] == lineFeed { q += 1 }
                    if q[0] == delimiter || q[0] == lineFeed, value.isFinite {
                        columns[index].numbers[row] = value
                        p = q
                    } else {
                        p = try slowCell(p, end, column: index, row: row, line: &line)
                    }
                case .number:
                    columns[index].numbers[row] = .nan
                case .category where p[0] != quote:
                    let q = endOfCell(p, pattern)
                    let length = q - p - (q[0] == lineFeed && q > p && q[-1] == carriageReturn ? 1 : 0)
                    columns[index].codes[row] = columns[index].interner.code(p, length)
                    p = q
                case .skip where p[0] != quote:
                    p = endOfCell(p, pattern)
                default:
                    p = try slowCell(p, end, column: index, row: row, line: &line)
                }
                index += 1
                if p[0] == delimiter { p += 1; continue }
                break
            }
            if index != columnCount { throw ragged(rowStart, end, at: lines[row]) }
            p += 1
            line += 1
            if p - rowStart > longest { throw CSVRecords.tooLong(longest, line: Int(lines[row])) }
            row += 1
        }
        rowCount = row
        lineCount = Int(line)
        for index in 0 ..< columnCount { columns[index].filled = row }
    }

    /// A cell in quotes, of an undecided column, or of a kind that its text does not fit. Returns where it ends: at a
    /// delimiter or a line feed.
    @inline(never)
    private func slowCell(_ p: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, column: Int, row: Int,
                          line: inout Int32) throws -> UnsafePointer<UInt8> {
        let startLine = line
        var next = p
        let text = try CSVRecords.cell(&next, end, rules.delimiter, scratch, &line)
        if text.count > 0 || columns[column].kind != .undecided {
            try store(text, column: column, row: row, line: startLine)
        }
        return next
    }

    private func ragged(_ rowStart: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, at line: Int32) -> GibbsError {
        var p = rowStart, ignored: Int32 = 0, found = 0
        repeat {
            if found > 0 { p += 1 }
            guard (try? CSVRecords.cell(&p, end, rules.delimiter, scratch, &ignored)) != nil else { break }
            found += 1
        } while p[0] == rules.delimiter
        return GibbsError(.malformedData, "expected \(columnCount) fields, found \(found)", at: .init(line: Int(line)),
                          advice: "check the delimiter, and put fields that contain it in double quotes")
    }
}

/// The first delimiter or line feed at or after `p`, eight bytes at a time; one must exist.
@inline(__always)
func endOfCell(_ start: UnsafePointer<UInt8>, _ pattern: UInt64) -> UnsafePointer<UInt8> {
    var p = start
    while true {
        let word = loadWord(p)
        let a = word ^ pattern, b = word ^ 0x0A0A_0A0A_0A0A_0A0A
        let hits = ((a &- 0x0101_0101_0101_0101) & ~a | (b &- 0x0101_0101_0101_0101) & ~b) & 0x8080_8080_8080_8080
        // The lowest hit is exact; only bits above a true hit can be wrong.
        if hits != 0 { return p + hits.trailingZeroBitCount >> 3 }
        p += 8
    }
}

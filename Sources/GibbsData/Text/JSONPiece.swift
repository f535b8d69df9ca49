import Foundation
import GibbsNumerics

extension Piece {
    /// Parses whole lines, each of which holds one JSON object or nothing; the last one ends in a line feed that is `end[-1]`.
    ///
    /// Objects inside objects become columns with a dotted name. Eight readable bytes must follow `end`. The first error
    /// stops the piece and stays in `error`.
    func parseJSON(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) {
        var rows = 0
        var p = start
        while let found = memchr(p, 0x0A, end - p) {
            rows += 1
            p = UnsafePointer(found.assumingMemoryBound(to: UInt8.self)) + 1
        }
        begin(rows: rows)
        do {
            try checkText(start, end)
            try parseObjects(start, end, capacity: rows)
        } catch let error as GibbsError {
            self.error = error
        } catch {
            preconditionFailure("another error than GibbsError: \(error)")
        }
    }

    private func parseObjects(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, capacity: Int) throws {
        var p = start, line: Int32 = 0, row = 0
        while p < end {
            JSONText.skipBlanks(&p)
            if p[0] == 0x0A { p += 1; line += 1; continue }
            let rowStart = p
            do {
                guard p[0] == UInt8(ascii: "{") else {
                    throw GibbsError(.malformedData, "expected a JSON object, found \(JSONText.shown(p))", advice: p[0] == UInt8(ascii: "[")
                        ? "write one object a line, for example with jq -c '.[]'" : "write one JSON object a line")
                }
                lines[row] = line
                path.clear()
                try JSONObject.walk(&p, path, keyScratch, into: Members(piece: self, row: row, capacity: capacity, line: line))
                JSONText.skipBlanks(&p)
                guard p[0] == 0x0A else { throw JSONText.fault("\(JSONText.shown(p)) after the object") }
            } catch let error as GibbsError {
                throw error.located(at: .init(line: Int(line)))
            }
            p += 1
            if p - rowStart > rules.limits.lineLength { throw CSVRecords.tooLong(rules.limits.lineLength, line: Int(line)) }
            line += 1
            row += 1
        }
        rowCount = row
        lineCount = Int(line)
        for index in 0 ..< columnCount where columns[index].filled > 0 && columns[index].kind != .skip {
            for row in columns[index].filled ..< max(rowCount, columns[index].filled) { columns[index].setMissing(row) }
        }
    }

    /// Takes the members of one row's object.
    private struct Members: JSONMemberTaker {
        let piece: Piece, row: Int, capacity: Int, line: Int32

        var depthLimit: Int { piece.rules.limits.depth }

        func tooDeep(_ name: UnsafeBufferPointer<UInt8>) -> GibbsError {
            GibbsError(.limitExceeded, "objects nested deeper than \(depthLimit) levels", at: .init(field: name.forMessage), advice: "flatten the records first, or raise the limit depth")
        }

        @inline(__always)
        func take(_ name: UnsafeBufferPointer<UInt8>, _ p: inout UnsafePointer<UInt8>) throws {
            if let index = try piece.column(for: name, isArray: p[0] == UInt8(ascii: "[")) {
                try piece.touch(index, row: row, capacity: capacity)
                try piece.value(&p, index, row: row, line: line)
            } else {
                try JSONText.skipValue(&p, piece.scratch)
            }
        }
    }

    /// The column of a key, new where it was never seen; nil where nobody wants it.
    @inline(__always)
    private func column(for key: UnsafeBufferPointer<UInt8>, isArray: Bool) throws -> Int? {
        let known = keys.lookup(key.baseAddress!, key.count)
        if known >= 0, !isArray { return Int(known) }
        return try newColumn(key, isArray: isArray)
    }

    @inline(never)
    private func newColumn(_ key: UnsafeBufferPointer<UInt8>, isArray: Bool) throws -> Int? {
        let name = String(decoding: key, as: UTF8.self)
        if let wanted = rules.wanted, !wanted.contains(name) { return nil }
        if isArray {
            throw GibbsError(.malformedData, "holds an array, which does not fit a table", at: .init(field: name),
                             advice: "turn it into separate fields, or leave this column out")
        }
        guard name.utf8.elementsEqual(key) else { throw CellError.notUTF8(field: nil, line: 0) }
        guard columnCount < rules.limits.columns else { throw CellError.tooManyColumns(rules.limits.columns, line: 0) }
        if key.contains(where: { $0 >= 0x80 }), (0 ..< columnCount).contains(where: { columns[$0].name == name }) {
            throw GibbsError(.malformedData, "two keys that differ only in their encoding", at: .init(field: name),
                             advice: "normalise the keys to one Unicode form")
        }
        _ = keys.code(key.baseAddress!, key.count)
        addColumn(name)
        return columnCount - 1
    }

    /// Makes room for this row's cell; rows of the piece that lacked the column become missing.
    @inline(__always)
    private func touch(_ index: Int, row: Int, capacity: Int) throws {
        let column = columns + index
        if column.pointee.filled > row {
            throw GibbsError(.malformedData, "the key occurs twice in one object", at: .init(field: column.pointee.name),
                             advice: "keep one of them")
        }
        if column.pointee.capacity < capacity {
            reservedCells += capacity - column.pointee.capacity
            guard reservedCells <= 1 << 24 else {
                throw GibbsError(.limitExceeded, "too many different keys for so many records",
                                 advice: "name the columns to read, or flatten the records first")
            }
            column.pointee.reserve(capacity)
        }
        if column.pointee.filled < row, column.pointee.kind != .undecided, column.pointee.kind != .skip {
            for missing in column.pointee.filled ..< row { column.pointee.setMissing(missing) }
        }
        column.pointee.filled = row + 1
    }

    @inline(__always)
    private func value(_ p: inout UnsafePointer<UInt8>, _ index: Int, row: Int, line: Int32) throws {
        let column = columns + index
        if p[0] == UInt8(ascii: "\"") {
            let text = try JSONText.string(&p, scratch)
            if column.pointee.kind == .category { column.pointee.codes[row] = column.pointee.interner.code(text.baseAddress!, text.count) }
            else { try storeWord(text, index, row, line) }
            return
        }
        let start = p
        let number = Decimal.parse(&p, rules.tables, json: true)
        if number.isFinite, column.pointee.kind == .number {
            column.pointee.numbers[row] = number
        } else if !number.isNaN {
            let text = UnsafeBufferPointer(start: start, count: p - start)
            if column.pointee.kind == .undecided { column.pointee.decide(.number, row: row) }
            try store(text, column: index, row: row, line: line)
        } else {
            p = start
            try literal(&p, index, row: row, line: line)
        }
    }

    /// `true`, `false`, `null`, and the `NaN` and infinities that Python writes.
    @inline(never)
    private func literal(_ p: inout UnsafePointer<UInt8>, _ index: Int, row: Int, line: Int32) throws {
        let start = p
        if p[0] == UInt8(ascii: "-") { p += 1 }
        while (p[0] | 0x20) >= UInt8(ascii: "a"), (p[0] | 0x20) <= UInt8(ascii: "z") { p += 1 }
        let text = UnsafeBufferPointer(start: start, count: p - start)
        switch String(decoding: text, as: UTF8.self) {
        case "null", "NaN": columns[index].setMissing(row)
        case "true", "false": try storeWord(text, index, row, line)
        case "Infinity", "-Infinity":
            if columns[index].kind == .undecided { columns[index].decide(.number, row: row) }
            try store(text, column: index, row: row, line: line)
        default:
            p = start
            throw JSONText.fault("expected a value, found \(JSONText.shown(p))")
        }
    }

    /// Text and truth values: in a column that is being inferred they say that it is a category, whatever they look like.
    private func storeWord(_ text: UnsafeBufferPointer<UInt8>, _ index: Int, _ row: Int, _ line: Int32) throws {
        let column = columns + index
        if !column.pointee.isDeclared, column.pointee.kind == .undecided || column.pointee.kind == .number {
            if rules.missing.contains(text) { column.pointee.setMissing(row); return }
            if column.pointee.kind == .undecided { column.pointee.decide(.category, row: row) }
            else {
                column.pointee.needsText = true
                column.pointee.kind = .skip
            }
        }
        try store(text, column: index, row: row, line: line)
    }
}

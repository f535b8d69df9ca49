import Foundation
import GibbsNumerics

/// The values of some columns on one line of NDJSON or CSV, as bytes of that line: for streams, whose lines are looked at one by one.
///
/// Objects inside objects have dotted names; `null`, an absent key and an empty cell are no value. A cell that would go on over the
/// next line is malformed here. Values live as long as the line.
public final class LineValues {
    /// How a line is written.
    public enum Format: Sendable, Hashable {
        /// One JSON object.
        case json
        /// Cells in the order of these columns.
        case csv(columns: [String], delimiter: UInt8)
    }

    /// The columns looked for.
    public let columns: [String]
    /// Their values on the line read last.
    public private(set) var values: [UnsafeBufferPointer<UInt8>?]
    private let format: Format
    private var keys: [[UInt8]]
    private var cells: [Int]
    private let scratch: [Scratch], spare = Scratch(), key = Scratch(), path = Scratch()

    /// A reader of these columns. A column that a CSV's header lacks never has a value.
    public init(_ columns: [String], format: Format) {
        self.columns = columns
        self.format = format
        values = columns.map { _ in nil }
        keys = columns.map { Array($0.utf8) }
        scratch = columns.map { _ in Scratch() }
        if case .csv(let header, _) = format { cells = header.map { columns.firstIndex(of: $0) ?? -1 } } else { cells = [] }
    }

    /// The names in the header line of a CSV, and the delimiter that parts them: the one of comma, tab, semicolon and bar that occurs most.
    public static func header(_ line: UnsafeBufferPointer<UInt8>, delimiter: UInt8? = nil) throws -> Format {
        let delimiter = delimiter ?? [UInt8(ascii: ","), 0x09, UInt8(ascii: ";"), UInt8(ascii: "|")].max { a, b in line.count { $0 == a } < line.count { $0 == b } }!
        var names = [String](), p = line.baseAddress!, count: Int32 = 0
        let end = p + line.count, spare = Scratch()
        if line.count >= 3, line[0] == 0xEF, line[1] == 0xBB, line[2] == 0xBF { p += 3 }
        while true {
            names.append(String(decoding: try CSVRecords.cell(&p, end + 1, delimiter, spare, &count), as: UTF8.self))
            if p >= end { break }
            p += 1
        }
        return .csv(columns: names, delimiter: delimiter)
    }

    /// Reads a line, behind which a line feed and eight readable bytes stand.
    ///
    /// - Throws: `GibbsError` with code `.malformedData`, without a place.
    /// - Complexity: One pass over the line.
    public func read(_ line: UnsafeBufferPointer<UInt8>) throws {
        for index in values.indices { values[index] = nil }
        guard var p = line.baseAddress else { return }
        let end = p + line.count
        switch format {
        case .json:
            JSONText.skipBlanks(&p)
            guard p[0] == UInt8(ascii: "{") else { throw JSONText.fault("expected an object, found \(JSONText.shown(p))") }
            path.clear()
            try JSONObject.walk(&p, path, key, into: self)
            JSONText.skipBlanks(&p)
            guard p >= end else { throw JSONText.fault("\(JSONText.shown(p)) after the object") }
        case .csv(_, let delimiter):
            var cell = 0, count: Int32 = 0
            while true {
                let wanted = cell < cells.count ? cells[cell] : -1
                let value = try CSVRecords.cell(&p, end + 1, delimiter, wanted >= 0 ? scratch[wanted] : spare, &count)
                if wanted >= 0, value.count > 0 { values[wanted] = value }
                cell += 1
                if p >= end { break }
                p += 1
            }
            guard cell == cells.count else {
                throw GibbsError(.malformedData, "\(cell) cells where the header has \(cells.count)", advice: "write a cell a column")
            }
        }
    }
}

// MARK: - Members

extension LineValues: JSONMemberTaker {
    var depthLimit: Int { 16 }

    func tooDeep(_ name: UnsafeBufferPointer<UInt8>) -> GibbsError { JSONText.fault("objects nested deeper than \(depthLimit) levels") }

    func take(_ name: UnsafeBufferPointer<UInt8>, _ p: inout UnsafePointer<UInt8>) throws { try value(&p, column(name)) }

    /// The column of a key; `nil` for one not looked for.
    private func column(_ name: UnsafeBufferPointer<UInt8>) -> Int? {
        for index in keys.indices where keys[index].count == name.count {
            if name.count == 0 || memcmp(keys[index], name.baseAddress!, name.count) == 0 { return index }
        }
        return nil
    }

    private func value(_ p: inout UnsafePointer<UInt8>, _ index: Int?) throws {
        guard let index else { return try JSONText.skipValue(&p, spare) }
        if p[0] == UInt8(ascii: "\"") {
            let text = try JSONText.string(&p, scratch[index])
            values[index] = text.count > 0 ? text : nil
            return
        }
        let start = p
        try JSONText.skipValue(&p, spare)
        let isNull = p - start == 4 && start[0] == UInt8(ascii: "n")
        values[index] = isNull ? nil : UnsafeBufferPointer(start: start, count: p - start)
    }
}

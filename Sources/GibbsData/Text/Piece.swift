import Foundation
import GibbsNumerics

/// How the cells of a text column are being read.
enum CellKind: UInt8 {
    /// Nobody wants them, or a second pass will read them as text.
    case skip
    /// Only missing cells so far.
    case undecided
    case number, category, boolean
}

/// A column as one piece of text gave it. Lives in unmanaged memory; the piece owns it.
struct PieceColumn {
    let name: String
    var kind: CellKind
    /// The type was fixed by the caller, so a cell that does not fit is an error rather than a discovery.
    var isDeclared: Bool
    /// `capacity` doubles, or codes of the piece's own interner (-1 for missing).
    var cells: UnsafeMutableRawPointer?
    var capacity = 0
    /// Rows written so far; only formats in which a row may lack a column look at it.
    var filled = 0
    /// Text turned up among numbers: the column must be read again as a category.
    var needsText = false
    /// The first line (in the piece) with a number that is not finite, in a column that is being inferred.
    var notFiniteLine: Int?
    var interner = Interner()
    /// From the piece's codes to the table's; -2 where not known yet.
    var translation: [Int32] = []
    /// Which state of the table's vocabulary `translation` speaks of.
    var epoch = -1

    var numbers: UnsafeMutablePointer<Double> { cells!.assumingMemoryBound(to: Double.self) }
    var codes: UnsafeMutablePointer<Int32> { cells!.assumingMemoryBound(to: Int32.self) }

    mutating func reserve(_ rows: Int) {
        guard rows > capacity else { return }
        let larger = UnsafeMutableRawPointer.allocate(byteCount: rows * 8, alignment: 16)
        if let cells {
            larger.copyMemory(from: cells, byteCount: min(filled, capacity) * 8)
            cells.deallocate()
        }
        cells = larger
        capacity = rows
    }

    /// Settles an undecided column, of which `row` rows were missing.
    mutating func decide(_ decided: CellKind, row: Int) {
        kind = decided
        if decided == .category { for index in 0 ..< row { codes[index] = -1 } }
        else { for index in 0 ..< row { numbers[index] = .nan } }
    }

    mutating func setMissing(_ row: Int) {
        if kind == .number { numbers[row] = .nan } else if kind != .undecided, kind != .skip { codes[row] = -1 }
    }
}

/// What all pieces of one text have in common.
struct PieceRules: Sendable {
    var delimiter = UInt8(ascii: ",")
    var missing: MissingTokens
    var badCells: TableOptions.BadCells
    var limits: TableOptions.Limits
    /// The types that columns not seen before get: declared ones by name.
    var types: [String: FieldType]
    /// The columns to read; nil for all.
    var wanted: Set<String>?
    /// Whether undeclared columns are to be inferred; otherwise they are categories.
    var infers: Bool
    let tables = Decimal.tables

    func kind(of name: String) -> (kind: CellKind, isDeclared: Bool) {
        if let wanted, !wanted.contains(name) { return (.skip, true) }
        switch types[name] {
        case .number: return (.number, true)
        case .category: return (.category, true)
        case .boolean: return (.boolean, true)
        case nil: return infers ? (.undecided, false) : (.category, true)
        }
    }
}

/// A stretch of whole records and the typed cells parsed from it; reused from round to round so that its memory stays warm.
final class Piece {
    let rules: PieceRules
    private(set) var columns: UnsafeMutablePointer<PieceColumn>
    private(set) var columnCount = 0
    private var columnCapacity = 16
    /// For each row, its line counted from the start of the piece.
    private(set) var lines: UnsafeMutablePointer<Int32>
    private var lineCapacity = 0
    var rowCount = 0
    /// Line feeds in the piece.
    var lineCount = 0
    /// The first error, with its line counted from 0 at the start of the piece.
    var error: GibbsError?
    /// Keys of JSON objects, whose codes are indices of `columns`.
    let keys = Interner()
    let scratch = Scratch()
    let keyScratch = Scratch()
    /// The dotted name of the object being read.
    let path = Scratch()
    /// Cells that columns of JSON objects hold memory for.
    var reservedCells = 0

    init(rules: PieceRules, names: [String] = []) {
        self.rules = rules
        columns = .allocate(capacity: columnCapacity)
        lines = .allocate(capacity: 1)
        for name in names { addColumn(name) }
    }

    deinit {
        for index in 0 ..< columnCount { columns[index].cells?.deallocate() }
        columns.deinitialize(count: columnCount)
        columns.deallocate()
        lines.deallocate()
    }

    func addColumn(_ name: String) {
        if columnCount == columnCapacity {
            let larger = UnsafeMutablePointer<PieceColumn>.allocate(capacity: columnCapacity * 2)
            larger.moveInitialize(from: columns, count: columnCount)
            columns.deallocate()
            columns = larger
            columnCapacity *= 2
        }
        let (kind, isDeclared) = rules.kind(of: name)
        (columns + columnCount).initialize(to: PieceColumn(name: name, kind: kind, isDeclared: isDeclared))
        columnCount += 1
    }

    /// Prepares for at most `rows` rows; vocabularies that grew large are forgotten so that streaming stays bounded.
    func begin(rows: Int) {
        rowCount = 0
        lineCount = 0
        error = nil
        if rows > lineCapacity {
            lines.deallocate()
            lines = .allocate(capacity: rows)
            lineCapacity = rows
        }
        for index in 0 ..< columnCount {
            columns[index].filled = 0
            columns[index].needsText = false
            columns[index].notFiniteLine = nil
            if columns[index].interner.count > 1 << 16 {
                columns[index].interner = Interner()
                columns[index].epoch = -1
            }
        }
    }

    /// Refuses a NUL byte, which text never holds and other files nearly always do.
    func checkText(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) throws {
        guard let found = memchr(start, 0, end - start) else { return }
        let position = UnsafePointer(found.assumingMemoryBound(to: UInt8.self))
        var line = 0
        for byte in UnsafeBufferPointer(start: start, count: position - start) where byte == 0x0A { line += 1 }
        throw GibbsError(.malformedData, "holds a NUL byte, so it is no text", at: .init(line: line),
                         advice: "name its real format, or convert UTF-16 to UTF-8 first")
    }

    /// A cell that the fast paths did not settle, in a column of any kind but `skip`.
    func store(_ text: UnsafeBufferPointer<UInt8>, column index: Int, row: Int, line: Int32) throws {
        let column = columns + index
        switch column.pointee.kind {
        case .skip: break
        case .number: try storeNumber(text, column, row, line)
        case .category: column.pointee.codes[row] = column.pointee.interner.code(text.baseAddress!, text.count)
        case .boolean:
            if let truth = truthValue(text) { column.pointee.codes[row] = truth; return }
            column.pointee.codes[row] = -1
            if !rules.missing.contains(text), rules.badCells == .reject {
                throw CellError.notBoolean(text.forMessage, field: column.pointee.name, line: Int(line))
            }
        case .undecided:
            if rules.missing.contains(text) { return }
            if case .notNumber = NumberCell(text, rules.missing, rules.tables) { column.pointee.decide(.category, row: row) }
            else { column.pointee.decide(.number, row: row) }
            try store(text, column: index, row: row, line: line)
        }
    }

    private func storeNumber(_ text: UnsafeBufferPointer<UInt8>, _ column: UnsafeMutablePointer<PieceColumn>,
                             _ row: Int, _ line: Int32) throws {
        column.pointee.numbers[row] = .nan
        switch NumberCell(text, rules.missing, rules.tables) {
        case .value(let value): column.pointee.numbers[row] = value
        case .missing: break
        case .notFinite where !column.pointee.isDeclared:
            column.pointee.notFiniteLine = column.pointee.notFiniteLine ?? Int(line)
        case .notNumber where !column.pointee.isDeclared:
            column.pointee.needsText = true
            column.pointee.kind = .skip
        case .notFinite where rules.badCells == .reject:
            throw CellError.notFinite(text.forMessage, field: column.pointee.name, line: Int(line))
        case .notNumber where rules.badCells == .reject:
            throw CellError.notNumber(text.forMessage, field: column.pointee.name, line: Int(line))
        case .notFinite, .notNumber: break
        }
    }
}

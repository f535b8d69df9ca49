import CSQLite
import Foundation
import GibbsNumerics

/// One table of an SQLite database, opened read-only, as tables of typed columns. A row's line is its record number.
///
/// Integers and reals are numbers, text is a category, NULL is missing, and so is text that means "no value". A column with
/// text in some rows is a category in all of them, with its numbers as SQLite writes them. Blobs are refused.
final class DatabaseTables {
    private let name: String
    private let options: TableOptions
    private var database: OpaquePointer?
    private var statement: OpaquePointer?
    private let spool: Spool?
    private var cells = [DatabaseColumn]()
    private var record = 0
    private var isFinished = false
    private(set) var digest = Digest()

    /// - Parameter infers: Whether open columns take the type of their values; otherwise they are categories.
    init(_ reader: TableReader, types: [String: FieldType], columns: [String]?, infers: Bool) throws {
        let input = reader.input
        name = input.name
        options = reader.options
        let path: String
        (path, spool) = try input.plainPath(limit: reader.options.limits.spooledBytes)
        do {
            try open(path)
            let table = try chooseTable(reader.options.table)
            let all = try columnNames(table)
            for wanted in (columns ?? []) + options.mustOccur.sorted() where !all.contains(wanted) { throw Table.absent(wanted, among: all) }
            let chosen = columns ?? all
            guard chosen.count <= options.limits.columns else { throw CellError.tooManyColumns(options.limits.columns, line: 1) }
            let missing = MissingTokens(options.missing)
            cells = chosen.map { DatabaseColumn(name: $0, type: types[$0] ?? (infers ? nil : .category), missing: missing,
                                                badCells: options.badCells) }
            // Without columns there is still a number of rows.
            let list = chosen.isEmpty ? "1" : chosen.map(Self.quoted).joined(separator: ", ")
            try prepare("SELECT \(list) FROM \(Self.quoted(table))")
        } catch let error as GibbsError {
            throw error.located(at: .init(file: name))
        }
    }

    deinit {
        sqlite3_finalize(statement)
        sqlite3_close(database)
    }

    static func readAll(_ reader: TableReader, columns: [String]?) throws -> Table {
        let types = reader.options.types
        let first = try DatabaseTables(reader, types: types, columns: columns, infers: true)
        var table = try first.next(rows: .max) ?? first.take(0)
        table.digest = first.digest.hex
        let doubtful = first.cells.filter(\.needsText).map(\.name)
        guard !doubtful.isEmpty else { return table }
        let asText = Dictionary(uniqueKeysWithValues: doubtful.map { ($0, FieldType.category) })
        let second = try DatabaseTables(reader, types: asText, columns: doubtful, infers: false)
        let again = try second.next(rows: .max) ?? second.take(0)
        guard again.rowCount == table.rowCount else {
            throw GibbsError(.cannotRead, "changed while it was being read", at: .init(file: first.name),
                             advice: "read a copy that nobody writes to")
        }
        for column in again.columns { table = table.adding(column) }
        return table
    }

    /// The next rows, at most that many; nil at the end.
    func next(rows: Int) throws -> Table? {
        var count = 0
        do {
            // A finished statement would begin again if stepped once more.
            while count < rows, !isFinished {
                let status = sqlite3_step(statement)
                isFinished = status != SQLITE_ROW
                if status == SQLITE_DONE { break }
                guard status == SQLITE_ROW else { throw failure("cannot be read") }
                record += 1
                count += 1
                for index in cells.indices { try cells[index].append(statement!, Int32(index), record: record, &digest) }
                if rows == .max, count > options.limits.rows || count * cells.count > options.limits.cells {
                    throw GibbsError(.limitExceeded, "more than \(options.limits.rows) rows or \(options.limits.cells) cells",
                                     advice: "read it in chunks, or raise the limits rows and cells")
                }
            }
        } catch let error as GibbsError {
            throw error.located(at: .init(file: name))
        }
        return count == 0 ? nil : take(count)
    }

    private func take(_ count: Int) -> Table {
        Table(columns: cells.indices.map { cells[$0].take() }, lines: Array(record - count + 1 ..< record + 1))
    }

    // MARK: SQLite

    private func open(_ path: String) throws {
        guard sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nil) == SQLITE_OK else {
            throw failure("cannot be opened as a database", code: .cannotRead)
        }
        sqlite3_busy_timeout(database, 5_000)
        // A hostile schema shall not call functions or load anything, and no cell or statement may be huge.
        sqlite3_exec(database, "PRAGMA trusted_schema = OFF; PRAGMA query_only = ON; PRAGMA cell_size_check = ON", nil, nil, nil)
        sqlite3_limit(database, SQLITE_LIMIT_LENGTH, Int32(min(options.limits.lineLength, 1 << 30)))
    }

    private func chooseTable(_ wanted: String?) throws -> String {
        var tables = [String](), views = [String]()
        try prepare("SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
        while true {
            let status = sqlite3_step(statement)
            if status == SQLITE_DONE { break }
            guard status == SQLITE_ROW else { throw failure("is no readable database") }
            let name = String(cString: sqlite3_column_text(statement, 0))
            if String(cString: sqlite3_column_text(statement, 1)) == "table" { tables.append(name) } else { views.append(name) }
        }
        let listed = (tables + views).sorted().map { "'\($0)'" }.joined(separator: ", ")
        if let wanted {
            guard tables.contains(wanted) || views.contains(wanted) else {
                throw GibbsError(.unsuitableData, "there is no table '\(wanted)'",
                                 advice: listed.isEmpty ? "the database has no tables" : "the tables are \(listed)")
            }
            return wanted
        }
        guard tables.count == 1 else {
            throw GibbsError(.unsuitableData, "the database has \(tables.count) tables",
                             advice: tables.isEmpty ? "give a database with a table" : "name one of \(listed)")
        }
        return tables[0]
    }

    private func columnNames(_ table: String) throws -> [String] {
        try prepare("SELECT * FROM \(Self.quoted(table))")
        let names = (0 ..< sqlite3_column_count(statement)).map { String(cString: sqlite3_column_name(statement, $0)) }
        var known = Set<String>()
        for name in names where !known.insert(name).inserted {
            throw GibbsError(.malformedData, "two columns are called '\(name)'", at: .init(field: name), advice: "read a table, not a view")
        }
        return names
    }

    private func prepare(_ text: String) throws {
        sqlite3_finalize(statement)
        statement = nil
        guard sqlite3_prepare_v2(database, text, -1, &statement, nil) == SQLITE_OK else { throw failure("cannot be read") }
    }

    private static func quoted(_ name: String) -> String { "\"" + name.replacing("\"", with: "\"\"") + "\"" }

    private func failure(_ what: String, code: GibbsError.Code = .malformedData) -> GibbsError {
        GibbsError(code, "\(what) (\(String(cString: sqlite3_errmsg(database))))", at: .init(line: record == 0 ? nil : record + 1),
                   advice: "check that it is an SQLite database and complete")
    }
}

/// A column that grows row by row from an SQLite statement.
struct DatabaseColumn {
    let name: String
    private(set) var needsText = false
    private var type: FieldType?
    private let isDeclared: Bool
    private let missing: MissingTokens
    private let badCells: TableOptions.BadCells
    private var numbers = [Double]()
    private var codes = [Int32]()
    private var vocabulary = Vocabulary()
    private let scratch = Scratch()

    init(name: String, type: FieldType?, missing: MissingTokens, badCells: TableOptions.BadCells) {
        self.name = name
        self.type = type
        self.missing = missing
        self.badCells = badCells
        isDeclared = type != nil
    }

    mutating func append(_ statement: OpaquePointer, _ index: Int32, record: Int, _ digest: inout Digest) throws {
        let storage = sqlite3_column_type(statement, index)
        withUnsafeBytes(of: UInt8(truncatingIfNeeded: storage)) { digest.update($0) }
        switch storage {
        case SQLITE_NULL:
            appendMissing()
        case SQLITE_BLOB:
            throw GibbsError(.unsuitableData, "holds a blob", at: .init(line: record, field: name),
                             advice: "leave this column out, or select what it holds as numbers or text")
        case SQLITE_TEXT:
            try appendText(statement, index, record, isText: true, &digest)
        default:
            let number = sqlite3_column_double(statement, index)
            withUnsafeBytes(of: number.bitPattern.littleEndian) { digest.update($0) }
            if type == nil { decide(.number) }
            if type != .number { try appendText(statement, index, record, isText: false, &digest); return }
            guard number.isFinite || badCells == .missing else {
                throw CellError.notFinite("\(number)", field: name, line: record)
            }
            numbers.append(number.isFinite ? number : .nan)
        }
    }

    private mutating func appendText(_ statement: OpaquePointer, _ index: Int32, _ record: Int, isText: Bool,
                                     _ digest: inout Digest) throws {
        let start = sqlite3_column_text(statement, index)
        let count = Int(sqlite3_column_bytes(statement, index))
        // Copied because words are loaded whole behind the end of a text.
        scratch.clear()
        if let start { scratch.append(start, count) }
        let text = scratch.text
        if isText { digest.update(UnsafeRawBufferPointer(text)) }
        if type == nil, !missing.contains(text) { decide(.category) }
        switch type {
        case .category:
            if missing.contains(text) { codes.append(-1); return }
            guard let code = vocabulary.code(text) else { throw CellError.notUTF8(field: name, line: record) }
            codes.append(code)
        case .boolean:
            let truth = truthValue(text)
            codes.append(truth ?? -1)
            if truth == nil, badCells == .reject, !missing.contains(text) {
                throw CellError.notBoolean(text.forMessage, field: name, line: record)
            }
        case .number, nil:
            if !isDeclared, !missing.contains(text) { needsText = true }
            switch NumberCell(text, missing, Decimal.tables) {
            case .value(let value): numbers.append(value)
            case .missing: numbers.append(.nan)
            case .notFinite where isDeclared && badCells == .reject:
                throw CellError.notFinite(text.forMessage, field: name, line: record)
            case .notNumber where isDeclared && badCells == .reject:
                throw CellError.notNumber(text.forMessage, field: name, line: record)
            case .notFinite, .notNumber: numbers.append(.nan)
            }
        }
    }

    private mutating func appendMissing() {
        if type == nil || type == .number { numbers.append(.nan) } else { codes.append(-1) }
    }

    private mutating func decide(_ decided: FieldType) {
        type = decided
        guard decided != .number else { return }
        codes = [Int32](repeating: -1, count: numbers.count)
        numbers = []
    }

    mutating func take() -> Column {
        defer {
            numbers = []
            codes = []
            vocabulary = Vocabulary()
        }
        switch type {
        case .category: return Column(name: name, storage: .categories(codes: codes, names: vocabulary.names))
        case .boolean: return Column(name: name, storage: .categories(codes: codes, names: Column.booleanNames))
        case .number, nil: return Column(name: name, numbers: numbers)
        }
    }
}

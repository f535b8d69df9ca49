import Foundation
import GibbsNumerics

/// Opens tables in any of the formats of `TableFormat`, plain or gzip, and reads them whole or in chunks.
///
/// ```swift
/// let table = try TableReader(path: "readings.csv.gz").readAll()
/// let chunks = try TableReader(path: "readings.csv").chunks(rows: 10_000, types: ["speed": .number])
/// while let chunk = try chunks.next() { … }
/// ```
public struct TableReader: Sendable {
    /// The file, `-` for standard input, or what bytes in memory are called.
    public let path: String
    /// The format that the options or the path's ending told.
    public let format: TableFormat
    /// What the reader was told besides.
    public let options: TableOptions
    private let bytes: [UInt8]?

    /// What is read.
    var input: InputFile { bytes.map { InputFile(bytes: $0, name: path) } ?? InputFile(path: path) }

    /// Opens nothing yet.
    ///
    /// - Parameters:
    ///   - path: A file, or `-` for standard input, which needs `options.format`.
    ///   - options: What to know beyond the path.
    /// - Throws: `.usage` when neither the options nor the path's ending tell the format.
    public init(path: String, options: TableOptions = TableOptions()) throws {
        guard let format = options.format ?? (path == "-" ? nil : TableFormat(path: path)) else {
            let known = TableFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw GibbsError(.usage, path == "-" ? "standard input has no ending that tells its format" : "the ending tells no format",
                             at: .init(file: path == "-" ? "standard input" : path), advice: "add --format csv, or whichever it is of \(known)")
        }
        (self.path, self.format, self.options, bytes) = (path, format, options, nil)
    }

    /// Reads bytes in memory, plain or gzip, such as those of a request.
    ///
    /// NumPy archives and SQLite databases are copied to a temporary file, as from standard input.
    ///
    /// - Parameters:
    ///   - name: What messages call them; its ending tells the format where the options do not.
    ///   - options: As of a file.
    /// - Throws: `.usage` when neither the options nor the name's ending tell the format.
    public init(bytes: [UInt8], name: String, options: TableOptions = TableOptions()) throws {
        let named = try TableReader(path: name, options: options)
        (path, format, self.options, self.bytes) = (name, named.format, options, bytes)
    }

    /// The whole table, with types inferred over all of it where the options do not fix them.
    ///
    /// A column is a number column if every cell in it is a number or missing, boolean if every one is a spelling of true or
    /// false, and a category otherwise, with its texts exactly as written. Where text turns up late in a column that began
    /// with numbers, that column is read a second time. Standard input is copied to an unlinked temporary file for this.
    /// Integers beyond 2^53 lose digits as numbers; declare such identifiers categories.
    ///
    /// No error: a header without rows, missing cells, a column without any value (it holds numbers, all missing).
    ///
    /// - Parameter columns: The columns to keep, in that order; others are not even parsed. Nil keeps all.
    /// - Throws: `.cannotRead`, `.malformedData` with file and line, `.unsuitableData` for an empty source or an absent
    ///   column, `.limitExceeded` beyond `options.limits`.
    /// - Complexity: One pass (two in the case above); about as much memory as eight bytes a cell, four in categories.
    public func readAll(columns: [String]? = nil) throws -> Table {
        try checkRequest(columns)
        switch format {
        case .csv, .tsv, .ndjson: return try TextTables.readAll(self, columns: columns)
        case .npy, .npz, .idx: return try ArrayTables(self).readAll(columns: columns)
        case .sqlite: return try DatabaseTables.readAll(self, columns: columns)
        }
    }

    /// The table as chunks of that many rows (the last one may be shorter), in bounded memory, with types fixed beforehand.
    ///
    /// Columns that `types` and the options leave open are categories with their exact text, except in number arrays. Codes
    /// and names belong to one chunk only. A cell that does not fit its type is an error unless the options say otherwise.
    ///
    /// - Parameters:
    ///   - rows: Rows a chunk, at least 1.
    ///   - types: Types by column name, ahead of the options' own. Names that do not occur are no error.
    ///   - columns: The columns to keep, in that order; others are not even parsed. Nil keeps all. In JSON lines a column that
    ///     never occurs is missing throughout; elsewhere it is an error.
    /// - Throws: As `readAll`, here for the header and from `next()` for the rows.
    public func chunks(rows: Int, types: [String: FieldType] = [:], columns: [String]? = nil) throws -> TableChunks {
        guard rows > 0 else { throw GibbsError(.usage, "chunks of \(rows) rows", advice: "ask for at least one row") }
        try checkRequest(columns)
        let types = options.types.merging(types) { $1 }
        switch format {
        case .csv, .tsv, .ndjson:
            let tables = try TextTables.lines(self, input: input, types: types, columns: columns, infers: false)
            return TableChunks(digest: { tables.digest }) { try tables.next(rows: rows) }
        case .npy, .npz, .idx:
            let tables = try ArrayTables(self, types: types)
            return TableChunks { try tables.next(rows: rows, columns: columns) }
        case .sqlite:
            let tables = try DatabaseTables(self, types: types, columns: columns, infers: false)
            return TableChunks { try tables.next(rows: rows) }
        }
    }

    private func checkRequest(_ columns: [String]?) throws {
        var known = Set<String>()
        for name in columns ?? [] where !known.insert(name).inserted {
            throw GibbsError(.usage, "the column is asked for twice", at: .init(field: name), advice: "name each column once")
        }
    }
}

/// A table chunk by chunk: a `while let chunk = try chunks.next()` loop. Used from one task at a time.
public final class TableChunks {
    private let produce: () throws -> Table?
    private let digestSoFar: () -> String?
    private var isFinished = false

    init(digest: @escaping () -> String? = { nil }, _ produce: @escaping () throws -> Table?) { (self.produce, digestSoFar) = (produce, digest) }

    /// Sixteen hexadecimal digits over the bytes taken in so far (see `Digest`): of the whole source after the last chunk; nil where the format has none.
    public var digest: String? { digestSoFar() }

    /// The next rows, or nil at the end and after an error.
    ///
    /// - Throws: As `TableReader.readAll(columns:)`; rows given out before stay valid.
    public func next() throws -> Table? {
        guard !isFinished else { return nil }
        isFinished = true
        let table = try produce()
        isFinished = table == nil
        return table
    }
}

/// Delimited text and JSON lines behind `TableReader`.
enum TextTables {
    static func lines(_ reader: TableReader, input: InputFile, types: [String: FieldType], columns: [String]?, infers: Bool) throws
        -> LineTables {
        try LineTables(source: input.open(), syntax: reader.format == .ndjson ? .json : .delimited, format: reader.format,
                       options: reader.options, types: types, columns: columns, infers: infers)
    }

    static func readAll(_ reader: TableReader, columns: [String]?) throws -> Table {
        let input = try reader.input.rereadable(limit: reader.options.limits.spooledBytes)
        let types = reader.options.types
        let first = try lines(reader, input: input, types: types, columns: columns, infers: true)
        var table = try first.next(rows: .max) ?? first.take()
        table.digest = first.digest
        if reader.format == .ndjson {
            guard table.rowCount > 0 else {
                throw GibbsError(.unsuitableData, "holds no records", at: .init(file: input.name), advice: "write one JSON object a line")
            }
            for name in (columns ?? []) + reader.options.mustOccur.sorted() where !first.occurring.contains(name) {
                throw Table.absent(name, among: first.occurring.sorted(), file: input.name)
            }
        }
        for builder in first.builders where !builder.needsText && reader.options.badCells == .reject {
            guard let line = builder.notFiniteLine else { continue }
            throw CellError.notFinite(nil, field: builder.name, line: line).located(at: .init(file: input.name))
        }
        let doubtful = first.builders.filter(\.needsText).map(\.name)
        guard !doubtful.isEmpty else { return table }
        let asText = Dictionary(uniqueKeysWithValues: doubtful.map { ($0, FieldType.category) })
        let second = try lines(reader, input: input, types: asText, columns: doubtful, infers: true)
        let again = try second.next(rows: .max) ?? second.take()
        guard again.rowCount == table.rowCount, second.digest == first.digest else {
            throw GibbsError(.cannotRead, "changed while it was being read", at: .init(file: input.name),
                             advice: "read a copy that nobody writes to")
        }
        for column in again.columns { table = table.adding(column) }
        return table
    }
}

import GibbsNumerics

/// Rows of typed, named columns: what every reader of this room gives, whole or chunk by chunk.
public struct Table: Sendable {
    /// In the order of the source; all of the same length.
    public private(set) var columns: [Column]
    /// The number of rows.
    public let rowCount: Int
    /// For each row, the one-based line of its source on which it begins, or its record number where there are no lines.
    public private(set) var lines: [Int]
    /// Sixteen hexadecimal digits over the bytes a reader took in (decompressed; see `Digest`); nil for other tables.
    public var digest: String?

    /// A table of these columns, its rows numbered from 1 unless `lines` are given.
    ///
    /// Traps when columns differ in length, names repeat, or `lines` is given with another length.
    public init(columns: [Column], lines: [Int]? = nil, digest: String? = nil) {
        let rows = columns.first?.count ?? lines?.count ?? 0
        for column in columns {
            precondition(column.count == rows, "column '\(column.name)' has \(column.count) rows where others have \(rows)")
        }
        precondition(Set(columns.map(\.name)).count == columns.count, "column names repeat")
        precondition(lines == nil || lines!.count == rows, "\(lines?.count ?? 0) lines for \(rows) rows")
        self.columns = columns
        self.lines = lines ?? Array(1 ..< rows + 1)
        self.digest = digest
        rowCount = rows
    }

    /// The names of the columns, in order.
    public var columnNames: [String] { columns.map(\.name) }

    /// The column of that name, or nil. Cost: a walk over the names.
    public subscript(_ name: String) -> Column? { columns.first { $0.name == name } }

    /// The column of that name.
    ///
    /// - Throws: `.unsuitableData` naming the columns there are, when it is absent.
    public func column(_ name: String) throws -> Column {
        if let column = self[name] { return column }
        throw Self.absent(name, among: columnNames)
    }

    /// At most sixty characters, for messages.
    private static func shortened(_ name: String) -> String { name.count > 60 ? name.prefix(57) + "…" : name }

    static func absent(_ name: String, among names: [String], file: String? = nil) -> GibbsError {
        let shown = names.prefix(20).map { "'\(shortened($0))'" }.joined(separator: ", ") + (names.count > 20 ? ", …" : "")
        let hint = Spelling.question(name, among: names).map { $0 + " " }
            ?? (looksLikeARecord(names) ? "the first line looks like a record: if it names no columns, say --no-header; " : "")
        return GibbsError(.unsuitableData, "there is no column '\(shortened(name))'", at: .init(file: file, field: shortened(name)),
                          advice: hint + (names.isEmpty ? "the data has no columns" : "the columns are \(shown)"))
    }

    /// Whether names of columns are rather the cells of a record: at least half of them numbers, and not just 0, 1, 2, … as
    /// some programs number their columns.
    package static func looksLikeARecord(_ names: [String]) -> Bool {
        let numbers = names.compactMap { Double($0) }
        return !numbers.isEmpty && numbers.count * 2 >= names.count
            && !(numbers.count + 1 >= names.count && zip(numbers, numbers.dropFirst()).allSatisfy { $1 == $0 + 1 } && numbers[0] <= 1)
    }

    /// The named rows in the order given; an index may repeat. The digest is dropped because the data is another.
    public func selecting(rows: [Int]) -> Table {
        Table(columns: columns.map { $0.selecting(rows: rows) }, lines: rows.map { lines[$0] })
    }

    /// The named columns in the order given.
    ///
    /// - Throws: `.unsuitableData` when one is absent.
    public func selecting(columns names: [String]) throws -> Table {
        Table(columns: try names.map(column), lines: lines, digest: digest)
    }

    /// All columns but these; a name that is absent is no error.
    public func dropping(columns names: [String]) -> Table {
        let dropped = Set(names)
        return Table(columns: columns.filter { !dropped.contains($0.name) }, lines: lines, digest: digest)
    }

    /// This table with one more column, or with the column of that name replaced. Traps on another length.
    public func adding(_ column: Column) -> Table {
        var result = columns
        if let index = columns.firstIndex(where: { $0.name == column.name }) { result[index] = column } else { result.append(column) }
        return Table(columns: result, lines: lines, digest: digest)
    }

    /// These rows followed by `other`'s, matched by column name; the lines stay each source's own.
    ///
    /// - Throws: `.shapeMismatch` when the column names or kinds differ.
    public func appending(_ other: Table) throws -> Table {
        guard Set(columnNames) == Set(other.columnNames) else {
            let odd = Set(columnNames).symmetricDifference(other.columnNames).sorted().map { "'\($0)'" }.joined(separator: ", ")
            throw GibbsError(.shapeMismatch, "tables with different columns: only one of them has \(odd)",
                             advice: "select the same columns of both")
        }
        return Table(columns: try columns.map { try $0.appending(try other.column($0.name)) }, lines: lines + other.lines)
    }

    /// A cell as a person would write it; nil where it is missing.
    ///
    /// - Throws: `.unsuitableData` when there is no such column.
    public func text(row: Int, column name: String) throws -> String? { try column(name).text(row) }

    /// The columns as one matrix of rows × columns: numbers as they are, categories as their codes, `nan` for missing.
    ///
    /// - Parameter names: Which columns, in order; all of them unless told.
    /// - Throws: `.unsuitableData` for an absent column or a number that single precision cannot hold.
    public func matrix(of names: [String]? = nil) throws -> Matrix {
        let chosen = try names.map { try $0.map(column) } ?? columns
        var result = Matrix(rows: rowCount, columns: chosen.count)
        for (c, column) in chosen.enumerated() {
            switch column.storage {
            case .numbers(let numbers):
                for row in 0 ..< rowCount {
                    let value = Float(numbers[row])
                    if value.isInfinite {
                        throw GibbsError(.unsuitableData, "\(numbers[row]) exceeds single precision",
                                         at: .init(line: lines[row], field: column.name), advice: "rescale the column")
                    }
                    result.values[row * chosen.count + c] = value
                }
            case .categories(let codes, _):
                for row in 0 ..< rowCount { result.values[row * chosen.count + c] = codes[row] < 0 ? .nan : Float(codes[row]) }
            }
        }
        return result
    }
}

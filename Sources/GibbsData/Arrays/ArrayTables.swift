import Foundation
import GibbsNumerics

/// NumPy arrays and IDX files as tables: columns `c1`, `c2`, … of numbers, and `y` for the labels of an `.npz`.
///
/// `nan` in an array is a missing cell; an infinity is an error, as in text.
final class ArrayTables {
    private let name: String
    private let values: ArrayValues
    private let labels: ArrayValues?
    private let sources: [ByteSource]
    private let names: [String]
    private let types: [String: FieldType]
    private let options: TableOptions
    private var rowsDone = 0
    private var isChecked = false

    init(_ reader: TableReader, types: [String: FieldType]? = nil) throws {
        let input = reader.input
        let limits = reader.options.limits
        name = input.name
        options = reader.options
        self.types = types ?? reader.options.types
        do {
            if reader.format == .npz {
                let archive = try ZipArchive(input, limits: limits)
                let x = try archive.member("X.npy") ?? archive.member("x.npy")
                guard let x else {
                    throw GibbsError(.unsuitableData, "holds no array X, only \(archive.memberNames)",
                                     advice: "save it with numpy.savez(path, X=…, y=…)")
                }
                let y = try archive.member("y.npy")
                values = ArrayValues(header: try .numpy(x, limits: limits), source: x, limits: limits)
                labels = try y.map { ArrayValues(header: try .numpy($0, limits: limits), source: $0, limits: limits) }
                sources = [x] + (y.map { [$0] } ?? [])
            } else {
                let source = try input.open()
                let header = try reader.format == .idx ? ArrayHeader.idx(source, limits: limits) : .numpy(source, limits: limits)
                values = ArrayValues(header: header, source: source, limits: limits)
                labels = nil
                sources = [source]
            }
            if let labels, labels.header.columns != 1 || labels.header.rows != values.header.rows {
                throw GibbsError(.unsuitableData, "X has the shape \(values.header.shape) and y \(labels.header.shape)",
                                 advice: "y must hold one number for each row of X")
            }
        } catch let error as GibbsError {
            throw error.located(at: .init(file: input.name))
        }
        let isLabels = reader.format == .idx && values.header.shape.count == 1
        names = isLabels ? ["y"] : (0 ..< values.header.columns).map { "c\($0 + 1)" } + (labels == nil ? [] : ["y"])
    }

    func readAll(columns: [String]?) throws -> Table {
        guard values.header.rows <= options.limits.rows else {
            throw GibbsError(.limitExceeded, "\(values.header.rows) rows exceed the limit of \(options.limits.rows)",
                             at: .init(file: name), advice: "read it in chunks, or raise the limit rows")
        }
        guard var table = try next(rows: .max, columns: columns) else {
            throw GibbsError(.unsuitableData, "holds no rows", at: .init(file: name), advice: "give an array with at least one row")
        }
        var digest = Digest()
        for source in sources { Array(source.digest.hex.utf8).withUnsafeBytes { digest.update($0) } }
        table.digest = sources.count == 1 ? sources[0].digest.hex : digest.hex
        return table
    }

    func next(rows: Int, columns: [String]?) throws -> Table? {
        do {
            for wanted in (columns ?? []) + options.mustOccur.sorted() where !names.contains(wanted) { throw Table.absent(wanted, among: names) }
            let (count, numbers) = try values.next(rows: rows)
            if count == 0 {
                if !isChecked { try values.checkEnd(); try labels?.checkEnd() }
                isChecked = true
                return nil
            }
            let y = try labels?.next(rows: count).values
            if values.rowsLeft == 0 {
                try values.checkEnd()
                try labels?.checkEnd()
                isChecked = true
            }
            defer { rowsDone += count }
            let width = values.header.columns
            let positions = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
            let result = try (columns ?? names).map { name -> Column in
                let position = positions[name]!
                let cells = position < width && !(name == "y" && y != nil)
                    ? (width == 1 ? numbers : (0 ..< count).map { numbers[$0 * width + position] }) : y!
                return try column(name, cells)
            }
            return Table(columns: result, lines: Array(rowsDone + 1 ..< rowsDone + count + 1))
        } catch let error as GibbsError {
            throw error.located(at: .init(file: name))
        }
    }

    private func column(_ name: String, _ cells: [Double]) throws -> Column {
        var cells = cells
        for index in cells.indices where cells[index].isInfinite {
            guard options.badCells == .missing else {
                throw CellError.notFinite("\(cells[index])", field: name, line: rowsDone + index + 1)
            }
            cells[index] = .nan
        }
        let column = Column(name: name, numbers: cells)
        switch types[name] {
        case .category: return Column(name: name, texts: (0 ..< cells.count).map { column.text($0) })
        case .boolean:
            return Column(name: name, booleans: try cells.enumerated().map { index, value in
                if value == 0 || value == 1 { return value == 1 }
                guard value.isNaN || options.badCells == .missing else {
                    throw CellError.notBoolean("\(value)", field: name, line: rowsDone + index + 1)
                }
                return nil
            })
        case .number, nil: return column
        }
    }
}

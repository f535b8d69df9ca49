import Foundation
import GibbsData
import GibbsNumerics

/// Reads ratings from any table (CSV, TSV, JSON lines, SQLite), and from the files of MovieLens (`u.data`, `ratings.dat`, `ratings.csv`),
/// RecBole (`.inter`) and Orange (`.tab`, as FilmTrust's), plain or gzip; row by row, so that memory holds the ratings and not the text.
///
/// - `.data` has no header: person, item, rating, time. `.dat` is the same with `::` between them.
/// - `.inter` and `.tab` are delimited by tabs; `.tab` may have two lines of types and roles below its header, as Orange writes them.
/// - A rating must be a finite number. A row that lacks the person, the item or the rating is left out and counted.
public struct RatingsReader: Sendable {
    /// The file, or `-`.
    public let path: String
    private let options: TableOptions
    private let asked: RatingColumns.Asked
    private let remembered: RatingColumns?
    private let layout: Layout

    /// Rows that are read at once.
    private static let chunk = 500_000

    private enum Layout { case table, movieLensData, movieLensColons, inter, orange }

    /// Opens nothing yet.
    ///
    /// - Parameters:
    ///   - path: A file, or `-` for standard input, which needs `options.format`.
    ///   - options: How the table is read.
    ///   - columns: Columns that are not to be told from their names.
    ///   - remembered: Columns of other ratings, which are taken where these have them, too.
    public init(path: String, options: TableOptions = TableOptions(), columns: RatingColumns.Asked = .init(), remembered: RatingColumns? = nil) {
        var options = options, name = path.lowercased()
        if name.hasSuffix(".gz") { name.removeLast(3) }
        var layout = Layout.table
        if options.format == nil {
            if name.hasSuffix(".data") { layout = .movieLensData } else if name.hasSuffix(".dat") { layout = .movieLensColons }
            if name.hasSuffix(".inter") { layout = .inter } else if name.hasSuffix(".tab") { layout = .orange }
        }
        switch layout {
        case .table: break
        case .movieLensData: (options.format, options.hasHeader) = (.tsv, false)
        case .movieLensColons: (options.format, options.hasHeader, options.delimiter) = (.csv, false, options.delimiter ?? ":")
        case .inter, .orange: options.format = .tsv
        }
        (self.path, self.options, self.asked, self.remembered, self.layout) = (path, options, columns, remembered, layout)
    }

    /// All ratings of the file.
    ///
    /// - Parameters:
    ///   - isImplicit: Whether the rows are events: the rating column is then not read unless it was asked for, and repetitions are counted up.
    ///   - progress: Told how many rows were read so far.
    /// - Throws: `GibbsError` from `TableReader`; `.unsuitableData` for a rating that is no finite number (with its line), and for a file
    ///   without a complete row.
    public func read(isImplicit: Bool = false, progress: (Int) throws -> Void = { _ in }) throws -> Ratings {
        let place = GibbsError.Place(file: path == "-" ? "standard input" : path)
        do { return try readAll(isImplicit: isImplicit, progress: progress) } catch let error as GibbsError { throw error.located(at: place) }
    }

    private func readAll(isImplicit: Bool, progress: (Int) throws -> Void) throws -> Ratings {
        var draft = Draft(), columns: RatingColumns?, options = options, skipped = 0, rows = 0
        options.limits.rows = max(options.limits.rows, 1 << 31)
        let chunks = try TableReader(path: path, options: options).chunks(rows: Self.chunk)
        while var table = try chunks.next() {
            if rows == 0, layout == .orange, Self.isOfTypes(table) { skipped = 2 }
            if skipped > 0 {
                let kept = min(skipped, table.rowCount)
                table = table.selecting(rows: Array(kept ..< table.rowCount))
                skipped -= kept
            }
            let chosen = try columns ?? self.columns(of: table, isImplicit: isImplicit)
            columns = chosen
            try draft.add(table, chosen)
            rows += table.rowCount
            try progress(rows)
        }
        guard !draft.user.isEmpty else {
            throw GibbsError(.unsuitableData, rows == 0 ? "holds no ratings" : "none of its \(rows) rows has a person, an item and a rating", advice: "look at its columns: person, item, rating, time")
        }
        var ratings = Ratings(users: draft.users, items: draft.items, user: draft.user, item: draft.item, value: draft.value,
                              time: columns?.time == nil ? nil : draft.time, countsRepeats: columns?.rating == nil)
        (ratings.incomplete, ratings.digest, ratings.columns) = (draft.incomplete, chunks.digest, columns)
        return ratings
    }

    /// Whether the first row tells Orange's types of the columns, so that the second tells their roles.
    private static func isOfTypes(_ table: Table) -> Bool {
        let types: Set = ["c", "d", "s", "t", "continuous", "discrete", "string", "time"]
        return table.rowCount > 0 && table.columns.allSatisfy { column in column.text(0).map { types.contains($0.lowercased()) } ?? true }
            && table.columns.contains { $0.text(0) != nil }
    }

    private func columns(of table: Table, isImplicit: Bool) throws -> RatingColumns {
        var names = table.columnNames
        if layout == .movieLensColons, options.delimiter == ":" {
            // With one colon as the delimiter there is an empty column between any two.
            names = stride(from: 0, to: names.count, by: 2).map { names[$0] }
        }
        if options.hasHeader, Table.looksLikeARecord(names) {
            throw GibbsError(.unsuitableData, "the first line looks like a rating, not like names of columns", advice: "say --no-header")
        }
        var columns = try RatingColumns(among: names, asked: asked, remembered: remembered, ordered: !options.hasHeader)
        if isImplicit, asked.rating == nil { columns.rating = nil }
        for name in columns.names where table[name] == nil { _ = try table.column(name) }
        return columns
    }

    /// The ratings so far, in the order of the file.
    private struct Draft {
        var users = Identifiers(), items = Identifiers()
        var user = [Int32](), item = [Int32](), value = [Float](), time = [Double]()
        var incomplete = 0

        mutating func add(_ table: Table, _ columns: RatingColumns) throws {
            let people = try codes(table, columns.user), things = try codes(table, columns.item)
            let ratings = try columns.rating.map { try numbers(table, $0, mustBeFinite: true) }
            let times = try columns.time.map { try numbers(table, $0, mustBeFinite: false) }
            var newUser = [Int32](repeating: -1, count: people.names.count), newItem = [Int32](repeating: -1, count: things.names.count)
            for row in 0 ..< table.rowCount {
                let (u, i) = (Int(people.codes[row]), Int(things.codes[row]))
                guard u >= 0, i >= 0, !(ratings.map { $0[row].isNaN } ?? false) else { incomplete += 1; continue }
                if newUser[u] < 0 { newUser[u] = users.index(adding: people.names[u]) }
                if newItem[i] < 0 { newItem[i] = items.index(adding: things.names[i]) }
                user.append(newUser[u])
                item.append(newItem[i])
                value.append(ratings.map { Float($0[row]) } ?? 1)
                if let times { time.append(times[row].isNaN ? 0 : times[row]) }
            }
        }

        private func codes(_ table: Table, _ name: String) throws -> (codes: [Int32], names: [String]) {
            let column = try table.column(name)
            switch column.storage {
            case .categories(let codes, let names): return (codes, names)
            case .numbers: return try codesOfNumbers(column)
            }
        }

        private func codesOfNumbers(_ column: Column) throws -> (codes: [Int32], names: [String]) {
            let texts = Column(name: column.name, texts: (0 ..< column.count).map { column.text($0) })
            guard case .categories(let codes, let names) = texts.storage else { preconditionFailure("texts are categories") }
            return (codes, names)
        }

        /// A column as numbers, `nan` where missing. Ratings are few texts, so each text is read once.
        private func numbers(_ table: Table, _ name: String, mustBeFinite: Bool) throws -> [Double] {
            let column = try table.column(name)
            switch column.storage {
            case .numbers(let numbers): return numbers
            case .categories(let codes, let names):
                let read = names.map { mustBeFinite ? Double($0) : Double($0) ?? TimeStamp.seconds($0) }
                return try codes.enumerated().map { row, code in
                    guard code >= 0 else { return .nan }
                    if let number = read[Int(code)], number.isFinite || !mustBeFinite { return number }
                    let text = names[Int(code)]
                    throw GibbsError(.unsuitableData, "'\(text.prefix(40))' is no \(mustBeFinite ? "finite number" : "time")", at: .init(line: table.lines[row], field: name),
                                     advice: mustBeFinite ? "ratings are numbers; rows without ratings are events" : "give seconds or ISO 8601, or leave the time out")
                }
            }
        }
    }
}

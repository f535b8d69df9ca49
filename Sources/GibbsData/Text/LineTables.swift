import Foundation
import GibbsNumerics

/// Delimited text or JSON lines as tables: blocks are cut into pieces of whole records, the pieces are parsed at once on a
/// few threads while the next block is read, and their cells are appended in the order of the rows.
///
/// Results do not depend on the number of threads: names of categories are numbered while appending.
final class LineTables {
    enum Syntax { case delimited, json }

    let source: ByteSource
    let syntax: Syntax
    let options: TableOptions
    let requested: [String]?
    var rules: PieceRules
    private let pieceSize: Int
    var current: Block
    private var spare: Block
    var atEnd = false
    var nextLine = 1
    private var isFirstRound = true

    var pieces = [Piece]()
    /// For each piece, the builder's column in it, or -1.
    var localColumns: [[Int]] = []
    var seenColumns: [Int] = []
    /// Parsed rows that no table holds yet.
    private var ready: [(piece: Int, firstLine: Int, rows: Range<Int>)] = []

    private(set) var builders = [ColumnBuilder]()
    private var builderIndex = [String: Int]()
    private var lines = [Int]()
    private var expectedRows = 0
    /// Columns that occurred in the source, for telling a typing mistake from data that is merely missing.
    var occurring = Set<String>()

    /// - Parameters:
    ///   - types: Types by column name; other columns are inferred, or read as categories unless `infers`.
    ///   - columns: The columns to keep, in that order; nil for all.
    init(source: ByteSource, syntax: Syntax, format: TableFormat, options: TableOptions, types: [String: FieldType],
         columns: [String]?, infers: Bool) throws {
        self.source = source
        self.syntax = syntax
        self.options = options
        requested = columns
        rules = PieceRules(missing: MissingTokens(options.missing), badCells: options.badCells, limits: options.limits,
                           types: types, wanted: columns.map(Set.init), infers: infers)
        pieceSize = 256 << 10
        let size = pieceSize * options.threads * 2
        current = Block(capacity: size)
        spare = Block(capacity: size)
        do {
            try begin(format)
        } catch let error as GibbsError {
            throw error.located(at: .init(file: source.name))
        }
    }

    var digest: String { source.digest.hex }

    /// The next rows, at most that many; nil at the end.
    func next(rows: Int) throws -> Table? {
        do {
            while lines.count < rows {
                if ready.isEmpty, try !round() { break }
                try append(atMost: rows - lines.count)
                if rows == .max { try checkLimits() }
            }
        } catch let error as GibbsError {
            throw error.located(at: .init(file: source.name))
        }
        guard !lines.isEmpty else { return nil }
        return take()
    }

    /// The rows collected so far, possibly none.
    func take() -> Table {
        let columns = builders.map { $0.take(infersBooleans: rules.infers) }
        defer { lines = [] }
        return Table(columns: columns, lines: lines)
    }

    func addBuilder(_ name: String) {
        builderIndex[name] = builders.count
        builders.append(ColumnBuilder(name: name, kind: rules.kind(of: name).kind, precedingRows: lines.count, rules: rules))
    }

    // MARK: Rounds

    /// Parses the next pieces into `ready`. Returns false at the end of the source.
    private func round() throws -> Bool {
        guard let cuts = try nextCuts() else { return false }
        adoptKinds()
        var starts = [current.start]
        starts.append(contentsOf: cuts.dropLast())
        // The rest of the block is carried over and filled up while the pieces are parsed.
        let isWholeBlock = !source.isLive && !atEnd && !isFirstRound && current.end - cuts.last! < pieceSize
        if isWholeBlock { spare.restart(with: UnsafeBufferPointer(start: cuts.last!, count: current.end - cuts.last!)) }
        let extra = isWholeBlock ? 1 : 0
        var readError: Error?
        Workers.run(tasks: cuts.count + extra, threads: options.threads) { task in
            if task < extra {
                do { atEnd = try spare.fill(from: source) } catch { readError = error }
            } else {
                parse(task - extra, starts[task - extra], cuts[task - extra])
            }
        }
        if isFirstRound, rules.infers { settleFirstPiece(starts[0], cuts[0]) }
        isFirstRound = false
        try collect(cuts.count)
        if let readError { throw readError }
        if isWholeBlock { swap(&current, &spare) } else { current.skip(to: cuts.last!) }
        return true
    }

    /// Ends of pieces of whole records, at least one; nil at the end of the source.
    private func nextCuts() throws -> [UnsafePointer<UInt8>]? {
        while true {
            if atEnd {
                guard current.count > 0 else { return nil }
                if current.end[-1] != 0x0A { current.append(0x0A) }
            }
            var cuts = CSVRecords.cuts(from: current.start, to: current.end, every: pieceSize, delimiter: rules.delimiter,
                                       quotes: syntax == .delimited)
            // A quote that never closes: the parser will say where it opens.
            if atEnd, cuts.last ?? current.start < current.end { cuts.append(current.end) }
            // The first piece goes alone, so that its types can guide the others.
            if !cuts.isEmpty { return Array(cuts.prefix(isFirstRound && rules.infers ? 1 : pieces.count)) }
            guard current.count <= options.limits.lineLength else { throw CSVRecords.tooLong(options.limits.lineLength, line: nextLine) }
            atEnd = try current.fill(from: source)
        }
    }

    private func parse(_ index: Int, _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) {
        if syntax == .delimited { pieces[index].parseCSV(start, end) } else { pieces[index].parseJSON(start, end) }
    }

    /// Columns whose type is being inferred continue as what they have turned out to be.
    private func adoptKinds() {
        guard rules.infers else { return }
        for (index, piece) in pieces.enumerated() {
            for (builder, local) in zip(builders, localColumns[index]) where local >= 0 && !piece.columns[local].isDeclared {
                piece.columns[local].kind = builder.kind
            }
        }
    }

    /// Reads the first piece again while it shows text in columns that began like numbers: cheaper than a second pass.
    private func settleFirstPiece(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) {
        let piece = pieces[0]
        while piece.error == nil {
            let doubtful = (0 ..< piece.columnCount).filter { piece.columns[$0].needsText }
            if doubtful.isEmpty { return }
            for index in doubtful { piece.columns[index].kind = .category }
            parse(0, start, end)
        }
    }

    /// Takes in what the first pieces have parsed; the first error in the order of the lines is the one that counts.
    private func collect(_ count: Int) throws {
        for index in 0 ..< count {
            let piece = pieces[index]
            if var error = piece.error {
                error.place.line = (error.place.line ?? 0) + nextLine
                throw error
            }
            for local in seenColumns[index] ..< max(piece.columnCount, seenColumns[index]) {
                let name = piece.columns[local].name
                if builderIndex[name] == nil { addBuilder(name) }
                occurring.insert(name)
                let builder = builderIndex[name]!
                while localColumns[index].count <= builder { localColumns[index].append(-1) }
                localColumns[index][builder] = local
            }
            seenColumns[index] = piece.columnCount
            if piece.rowCount > 0 { ready.append((index, nextLine, 0 ..< piece.rowCount)) }
            nextLine += piece.lineCount
        }
    }

    /// Moves parsed rows to the builders, a thread per column.
    private func append(atMost limit: Int) throws {
        var parts: [(piece: Int, firstLine: Int, rows: Range<Int>)] = []
        var rest = limit
        while rest > 0, !ready.isEmpty {
            let count = min(rest, ready[0].rows.count)
            parts.append((ready[0].piece, ready[0].firstLine, ready[0].rows.prefix(count)))
            if count == ready[0].rows.count { ready.removeFirst() } else { ready[0].rows = ready[0].rows.dropFirst(count) }
            rest -= count
        }
        let isFirst = lines.isEmpty
        if isFirst { expectRows(rowsPerPart: parts.first.map { $0.rows.count } ?? 0, limit: limit) }
        for part in parts { for row in part.rows { lines.append(part.firstLine + Int(pieces[part.piece].lines[row])) } }
        let isSmall = parts.reduce(0) { $0 + $1.rows.count } * builders.count < 1 << 16
        var errors = [Error?](repeating: nil, count: builders.count)
        errors.withUnsafeMutableBufferPointer { errors in
            Workers.run(tasks: builders.count, threads: isSmall ? 1 : options.threads) { index in
                do {
                    for part in parts {
                        let locals = localColumns[part.piece]
                        if index < locals.count, locals[index] >= 0 {
                            try builders[index].append(column: locals[index], of: pieces[part.piece], rows: part.rows,
                                                       firstLine: part.firstLine)
                        } else {
                            builders[index].appendMissing(part.rows.count)
                        }
                    }
                    if isFirst { builders[index].reserve(expectedRows) }
                } catch { errors[index] = error }
            }
        }
        for error in errors { if let error { throw error } }
    }

    /// When all of a plain file is wanted: room for about as many rows as its size promises. Memory that stays untouched
    /// costs nothing, and the hint is bounded by the limits.
    private func expectRows(rowsPerPart: Int, limit: Int) {
        guard limit == .max, source.sizeHint > 8 * pieceSize, !source.isCompressed, builders.count > 0 else { return }
        expectedRows = min(source.sizeHint / pieceSize * (rowsPerPart + rowsPerPart / 16 + 1), options.limits.rows,
                           options.limits.cells / builders.count)
        lines.reserveCapacity(expectedRows)
    }

    private func checkLimits() throws {
        let limits = options.limits
        guard lines.count <= limits.rows else {
            throw GibbsError(.limitExceeded, "more than \(limits.rows) rows", advice: "read it in chunks, or raise the limit rows")
        }
        guard lines.count.multipliedReportingOverflow(by: builders.count).partialValue <= limits.cells else {
            throw GibbsError(.limitExceeded, "more than \(limits.cells) cells",
                             advice: "read it in chunks, name the columns to read, or raise the limit cells")
        }
    }
}

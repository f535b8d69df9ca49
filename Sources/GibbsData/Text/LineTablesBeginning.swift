import GibbsNumerics

/// The beginning of a text: its encoding, delimiter and header.
extension LineTables {
    /// Reads the first block, finds out what it is, and prepares columns and pieces.
    func begin(_ format: TableFormat) throws {
        atEnd = try current.fill(from: source)
        try skipMark()
        guard syntax == .delimited else {
            for name in requested ?? [] { addBuilder(name) }
            preparePieces(names: [])
            return
        }
        if let delimiter = options.delimiter {
            guard let byte = delimiter.asciiValue, byte >= 0x20 || byte == 0x09, !delimiter.isLetter, !delimiter.isNumber,
                  !"\"+-. ".contains(delimiter) else {
                throw GibbsError(.usage, "'\(delimiter)' cannot separate fields", advice: "use a comma, tab, semicolon or bar")
            }
            rules.delimiter = byte
        } else {
            rules.delimiter = format == .tsv ? 0x09 : CSVRecords.delimiter(current.start, current.end)
        }
        try completeHeader()
        let (cells, next, lines) = try CSVRecords.header(current.start, current.end, delimiter: rules.delimiter)
        guard !cells.isEmpty else {
            throw GibbsError(.unsuitableData, "is empty", advice: "give a file with a header line and at least one row")
        }
        guard cells.count <= options.limits.columns else { throw CellError.tooManyColumns(options.limits.columns, line: 1) }
        if options.hasHeader {
            current.skip(to: next)
            nextLine += lines
        }
        let names = cells.enumerated().map { options.hasHeader && !$1.isEmpty ? $1 : "c\($0 + 1)" }
        try prepareColumns(names, headerLine: nextLine - 1)
    }

    private func prepareColumns(_ names: [String], headerLine: Int) throws {
        var known = Set<String>()
        for name in names where !known.insert(name).inserted {
            throw GibbsError(.malformedData, "two columns are called '\(name)'", at: .init(line: max(headerLine, 1), field: name),
                             advice: Table.looksLikeARecord(names) ? "the first line looks like a record: if it names no columns, say --no-header"
                                 : "rename one of them in the header")
        }
        occurring = known
        for name in options.mustOccur.sorted() where !known.contains(name) { throw Table.absent(name, among: names, file: source.name) }
        for name in requested ?? names {
            guard known.contains(name) else { throw Table.absent(name, among: names, file: source.name) }
            addBuilder(name)
        }
        let positions = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        preparePieces(names: names)
        for index in pieces.indices {
            localColumns[index] = builders.map { positions[$0.name]! }
            seenColumns[index] = names.count
        }
    }

    /// Skips the byte-order mark and refuses what is certainly no UTF-8 text.
    private func skipMark() throws {
        let bytes = UnsafeBufferPointer(start: current.start, count: min(current.count, 4))
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { current.skip(to: current.start + 3) }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw GibbsError(.malformedData, "is UTF-16 text", at: .init(line: 1), advice: "convert it to UTF-8 first")
        }
        if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) {
            throw GibbsError(.malformedData, "is a zip archive or spreadsheet, not text", at: .init(line: 1),
                             advice: "export it as CSV, or name its real format")
        }
    }

    private func completeHeader() throws {
        while true {
            let text = UnsafeBufferPointer(start: current.start, count: current.count)
            if !text.contains(0x0A), let lone = text.firstIndex(of: 0x0D), lone + 1 < text.count {
                throw GibbsError(.malformedData, "its lines end in bare carriage returns", at: .init(line: 1),
                                 advice: "convert them to line feeds, for example with tr '\\r' '\\n'")
            }
            // Blank lines may come first, so any complete record that is not blank will do.
            var p = current.start
            while p < current.end, p[0] == 0x0A || p[0] == 0x0D { p += 1 }
            if CSVRecords.recordEnd(p, current.end, rules.delimiter) != nil { return }
            if atEnd {
                if current.count > 0, current.end[-1] != 0x0A { current.append(0x0A) }
                return
            }
            guard current.count <= options.limits.lineLength else { throw CSVRecords.tooLong(options.limits.lineLength, line: 1) }
            atEnd = try current.fill(from: source)
        }
    }

    private func preparePieces(names: [String]) {
        pieces = (0 ..< options.threads * 2).map { _ in Piece(rules: rules, names: names) }
        localColumns = Array(repeating: [], count: pieces.count)
        seenColumns = Array(repeating: 0, count: pieces.count)
    }
}

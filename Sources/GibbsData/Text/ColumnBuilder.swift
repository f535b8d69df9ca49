import GibbsNumerics

/// A column that grows piece by piece, in the order of the rows.
final class ColumnBuilder {
    let name: String
    private(set) var kind: CellKind
    /// Cells so far, or missing cells while the kind is undecided.
    private(set) var count: Int
    /// Text turned up in a column of numbers or the other way round: only a second pass with a fixed type can read it.
    private(set) var needsText = false
    /// The first line with a number that is not finite, in a column that is being inferred.
    private(set) var notFiniteLine: Int?

    private var numbers = [Double]()
    private var codes = [Int32]()
    private let vocabulary = Vocabulary()
    /// Changes whenever the vocabulary starts anew.
    private var epoch = 0
    private let missing: MissingTokens
    private let limits: TableOptions.Limits

    init(name: String, kind: CellKind, precedingRows: Int, rules: PieceRules) {
        self.name = name
        self.kind = kind
        missing = rules.missing
        limits = rules.limits
        count = 0
        appendMissing(precedingRows)
    }

    /// Expects about this many cells in all. A hint only.
    func reserve(_ rows: Int) {
        switch kind {
        case .number: numbers.reserveCapacity(rows)
        case .category, .boolean: codes.reserveCapacity(rows)
        case .skip, .undecided: break
        }
    }

    func appendMissing(_ rows: Int) {
        count += rows
        switch kind {
        case .number: numbers.append(contentsOf: repeatElement(.nan, count: rows))
        case .category, .boolean: codes.append(contentsOf: repeatElement(-1, count: rows))
        case .skip, .undecided: break
        }
    }

    /// Some rows of a piece's column. `firstLine` is the line of the file on which the piece begins.
    func append(column local: Int, of piece: Piece, rows: Range<Int>, firstLine: Int) throws {
        let column = piece.columns + local
        if column.pointee.needsText { giveUp() }
        if let found = column.pointee.notFiniteLine, notFiniteLine == nil { notFiniteLine = firstLine + found }
        if kind == .skip { count += rows.count; return }
        if column.pointee.filled == 0 { appendMissing(rows.count); return }
        if kind == .undecided, column.pointee.kind != .undecided, column.pointee.kind != .skip {
            kind = column.pointee.kind
            let before = count
            count = 0
            appendMissing(before)
        }
        switch (kind, column.pointee.kind) {
        case (_, .undecided):
            appendMissing(rows.count)
        case (.number, .number):
            count += rows.count
            numbers.append(contentsOf: UnsafeBufferPointer(start: column.pointee.numbers + rows.lowerBound, count: rows.count))
        case (.boolean, .boolean):
            count += rows.count
            codes.append(contentsOf: UnsafeBufferPointer(start: column.pointee.codes + rows.lowerBound, count: rows.count))
        case (.category, .category):
            count += rows.count
            try appendTranslated(column, rows) { firstLine + Int(piece.lines[$0]) }
        default:
            giveUp()
            count += rows.count
        }
    }

    private func giveUp() {
        needsText = true
        kind = .skip
        numbers = []
        codes = []
    }

    private func appendTranslated(_ column: UnsafeMutablePointer<PieceColumn>, _ rows: Range<Int>, _ line: (Int) -> Int) throws {
        if column.pointee.epoch != epoch {
            column.pointee.translation.removeAll(keepingCapacity: true)
            column.pointee.epoch = epoch
        }
        let known = column.pointee.translation.count
        let fresh = max(0, column.pointee.interner.count - known)
        column.pointee.translation.append(contentsOf: repeatElement(-2, count: fresh))
        let start = codes.count
        codes.append(contentsOf: UnsafeBufferPointer(start: column.pointee.codes + rows.lowerBound, count: rows.count))
        let vocabulary = vocabulary, missing = missing, limits = limits, name = name
        try column.pointee.translation.withUnsafeMutableBufferPointer { translation in
            try codes.withUnsafeMutableBufferPointer { codes in
                for index in start ..< codes.count where codes[index] >= 0 {
                    let local = Int(codes[index])
                    if translation[local] == -2 {
                        let text = column.pointee.interner.string(local)
                        if missing.contains(text) {
                            translation[local] = -1
                        } else {
                            guard let code = vocabulary.code(text) else {
                                throw CellError.notUTF8(field: name, line: line(rows.lowerBound + index - start))
                            }
                            guard vocabulary.names.count <= limits.categories else {
                                throw GibbsError(.limitExceeded, "more than \(limits.categories) different texts", at: .init(field: name),
                                                 advice: "leave this column out, or raise the limit categories")
                            }
                            translation[local] = code
                        }
                    }
                    codes[index] = translation[local]
                }
            }
        }
    }

    /// The cells so far as a column; the builder starts anew with the same kind.
    ///
    /// - Parameter infersBooleans: Whether a category column with nothing but spellings of false and true becomes boolean.
    func take(infersBooleans: Bool) -> Column {
        defer {
            count = 0
            numbers = []
            codes = []
            vocabulary.clear()
            epoch += 1
        }
        switch kind {
        case .number: return Column(name: name, numbers: numbers)
        case .skip, .undecided: return Column(name: name, numbers: [Double](repeating: .nan, count: count))
        case .boolean: return Column(name: name, storage: .categories(codes: codes, names: Column.booleanNames))
        case .category:
            let column = Column(name: name, storage: .categories(codes: codes, names: vocabulary.names))
            return infersBooleans ? column.asBooleanIfPossible : column
        }
    }
}

/// The texts of a category column in order of first appearance.
final class Vocabulary {
    private(set) var names = [String]()
    private var interner = Interner()
    /// Texts beyond ASCII also by Swift's equality, so that two encodings of one text get one code.
    private var beyondASCII = [String: Int32]()
    private var codes = [Int32]()

    /// The code of a text, or nil where it is not UTF-8. Eight readable bytes must follow it.
    func code(_ text: UnsafeBufferPointer<UInt8>) -> Int32? {
        let known = interner.lookup(text.baseAddress!, text.count)
        if known >= 0 { return codes[Int(known)] }
        let name = String(decoding: text, as: UTF8.self)
        var code = Int32(names.count)
        if text.contains(where: { $0 >= 0x80 }) {
            guard name.utf8.elementsEqual(text) else { return nil }
            if let equal = beyondASCII[name] { code = equal } else { beyondASCII[name] = code }
        }
        _ = interner.code(text.baseAddress!, text.count)
        codes.append(code)
        if code == names.count { names.append(name) }
        return code
    }

    func code(of text: String) -> Int32 {
        let scratch = Scratch()
        for byte in text.utf8 { scratch.append(byte) }
        return code(scratch.text)!
    }

    func clear() {
        names = []
        codes = []
        beyondASCII = [:]
        interner = Interner()
    }
}

extension Column {
    /// A category column whose names are all spellings of false and true, as a boolean one; any other as it is.
    var asBooleanIfPossible: Column {
        guard case .categories(let codes, let names) = storage, !names.isEmpty else { return self }
        let truths = names.map { name -> Int32? in
            switch name {
            case "true", "True", "TRUE": 1
            case "false", "False", "FALSE": 0
            default: nil
            }
        }
        guard truths.allSatisfy({ $0 != nil }) else { return self }
        return Column(name: self.name, storage: .categories(codes: codes.map { $0 < 0 ? -1 : truths[Int($0)]! }, names: Self.booleanNames))
    }
}

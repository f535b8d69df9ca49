import GibbsNumerics

/// One cell, for tables that are built in a program rather than read.
public enum TableValue: Sendable, Hashable {
    /// A number; `nan` is the same as `missing`.
    case number(Double)
    /// Text, exactly as written.
    case text(String)
    /// A truth value.
    case boolean(Bool)
    /// No value.
    case missing
}

extension TableValue: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral {
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(integerLiteral value: Int) { self = .number(Double(value)) }
    public init(stringLiteral value: String) { self = .text(value) }
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    public init(nilLiteral: ()) { self = .missing }
}

extension Table {
    /// Columns of numbers in the order written: `Table(numbers: ["x": [1, 2], "y": [3, 4]])`. Traps on unequal lengths.
    public init(numbers: KeyValuePairs<String, [Double]>) {
        self.init(columns: numbers.map { Column(name: $0.key, numbers: $0.value) })
    }

    /// Columns of numbers, in the alphabetical order of their names. Traps on unequal lengths.
    public init(numbers: [String: [Double]]) {
        self.init(columns: numbers.sorted { $0.key < $1.key }.map { Column(name: $0.key, numbers: $0.value) })
    }

    /// Columns of text, in the alphabetical order of their names; nil is missing. Traps on unequal lengths.
    public init(texts: [String: [String?]]) {
        self.init(columns: texts.sorted { $0.key < $1.key }.map { Column(name: $0.key, texts: $0.value) })
    }

    /// A matrix as columns of numbers, named `c1`, `c2`, … unless told. Traps when the names do not fit.
    public init(_ matrix: Matrix, names: [String]? = nil) {
        precondition(names == nil || names!.count == matrix.columns, "\(names!.count) names for \(matrix.columns) columns")
        self.init(columns: (0 ..< matrix.columns).map { c in
            Column(name: names?[c] ?? "c\(c + 1)", numbers: matrix.column(c).map(Double.init))
        }, lines: Array(1 ..< matrix.rows + 1))
    }

    /// One record a row. A key that a record lacks is missing there; a column with numbers only holds numbers, one with
    /// truth values only is boolean, any other is text.
    ///
    /// - Parameters:
    ///   - records: The records, in order.
    ///   - names: Which keys, in order; all of them alphabetically unless told.
    public init(records: [[String: TableValue]], columns names: [String]? = nil) {
        let names = names ?? Set(records.flatMap(\.keys)).sorted()
        self.init(columns: names.map { name in
            Column(name: name, values: records.map { $0[name] ?? .missing })
        }, lines: Array(1 ..< records.count + 1))
    }

    /// One record, as a table of one row.
    public init(record: [String: TableValue]) { self.init(records: [record]) }
}

extension Column {
    /// A column of the narrowest type that holds all the values; one without any value holds numbers.
    public init(name: String, values: [TableValue]) {
        var numbers = [Double](), booleans = [Bool?](), texts = [String?]()
        var isNumbers = true, isBooleans = true
        for value in values {
            switch value {
            case .number(let number):
                isBooleans = false
                numbers.append(number)
                texts.append(Column(name: "", numbers: [number]).text(0))
                booleans.append(nil)
            case .text(let text):
                (isNumbers, isBooleans) = (false, false)
                numbers.append(.nan)
                texts.append(text)
                booleans.append(nil)
            case .boolean(let flag):
                isNumbers = false
                numbers.append(.nan)
                texts.append(Self.booleanNames[flag ? 1 : 0])
                booleans.append(flag)
            case .missing:
                numbers.append(.nan)
                texts.append(nil)
                booleans.append(nil)
            }
        }
        if isNumbers { self.init(name: name, numbers: numbers) }
        else if isBooleans { self.init(name: name, booleans: booleans) }
        else { self.init(name: name, texts: texts) }
    }
}

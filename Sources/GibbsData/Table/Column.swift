import GibbsNumerics

/// What the cells of a column are.
public enum FieldType: String, Codable, Sendable, CaseIterable {
    /// Finite numbers in double precision.
    case number
    /// Text from a vocabulary.
    case category
    /// False or true: a category whose names are "false" and "true".
    case boolean
}

/// A named column of a `Table`.
public struct Column: Sendable {
    /// The cells of a column, in one of two forms.
    public enum Storage: Sendable {
        /// `nan` marks a missing cell.
        case numbers([Double])
        /// Indices into `names`, in order of first appearance; -1 marks a missing cell.
        case categories(codes: [Int32], names: [String])
    }

    /// The names of every boolean column, so that the code 1 means true.
    public static let booleanNames = ["false", "true"]

    /// The column's name, unique in its table.
    public var name: String
    /// The cells.
    public var storage: Storage

    /// A column of these cells. Codes are not checked: each must be -1 or an index of its names.
    public init(name: String, storage: Storage) {
        self.name = name
        self.storage = storage
    }

    /// A column of numbers; `nan` marks a missing cell.
    public init(name: String, numbers: [Double]) { self.init(name: name, storage: .numbers(numbers)) }

    /// A column of text, with codes in order of first appearance; nil marks a missing cell.
    public init(name: String, texts: [String?]) {
        var codes = [Int32](), names = [String](), known = [String: Int32]()
        codes.reserveCapacity(texts.count)
        for text in texts {
            guard let text else { codes.append(-1); continue }
            if let code = known[text] { codes.append(code); continue }
            known[text] = Int32(names.count)
            codes.append(Int32(names.count))
            names.append(text)
        }
        self.init(name: name, storage: .categories(codes: codes, names: names))
    }

    /// A column of truth values; nil marks a missing cell.
    public init(name: String, booleans: [Bool?]) {
        let codes = booleans.map { $0.map { $0 ? Int32(1) : 0 } ?? -1 }
        self.init(name: name, storage: .categories(codes: codes, names: Self.booleanNames))
    }

    /// What the cells are; text whose names are exactly `booleanNames` is boolean.
    public var type: FieldType {
        switch storage {
        case .numbers: .number
        case .categories(_, let names): names == Self.booleanNames ? .boolean : .category
        }
    }

    /// Cells, missing ones included.
    public var count: Int {
        switch storage {
        case .numbers(let values): values.count
        case .categories(let codes, _): codes.count
        }
    }

    /// Cells without a value. Cost: one pass.
    public var missingCount: Int {
        switch storage {
        case .numbers(let values): values.reduce(0) { $0 + ($1.isNaN ? 1 : 0) }
        case .categories(let codes, _): codes.reduce(0) { $0 + ($1 < 0 ? 1 : 0) }
        }
    }

    /// A cell as a person would write it, or nil where it is missing. Whole numbers come without a decimal point. Traps on a
    /// row outside the column.
    public func text(_ row: Int) -> String? {
        switch storage {
        case .numbers(let values):
            let value = values[row]
            if value.isNaN { return nil }
            return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
        case .categories(let codes, let names):
            return codes[row] < 0 ? nil : names[Int(codes[row])]
        }
    }

    /// The named rows in the order given; an index may repeat. The names stay whole, so codes keep their meaning.
    public func selecting(rows: [Int]) -> Column {
        switch storage {
        case .numbers(let values): Column(name: name, numbers: rows.map { values[$0] })
        case .categories(let codes, let names):
            Column(name: name, storage: .categories(codes: rows.map { codes[$0] }, names: names))
        }
    }

    /// These cells followed by `other`'s, whose codes are translated to this column's names.
    ///
    /// - Throws: `.shapeMismatch` when one holds numbers and the other text.
    public func appending(_ other: Column) throws -> Column {
        switch (storage, other.storage) {
        case (.numbers(let mine), .numbers(let theirs)):
            return Column(name: name, numbers: mine + theirs)
        case (.categories(let mine, let names), .categories(let theirs, let otherNames)):
            if names == otherNames { return Column(name: name, storage: .categories(codes: mine + theirs, names: names)) }
            var merged = names, known = [String: Int32]()
            for (code, text) in names.enumerated() where known[text] == nil { known[text] = Int32(code) }
            let translation = otherNames.map { text -> Int32 in
                if let code = known[text] { return code }
                known[text] = Int32(merged.count)
                merged.append(text)
                return Int32(merged.count - 1)
            }
            let codes = mine + theirs.map { $0 < 0 ? -1 : translation[Int($0)] }
            return Column(name: name, storage: .categories(codes: codes, names: merged))
        default:
            throw GibbsError(.shapeMismatch, "a \(type.rawValue) column followed by a \(other.type.rawValue) column",
                             at: .init(field: name), advice: "read both parts with the same types")
        }
    }
}

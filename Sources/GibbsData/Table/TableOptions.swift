import Foundation

/// How a table is stored.
public enum TableFormat: String, Sendable, CaseIterable {
    /// Delimited text with quotes as in RFC 4180.
    case csv
    /// Delimited text with tabs.
    case tsv
    /// One JSON object a line.
    case ndjson
    /// One NumPy array.
    case npy
    /// A zip of NumPy arrays, of which `X` and `y` are read.
    case npz
    /// A table of an SQLite database.
    case sqlite
    /// The bytes of an IDX file, as MNIST has them.
    case idx

    /// The format that a path's ending stands for, `.gz` aside; nil where it stands for none.
    public init?(path: String) {
        var name = PathParts(path).name.lowercased()
        if name.hasSuffix(".gz") { name.removeLast(3) }
        switch name.split(separator: ".", omittingEmptySubsequences: false).dropFirst().last {
        case "csv", "txt": self = .csv
        case "tsv", "tab": self = .tsv
        case "ndjson", "jsonl": self = .ndjson
        case "npy": self = .npy
        case "npz": self = .npz
        case "sqlite", "sqlite3", "db": self = .sqlite
        case "idx": self = .idx
        default:
            guard name.hasSuffix("-ubyte") else { return nil }
            self = .idx
        }
    }
}

/// What a reader should know beyond the path; the defaults suit files with a header.
public struct TableOptions: Sendable {
    /// What to do with a cell that does not fit its column's declared type.
    public enum BadCells: Sendable {
        /// Stop with an error that names the line.
        case reject
        /// Count it as missing.
        case missing
    }

    /// Bounds that turn hostile or mistaken input into a clear error.
    public struct Limits: Sendable {
        /// Bytes of one line or quoted record, and of a header.
        public var lineLength = 16 << 20
        /// Columns of one table.
        public var columns = 100_000
        /// Rows that `readAll` takes in; chunks have no such bound.
        public var rows = 50_000_000
        /// Rows × columns held at once.
        public var cells = 4_000_000_000
        /// Different texts in one category column held at once.
        public var categories = 20_000_000
        /// Bytes of a stream or compressed file that must be copied to a temporary file first.
        public var spooledBytes = 64 << 30
        /// Levels of nested objects that NDJSON may flatten.
        public var depth = 4

        /// The default bounds.
        public init() {}
    }

    /// The texts that mean "no value" unless told: the empty one and the common spellings.
    public static let defaultMissing = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?"]

    /// Needed for standard input and unknown endings; overrides the ending otherwise.
    public var format: TableFormat?
    /// Whether the first record of delimited text names the columns; without it they are `c1`, `c2`, ….
    public var hasHeader = true
    /// The character between fields; nil picks comma, tab or semicolon, whichever the first line has most of.
    public var delimiter: Character?
    /// Which table of a database.
    public var table: String?
    /// Types that are not to be inferred, by column name. Names that do not occur are no error.
    public var types: [String: FieldType] = [:]
    /// Columns that must occur in the source, read or not; where one does not, reading stops and says which are near. Chunks
    /// of JSON lines, which have no header, are not checked.
    public var mustOccur: Set<String> = []
    /// Texts that mean "no value", compared without surrounding blanks.
    public var missing = Self.defaultMissing
    /// What happens to a cell that does not fit its column's declared type; reading stops unless told.
    public var badCells = BadCells.reject
    /// Bounds beyond which reading stops with `.limitExceeded`.
    public var limits = Limits()
    /// Threads that parse text at once; results do not depend on it.
    public var threads = Self.processors

    /// Asked once: the system's answer reads files.
    private static let processors = max(1, min(8, ProcessInfo.processInfo.activeProcessorCount))

    /// Options with the rest at their defaults.
    public init(format: TableFormat? = nil, hasHeader: Bool = true, delimiter: Character? = nil, table: String? = nil,
                types: [String: FieldType] = [:]) {
        self.format = format
        self.hasHeader = hasHeader
        self.delimiter = delimiter
        self.table = table
        self.types = types
    }
}

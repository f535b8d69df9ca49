import ArgumentParser
import Foundation
import Gibbs

/// How a table is read; shared by every verb that takes data.
struct InputOptions: ParsableArguments {
    @Option(help: "Format of the data, where its ending does not tell: csv, tsv, ndjson, npy, npz, sqlite, idx.")
    var format: TableFormat?

    @Flag(name: .long, help: "The CSV has no header line; its columns are c1, c2, ….")
    var noHeader = false

    @Option(help: "Character between CSV fields; told from the first line unless given.")
    var delimiter: String?

    @Option(help: "Table of the SQLite database.")
    var table: String?

    @Option(help: ArgumentHelp("Types that are not to be inferred, for instance port=category,bytes=number.", valueName: "column=type,…"))
    var types: String?

    @Option(help: ArgumentHelp("Texts that mean 'no value', besides the empty one.", valueName: "text,…"))
    var missing: String?

    @Flag(help: "Count cells that are not numbers in a numeric column as missing instead of stopping.")
    var badCellsMissing = false

    /// The reader's options.
    ///
    /// - Throws: `GibbsError` with code `.usage` for a type or delimiter that does not exist.
    func options() throws -> TableOptions {
        var options = TableOptions(format: format, hasHeader: !noHeader, table: table)
        if let delimiter {
            let text = delimiter == "\\t" || delimiter == "tab" ? "\t" : delimiter
            guard text.count == 1, let character = text.first, character.isASCII else {
                throw GibbsError(.usage, "'\(delimiter)' is no delimiter", advice: "give one character, or 'tab'")
            }
            options.delimiter = character
        }
        for part in types.list {
            let pieces = part.split(separator: "=", maxSplits: 1).map(String.init)
            guard pieces.count == 2, let type = FieldType(rawValue: pieces[1]) else {
                throw GibbsError(.usage, "'\(part)' gives no type", advice: "write column=number, column=category or column=boolean")
            }
            options.types[pieces[0]] = type
            options.mustOccur.insert(pieces[0])
        }
        if missing != nil { options.missing = ["" ] + missing.list }
        if badCellsMissing { options.badCells = .missing }
        return options
    }

    func reader(_ path: String) throws -> TableReader { try TableReader(path: path, options: options()) }

    /// A reader of records for a model, whose own types win.
    ///
    /// - Throws: `GibbsError` with code `.usage` when `--types` contradicts the model.
    func reader(_ path: String, for watchdog: Watchdog) throws -> TableReader {
        try watchdog.reader(path: path, options: options())
    }
}

extension TableFormat: ExpressibleByArgument {}

extension Optional where Wrapped == String {
    /// The parts between commas, trimmed; empty for `nil`.
    var list: [String] {
        (self ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }
}

/// Which rows are normal, by a label column.
struct LabelOptions: ParsableArguments {
    @Option(help: "Column that says what each row is; never part of the model.")
    var label: String?

    @Option(help: "Value of the label column that means normal.")
    var normal: String?

    /// Indices of the normal rows; all of them without a label column.
    ///
    /// - Throws: `GibbsError` with code `.usage` or `.unsuitableData`, naming the values there are.
    func normalRows(of table: Table, file: String) throws -> [Int] {
        guard let flags = try normalFlags(of: table, file: file) else { return Array(0 ..< table.rowCount) }
        return flags.indices.filter { flags[$0] }
    }

    /// Whether a label says normal: the same text, or the same number.
    static func means(_ normal: String, _ value: String?) -> Bool {
        value == normal || value.flatMap(Double.init) == Double(normal) && Double(normal) != nil
    }

    /// A few of the values, for a message.
    static func shown(_ values: [String?]) -> String {
        let known = Set(values.compactMap { $0 }).sorted()
        return known.isEmpty ? "all missing" : known.prefix(8).map { "'\($0)'" }.joined(separator: ", ") + (known.count > 8 ? ", …" : "")
    }

    /// The value that means normal; `nil` when neither option is given.
    ///
    /// - Throws: `GibbsError` with code `.usage` when only one of the two is.
    func normalValue() throws -> String? {
        guard let label else {
            if normal != nil { throw GibbsError(.usage, "--normal needs --label", advice: "name the column that holds '\(normal!)'") }
            return nil
        }
        guard let normal else { throw GibbsError(.usage, "--label needs --normal", advice: "name the value of '\(label)' that means normal") }
        return normal
    }

    func normalFlags(of table: Table, file: String) throws -> [Bool]? {
        guard let normal = try normalValue(), let label else { return nil }
        let column: Column
        column = try GibbsError.naming(file) { try table.column(label) }
        let values = (0 ..< table.rowCount).map { column.text($0) }
        let flags = values.map { Self.means(normal, $0) }
        guard flags.contains(true) else {
            throw GibbsError(.unsuitableData, "no row has the value '\(normal)'", at: .init(file: file, field: label), advice: "the values are \(Self.shown(values))")
        }
        return flags
    }
}

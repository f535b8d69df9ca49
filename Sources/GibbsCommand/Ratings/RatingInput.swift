import ArgumentParser
import Foundation
import Gibbs

/// How ratings are read: which columns say who, what, how much and when.
struct RatingInput: ParsableArguments {
    @Option(name: .customLong("user-column"), help: ArgumentHelp("Column of the person; told from its name unless given.", valueName: "column"))
    var userColumn: String?

    @Option(name: .customLong("item-column"), help: ArgumentHelp("Column of the item.", valueName: "column"))
    var itemColumn: String?

    @Option(name: .customLong("rating-column"), help: ArgumentHelp("Column of the rating; '' where the rows are events.", valueName: "column"))
    var ratingColumn: String?

    @Option(name: .customLong("time-column"), help: ArgumentHelp("Column of the time; '' to leave it out.", valueName: "column"))
    var timeColumn: String?

    /// The ratings of a file.
    ///
    /// - Throws: As `RatingsReader`, naming the file.
    func read(_ path: String, input: InputOptions, isImplicit: Bool, remembered: RatingColumns? = nil) throws -> Ratings {
        defer { Console.clearProgress() }
        Console.progress("reading \(path)")
        let reader = RatingsReader(path: path, options: try input.options(), columns: .init(user: userColumn, item: itemColumn, rating: ratingColumn, time: timeColumn), remembered: remembered)
        return try reader.read(isImplicit: isImplicit) { rows in
            Console.progress("reading \(path): \(rows) rows")
            try Interruption.check()
        }
    }
}

extension RatingInput {
    /// The ratings of a file as a recommender's fit read its own, from columns of the same names where it has them.
    ///
    /// - Throws: As `read(_:input:isImplicit:)`.
    func read(_ path: String, input: InputOptions, asFor training: Recommender.Training) throws -> Ratings {
        try read(path, input: input, isImplicit: training.options.isImplicit && training.options.least == nil, remembered: training.columns)
    }
}

/// Names of items on the command line.
enum ItemNames {
    /// The names between commas, or the lines of a file after an `@`.
    ///
    /// - Throws: `GibbsError` with code `.cannotRead`.
    static func read(_ text: String?) throws -> [String] {
        guard let text, text.hasPrefix("@") else { return text.list }
        let path = String(text.dropFirst())
        guard let content = try? String(contentsOfFile: path, encoding: .utf8) else {
            let isThere = FileManager.default.fileExists(atPath: path)
            throw GibbsError(.cannotRead, isThere ? "cannot be read as text" : "there is no such file", at: .init(file: path), advice: "give a file with an item a line")
        }
        return content.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }
}

/// What items are called, for people.
struct ItemTitles {
    private var titles = [String: String]()
    private var source: (file: String, column: String)?

    /// No titles without a file.
    ///
    /// - Throws: As `TableReader`.
    init(_ path: String?, column: String?, items: String? = nil, input: InputOptions) throws {
        guard let path else { return }
        var options = try input.options()
        if path.lowercased().hasSuffix(".item") { (options.format, options.delimiter) = (.tsv, options.delimiter ?? (options.hasHeader ? "\t" : nil)) }
        let table = try TableReader(path: path, options: options).readAll()
        guard table.columns.count > 1 else {
            throw GibbsError(.unsuitableData, "a table of titles has a single column", at: .init(file: path), advice: "give the items' names and their titles")
        }
        func plain(_ name: String) -> String { String(name.split(separator: ":").first ?? "") }
        let names = items.flatMap { asked in table.columns.first { $0.name == asked } } ?? table.columns.first { plain($0.name) == "item_id" || plain($0.name) == "item" } ?? table.columns[0]
        let chosen = try column.map(table.column) ?? table.columns.first { $0.name != names.name && plain($0.name).contains("title") } ?? table.columns.first { $0.name != names.name }!
        source = (path, names.name)
        for row in 0 ..< table.rowCount {
            if let name = names.text(row), let title = chosen.text(row) { titles[name] = title }
        }
    }

    /// Says so where none of the items has a title.
    func remark(_ items: [String]) {
        guard let source, !items.contains(where: { titles[$0] != nil }) else { return }
        Console.note("gibbs: no item has a title in \(source.file), whose column '\(source.column)' was taken for the items; name another with --item-column")
    }

    /// The title of an item, where it has one.
    subscript(_ item: String) -> String? { titles[item] }
}

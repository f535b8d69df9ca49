import ArgumentParser
import Foundation
import Gibbs

struct FitPairs: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pairs", abstract: "Fit an encoder of pairs by InfoNCE: which row of one side belongs to which of the other. Needs libtorch.",
        discussion: """
            Row i of one side belongs to row i of the other: two files, or columns of one.
              gibbs fit pairs left.npy right.npy --out pairs.gibbs
              gibbs fit pairs both.csv --right price,weight --out pairs.gibbs
            The model keeps the names of columns that have some, by which gibbs embed finds them again; those of arrays are told by their order.
            Printed is the bound on the information that the sides share, from pairs held out, its standard error, and ln n, which no bound from n pairs exceeds.
            """)

    @Argument(help: "Table of numbers, a pair a row: of both sides, or of the left one.")
    var left: String

    @Argument(help: "Table of numbers of the right side, in the same order.")
    var rightFile: String?

    @Option(help: ArgumentHelp("Columns of the right side, where one table holds both.", valueName: "column,…"))
    var right: String?

    @Option(help: "Model file to write.")
    var out: String

    @Option(help: "How alike two embeddings are: cosine or dot.")
    var similarity: EncoderOptions.Similarity = .cosine

    @Option(help: "Units of each of the two hidden layers.")
    var hidden = 128

    @Flag(help: "Correct for partners that occur often (ln Q), instead of leaving copies of the right one out.")
    var correctFrequency = false

    @Option(help: "Passes over the pairs.")
    var epochs = 50

    @OptionGroup var encoder: EncoderSettings

    @Option(help: "Number from which all randomness is derived.")
    var key: UInt64 = 1

    @Flag(help: "Print the summary as JSON.")
    var json = false

    @OptionGroup var device: DeviceOption
    @OptionGroup var input: InputOptions

    func run() throws {
        let begin = Date()
        Interruption.watch()
        try ModelTarget.check(out, apartFrom: left, rightFile)
        let pairs = try read()
        var options = encoder.options()
        options.passes = epochs
        (options.similarity, options.hidden, options.correctsFrequency, options.seed, options.device) = try (similarity, hidden, correctFrequency, key, device.checked())
        let fitted = try GibbsError.naming(left) {
            try ContrastiveEncoder.fitted(toPairs: pairs.left.rows, pairs.right.rows, names: (pairs.left.names, pairs.right.names), options: options, digest: pairs.digest) { try EncoderText.progress($0, $1, $2, since: begin) }
        }
        Console.clearProgress()
        try fitted.write(to: out)
        print(json ? fitted.json(file: out).text : EncoderText.fitted(fitted, path: out, seconds: Date().timeIntervalSince(begin)).printable)
    }

    /// The rows of a side, and what its columns are called.
    private typealias SideRows = (rows: Matrix, names: [String]?)

    private func read() throws -> (digest: String?, left: SideRows, right: SideRows) {
        Console.progress("reading \(left)")
        let reader = try input.reader(left), table = try reader.readAll(), names = right.list
        guard (rightFile == nil) != names.isEmpty else { throw GibbsError(.usage, rightFile == nil ? "there is no right side" : "both a right file and --right", advice: "give a second file, or --right with its columns") }
        if let rightFile {
            let other = try input.reader(rightFile)
            return try (table.digest, side(table, of: reader), side(other.readAll(), of: other))
        }
        for name in names { _ = try GibbsError.naming(left) { try table.column(name) } }
        return try (table.digest, side(table.dropping(columns: names), of: reader), side(table.selecting(columns: names), of: reader))
    }

    private func side(_ table: Table, of reader: TableReader) throws -> SideRows { (try table.numbers(reader.path), reader.namesColumns ? table.columnNames : nil) }
}

/// How an encoder is fitted, whatever to.
struct EncoderSettings: ParsableArguments {
    @Option(help: "Numbers of an embedding; 64 unless told.")
    var width: Int?

    @Option(help: "Rows a step, each to be told from the others; 256 unless told.")
    var batch: Int?

    @Option(help: "Rows of earlier batches that stay candidates; none unless told.")
    var queue: Int?

    @Option(help: "Temperature τ of the energies; learnt for pairs and 0.2 for images unless told.")
    var temperature: Float?

    /// The options that were given, as people write them.
    var told: [String] { [("--width", width != nil), ("--batch", batch != nil), ("--queue", queue != nil), ("--temperature", temperature != nil)].filter(\.1).map(\.0) }

    /// What is left unsaid is as the library has it.
    func options() -> EncoderOptions {
        let usual = EncoderOptions()
        return EncoderOptions(width: width ?? usual.width, batch: batch ?? usual.batch, queue: queue ?? usual.queue, temperature: temperature)
    }
}

extension EncoderOptions.Similarity: ExpressibleByArgument {}

extension TableReader {
    /// Whether the data names its columns, so that they can be found in any order; those of arrays, and of CSV without a header, are only counted.
    var namesColumns: Bool {
        switch format {
        case .csv, .tsv: options.hasHeader
        case .ndjson, .sqlite: true
        case .npy, .npz, .idx: false
        }
    }
}

extension Table {
    /// All columns as numbers.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableData` for a column of text or a missing number, naming it.
    func numbers(_ file: String) throws -> Matrix {
        var result = Matrix(rows: rowCount, columns: columns.count)
        for (index, column) in columns.enumerated() {
            guard case .numbers(let values) = column.storage else { throw GibbsError(.unsuitableData, "the column holds texts", at: .init(file: file, field: column.name), advice: "give numbers; gibbs embed makes them of texts") }
            for (row, value) in values.enumerated() {
                guard value.isFinite else { throw GibbsError(.unsuitableData, "a number is missing", at: .init(file: file, line: lines[row], field: column.name), advice: "leave such rows out") }
                result[row, index] = Float(value)
            }
        }
        return result
    }
}

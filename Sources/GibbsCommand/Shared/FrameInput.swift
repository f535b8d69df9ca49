import ArgumentParser
import Foundation
import Gibbs

/// How frames are read: a table with a frame a row, or a piano roll.
struct FrameInput: ParsableArguments {
    @Option(help: "Column whose equal values belong to one piece, such as a machine or a run; all rows are one piece unless told.")
    var entity: String?

    @Option(help: ArgumentHelp("Columns left out, such as the time; a model remembers those of its fit.", valueName: "column,…"))
    var ignore: String?

    @Option(help: "Part of a piano roll: train, valid or test.")
    var part: String?

    /// The frames of a file; a name that ends with .json or .json.gz is a piano roll.
    ///
    /// - Parameter model: Whose columns they are: those that its fit left out are left out again, and a frame with an empty cell is passed over with a remark.
    /// - Throws: As `FrameSequences`, naming the file.
    func read(_ path: String, for model: FrameModel? = nil, part: String? = nil, input: InputOptions) throws -> FrameSequences {
        Console.progress("reading \(path)")
        defer { Console.clearProgress() }
        let name = path.lowercased()
        if name.hasSuffix(".json") || name.hasSuffix(".json.gz") {
            guard entity == nil, ignore == nil else { throw GibbsError(.usage, "a piano roll has no columns to name", advice: "leave out --entity and --ignore") }
            return try FrameSequences(pianoRoll: path, part: part ?? self.part)
        }
        guard (part ?? self.part) == nil else { throw GibbsError(.usage, "--part chooses a part of a piano roll, and '\(path)' is a table", advice: "leave it out, or give a file that ends with .json") }
        let file = path == "-" ? "standard input" : path
        do {
            let table = try input.reader(path).readAll(), remembered = (model?.ignored ?? []).filter { table[$0] != nil && $0 != entity && !ignore.list.contains($0) }
            let sequences = try FrameSequences(table: table, entity: entity, ignoring: ignore.list + remembered, skipsGaps: model != nil)
            if model != nil, let gaps = sequences.gaps {
                Console.note("gibbs: \(file): \(gaps.rows) of \(table.rowCount) frames have an empty cell (\(gaps.first.line.map { "line \($0), " } ?? "")'\((gaps.first.field ?? "").oneLine)' first) and are passed over; the frames behind each begin without a history")
            }
            return sequences
        } catch let error as GibbsError { throw error.located(at: .init(file: file)) }
    }
}

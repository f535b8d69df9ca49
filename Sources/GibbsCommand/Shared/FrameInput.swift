import ArgumentParser
import Foundation
import Gibbs

/// How frames are read: a table with a frame a row, or a piano roll.
struct FrameInput: ParsableArguments {
    @Option(help: "Column whose equal values belong to one piece, such as a machine or a run; all rows are one piece unless told.")
    var entity: String?

    @Option(help: ArgumentHelp("Columns left out, such as the time.", valueName: "column,…"))
    var ignore: String?

    @Option(help: "Part of a piano roll: train, valid or test.")
    var part: String?

    /// The frames of a file; a name that ends with .json or .json.gz is a piano roll.
    ///
    /// - Throws: As `FrameSequences`, naming the file.
    func read(_ path: String, part: String? = nil, input: InputOptions) throws -> FrameSequences {
        Console.progress("reading \(path)")
        defer { Console.clearProgress() }
        let name = path.lowercased()
        if name.hasSuffix(".json") || name.hasSuffix(".json.gz") {
            guard entity == nil, ignore == nil else { throw GibbsError(.usage, "a piano roll has no columns to name", advice: "leave out --entity and --ignore") }
            return try FrameSequences(pianoRoll: path, part: part ?? self.part)
        }
        guard (part ?? self.part) == nil else { throw GibbsError(.usage, "--part chooses a part of a piano roll, and '\(path)' is a table", advice: "leave it out, or give a file that ends with .json") }
        do { return try FrameSequences(table: input.reader(path).readAll(), entity: entity, ignoring: ignore.list) } catch let error as GibbsError {
            throw error.located(at: .init(file: path == "-" ? "standard input" : path))
        }
    }
}

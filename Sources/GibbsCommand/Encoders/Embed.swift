import ArgumentParser
import Foundation
import Gibbs

struct Embed: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn images, pairs or texts into numbers that are near each other where the things are alike.",
        discussion: """
            The numbers go to a .npy, a row each, which every fit reads as a table:
              gibbs fit images images-idx3-ubyte.gz --model contrastive --out encoder.gibbs
              gibbs embed encoder.gibbs images-idx3-ubyte.gz --out vectors.npy
              gibbs embed FOLDER messages.csv --column text --out vectors.npy      FOLDER as scripts/setup --text prints it
              gibbs fit table vectors.npy --out watchdog.gibbs
            A cell of a column of texts without a word to read gives a row of NaN, which a table takes for missing numbers.

            An encoder of pairs that was fitted to columns with names finds them by these, in any order and among others: both.csv of gibbs fit pairs both.csv --right price,weight \
            embeds with either --side. Arrays, and models fitted to arrays, go by the order of the columns.
            """)

    @Argument(help: "Model file of gibbs fit images --model contrastive or gibbs fit pairs; or the folder of a text encoder.")
    var model: String

    @Argument(help: "What to embed: images, a table of numbers, or with a text encoder a table with a column of texts.")
    var data: String

    @Option(help: "Array to write, .npy.")
    var out: String

    @Option(help: "Column that holds the texts.")
    var column: String?

    @Option(help: "Side that the rows stand on, with an encoder of pairs: left or right.")
    var side: ContrastiveEncoder.Side = .left

    @Option(help: "Most tokens of a text, with the two that frame it; what the model takes unless told.")
    var tokens: Int?

    @Option(help: "Labels of the images, to see how many their nearest neighbours among --among tell rightly.")
    var labels: String?

    @Option(help: "Images whose labels are known, such as those of the fit.")
    var among: String?

    @Option(help: "Labels of --among.")
    var amongLabels: String?

    @Option(help: "Neighbours that vote on a label.")
    var neighbours = 5

    @OptionGroup var input: InputOptions

    func run() throws {
        let judging = [labels, among, amongLabels].compactMap { $0 }.count
        guard judging == 0 || judging == 3, neighbours > 0 else { throw GibbsError(.usage, "a vote of \(neighbours) neighbours without all of --labels, --among and --among-labels", advice: "give all three, or none") }
        guard out.hasSuffix(".npy") else { throw GibbsError(.usage, "embeddings go to a .npy, not to '\(out)'", advice: "end the name with .npy") }
        try DistinctFiles.check(out, apartFrom: model, data)
        try OutputFile(path: out).discard()
        var isFolder: ObjCBool = false
        let vectors = FileManager.default.fileExists(atPath: model, isDirectory: &isFolder) && isFolder.boolValue ? try texts() : try rows()
        try NPY.write(vectors, to: out)
        print("wrote \(out): \(vectors.rows) rows of \(vectors.columns) numbers")
    }

    private func texts() throws -> Matrix {
        guard let column else { throw GibbsError(.usage, "no column of texts is named", advice: "give --column NAME") }
        let encoder = try TextEncoder(folder: model), table = try input.reader(data).readAll(), found = try GibbsError.naming(data) { try table.column(column) }
        // Texts repeat in logs; each is read once.
        let distinct = DistinctTexts((0 ..< table.rowCount).map { found.text($0) ?? "" }), unique = distinct.unique
        let hasWords = unique.map(encoder.reads), readable = unique.indices.filter { hasWords[$0] }, blank = distinct.places.indices.filter { !hasWords[distinct.places[$0]] }
        guard !readable.isEmpty else { throw GibbsError(.unsuitableData, "there is no text: no cell holds a word to read", at: .init(file: data, field: column), advice: "name the column that holds the texts") }
        if let first = blank.first {
            Console.note("gibbs: \(plural(blank.count, "cell holds", "cells hold")) no word to read, the first on line \(table.lines[first]); \(blank.count == 1 ? "its row is" : "their rows are") all NaN")
        }
        let begin = Date(), part = 256, width = encoder.shape.width
        // Rows of texts without a word stay NaN, so that every row stays beside its own.
        var vectors = Matrix(rows: unique.count, columns: width, repeating: .nan), cut = Set<Int>()
        for first in stride(from: 0, to: readable.count, by: part) {
            let places = Array(readable[first ..< min(readable.count, first + part)]), done = try encoder.embeddings(of: places.map { unique[$0] }, limit: tokens)
            for (row, place) in places.enumerated() { vectors.values.replaceSubrange(place * width ..< (place + 1) * width, with: done.vectors.row(row)) }
            cut.formUnion(done.cut.map { places[$0.text] })
            Console.bar(done: first + places.count, of: readable.count, since: begin, unit: "texts")
            try Interruption.check()
        }
        Console.clearProgress()
        let long = distinct.places.count { cut.contains($0) }
        if long > 0 { Console.note("gibbs: \(plural(long, "text was", "texts were")) longer than the encoder reads and cut") }
        return vectors.selecting(rows: distinct.places)
    }

    private func rows() throws -> Matrix {
        let found = try AnyModel.read(model)
        guard case .encoder(let encoder) = found else { throw found.unfit(model, needed: "an encoder", maker: "gibbs fit images --model contrastive, or gibbs fit pairs") }
        switch encoder.form {
        case .images(let shape):
            let read = try LabelledImages(path: data, labelsPath: labels, shape: shape, options: input.options()).fitting(shape, file: data)
            let vectors = try encoder.embeddings(of: read.images)
            if let among { try vote(read, vectors, LabelledImages(path: among, labelsPath: amongLabels, shape: shape, options: input.options()).fitting(shape, file: among), encoder) }
            return vectors
        case .pairs:
            let rows = try numbers(for: encoder)
            return try GibbsError.naming(data) { try encoder.embeddings(of: rows, side: side) }
        }
    }

    /// The columns of a side: by name where both the data and the model have names, else all there are.
    private func numbers(for encoder: ContrastiveEncoder) throws -> Matrix {
        let reader = try input.reader(data), table = try reader.readAll()
        guard reader.namesColumns, let names = try GibbsError.naming(data, { try encoder.columns(of: side, among: table.columnNames) }) else { return try table.numbers(data) }
        return try table.selecting(columns: names).numbers(data)
    }
}

extension Embed {
    /// How many labels the nearest neighbours tell, by embeddings and by the pixels themselves.
    private func vote(_ images: LabelledImages, _ vectors: Matrix, _ known: LabelledImages, _ encoder: ContrastiveEncoder) throws {
        let names = known.labels ?? [], wanted = images.labels ?? []
        func share(_ rows: Matrix, _ reference: Matrix) -> Double {
            let told = NeighbourVote.labels(of: rows, among: reference, labels: names, count: neighbours)
            return Double(zip(told, wanted).count { $0 == $1 }) / Double(max(1, wanted.count))
        }
        print(String(format: "%d nearest of %d tell %.4f of %d labels; by the pixels themselves %.4f", neighbours, known.images.rows, try share(vectors, encoder.embeddings(of: known.images)), wanted.count, share(images.images, known.images)))
    }
}

extension ContrastiveEncoder.Side: ExpressibleByArgument {}

import Foundation
import GibbsData
import GibbsNumerics

extension FrameSequences {
    /// The keys of a piano, the fewest columns that a roll gets.
    public static let pianoKeys = 88
    /// The most keys a roll may have, and the most bytes of its JSON.
    public static let keyLimit = 4_096, rollBytes = 1 << 28

    /// Reads pieces of music as lists of the keys that sound in each frame:
    ///
    ///     {"train": [[[60, 64], [60], …], …], "valid": …, "test": …}      or the pieces of one part alone: [[[60, 64], …], …]
    ///
    /// Each key is a binary column; there are 88, or as many as the highest key of any part needs.
    ///
    /// - Parameters:
    ///   - path: JSON, plain or gzipped; `-` for standard input.
    ///   - part: Which part; needed where there are several.
    /// - Throws: `GibbsError` with code `.cannotRead`, `.malformedData`, `.unsuitableData`, `.limitExceeded`, or `.usage` without a part.
    /// - Complexity: One pass; the text stays in memory while it is parsed.
    public init(pianoRoll path: String, part: String? = nil) throws {
        let reader = try LineReader(path: path, limit: Self.rollBytes), file = GibbsError.Place(file: reader.name)
        var text = "", digest = ""
        while let line = try reader.next() {
            guard !line.wasCut, text.utf8.count + line.text.utf8.count <= Self.rollBytes else {
                throw GibbsError(.limitExceeded, "more than \(Self.rollBytes) bytes of JSON", at: file, advice: "give fewer pieces")
            }
            text += line.text + "\n"
        }
        digest = reader.digest
        do {
            let parts = try Self.parts(text)
            try self.init(Self.chosen(part, of: parts), keys: Self.keys(parts), digest: digest)
        } catch let error as GibbsError { throw error.located(at: file) }
    }

    private typealias Pieces = [[[Int]]]

    private static func parts(_ text: String) throws -> [String: Pieces] {
        let data = Data(text.utf8), decoder = JSONDecoder()
        if let parts = try? decoder.decode([String: Pieces].self, from: data) { return parts }
        if let pieces = try? decoder.decode(Pieces.self, from: data) { return ["": pieces] }
        throw GibbsError(.malformedData, "is no piano roll", advice: "give JSON such as {\"train\": [[[60, 64], [60]]]}: parts of pieces of frames of keys")
    }

    private static func chosen(_ part: String?, of parts: [String: Pieces]) throws -> Pieces {
        let names = parts.keys.sorted().filter { !$0.isEmpty }.joined(separator: ", ")
        guard let part else {
            if parts.count == 1 { return parts.values.first! }
            throw GibbsError(.usage, "the file has the parts \(names.isEmpty ? "none" : names)", advice: "choose one with --part")
        }
        guard let pieces = parts[part] else { throw GibbsError(.unsuitableData, "has no part '\(part)'", advice: names.isEmpty ? "it has no named parts" : "the parts are \(names)") }
        return pieces
    }

    /// As many columns as the highest key needs.
    private static func keys(_ parts: [String: Pieces]) throws -> Int {
        var keys = pianoKeys
        for (name, pieces) in parts {
            for (number, piece) in pieces.enumerated() {
                for (frame, sounding) in piece.enumerated() {
                    guard let odd = sounding.first(where: { $0 < 0 || $0 >= keyLimit }) else { continue }
                    throw GibbsError(.unsuitableData, "the key \(odd) in frame \(frame + 1) of piece \(number + 1)" + (name.isEmpty ? "" : " of '\(name)'"), advice: "keys go from 0 to \(keyLimit - 1)")
                }
                keys = max(keys, (piece.lazy.compactMap { $0.max() }.max() ?? 0) + 1)
            }
        }
        return keys
    }

    private init(_ pieces: Pieces, keys: Int, digest: String) throws {
        let count = pieces.reduce(0) { $0 + $1.count }
        guard count <= Self.valueLimit / keys else {
            throw GibbsError(.limitExceeded, "\(count) frames of \(keys) keys are more than \(Self.valueLimit) values", advice: "give fewer pieces")
        }
        var frames = Matrix(rows: count, columns: keys), row = 0, found = [Piece](), lines = [Int]()
        for (number, piece) in pieces.enumerated() where !piece.isEmpty {
            found.append(Piece(id: String(number + 1), frames: row ..< row + piece.count))
            for (moment, sounding) in piece.enumerated() {
                for key in sounding { frames[row, key] = 1 }
                lines.append(moment + 1)
                row += 1
            }
        }
        try self.init(columns: (0 ..< keys).map { "key\($0)" }, frames: frames, lines: lines, pieces: found, digest: digest)
    }
}

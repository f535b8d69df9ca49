import Foundation
import Gibbs

/// What `peers/text_encoder.py` compares: the vectors of its sentences, and seconds of a pass, asked for in turns.
enum TextThroughput {
    /// Writes the vectors of a JSON list of sentences to `out`, then answers each line `batch tokens` of standard input with the seconds of one pass.
    static func run(folder: String, sentences: String, out: String) throws {
        let encoder = try TextEncoder(folder: folder)
        let texts = try JSONDecoder().decode([String].self, from: Data(contentsOf: URL(fileURLWithPath: sentences)))
        try NPY.write(encoder.embeddings(of: texts).vectors, to: out)
        print("ready")
        fflush(nil)
        while let line = readLine() {
            let numbers = line.split(separator: " ").compactMap { Int($0) }
            let text = Array(repeating: "dog", count: numbers[1] - 2).joined(separator: " ")
            print(try seconds { _ = try encoder.embeddings(of: Array(repeating: text, count: numbers[0])) })
            fflush(nil)
        }
    }
}

import Foundation
import GibbsNumerics
import GibbsText
import Testing

/// A real encoder against the reference library's figures.
@Suite(.enabled(if: miniLM != nil, "scripts/setup --text has not been run")) struct MiniLMTests {
    @Test func sentences() throws {
        let encoder = try TextEncoder(folder: miniLM!), reference = MiniLMReference.sentences
        #expect(reference.count >= 50)
        for (text, ids, _) in reference { #expect(encoder.tokenizer.tokens(of: text).ids == ids, "\(text)") }
        let vectors = try encoder.embeddings(of: reference.map(\.text)).vectors
        for (row, sentence) in reference.enumerated() {
            let found = [0, 101, 202, 303].map { vectors[row, $0] }
            #expect(zip(found, sentence.numbers).allSatisfy { abs($0 - $1) < 1e-5 }, "\(sentence.text): \(found)")
        }
    }

    @Test func sense() throws {
        let encoder = try TextEncoder(folder: miniLM!), vectors = try encoder.embeddings(of: ["A man is playing a guitar.", "Someone strums an instrument.", "Quarterly tax returns are due."]).vectors
        let cosines = Matrix.product(vectors, vectors, transposeB: true)
        #expect(cosines[0, 1] > 0.5 && cosines[0, 2] < 0.2)
        #expect(try encoder.embeddings(of: [String(repeating: "word ", count: 600)]).cut.map(\.tokens) == [90])
    }
}

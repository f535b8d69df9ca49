import ArgumentParser
import Foundation
import Gibbs

struct AttentionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attention", abstract: "What each head of a Transformer does with a text: energy, entropy, tokens looked at, heat capacity, and its answer to temperature.",
        discussion: """
            A head's weights are a Gibbs distribution over tokens: softmax(−E/T) with E = −q·k/√d, at the T = 1 it was trained at.
              scripts/setup --text                     gets a small sentence encoder (MiniLM) and prints its folder
              gibbs attention FOLDER "time flies like an arrow" --plot heads.png
            Response is how far the text's vector turns, in radians, when that head's T alone grows e-fold, measured by small differences.
            """)

    @Argument(help: "Folder with config.json, tokenizer.json and model.safetensors of a BERT-style encoder.")
    var model: String

    @Argument(help: "Texts to read.")
    var texts: [String]

    @Option(help: ArgumentHelp("Temperatures of all heads at which the text's vector is looked at; nine around 1 unless told.", valueName: "T,…"))
    var temperatures: String?

    @Option(help: "Most tokens of a text, with the two that frame it; what the model takes unless told.")
    var tokens: Int?

    @Option(help: "Picture to write: .png for the weights of every head, .svg for curves over the temperature.")
    var plot: String?

    @Flag(help: "Print a JSON object a text.")
    var json = false

    func run() throws {
        guard plot == nil || texts.count == 1 else { throw GibbsError(.usage, "one picture of \(texts.count) texts", advice: "give --plot with one text") }
        guard plot.map({ $0.hasSuffix(".png") || $0.hasSuffix(".svg") }) ?? true else { throw GibbsError(.usage, "a picture in '\(plot!)'", advice: "end the name with .png or .svg") }
        if let plot { try OutputFile(path: plot).discard() }
        let sweepAt = try sweepTemperatures(), encoder = try TextEncoder(folder: model)
        for text in texts {
            let attention = try encoder.attention(to: text, limit: tokens), heads = try encoder.heads(reading: text, limit: tokens), sweep = try encoder.sweep(text, temperatures: sweepAt, limit: tokens)
            if attention.cut > 0 { Console.note("gibbs: cut \(plural(attention.cut, "token", "tokens")) off a text that is too long; \(attention.tokens.count) are left") }
            if json { print(Self.json(text, attention, heads, sweep).text) } else { Self.show(attention, heads, sweep) }
        }
        if texts.count > 1, !json { try Self.showCosines(encoder.embeddings(of: texts, limit: tokens).vectors) }
        guard let plot else { return }
        if plot.hasSuffix(".png") { try encoder.attention(to: texts[0], limit: tokens).picture().write(to: plot) } else {
            let curve = (-20 ... 20).map { Float(exp2(Double($0) / 6)) }
            try encoder.sweep(texts[0], temperatures: curve, limit: tokens).plots(texts[0].oneLine).write(to: plot)
        }
        if !json { print("wrote \(plot)") }
    }

    private func sweepTemperatures() throws -> [Float] {
        guard temperatures != nil else { return TemperatureSweep.usual }
        return try temperatures.list.map { text in
            guard let t = Float(text) else { throw GibbsError(.usage, "a temperature of '\(text)'", advice: "give numbers above 0, such as 0.5,1,2") }
            return t
        }
    }

    private static func show(_ attention: TextAttention, _ heads: [HeadReport], _ sweep: TemperatureSweep) {
        print(attention.tokens.joined(separator: " ").oneLine)
        print("layer head  energy   entropy  tokens  heat cap.  response  looks most at")
        for head in heads {
            print(String(format: "%5d %4d %8.3f %8.3f %7.2f %9.3f %10.4f  ", head.layer, head.head, head.meanEnergy, head.entropy, head.effectiveTokens, head.heatCapacity, head.response)
                + attention.tokens[head.favourite].oneLine + String(format: " (%.0f %%)", 100 * head.share))
        }
        print("T of all heads".padded(16) + "cosine to T = 1".padded(18) + "tokens looked at, layer by layer")
        for point in sweep.points {
            print(String(format: "%-16.3g%-18.4f", point.temperature, point.cosine) + point.effectiveTokens.map { String(format: "%.1f", $0) }.joined(separator: "  "))
        }
    }

    private static func showCosines(_ vectors: Matrix) {
        print("cosines between the texts:")
        let cosines = Matrix.product(vectors, vectors, transposeB: true)
        for row in 0 ..< cosines.rows { print(cosines.row(row).map { String(format: "%6.3f", $0) }.joined(separator: " ")) }
    }

    private static func json(_ text: String, _ attention: TextAttention, _ heads: [HeadReport], _ sweep: TemperatureSweep) -> JSONValue {
        .object([
            ("text", .string(text)), ("tokens", .array(attention.tokens.map(JSONValue.string))), ("cut", .int(attention.cut)),
            ("heads", .array(heads.map { head in
                .object([("layer", .int(head.layer)), ("head", .int(head.head)), ("energy", .number(head.meanEnergy)), ("entropy", .number(head.entropy)),
                         ("effectiveTokens", .number(head.effectiveTokens)), ("heatCapacity", .number(head.heatCapacity)), ("response", .number(head.response)),
                         ("looksAt", .int(head.favourite)), ("share", .number(head.share))])
            })),
            ("temperatures", .array(sweep.points.map { point in
                .object([("temperature", .number(Double(point.temperature))), ("cosine", .number(point.cosine)),
                         ("effectiveTokens", .array(point.effectiveTokens.map { .number($0) })), ("heatCapacities", .array(point.heatCapacities.map { .number($0) }))])
            })),
        ])
    }
}

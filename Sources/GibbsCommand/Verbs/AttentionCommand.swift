import ArgumentParser
import Foundation
import Gibbs

struct AttentionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attention", abstract: "What each head of a Transformer does with a text: energy, entropy, tokens looked at, heat capacity, and its answer to temperature.",
        discussion: """
            A head's weights are a Gibbs distribution over tokens: softmax(−E/T) with E = −q·k/√d, at the T = 1 it was trained at.
              scripts/setup --text                     gets a small sentence encoder (MiniLM) and prints its folder
              gibbs attention FOLDER "time flies like an arrow" --weights heads.svg

            A head's figures are means over the tokens that look, its queries:
              energy         ⟨E⟩ of the tokens looked at, in nats.
              entropy        S of the weights, in nats; 0 where a query looks at one token.
              tokens         exp(S), how many tokens a query looks at.
              heat cap.      C = d⟨E⟩/dT, how strongly the head answers to temperature.
              response       How far the text's vector turns, in radians, when that head's T alone grows e-fold, measured by small differences.
              looks most at  The token whose weight is largest in the mean over all queries, and that mean: where tokens is 1.00, every query looks at one token, though not all need look at the same.
            Below them, a row a temperature of all heads:
              cosine to T = 1  How near the text's vector stays to that of T = 1.
              tokens looked at  exp(S), its mean over the heads and queries of each layer.
            """)

    @Argument(help: "Folder with config.json, tokenizer.json and model.safetensors of a BERT-style encoder.")
    var model: String

    @Argument(help: "Texts to read.")
    var texts: [String]

    @Option(help: ArgumentHelp("Temperatures of all heads at which the text's vector is looked at; nine around 1 unless told.", valueName: "T,…"))
    var temperatures: String?

    @Option(help: "Most tokens of a text, with the two that frame it; what the model takes unless told.")
    var tokens: Int?

    @Option(help: "Picture to write: .png for the weights of every head, which names the layers alone, .svg for curves over the temperature.")
    var plot: String?

    @Option(help: "Picture to write of the weights of every head with labels, .svg: layer and head above each, tokens along both sides, some of them where they are many, and a scale.")
    var weights: String?

    @Flag(help: "Print a JSON object a text.")
    var json = false

    func run() throws {
        guard plot == nil && weights == nil || texts.count == 1 else { throw GibbsError(.usage, "one picture of \(texts.count) texts", advice: "give --plot and --weights with one text") }
        guard plot.map({ $0.hasSuffix(".png") || $0.hasSuffix(".svg") }) ?? true else { throw GibbsError(.usage, "a picture in '\(plot!)'", advice: "end the name with .png or .svg") }
        guard weights?.hasSuffix(".svg") ?? true else { throw GibbsError(.usage, "labelled weights in '\(weights!)'", advice: "end the name with .svg; --plot writes a .png, which names the layers alone") }
        if let plot { try OutputFile(path: plot).discard() }
        if let weights {
            try DistinctFiles.check(weights, option: "--weights", apartFrom: plot)
            try OutputFile(path: weights).discard()
        }
        Interruption.watch()
        let sweepAt = try sweepTemperatures(), encoder = try TextEncoder(folder: model)
        // All texts are looked at before anything is computed, which can take minutes.
        for (index, read) in try encoder.tokens(of: texts, limit: tokens).enumerated() where read.cut > 0 {
            Console.note("gibbs: cut \(plural(read.cut, "token", "tokens")) off \(texts.count == 1 ? "a text" : "text \(index + 1) of \(texts.count)") that is too long; \(read.ids.count) are left")
        }
        for text in texts {
            let attention = try encoder.attention(to: text, limit: tokens), heads = try encoder.heads(reading: text, limit: tokens, progress: Self.bar("of the heads"))
            let sweep = try encoder.sweep(text, temperatures: sweepAt, limit: tokens, progress: Self.bar("of the temperatures"))
            Console.clearProgress()
            if json { print(Self.json(text, attention, heads, sweep).text) } else { Self.show(attention, heads, sweep) }
            try draw(text, attention, encoder)
        }
        if texts.count > 1, !json { try Self.showCosines(encoder.embeddings(of: texts, limit: tokens).vectors) }
    }

    /// The pictures that are asked for.
    private func draw(_ text: String, _ attention: TextAttention, _ encoder: TextEncoder) throws {
        if let plot, plot.hasSuffix(".png") { try attention.picture().write(to: plot) } else if let plot {
            let curve = (-20 ... 20).map { Float(exp2(Double($0) / 6)) }, sweep = try encoder.sweep(text, temperatures: curve, limit: tokens, progress: Self.bar("of the curves"))
            Console.clearProgress()
            try sweep.plots(text.oneLine).write(to: plot)
        }
        if let weights { try attention.panels(text.oneLine).write(to: weights) }
        if !json { for path in [plot, weights].compactMap({ $0 }) { print("wrote \(path)") } }
    }

    /// A bar over what takes long, which Ctrl-C ends.
    private static func bar(_ what: String) -> (Double) throws -> Void {
        let begin = Date()
        return { share in
            Console.bar(share: share, since: begin, what)
            try Interruption.check()
        }
    }

    private func sweepTemperatures() throws -> [Float] {
        guard temperatures != nil else { return TemperatureSweep.usual }
        return try temperatures.list.map { text in
            guard let t = Float(text), t > 0, t.isFinite else { throw GibbsError(.usage, "a temperature of '\(text)'", advice: "give numbers above 0, such as 0.5,1,2") }
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

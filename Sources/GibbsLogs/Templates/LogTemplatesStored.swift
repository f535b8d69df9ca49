import GibbsNumerics

extension LogTemplates: Codable {
    private struct Stored: Codable {
        struct Template: Codable {
            var text: String
            var count: Int
        }

        var options: Options
        var context: Int
        var writesPaths: Bool
        var refused: Int
        var templates: [Template]
    }

    /// Writes the options and, by number, each template's tokens and count; the tree follows from them.
    public func encode(to encoder: any Encoder) throws {
        let templates = (0 ..< count).map { Stored.Template(text: tokens(of: $0).joined(separator: " "), count: counts[$0]) }
        try Stored(options: options, context: context, writesPaths: writesPaths, refused: refused, templates: templates).encode(to: encoder)
    }

    /// Reads what `encode(to:)` wrote and plants the tree again, template by template.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableModel` for options, counts or lengths out of their bounds; what the decoder throws for
    ///   another shape.
    public init(from decoder: any Decoder) throws {
        let stored = try Stored(from: decoder)
        func bad(_ what: String) -> GibbsError {
            GibbsError(.unsuitableModel, "the log templates are damaged: \(what)", advice: "fit the model again")
        }
        guard (0 ... 8).contains(stored.context) else { throw bad("\(stored.context) tokens of context") }
        do {
            try self.init(options: stored.options, context: stored.context, writesPaths: stored.writesPaths)
        } catch let error as GibbsError {
            throw bad(error.message)
        }
        guard stored.templates.count <= options.maximumTemplates else { throw bad("\(stored.templates.count) of at most \(options.maximumTemplates) templates") }
        guard stored.refused >= 0 else { throw bad("\(stored.refused) messages refused") }
        refused = stored.refused
        var masked = MaskedMessage()
        for (id, template) in stored.templates.enumerated() {
            guard template.count >= 0 else { throw bad("template \(id) has the count \(template.count)") }
            masked.clear()
            var text = template.text
            let isWhole = text.withUTF8 { bytes in LogText.with(UnsafeRawBufferPointer(bytes)) { masked.take(template: $0) } }
            guard isWhole, masked.tokens.count >= context else { throw bad("template \(id) has too many, too few or too long tokens") }
            guard plant(&masked, count: template.count) else { throw bad("more than \(Self.vocabularyLimit) bytes of tokens") }
        }
    }
}

extension MaskedMessage {
    /// Takes a template's own text, parted by single blanks; false where its tokens are too many, too long or empty.
    fileprivate mutating func take(template line: LogText) -> Bool {
        var p = 0
        while p < line.count {
            let end = line.find(0x20, from: p, before: line.count)
            guard end > p, end - p <= Self.tokenLength, tokens.count < Self.tokenLimit else { return false }
            open(at: p)
            copy(line, p ..< end)
            var hasDigit = false
            for position in p ..< end where line[position].isDigit { hasDigit = true }
            close(at: end, hasWord: true, hasDigit: hasDigit, folds: false)
            p = end + 1
        }
        return true
    }
}

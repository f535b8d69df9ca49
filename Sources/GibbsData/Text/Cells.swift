import GibbsNumerics

/// The texts that mean "no value", compared as bytes without surrounding blanks.
struct MissingTokens: Sendable {
    private let tokens: [[UInt8]]
    private let longest: Int

    init(_ texts: [String]) {
        tokens = texts.map { Array($0.utf8) }
        longest = tokens.map(\.count).max() ?? -1
    }

    func contains(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let core = text.trimmed
        return core.count <= longest && tokens.contains { $0.elementsEqual(core) }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Without leading and trailing blanks and tabs.
    var trimmed: UnsafeBufferPointer<UInt8> {
        var (low, high) = (0, count)
        while low < high, self[low] == 0x20 || self[low] == 0x09 { low += 1 }
        while low < high, self[high - 1] == 0x20 || self[high - 1] == 0x09 { high -= 1 }
        return UnsafeBufferPointer(rebasing: self[low ..< high])
    }

    /// The text for a message, shortened, with bytes that are no UTF-8 repaired.
    var forMessage: String {
        let shown = String(decoding: prefix(40), as: UTF8.self)
        return shown.replacing("\n", with: "\\n") + (count > 40 ? "…" : "")
    }
}

/// What a cell's text means as a number.
enum NumberCell {
    case value(Double)
    case missing
    case notFinite
    case notNumber

    /// Reads a whole cell. A byte that belongs to no number and eight more readable ones must follow it.
    init(_ text: UnsafeBufferPointer<UInt8>, _ missing: MissingTokens, _ tables: Decimal.Tables) {
        let core = text.trimmed
        if core.count > 0 {
            var p = core.baseAddress!
            let value = Decimal.parse(&p, tables)
            if !value.isNaN, p == core.baseAddress! + core.count {
                self = value.isFinite ? .value(value) : .notFinite
                return
            }
        }
        if missing.contains(text) { self = .missing; return }
        let word = String(decoding: core.prefix(10), as: UTF8.self).lowercased()
        let unsigned = word.hasPrefix("-") || word.hasPrefix("+") ? String(word.dropFirst()) : word
        self = unsigned == "inf" || unsigned == "infinity" ? .notFinite : .notNumber
    }
}

/// What a cell's text means as a truth value: 0, 1, or nil for none of the usual words.
func truthValue(_ text: UnsafeBufferPointer<UInt8>) -> Int32? {
    guard text.count <= 16 else { return nil }
    switch String(decoding: text.trimmed, as: UTF8.self).lowercased() {
    case "true", "t", "yes", "y", "1", "1.0": return 1
    case "false", "f", "no", "n", "0", "0.0": return 0
    default: return nil
    }
}

/// The errors that several formats share, so that they read alike.
enum CellError {
    static func notNumber(_ text: String, field: String, line: Int) -> GibbsError {
        GibbsError(.malformedData, "'\(text)' is not a number", at: .init(line: line, field: field),
                   advice: advice(text, field))
    }

    /// The ways out, with the options of the command line that take them.
    private static func advice(_ text: String?, _ field: String) -> String {
        let word = text.flatMap { $0.count <= 20 && !$0.contains { ",'\\".contains($0) } && !$0.isEmpty ? $0 : nil }
        return "correct it, or count it as missing: --bad-cells-missing" + (word.map { ", or --missing=\($0.asShellWord) for this text" } ?? "")
            + "; a column of names is fitted with --types \("\(field.count <= 60 ? field : "COLUMN")=category".asShellWord)"
    }

    static func notFinite(_ text: String?, field: String, line: Int) -> GibbsError {
        GibbsError(.malformedData, (text.map { "'\($0)'" } ?? "a cell") + " is not a finite number",
                   at: .init(line: line, field: field),
                   advice: advice(text, field))
    }

    static func notBoolean(_ text: String, field: String, line: Int) -> GibbsError {
        GibbsError(.malformedData, "'\(text)' is neither true nor false", at: .init(line: line, field: field),
                   advice: advice(text, field))
    }

    static func tooManyColumns(_ limit: Int, line: Int) -> GibbsError {
        GibbsError(.limitExceeded, "more than \(limit) columns", at: .init(line: line),
                   advice: "check the delimiter, or raise the limit columns")
    }

    static func notUTF8(field: String?, line: Int) -> GibbsError {
        GibbsError(.malformedData, "text that is not UTF-8", at: .init(line: line, field: field),
                   advice: "convert the file first, for example with iconv -f latin1 -t utf-8")
    }
}

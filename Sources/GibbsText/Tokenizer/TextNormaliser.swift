import Foundation

/// What BERT does to a text before it looks for words: control characters go, ideographs stand alone, accents and capitals fall away.
///
/// - Source: Devlin et al., *BERT: Pre-training of Deep Bidirectional Transformers*, 2019, and its `BasicTokenizer`; the order of the steps is that
///   of Hugging Face's `BertNormalizer`.
struct TextNormaliser: Sendable, Hashable {
    /// Drops control characters and makes every blank a space.
    var cleans = true
    /// Puts spaces around Chinese characters.
    var separatesIdeographs = true
    /// Drops nonspacing marks after canonical decomposition.
    var stripsAccents = true
    /// Lower case, letter by letter.
    var lowercases = true

    /// The words of a text: what stands between blanks, with each punctuation mark a word of its own; UTF-8.
    func words(_ text: some StringProtocol) -> [[UInt8]] {
        var words = [[UInt8]](), word = [UInt8]()
        func end() {
            if !word.isEmpty { words.append(word) }
            word.removeAll(keepingCapacity: true)
        }
        for scalar in normalised(text) {
            if scalar.properties.isWhitespace { end() } else if Self.isPunctuation(scalar) {
                end()
                words.append(Array(String(scalar).utf8))
            } else { word.append(contentsOf: UTF8.encode(scalar)!) }
        }
        end()
        return words
    }

    /// The text after all steps.
    func normalised(_ text: some StringProtocol) -> String.UnicodeScalarView {
        var scalars = String(text).unicodeScalars
        // ASCII has neither accents nor ideographs.
        let isPlain = scalars.allSatisfy(\.isASCII)
        if cleans || separatesIdeographs { scalars = separated(scalars) }
        if stripsAccents && !isPlain {
            let decomposed = String(scalars).decomposedStringWithCanonicalMapping.unicodeScalars
            scalars = String.UnicodeScalarView(decomposed.filter { $0.properties.generalCategory != .nonspacingMark })
        }
        if lowercases {
            var lower = String.UnicodeScalarView()
            for scalar in scalars {
                if !scalar.isASCII { lower.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars) } else {
                    lower.append(("A" ... "Z").contains(scalar) ? Unicode.Scalar(scalar.value + 32)! : scalar)
                }
            }
            scalars = lower
        }
        return scalars
    }

    private func separated(_ scalars: String.UnicodeScalarView) -> String.UnicodeScalarView {
        var result = String.UnicodeScalarView()
        for scalar in scalars {
            if cleans {
                if scalar.value == 0xFFFD || Self.isControl(scalar) { continue }
                if scalar.properties.isWhitespace {
                    result.append(" ")
                    continue
                }
            }
            if separatesIdeographs && Self.isIdeograph(scalar) {
                result.append(contentsOf: [" ", scalar, " "])
            } else { result.append(scalar) }
        }
        return result
    }

    /// The categories that Unicode calls other, control, format and private characters, but for tabs and line ends.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        if scalar == "\t" || scalar == "\n" || scalar == "\r" { return false }
        return switch scalar.properties.generalCategory {
        case .control, .format, .privateUse: true
        default: false
        }
    }

    /// The blocks of CJK ideographs; Hiragana, Katakana and Hangul form words and are none.
    private static func isIdeograph(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x4E00 ... 0x9FFF, 0x3400 ... 0x4DBF, 0x20000 ... 0x2A6DF, 0x2A700 ... 0x2B73F, 0x2B740 ... 0x2B81F, 0x2B920 ... 0x2CEAF, 0xF900 ... 0xFAFF, 0x2F800 ... 0x2FA1F: true
        default: false
        }
    }

    private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (33 ... 47).contains(scalar.value) || (58 ... 64).contains(scalar.value) || (91 ... 96).contains(scalar.value) || (123 ... 126).contains(scalar.value) }
        switch scalar.properties.generalCategory {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation, .otherPunctuation: return true
        default: return false
        }
    }
}

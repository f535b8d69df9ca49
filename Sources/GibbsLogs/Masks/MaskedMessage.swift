/// A message as tokens in which what varies by its form is a typed wildcard: `port 37298` becomes `port <NUM>`.
///
/// Kept from line to line so that its memory is. Positions of `pieces` and of `raw` are those of the line.
struct MaskedMessage: Sendable {
    struct Token: Sendable {
        /// Where its masked text lies in `bytes`.
        var text: Range<Int>
        /// Where it stands in the line.
        var raw: Range<Int>
        /// Its wildcards, in `pieces`.
        var pieces: Range<Int>
        /// Whether its masked text still has a digit.
        var hasDigit = false
        /// Whether words stand beside its wildcards.
        var hasWord = false
        /// Its number in a vocabulary; negative where it has none.
        var code: Int32 = -1
    }

    struct Piece: Sendable {
        var mask: LogMask
        var raw: Range<Int>
    }

    /// Tokens of a message at most; the last one is then a wildcard for all the rest.
    static let tokenLimit = 256
    /// Bytes of a token at most, beyond which it is a wildcard.
    static let tokenLength = 128

    private(set) var bytes: [UInt8] = []
    var tokens: [Token] = []
    private(set) var pieces: [Piece] = []

    init() {
        bytes.reserveCapacity(1024)
        tokens.reserveCapacity(64)
        pieces.reserveCapacity(64)
    }

    mutating func clear() {
        bytes.removeAll(keepingCapacity: true)
        tokens.removeAll(keepingCapacity: true)
        pieces.removeAll(keepingCapacity: true)
    }

    /// The masked text of the whole message.
    var text: String {
        String(decoding: Array(tokens.map { bytes[$0.text] }.joined(separator: [0x20])), as: UTF8.self)
    }

    // MARK: - Building

    @inline(__always)
    mutating func open(at position: Int) {
        tokens.append(Token(text: bytes.count ..< bytes.count, raw: position ..< position, pieces: pieces.count ..< pieces.count))
    }

    /// Takes over bytes of the line as they are.
    @inline(__always)
    mutating func copy(_ line: LogText, _ range: Range<Int>) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: line.base + range.lowerBound, count: range.count))
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) { bytes.append(byte) }

    @inline(__always)
    mutating func mask(_ mask: LogMask, _ raw: Range<Int>) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: mask.text.utf8Start, count: mask.text.utf8CodeUnitCount))
        pieces.append(Piece(mask: mask, raw: raw))
    }

    /// Ends the open token, which stretches to `position` in the line. One that says nothing but what the token before it said, in
    /// wildcards alone, is folded into that: a list of three blocks is the same event as a list of two.
    @inline(__always)
    mutating func close(at position: Int, hasWord: Bool, hasDigit: Bool, folds: Bool) {
        let last = tokens.count - 1
        var token = tokens[last]
        token.text = token.text.lowerBound ..< bytes.count
        token.raw = token.raw.lowerBound ..< position
        token.pieces = token.pieces.lowerBound ..< pieces.count
        token.hasWord = hasWord
        token.hasDigit = hasDigit
        if token.text.count > Self.tokenLength {
            pieces.removeSubrange(token.pieces)
            bytes.removeSubrange(token.text)
            mask(.any, token.raw)
            (token.hasWord, token.hasDigit) = (false, false)
            token.text = token.text.lowerBound ..< bytes.count
            token.pieces = token.pieces.lowerBound ..< pieces.count
        }
        if folds, last > 0, !token.hasWord, !token.pieces.isEmpty, !tokens[last - 1].hasWord, !tokens[last - 1].pieces.isEmpty,
           bytes[token.text] == bytes[tokens[last - 1].text] {
            bytes.removeSubrange(token.text)
            tokens.removeLast()
            tokens[last - 1].raw = tokens[last - 1].raw.lowerBound ..< position
            tokens[last - 1].pieces = tokens[last - 1].pieces.lowerBound ..< pieces.count
            return
        }
        tokens[last] = token
    }
}

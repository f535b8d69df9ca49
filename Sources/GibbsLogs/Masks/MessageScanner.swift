extension MaskedMessage {
    /// Cuts a message into tokens at blanks, with a wildcard for every recognised form.
    ///
    /// - Parameters:
    ///   - message: Where it lies in the line.
    ///   - opaque: Text known to vary, such as a user's name, in order and apart; each becomes `<*>`, blanks inside it included. An empty
    ///     one becomes a token of its own.
    ///   - isPath: Slashes begin tokens, as in the path of a request, and nothing is folded.
    mutating func scan(_ line: LogText, _ message: Range<Int>, opaque: [Range<Int>] = [], isPath: Bool = false) {
        let end = message.upperBound
        var p = message.lowerBound, next = 0
        while true {
            let hidden = next < opaque.count ? opaque[next] : end ..< end
            while p < end, line[p].isBlank, !(next < opaque.count && p == hidden.lowerBound) { p += 1 }
            if next < opaque.count, p == hidden.lowerBound, hidden.isEmpty {
                open(at: p)
                mask(.any, hidden)
                close(at: p, hasWord: false, hasDigit: false, folds: false)
                next += 1
                continue
            }
            guard p < end else { return }
            open(at: p)
            if tokens.count >= Self.tokenLimit {
                mask(.any, p ..< end)
                return close(at: end, hasWord: false, hasDigit: false, folds: false)
            }
            p = readToken(line, p, end, opaque, &next, isPath)
        }
    }

    /// Reads one token from `start` on and returns where it ends.
    @inline(__always)
    private mutating func readToken(_ line: LogText, _ start: Int, _ end: Int, _ opaque: [Range<Int>], _ next: inout Int, _ isPath: Bool) -> Int {
        var p = start, isInWord = false, hasWord = false, hasDigit = false
        var hidden = next < opaque.count ? opaque[next] : end ..< end
        while p < end {
            if p == hidden.lowerBound, next < opaque.count {
                mask(.any, hidden)
                (p, isInWord, next) = (hidden.upperBound, false, next + 1)
                hidden = next < opaque.count ? opaque[next] : end ..< end
                continue
            }
            let byte = line[p]
            if byte.isBlank { break }
            if byte == UInt8(ascii: "/"), p > start {
                if isPath { break }
                if opensPath(line[p - 1]), let stop = LogForms.path(line, at: p, before: hidden.lowerBound) {
                    mask(.path, p ..< stop)
                    (p, isInWord) = (stop, false)
                    continue
                }
            } else if byte == UInt8(ascii: "/"), !isPath, let stop = LogForms.path(line, at: p, before: hidden.lowerBound) {
                mask(.path, p ..< stop)
                (p, isInWord) = (stop, false)
                continue
            }
            if !isInWord, let form = LogForms.found(line, at: p, before: hidden.lowerBound) {
                mask(form.mask, p ..< form.end)
                // What follows a form directly, such as a unit, is not looked at again.
                (p, isInWord) = (form.end, true)
                continue
            }
            if byte.isWord {
                var q = p
                while q < hidden.lowerBound, line[q].isWord {
                    hasDigit = hasDigit || line[q].isDigit
                    q += 1
                }
                copy(line, p ..< q)
                (p, isInWord, hasWord) = (q, true, true)
            } else {
                append(byte)
                p += 1
                isInWord = false
            }
        }
        close(at: p, hasWord: hasWord, hasDigit: hasDigit, folds: !isPath)
        return p
    }

    private func opensPath(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "="), UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "<"),
             UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: ";"): true
        default: false
        }
    }
}

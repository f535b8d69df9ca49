/// What a typed wildcard stands for.
enum LogMask: UInt8 {
    case any, number, address, path, block, hex, mac, uuid, key, url, time

    /// How it is written in a template.
    var text: StaticString {
        switch self {
        case .any: "<*>"
        case .number: "<NUM>"
        case .address: "<IP>"
        case .path: "<PATH>"
        case .block: "<BLOCK>"
        case .hex: "<HEX>"
        case .mac: "<MAC>"
        case .uuid: "<UUID>"
        case .key: "<KEY>"
        case .url: "<URL>"
        case .time: "<TIME>"
        }
    }
}

/// Recognises what varies in a message by its form. A form begins where no word runs into it and ends where none runs on.
enum LogForms {
    typealias Found = (mask: LogMask, end: Int)

    /// The form that begins at `p`, where a word begins; nil for an ordinary word.
    @inline(__always)
    static func found(_ line: LogText, at p: Int, before end: Int) -> Found? {
        let byte = line[p]
        if byte.isDigit || byte.isHexLetter { return hexadecimal(line, p, end) ?? (byte | 0x20 >= 0x61 ? lettered(line, p, end) : nil) }
        if byte.isLetter { return lettered(line, p, end) }
        switch byte {
        case UInt8(ascii: ":"):
            guard p + 1 < end, line[p + 1] == byte, let stop = Addresses.six(line, p, end) else { return nil }
            return (.address, stop)
        case UInt8(ascii: "-"), UInt8(ascii: "+"):
            guard p + 1 < end, line[p + 1].isDigit, let number = hexadecimal(line, p + 1, end), number.mask == .number else { return nil }
            return number
        default: return nil
        }
    }

    /// Forms that begin with a hexadecimal digit.
    private static func hexadecimal(_ line: LogText, _ p: Int, _ end: Int) -> Found? {
        var q = p, letters = 0
        while q < end, line[q].isHex {
            letters += line[q].isDigit ? 0 : 1
            q += 1
        }
        let length = q - p, next = q < end ? line[q] : 0x20
        if next == UInt8(ascii: ":"), length <= 4 {
            if length == 2, let key = pairs(line, p, end, separator: next, count: 16) { return (.key, key) }
            if length == 2, let mac = pairs(line, p, end, separator: next, count: 6) { return (.mac, mac) }
            if let stop = Addresses.six(line, p, end) { return (.address, stop) }
            if letters == 0, length <= 2, let stop = time(line, q, end) { return (.time, stop) }
        }
        if next == UInt8(ascii: "-") {
            if length == 8, let stop = uuid(line, p, end) { return (.uuid, stop) }
            if length == 2, let mac = pairs(line, p, end, separator: next, count: 6) { return (.mac, mac) }
        }
        if letters == 0 { return number(line, p, q, end) }
        return length >= 8 && letters < length && !next.isWord ? (.hex, q) : nil
    }

    /// Digits from `p` to `q`: an address, a number with parts (`5.3.0`), `0x1f`, or a number that a unit follows (`35ms`).
    private static func number(_ line: LogText, _ p: Int, _ q: Int, _ end: Int) -> Found? {
        var q = q
        if q < end, line[q] == UInt8(ascii: ".") {
            if let stop = Addresses.four(line, p, end) { return (.address, stop) }
            while q + 1 < end, line[q] == UInt8(ascii: "."), line[q + 1].isDigit {
                q += 1
                while q < end, line[q].isDigit { q += 1 }
            }
        }
        guard q < end, line[q].isWord else { return (.number, q) }
        if q == p + 1, line[p] == 0x30, line[q] | 0x20 == UInt8(ascii: "x") {
            var stop = q + 1
            while stop < end, line[stop].isHex { stop += 1 }
            return stop > q + 1 && !(stop < end && line[stop].isWord) ? (.hex, stop) : nil
        }
        var unit = q
        while unit < end, line[unit].isWord { unit += 1 }
        return isUnit(line, q, unit) ? (.number, q) : nil
    }

    private static func isUnit(_ line: LogText, _ p: Int, _ q: Int) -> Bool {
        switch (q - p, line[p]) {
        case (1, UInt8(ascii: "s")), (1, UInt8(ascii: "B")), (1, UInt8(ascii: "h")), (1, UInt8(ascii: "m")): true
        case (2, UInt8(ascii: "m")), (2, UInt8(ascii: "u")), (2, UInt8(ascii: "n")): line[p + 1] == UInt8(ascii: "s")
        case (2, UInt8(ascii: "k")), (2, UInt8(ascii: "K")), (2, UInt8(ascii: "M")), (2, UInt8(ascii: "G")), (2, UInt8(ascii: "T")): line[p + 1] == UInt8(ascii: "B")
        default: false
        }
    }

    /// Forms that begin with a letter: `blk_-123`, `SHA256:…`, `MD5:…`, `https://…`.
    private static func lettered(_ line: LogText, _ p: Int, _ end: Int) -> Found? {
        switch line[p] {
        case UInt8(ascii: "b") where line.has("blk_", at: p, before: end):
            let sign = p + 4 < end && line[p + 4] == UInt8(ascii: "-") ? 1 : 0
            var q = p + 4 + sign
            while q < end, line[q].isDigit { q += 1 }
            return q > p + 4 + sign && !(q < end && line[q].isWord && line[q] != UInt8(ascii: "_")) ? (.block, q) : nil
        case UInt8(ascii: "S") where line.has("SHA256:", at: p, before: end):
            var q = p + 7
            while q < end, line[q].isWord || line[q] == UInt8(ascii: "+") || line[q] == UInt8(ascii: "/") || line[q] == UInt8(ascii: "=") { q += 1 }
            return q - p >= 47 ? (.key, q) : nil
        case UInt8(ascii: "M") where line.has("MD5:", at: p, before: end):
            return pairs(line, p + 4, end, separator: UInt8(ascii: ":"), count: 16).map { (.key, $0) }
        default:
            var q = p
            while q < end, q - p < 12, line[q].isLetter { q += 1 }
            guard line.has("://", at: q, before: end) else { return nil }
            q += 3
            while q < end, !line[q].isBlank, !endsPath(line[q]) { q += 1 }
            return (.url, q)
        }
    }

    /// A path at the slash `p`, which stands at the beginning of a token or behind an opening mark.
    static func path(_ line: LogText, at p: Int, before end: Int) -> Int? {
        guard p + 1 < end, line[p + 1].isWord || line[p + 1] == UInt8(ascii: ".") || line[p + 1] == UInt8(ascii: "-") || line[p + 1] == UInt8(ascii: "~"),
              Addresses.four(line, p + 1, end) == nil else { return nil }
        var q = p + 1
        while q < end, !line[q].isBlank, line[q] != UInt8(ascii: ":"), !endsPath(line[q]) { q += 1 }
        while line[q - 1] == UInt8(ascii: ".") { q -= 1 }
        return q > p + 1 ? q : nil
    }

    private static func endsPath(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"),
             UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "|"): true
        default: false
        }
    }

    /// `count` pairs of hexadecimal digits.
    private static func pairs(_ line: LogText, _ p: Int, _ end: Int, separator: UInt8, count: Int) -> Int? {
        let stop = p + 3 * count - 1
        guard stop <= end, !(stop < end && (line[stop].isWord || line[stop] == separator)) else { return nil }
        for index in 0 ..< count {
            let q = p + 3 * index
            guard line[q].isHex, line[q + 1].isHex, index == count - 1 || line[q + 2] == separator else { return nil }
        }
        return stop
    }

    /// `8-4-4-4-12` hexadecimal digits.
    private static func uuid(_ line: LogText, _ p: Int, _ end: Int) -> Int? {
        guard p + 36 <= end, !(p + 36 < end && line[p + 36].isWord) else { return nil }
        for index in 0 ..< 36 {
            let isDash = index == 8 || index == 13 || index == 18 || index == 23
            guard isDash ? line[p + index] == UInt8(ascii: "-") : line[p + index].isHex else { return nil }
        }
        return p + 36
    }

    /// The rest of `13:06` or `13:06:56` from its first colon on.
    private static func time(_ line: LogText, _ colon: Int, _ end: Int) -> Int? {
        var q = colon, parts = 0
        while parts < 2, q + 2 < end, line[q] == UInt8(ascii: ":"), line[q + 1].isDigit, line[q + 2].isDigit {
            q += 3
            parts += 1
        }
        if parts == 2, q + 1 < end, line[q] == UInt8(ascii: "."), line[q + 1].isDigit {
            q += 1
            while q < end, line[q].isDigit { q += 1 }
        }
        return parts > 0 && !(q < end && (line[q].isWord || line[q] == UInt8(ascii: ":") && q + 1 < end && line[q + 1].isWord)) ? q : nil
    }
}

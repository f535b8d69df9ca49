import GibbsNumerics

/// The grammar of JSON to the letter, where line ends are blanks: for whole texts, behind which nine bytes of zero stand.
extension JSONText {
    @inline(__always)
    static func skipSpace(_ p: inout Bytes) {
        while p[0] == 0x20 || p[0] == 0x0A || p[0] == 0x0D || p[0] == 0x09 { p += 1 }
    }

    /// Hands out the members of the object whose brace is at `p`, and moves behind it; `body` moves behind each value.
    static func members(_ p: inout Bytes, _ scratch: Scratch, _ body: (String, inout Bytes) throws -> Void) throws {
        try parts(&p, closing: UInt8(ascii: "}")) { p in
            guard p[0] == UInt8(ascii: "\"") else { throw fault("expected a name, found \(shown(p))") }
            let name = String(decoding: try string(&p, scratch), as: UTF8.self)
            skipSpace(&p)
            guard p[0] == UInt8(ascii: ":") else { throw fault("expected ':', found \(shown(p))") }
            p += 1
            try body(name, &p)
        }
    }

    /// Hands out the elements of the array whose bracket is at `p`, and moves behind it; `body` moves behind each.
    static func elements(_ p: inout Bytes, _ body: (inout Bytes) throws -> Void) throws { try parts(&p, closing: UInt8(ascii: "]"), body) }

    @inline(__always)
    private static func parts(_ p: inout Bytes, closing: UInt8, _ body: (inout Bytes) throws -> Void) throws {
        p += 1
        skipSpace(&p)
        if p[0] == closing { p += 1; return }
        while true {
            try body(&p)
            skipSpace(&p)
            if p[0] == closing { p += 1; return }
            guard p[0] == UInt8(ascii: ",") else { throw fault("expected ',' or '\(Character(Unicode.Scalar(closing)))', found \(shown(p))") }
            p += 1
            skipSpace(&p)
        }
    }

    /// Moves behind a value that obeys the grammar.
    ///
    /// - Throws: `GibbsError` with code `.malformedData`, or `.limitExceeded` for a depth beyond `JSONRequest.depthLimit`.
    static func passValue(_ p: inout Bytes, _ scratch: Scratch, depth: Int) throws {
        skipSpace(&p)
        switch p[0] {
        case UInt8(ascii: "\""): _ = try string(&p, scratch)
        case UInt8(ascii: "{"):
            try check(depth)
            try parts(&p, closing: UInt8(ascii: "}")) { p in
                guard p[0] == UInt8(ascii: "\"") else { throw fault("expected a name, found \(shown(p))") }
                _ = try string(&p, scratch)
                skipSpace(&p)
                guard p[0] == UInt8(ascii: ":") else { throw fault("expected ':', found \(shown(p))") }
                p += 1
                try passValue(&p, scratch, depth: depth + 1)
            }
        case UInt8(ascii: "["):
            try check(depth)
            try parts(&p, closing: UInt8(ascii: "]")) { try passValue(&$0, scratch, depth: depth + 1) }
        case UInt8(ascii: "t"): try word("true", &p)
        case UInt8(ascii: "f"): try word("false", &p)
        case UInt8(ascii: "n"): try word("null", &p)
        default: try number(&p)
        }
    }

    private static func check(_ depth: Int) throws {
        guard depth <= JSONRequest.depthLimit else {
            throw GibbsError(.limitExceeded, "invalid JSON: values nested deeper than \(JSONRequest.depthLimit) levels", advice: "send flatter values")
        }
    }

    private static func word(_ word: StaticString, _ p: inout Bytes) throws {
        for index in 0 ..< word.utf8CodeUnitCount where p[index] != word.utf8Start[index] { throw fault("a word that is neither true, false nor null") }
        p += word.utf8CodeUnitCount
    }

    private static func number(_ p: inout Bytes) throws {
        let start = p
        if p[0] == UInt8(ascii: "-") { p += 1 }
        let first = p
        guard digits(&p) > 0 else { throw fault(start == p ? "expected a value, found \(shown(p))" : "a number without digits") }
        guard first[0] != UInt8(ascii: "0") || p - first == 1 else { throw fault("a number that begins with 0") }
        if p[0] == UInt8(ascii: ".") {
            p += 1
            guard digits(&p) > 0 else { throw fault("a number without digits behind its point") }
        }
        if p[0] | 0x20 == UInt8(ascii: "e") {
            p += 1
            if p[0] == UInt8(ascii: "+") || p[0] == UInt8(ascii: "-") { p += 1 }
            guard digits(&p) > 0 else { throw fault("a number without digits in its exponent") }
        }
    }

    @inline(__always)
    private static func digits(_ p: inout Bytes) -> Int {
        let start = p
        while p[0] >= UInt8(ascii: "0"), p[0] <= UInt8(ascii: "9") { p += 1 }
        return p - start
    }
}

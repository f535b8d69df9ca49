import GibbsNumerics

/// Whoever takes the members of a JSON object as they come; see `JSONObject.walk`.
protocol JSONMemberTaker {
    /// Objects within objects at most, the outermost counted.
    var depthLimit: Int { get }

    /// The error for an object beyond that, which has this name.
    func tooDeep(_ name: UnsafeBufferPointer<UInt8>) -> GibbsError

    /// Takes the value at `p`, which is no object, and moves `p` behind it.
    func take(_ name: UnsafeBufferPointer<UInt8>, _ p: inout UnsafePointer<UInt8>) throws
}

/// The one walk over the members of an object, for tables and for single lines.
enum JSONObject {
    /// Hands out the members of the object whose brace is at `p`, and moves `p` behind it. Members of objects inside it have dotted names.
    ///
    /// - Parameters:
    ///   - path: Empty; holds the names of the objects that are open.
    ///   - key: Room for a key with escapes.
    ///   - taker: Takes every member; names are gone with the next one.
    /// - Throws: `GibbsError` with code `.malformedData`, without a place, and what the taker throws.
    static func walk(_ p: inout UnsafePointer<UInt8>, _ path: Scratch, _ key: Scratch, depth: Int = 1, into taker: some JSONMemberTaker) throws {
        p += 1
        JSONText.skipBlanks(&p)
        if p[0] == UInt8(ascii: "}") { p += 1; return }
        let prefix = path.count
        while true {
            guard p[0] == UInt8(ascii: "\"") else { throw JSONText.fault("expected a key, found \(JSONText.shown(p))") }
            var name = try JSONText.string(&p, key)
            JSONText.skipBlanks(&p)
            guard p[0] == UInt8(ascii: ":") else { throw JSONText.fault("expected ':', found \(JSONText.shown(p))") }
            p += 1
            JSONText.skipBlanks(&p)
            let isObject = p[0] == UInt8(ascii: "{")
            if depth > 1 || isObject {
                if let start = name.baseAddress { path.append(start, name.count) }
                name = path.text
            }
            if isObject {
                guard depth < taker.depthLimit else { throw taker.tooDeep(name) }
                path.append(UInt8(ascii: "."))
                try walk(&p, path, key, depth: depth + 1, into: taker)
            } else {
                try taker.take(name, &p)
            }
            path.shorten(to: prefix)
            JSONText.skipBlanks(&p)
            if p[0] == UInt8(ascii: "}") { p += 1; return }
            guard p[0] == UInt8(ascii: ",") else { throw JSONText.fault("expected ',' or '}', found \(JSONText.shown(p))") }
            p += 1
            JSONText.skipBlanks(&p)
        }
    }
}

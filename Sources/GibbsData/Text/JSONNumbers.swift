import GibbsNumerics

/// An object of whole numbers within a JSON text, member by member: names of other bytes stay apart.
///
/// To Swift's strings, and with them to dictionaries and `JSONDecoder`, a letter with its accent and the same two signs one after the other are equal.
package enum JSONNumbers {
    /// The members of the object that stands at a path of names, in their order, the numbers `nil` where something else stands; a name that comes twice
    /// is there twice.
    ///
    /// - Parameters:
    ///   - path: The names of the objects on the way, the outermost first; empty for the text itself.
    ///   - text: JSON.
    /// - Returns: `nil` where there is no such object.
    /// - Throws: `GibbsError` with code `.malformedData`, or `.limitExceeded` for values within one another beyond `JSONRequest.depthLimit`.
    /// - Complexity: One pass.
    package static func members(at path: [String], in text: some Collection<UInt8>) throws -> [(name: String, number: Int?)]? {
        var padded = [UInt8]()
        padded.reserveCapacity(text.count + 9)
        padded.append(contentsOf: text)
        padded.append(contentsOf: [UInt8](repeating: 0, count: 9))
        return try padded.withUnsafeBufferPointer { buffer in
            guard var p = buffer.baseAddress else { return nil }
            var found: [(name: String, number: Int?)]?
            try walk(&p, Scratch(), path[...], &found)
            return found
        }
    }

    private static func walk(_ p: inout JSONText.Bytes, _ scratch: Scratch, _ path: ArraySlice<String>, _ found: inout [(name: String, number: Int?)]?) throws {
        JSONText.skipSpace(&p)
        guard p[0] == UInt8(ascii: "{") else { return try JSONText.passValue(&p, scratch, depth: 1) }
        guard let next = path.first else {
            var members = [(name: String, number: Int?)]()
            try JSONText.members(&p, scratch) { name, p in
                JSONText.skipSpace(&p)
                let start = p
                try JSONText.passValue(&p, scratch, depth: 1)
                members.append((name, Int(String(decoding: UnsafeBufferPointer(start: start, count: p - start), as: UTF8.self))))
            }
            found = members
            return
        }
        try JSONText.members(&p, scratch) { name, p in
            if name == next { try walk(&p, scratch, path.dropFirst(), &found) } else { try JSONText.passValue(&p, scratch, depth: 1) }
        }
    }
}

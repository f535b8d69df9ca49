extension String {
    /// The text as one word of a shell's command line, quoted where it has to be.
    package var asShellWord: String {
        let isPlain = !isEmpty && unicodeScalars.allSatisfy { $0.properties.isAlphabetic || "0123456789_-.,=/%+:@".unicodeScalars.contains($0) }
        return isPlain ? self : "'" + replacing("'", with: "'\\''") + "'"
    }
}

/// What a mistyped word may have meant.
package enum Spelling {
    /// The known words nearest to `word`, at most three, nearest first: those that differ only in case, in about a third of
    /// their letters at most, or of which one begins with the other. Words of over forty letters are not looked at.
    ///
    /// - Complexity: A table of letters by letters for each known word.
    package static func nearest(to word: String, among known: [String]) -> [String] {
        let sought = word.lowercased()
        guard !sought.isEmpty, sought.count <= 40 else { return [] }
        let near = known.prefix(10_000).enumerated().compactMap { index, name -> (distance: Int, index: Int, name: String)? in
            let other = name.lowercased()
            guard !other.isEmpty, other.count <= 40 else { return nil }
            let edits = distance(Array(sought), Array(other))
            let isBeginning = min(sought.count, other.count) >= 3 && (sought.hasPrefix(other) || other.hasPrefix(sought))
            guard edits <= max(1, max(sought.count, other.count) / 3) && edits < max(sought.count, other.count) || isBeginning else { return nil }
            return (edits, index, name)
        }
        return near.sorted { ($0.distance, $0.index) < ($1.distance, $1.index) }.prefix(3).map(\.name)
    }

    /// The same as a question: "did you mean 'port' or 'sport'?"; nil when nothing is near.
    package static func question(_ word: String, among known: [String]) -> String? {
        let near = nearest(to: word, among: known)
        return near.isEmpty ? nil : "did you mean " + near.map { "'\($0)'" }.joined(separator: " or ") + "?"
    }

    /// The fewest letters inserted, left out, exchanged, or swapped with their neighbour that turn one word into the other.
    private static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var older = [Int](), previous = Array(0 ... b.count)
        for i in a.indices {
            var current = [i + 1]
            for j in b.indices {
                var best = min(previous[j] + (a[i] == b[j] ? 0 : 1), previous[j + 1] + 1, current[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, older[j - 1] + 1) }
                current.append(best)
            }
            (older, previous) = (previous, current)
        }
        return previous[b.count]
    }
}

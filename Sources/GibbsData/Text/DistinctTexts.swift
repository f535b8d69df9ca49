/// Texts, each once, and where it stands: what is dear to do for a text is done for each different one.
package struct DistinctTexts: Sendable {
    /// The different texts, in the order in which they first came.
    package let unique: [String]
    /// For each text given, its place in `unique`.
    package let places: [Int]

    /// Sorts out texts that repeat. One pass.
    package init(_ texts: [String]) {
        var known = [String: Int](), unique = [String]()
        places = texts.map { text in
            if let place = known[text] { return place }
            known[text] = unique.count
            unique.append(text)
            return unique.count - 1
        }
        self.unique = unique
    }
}

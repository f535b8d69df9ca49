/// What a stream cannot write, by what it is needed for. Each is over by its own success alone: a batch that is kept says nothing of a snapshot that is not.
package struct Troubles: Sendable {
    package enum Cause: CaseIterable { case journal, alerts, days, snapshot }

    private var words: [Cause: String] = [:]

    package init() {}

    package subscript(cause: Cause) -> String? {
        get { words[cause] }
        set { words[cause] = newValue }
    }

    /// All of it, each once; `nil` where all is well.
    package var text: String? {
        var found = [String]()
        for cause in Cause.allCases { if let words = words[cause], !found.contains(words) { found.append(words) } }
        return found.isEmpty ? nil : found.joined(separator: "; ")
    }
}

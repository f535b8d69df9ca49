/// The tree of Drain: from the number of tokens over the leading tokens to the templates of a leaf.
struct PrefixTree: Sendable {
    private struct Edge: Hashable { var node: Int32, token: Int32 }

    private var edges: [Edge: Int32] = [:]
    /// Different tokens at each node; a wildcard does not count.
    private var children: [Int32] = []
    private var leaves: [[Int32]] = []
    /// The node of each number of tokens; negative where there is none.
    private var lengths: [Int32] = []

    /// The templates of the leaf to which the message's tokens lead, exact ones before wildcards; nil where they lead nowhere.
    func leaf(of masked: MaskedMessage, levels: Int) -> [Int32]? {
        guard var node = root(masked.tokens.count) else { return nil }
        for level in 0 ..< min(levels, masked.tokens.count) {
            guard let next = child(node, masked.tokens[level].code) ?? child(node, LogTemplates.wildcard) else { return nil }
            node = next
        }
        return leaves[Int(node)]
    }

    /// The first template that `fits`, in the leaf of the message's tokens, then in those where wildcards stand for some of them.
    @inline(__always)
    func first(of masked: MaskedMessage, levels: Int, where fits: (Int32) -> Bool) -> Int32? {
        guard let node = root(masked.tokens.count) else { return nil }
        return search(node, level: 0, of: min(levels, masked.tokens.count), masked, fits)
    }

    private func search(_ node: Int32, level: Int, of levels: Int, _ masked: MaskedMessage, _ fits: (Int32) -> Bool) -> Int32? {
        if level == levels { return leaves[Int(node)].first(where: fits) }
        let code = masked.tokens[level].code
        if code > LogTemplates.wildcard, let next = child(node, code), let found = search(next, level: level + 1, of: levels, masked, fits) { return found }
        return child(node, LogTemplates.wildcard).flatMap { search($0, level: level + 1, of: levels, masked, fits) }
    }

    /// Adds a template at the end of its path. A token with digits, or one too many for its node, goes by the wildcard.
    ///
    /// - Returns: The levels whose tokens should be wildcards at once: those too many for their node, and where the leaf has as many
    ///   templates as a node may have children, those with digits too.
    mutating func insert(_ template: Int32, _ masked: MaskedMessage, levels: Int, context: Int, maximumChildren: Int) -> [Int] {
        let length = masked.tokens.count
        while lengths.count <= length { lengths.append(-1) }
        if lengths[length] < 0 { lengths[length] = newNode() }
        var node = lengths[length], crowded: [Int] = [], numbered: [Int] = []
        for level in 0 ..< min(levels, length) {
            let token = masked.tokens[level]
            var code = token.code
            if token.hasDigit, level >= context, code != LogTemplates.wildcard {
                numbered.append(level)
                code = LogTemplates.wildcard
            } else if code != LogTemplates.wildcard, child(node, code) == nil {
                if children[Int(node)] < Int32(maximumChildren) { children[Int(node)] += 1 } else {
                    crowded.append(level)
                    code = LogTemplates.wildcard
                }
            }
            node = child(node, code) ?? added(node, code)
        }
        if leaves[Int(node)].count >= maximumChildren { crowded += numbered }
        leaves[Int(node)].append(template)
        return crowded
    }

    private mutating func added(_ node: Int32, _ token: Int32) -> Int32 {
        let next = newNode()
        edges[Edge(node: node, token: token)] = next
        return next
    }

    private mutating func newNode() -> Int32 {
        children.append(0)
        leaves.append([])
        return Int32(leaves.count - 1)
    }

    private func root(_ length: Int) -> Int32? { length < lengths.count && lengths[length] >= 0 ? lengths[length] : nil }

    @inline(__always)
    private func child(_ node: Int32, _ token: Int32) -> Int32? { token < 0 ? nil : edges[Edge(node: node, token: token)] }
}

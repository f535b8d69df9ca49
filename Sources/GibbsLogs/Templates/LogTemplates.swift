import GibbsNumerics

/// Templates of log messages, learned as the messages come: Drain, a prefix tree of fixed depth.
///
/// A message is cut into tokens at blanks, with typed wildcards for what varies by its form (`<IP>`, `<NUM>`, `<PATH>`, …). From the
/// root of the tree leads one edge per number of tokens, then one per leading token. A leaf holds templates; a message joins the one
/// with which it shares most tokens, if that is at least the share `similarity`, and where they differ the template gets `<*>`.
/// Else it becomes a template of its own. Templates are numbered from 0 in order of appearance; a number keeps its template for ever,
/// though its text may get more wildcards.
///
/// Departures from the paper: a message whose every token a template already covers joins it whatever the share, and `match` asks for no
/// less; leaves behind `<*>` are searched after those of the exact words, so that `match` finds all that was learned; and a leading word
/// too many for its node, or one with digits too many for its leaf, is `<*>` in its template from the start, so that a flood of new
/// names is one template.
///
/// - Source: He, Zhu, Zheng, Lyu, "Drain: an online log parsing approach with fixed depth tree", ICWS 2017, section III.
public struct LogTemplates: Sendable {
    /// What shapes the tree.
    public struct Options: Sendable, Hashable, Codable {
        /// Levels of the tree with its root and its leaves: `depth` − 2 leading tokens tell leaves apart. 3 to 16.
        public var depth = 4
        /// The share of equal tokens from which a message joins a template, 0 to 1.
        public var similarity = 0.4
        /// Different tokens told apart at one node; further ones share `<*>`. 1 to 100,000.
        public var maximumChildren = 100
        /// Templates at most; a message that would need another gets none. 1 to 1,000,000.
        public var maximumTemplates = 10_000

        /// The defaults, which are those of the paper where it gives them.
        public init() {}

        /// - Throws: `GibbsError` with code `.usage` for a value out of its range.
        func checked() throws -> Options {
            func bad(_ what: String, _ advice: String) -> GibbsError { GibbsError(.usage, what, advice: advice) }
            guard (3 ... 16).contains(depth) else { throw bad("a tree of depth \(depth)", "give a depth from 3 to 16") }
            guard (0 ... 1).contains(similarity) else { throw bad("a similarity of \(similarity)", "give a share from 0 to 1") }
            guard (1 ... 100_000).contains(maximumChildren) else { throw bad("\(maximumChildren) children a node", "give 1 to 100,000") }
            guard (1 ... 1_000_000).contains(maximumTemplates) else { throw bad("\(maximumTemplates) templates", "give 1 to 1,000,000") }
            return self
        }
    }

    /// A template as it is now.
    public struct Template: Sendable, Hashable {
        /// Its number.
        public var id: Int
        /// Its tokens, parted by blanks.
        public var text: String
        /// How many messages have joined it.
        public var count: Int
    }

    /// The template of a message.
    public struct Match: Sendable, Hashable {
        /// Its number.
        public var template: Int
        /// Whether this message made it.
        public var isNew: Bool
        /// What stands in the message where the template has wildcards, in order.
        public var parameters: [String]
    }

    static let wildcard: Int32 = 0
    /// Bytes of all different tokens at most.
    static let vocabularyLimit = 1 << 24

    /// What shapes the tree.
    public let options: Options
    /// Leading tokens that tell leaves apart besides the `depth`'s, and never merge: a process, a method.
    let context: Int
    /// Whether what follows the context is written as the path of a request.
    let writesPaths: Bool
    /// Messages that got no template because there were too many.
    public internal(set) var refused = 0
    var vocabulary = Vocabulary()
    var tree = PrefixTree()
    /// Codes of all templates' tokens, and where each template's begin.
    private var codes: [Int32] = []
    private var starts: [Int] = [0]
    private(set) var counts: [Int] = []
    private(set) var texts: [String] = []

    /// No templates yet.
    ///
    /// - Throws: `GibbsError` with code `.usage` for an option out of its range.
    public init(options: Options = .init()) throws { try self.init(options: options, context: 0, writesPaths: false) }

    init(options: Options, context: Int, writesPaths: Bool) throws {
        self.options = try options.checked()
        self.context = context
        self.writesPaths = writesPaths
        var star = LogMask.any.text.description
        let code = star.withUTF8 { vocabulary.insert($0) }
        precondition(code == Self.wildcard, "the wildcard has number \(code)")
    }

    /// How many templates there are.
    public var count: Int { counts.count }

    /// A template by its number. Traps on one that is not there.
    public subscript(id: Int) -> Template { Template(id: id, text: texts[id], count: counts[id]) }

    /// All templates by their numbers.
    public var all: [Template] { (0 ..< count).map { self[$0] } }

    // MARK: - Messages

    /// Takes in a message: it joins a template, or makes one; `nil` where there are too many.
    ///
    /// - Complexity: Linear in the message and in the templates of one leaf.
    public mutating func learn(_ message: String) -> Match? {
        let before = count
        return withMasked(message) { line, masked in
            var masked = masked
            return learn(&masked).map { Match(template: $0, isNew: $0 >= before, parameters: parameters(of: masked, in: line, template: $0)) }
        }
    }

    /// The template that covers every token of a message; `nil` for a message that none covers. Nothing changes.
    public func match(_ message: String) -> Match? {
        withMasked(message) { line, masked in
            var masked = masked
            return match(&masked).map { Match(template: $0, isNew: false, parameters: parameters(of: masked, in: line, template: $0)) }
        }
    }

    private func withMasked<Result>(_ message: String, _ body: (LogText, MaskedMessage) -> Result) -> Result {
        var message = message
        return message.withUTF8 { bytes in
            LogText.with(UnsafeRawBufferPointer(bytes)) { line in
                var masked = MaskedMessage()
                masked.scan(line, 0 ..< line.count)
                return body(line, masked)
            }
        }
    }

    // MARK: - Drain

    /// As the public `learn`, on tokens.
    mutating func learn(_ masked: inout MaskedMessage) -> Int? {
        if let known = match(&masked) {
            counts[known] += 1
            return known
        }
        if let leaf = tree.leaf(of: masked, levels: levels), let near = nearest(to: masked, in: leaf) {
            generalise(near, over: masked)
            counts[near] += 1
            return near
        }
        return insert(&masked)
    }

    /// As the public `match`, on tokens; gives each its code.
    @inline(__always)
    func match(_ masked: inout MaskedMessage) -> Int? {
        masked.bytes.withUnsafeBufferPointer { bytes in
            for index in masked.tokens.indices {
                masked.tokens[index].code = vocabulary.code(UnsafeBufferPointer(rebasing: bytes[masked.tokens[index].text]))
            }
        }
        return tree.first(of: masked, levels: levels) { covers(Int($0), masked) }.map(Int.init)
    }

    private var levels: Int { options.depth - 2 + context }

    /// Whether the template has each token of the message, or a wildcard in its place.
    private func covers(_ template: Int, _ masked: MaskedMessage) -> Bool {
        let start = starts[template]
        for index in masked.tokens.indices {
            let code = codes[start + index]
            if code != masked.tokens[index].code, code != Self.wildcard { return false }
        }
        return true
    }

    /// The template of the leaf that shares most tokens, if it shares enough; of equals the one with more wildcards, as in the paper's code.
    private func nearest(to masked: MaskedMessage, in leaf: [Int32]) -> Int? {
        let length = masked.tokens.count - context
        guard length > 0 else { return nil }
        var best: (shared: Int, wildcards: Int, template: Int)?
        for template in leaf {
            let start = starts[Int(template)]
            var shared = 0, wildcards = 0
            for index in context ..< masked.tokens.count {
                let code = codes[start + index]
                if code == Self.wildcard { wildcards += 1 } else if code == masked.tokens[index].code { shared += 1 }
            }
            if let best, (shared, wildcards) <= (best.shared, best.wildcards) { continue }
            best = (shared, wildcards, Int(template))
        }
        guard let best, Double(best.shared) >= options.similarity * Double(length) else { return nil }
        return best.template
    }

    private mutating func generalise(_ template: Int, over masked: MaskedMessage) {
        let start = starts[template]
        for index in masked.tokens.indices where codes[start + index] != masked.tokens[index].code { codes[start + index] = Self.wildcard }
        texts[template] = text(of: template)
    }

    private mutating func insert(_ masked: inout MaskedMessage) -> Int? {
        guard count < options.maximumTemplates, vocabulary.bytes.count + masked.bytes.count <= Self.vocabularyLimit else {
            refused += 1
            return nil
        }
        masked.bytes.withUnsafeBufferPointer { bytes in
            for index in masked.tokens.indices where masked.tokens[index].code < 0 {
                masked.tokens[index].code = vocabulary.insert(UnsafeBufferPointer(rebasing: bytes[masked.tokens[index].text]))
            }
        }
        let new = count, crowded = tree.insert(Int32(new), masked, levels: levels, context: context, maximumChildren: options.maximumChildren)
        codes.append(contentsOf: masked.tokens.map(\.code))
        for level in crowded { codes[starts[new] + level] = Self.wildcard }
        starts.append(codes.count)
        counts.append(1)
        texts.append(text(of: new))
        return new
    }

    /// Adds a stored template, whatever it resembles; false where there is no room.
    mutating func plant(_ masked: inout MaskedMessage, count: Int) -> Bool {
        masked.bytes.withUnsafeBufferPointer { bytes in
            for index in masked.tokens.indices {
                masked.tokens[index].code = vocabulary.code(UnsafeBufferPointer(rebasing: bytes[masked.tokens[index].text]))
            }
        }
        guard let new = insert(&masked) else { return false }
        counts[new] = count
        return true
    }

    // MARK: - Text

    /// The tokens of a template.
    func tokens(of template: Int) -> [String] {
        codes[starts[template] ..< starts[template + 1]].map { String(decoding: vocabulary.bytes[vocabulary.range($0)], as: UTF8.self) }
    }

    private func text(of template: Int) -> String {
        let tokens = tokens(of: template)
        guard writesPaths else { return tokens.joined(separator: " ") }
        // GET, 2xx, /users, /<NUM>, ?<*>: the class of the status comes last, as in the log.
        var path = ""
        for token in tokens.dropFirst(context) {
            if token == LogMask.any.text.description { path += "/" } else if !path.isEmpty, !token.hasPrefix("/"), !token.hasPrefix("?") { path += " " }
            path += token
        }
        return [tokens.first ?? "", path, tokens.dropFirst().first ?? ""].filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// What the message has where the template has wildcards: the whole token for `<*>`, else the wildcards inside the token.
    func parameters(of masked: MaskedMessage, in line: LogText, template: Int) -> [String] {
        var found: [String] = []
        let start = starts[template]
        for (index, token) in masked.tokens.enumerated() {
            if codes[start + index] == Self.wildcard {
                found.append(line.string(token.raw))
            } else {
                for piece in token.pieces { found.append(line.string(masked.pieces[piece].raw)) }
            }
        }
        return found
    }
}

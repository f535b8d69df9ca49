/// Names in the order they were first met, each with its index: users, items.
///
/// A name is the text of its cell: `7`, `07` and `7.0` are three names, and a number and a text that are written alike are one.
public struct Identifiers: Sendable, Hashable {
    /// The names, by index.
    public private(set) var names: [String]
    private var indices: [String: Int32]

    /// No names yet.
    public init() { (names, indices) = ([], [:]) }

    /// These names. A name that repeats keeps its first index and takes no second.
    public init(_ names: some Sequence<String>) {
        self.init()
        for name in names { _ = index(adding: name) }
    }

    /// How many there are.
    public var count: Int { names.count }

    /// The index of a name, or nil.
    public func index(of name: String) -> Int? { indices[name].map(Int.init) }

    /// The index of a name, which is added at the end where it is new.
    public mutating func index(adding name: String) -> Int32 {
        if let index = indices[name] { return index }
        let index = Int32(names.count)
        names.append(name)
        indices[name] = index
        return index
    }

    /// The same names in the same order.
    public static func == (a: Self, b: Self) -> Bool { a.names == b.names }
    /// Hashes the names.
    public func hash(into hasher: inout Hasher) { hasher.combine(names) }
}

/// The names of the last requests that a stream has taken in: one that is sent again is known by its own.
package struct KnownRequests {
    /// Names at most; the oldest are forgotten.
    package static let limit = 10_000
    /// Bytes of a name at most.
    package static let length = 128
    private var names = Set<String>(), order: [String] = [], oldest = 0

    /// Of a stream that has taken in nothing.
    package init() {}

    /// Whether it was taken in before.
    package func contains(_ name: String) -> Bool { names.contains(name) }

    /// It is taken in now; the empty name is none.
    package mutating func add(_ name: String) {
        guard !name.isEmpty, names.insert(name).inserted else { return }
        if order.count < Self.limit { return order.append(name) }
        names.remove(order[oldest])
        order[oldest] = name
        oldest = (oldest + 1) % Self.limit
    }

    /// Whether a text can be a name: printable ASCII without spaces.
    package static func isName(_ text: String) -> Bool { 1 ... length ~= text.utf8.count && text.utf8.allSatisfy { 0x21 ... 0x7E ~= $0 } }
}

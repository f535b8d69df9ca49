/// Where the last lines of each entity begin: eight of each of the entities that came last, in constant room.
///
/// A table of 2¹⁶ places by the entity's hash; one that finds its place taken by another takes it over, so that of many entities only the latest are known.
package struct RecentEvents {
    private static let places = 1 << 16, depth = 8
    private var hashes = [UInt64](repeating: 0, count: places)
    private var offsets = [Int](repeating: -1, count: places * depth)
    private var next = [UInt8](repeating: 0, count: places)

    package init() {}

    /// An event of an entity came, whose line begins there.
    package mutating func add(_ hash: UInt64, offset: Int) {
        let place = Int(truncatingIfNeeded: hash) & (Self.places - 1)
        if hashes[place] != hash {
            hashes[place] = hash
            for index in 0 ..< Self.depth { offsets[place * Self.depth + index] = -1 }
        }
        offsets[place * Self.depth + Int(next[place])] = offset
        next[place] = (next[place] + 1) % UInt8(Self.depth)
    }

    /// Where the last lines of an entity begin, those up to a place alone, in order.
    package func offsets(of hash: UInt64, upTo last: Int) -> [Int] {
        let place = Int(truncatingIfNeeded: hash) & (Self.places - 1)
        guard hashes[place] == hash else { return [] }
        return offsets[place * Self.depth ..< (place + 1) * Self.depth].filter { $0 >= 0 && $0 <= last }.sorted()
    }
}

/// Where hashes stand: a dictionary from hashes that are random enough already, at 16 bytes a place and at most three quarters full.
///
/// Open addressing with linear steps; whoever is removed leaves no gap, those behind move up.
///
/// - Source: Knuth, *The Art of Computer Programming* 3, section 6.4, algorithms L and R.
package struct HashIndex: Sendable {
    private struct Place: Sendable {
        var hash: UInt64 = 0
        /// −1 is empty.
        var row: Int32 = -1
    }

    private var places: [Place] = [Place](repeating: Place(), count: 16)
    private var mask = 15
    package private(set) var count = 0

    /// Nothing yet.
    package init() {}

    /// Rows of hashes in order; the first of equal ones counts.
    init(_ hashes: some Sequence<UInt64>) {
        for (row, hash) in hashes.enumerated() where self[hash] == nil { self[hash] = Int32(row) }
    }

    /// The row of a hash; `nil` where it is not held. Rows are not negative.
    package subscript(hash: UInt64) -> Int32? {
        get {
            let row = places[place(of: hash)].row
            return row < 0 ? nil : row
        }
        set {
            let place = place(of: hash), isHeld = places[place].row >= 0
            guard let newValue else {
                if isHeld { remove(place) }
                return
            }
            places[place] = Place(hash: hash, row: newValue)
            if !isHeld {
                count += 1
                if count * 4 > places.count * 3 { grow() }
            }
        }
    }

    private func home(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: (hash &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask }

    /// The place that holds a hash, or the empty one that would.
    private func place(of hash: UInt64) -> Int {
        places.withUnsafeBufferPointer { places in
            var place = home(hash)
            while places[place].row >= 0, places[place].hash != hash { place = (place + 1) & mask }
            return place
        }
    }

    private mutating func remove(_ removed: Int) {
        var gap = removed, place = (removed + 1) & mask
        while places[place].row >= 0 {
            // It may move up unless its home lies behind the gap.
            if (place - home(places[place].hash)) & mask >= (place - gap) & mask {
                places[gap] = places[place]
                gap = place
            }
            place = (place + 1) & mask
        }
        places[gap] = Place()
        count -= 1
    }

    private mutating func grow() {
        let old = places
        places = [Place](repeating: Place(), count: old.count * 2)
        mask = places.count - 1
        for entry in old where entry.row >= 0 { places[place(of: entry.hash)] = entry }
    }
}
